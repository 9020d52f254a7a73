"""Why an item has its score, down to the data: exact, not approximated."""

from __future__ import annotations

import numpy as np

from mgrec_core.foundation.results import Evidence
from mgrec_core.model.model import Model, Split


def explain_item(
    model: Model, split: Split, user: int, item: int, fusion: str
) -> tuple[dict[str, float], dict[str, float], dict[str, tuple[Evidence, ...]]]:
    """Split one score over granularities and evidence.

    Returns
    -------
    contributions, baseline, evidence
        By granularity: evidence values + baseline = contribution, where an evidence's value is
        factor · W_k[u,e] · (x_e · a_ik) and the baseline is −factor · m_uk. Evidence comes in
        order of the size of its value, ties by id; evidence of value 0 is left out.
    """
    contributions: dict[str, float] = {}
    baseline: dict[str, float] = {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    for n, (name, g) in enumerate(model.view(fusion).items()):
        rows, values = g.evidence_scores(user, item)
        values = values * split.factor[n]
        start = g.weights.indptr[user]
        held = g.weights.data[start : start + len(rows)]
        order = np.lexsort((rows, -np.abs(values)))
        evidence[name] = tuple(
            Evidence(
                g.kind,
                g.evidence_ids[rows[e]],
                g.evidence_labels[rows[e]],
                float(values[e]),
                float(held[e]),
                *(g.origins[rows[e]] if g.origins else ()),
            )
            for e in order
            if values[e] != 0.0
        )
        baseline[name] = float(-split.factor[n] * split.median[n]) + 0.0  # no −0
        contributions[name] = float(split.contributions[item, n])
    return contributions, baseline, evidence
