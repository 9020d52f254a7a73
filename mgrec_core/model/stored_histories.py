"""How histories become weights, on disk: options in the manifest, what items say in a matrix of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from mgrec_core.foundation.errors import WorkspaceBrokenError
from mgrec_core.model.granularities.histories import Decay, FromHistory
from mgrec_core.model.granularities.structure import Matrix
from mgrec_core.workspace.manifest import MANIFEST, HistoryRecord


def history_record(
    name: str, how: FromHistory | None, put: Callable[[str, Matrix], str]
) -> HistoryRecord | None:
    """What the manifest says of a granularity; ``put`` stores a matrix and returns its name."""
    if how is None:
        return None
    return HistoryRecord(
        signed=how.signed,
        power=how.power,
        decay=how.decay.form if how.decay else None,
        half_life=how.decay.half_life if how.decay else 1.0,
        values=put(f"{name}.from_history", how.values) if how.values is not None else "",
    )


def from_record(
    record: HistoryRecord | None,
    n_items: int,
    n_evidence: int,
    get: Callable[[str, int, int], Matrix],
    damaged: Callable[[str], WorkspaceBrokenError],
) -> FromHistory | None:
    """What was stored, checked; ``get`` reads a matrix of so many rows and columns.

    Raises
    ------
    WorkspaceBrokenError
        It does not fit the rest of the build.
    """
    if record is None:
        return None
    if not (np.isfinite([record.power, record.half_life]).all() and record.half_life > 0):
        raise damaged(MANIFEST)
    if not record.values and n_evidence != n_items:
        raise damaged(MANIFEST)
    return FromHistory(
        signed=record.signed,
        power=record.power,
        decay=Decay(record.decay, record.half_life) if record.decay else None,
        values=sparse.csr_array(get(record.values, n_items, n_evidence)) if record.values else None,
    )
