"""Metrics as somebody else would add them: this file alone, one of each kind."""

from __future__ import annotations

import numpy as np

from mgrec_core.metrics import FromAllLists, FromHits, FromList

METRICS = (
    FromHits(
        name="tophit",
        title="Top hit",
        formula="1 where the first item is a hit",
        compute=lambda hits, n_relevant: hits[:, 0].astype(np.float64),
    ),
    FromList(
        name="length",
        title="Length",
        formula="items in the list",
        compute=lambda top, catalogue: (top >= 0).sum(axis=1).astype(np.float64),
        better="none",
        unit="items",
    ),
    FromAllLists(
        name="first_items",
        title="First items",
        formula="different items in first place",
        compute=lambda top, catalogue: float(len(np.unique(top[:, 0]))),
        cut=False,
    ),
)
