"""A user's evidence of a granularity and what each piece of it adds to a score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.explanation import Evidence
from mgrec_core.model.granularities.structure import Granularity


def evidence_of(
    g: Granularity, user: int, factor: float, rows: NDArray[np.int64], values: NDArray[np.float64]
) -> list[Evidence]:
    """All of a user's evidence of a granularity, in order of its rows.

    Parameters
    ----------
    rows, values
        The user's rows of evidence and what each adds to the raw score, such as
        W_k[u,e] · (x_e · a_ik); each value is multiplied by ``factor``.
    """
    start = g.weights.indptr[user]
    held = g.weights.data[start : start + len(rows)]
    values = values * factor
    return [
        Evidence(
            g.kind,
            g.evidence_ids[rows[n]],
            g.evidence_labels[rows[n]],
            float(values[n]),
            float(held[n]),
            *(g.origins[rows[n]] if g.origins else ()),
        )
        for n in np.argsort(rows, kind="stable")
    ]
