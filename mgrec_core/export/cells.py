"""CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from typing import Any

import pandas as pd

from mgrec_core.foundation.text import guarded


def safe_csv(frame: pd.DataFrame) -> str:
    """CSV whose text cells and headers no spreadsheet takes for a formula (they get a leading apostrophe).

    Text is always quoted: a bare carriage return would start a row for some readers.
    """
    safe = frame.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = [_plain(value) for value in safe[name]]
    safe.columns = pd.Index([_plain(name) for name in safe.columns])
    return safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)


def _plain(value: Any) -> Any:
    return guarded(value) if isinstance(value, str) else value
