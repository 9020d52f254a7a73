"""Cells of tables as text, and CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from mgrec_core.foundation.text import guarded

if TYPE_CHECKING:
    import pandas as pd

    from mgrec_core.export.document import Cell, CellKind


def signed(value: float) -> str:
    """A number with its sign, a true minus and three decimals.

    Examples
    --------
    >>> signed(-0.25), signed(1), signed(-0.0001)
    ('−0.250', '+1.000', '0.000')
    """
    said = f"{value:+.3f}"
    return said[1:] if float(said) == 0 else said.replace("-", "−")


def shown(value: Cell, kind: CellKind) -> str:
    """A cell as a reader sees it.

    Examples
    --------
    >>> shown(1234, "count"), shown(0.125, "share"), shown(0.123456, "number"), shown(None, "text")
    ('1,234', '12.5 %', '0.1235', '–')
    >>> shown(-13_870.25, "number"), shown(True, "number")
    ('−13,870', 'yes')
    """
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) or kind in ("text", "id", "granularity"):
        return str(value)
    if kind == "signed":
        return signed(value)
    if kind == "share":
        return f"{100 * value:.3g} %"
    if kind == "count" or isinstance(value, int):
        return f"{int(value):,}"
    return (f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}").replace("-", "−")


def safe_csv(frame: pd.DataFrame) -> str:
    """CSV whose text cells and headers no spreadsheet takes for a formula (they get a leading apostrophe).

    Text is always quoted: a bare carriage return would start a row for some readers.
    """
    import pandas as pd

    safe = frame.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = [_plain(value) for value in safe[name]]
    safe.columns = pd.Index([_plain(name) for name in safe.columns])
    return safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)


def _plain(value: Any) -> Any:
    return guarded(value) if isinstance(value, str) else value
