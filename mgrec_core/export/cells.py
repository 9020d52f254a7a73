"""CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv

import pandas as pd

# A cell that starts like a formula runs as one in spreadsheets (CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_csv(frame: pd.DataFrame) -> str:
    """CSV whose text cells no spreadsheet takes for a formula (they get a leading apostrophe).

    Text is always quoted: a bare carriage return would start a row for some readers.
    """
    safe = frame.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = [f"'{v}" if isinstance(v, str) and v.startswith(_FORMULA) else v for v in safe[name]]
    return safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
