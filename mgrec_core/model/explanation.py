"""Why a target has its score, down to the data: exact, not approximated."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.results import Evidence
from mgrec_core.model.granularities.structure import Granularity
from mgrec_core.model.scoring import Split

Explained = tuple[dict[str, float], dict[str, float], dict[str, tuple[Evidence, ...]]]


def explain_score(
    parts: Sequence[str], split: Split, target: int, pieces: Callable[[str, float], Sequence[Evidence]]
) -> Explained:
    """Split one score over parts and evidence.

    Parameters
    ----------
    pieces
        Evidence of a part, each value multiplied by a factor; they sum to factor · s_p(u, target).

    Returns
    -------
    contributions, baseline, evidence
        By part: evidence values + baseline = contribution, where the baseline is −factor · m_up.
        Evidence comes in order of the size of its value, ties as ``pieces`` has them (by id);
        evidence of value 0 is left out.
    """
    contributions: dict[str, float] = {}
    baseline: dict[str, float] = {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    for n, part in enumerate(parts):
        factor = float(split.factor[n])
        found = [e for e in pieces(part, factor) if e.value != 0.0]
        evidence[part] = tuple(sorted(found, key=lambda e: -abs(e.value)))
        baseline[part] = float(-split.factor[n] * split.median[n]) + 0.0  # no −0
        contributions[part] = float(split.contributions[target, n])
    return contributions, baseline, evidence


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
    return [
        Evidence(
            g.kind,
            g.evidence_ids[e],
            g.evidence_labels[e],
            float(value),
            float(weight),
            *(g.origins[e] if g.origins else ()),
        )
        for e, value, weight in zip(rows, values * factor, held, strict=True)
    ]
