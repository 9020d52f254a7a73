"""What other weights cost everybody: the change of a metric on users whose last items were held out."""

from __future__ import annotations

from typing import Any

import numpy as np

from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.evaluation.score_cache_files import open_score_cache, score_caches_of
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics.significance import normal_interval

METRIC = "ndcg@10"


def cost_of(situation: Situation, weights: Weights, metric: str = METRIC) -> dict[str, Any]:
    """The change of a metric between the situation's weights and others.

    Returns
    -------
    dict
        ``metric``, ``n_users``, ``before``, ``after``, ``change``, and ``low`` and ``high``, its 95 %
        interval paired over users; or a ``note`` on how to have the users' scores computed.
    """
    path = situation.engine.workspace.path
    records = score_caches_of(path, situation.engine.build)
    if not records:
        return {
            "note": "what it costs everybody is not known yet: the command panel computes the scores for it"
        }
    cache = open_score_cache(path, records[0])
    if set(cache.granularities) != set(situation.model.present):
        return {
            "note": "the scores of everybody are of other granularities: the command panel computes them anew"
        }
    before, after = (
        cache.accuracy(metric, np.array([w.values[g] for g in cache.granularities]))
        for w in (situation.weights, weights)
    )
    low, high = normal_interval(after - before)
    return {
        "metric": metric,
        "n_users": len(cache.users),
        "before": float(before.mean()),
        "after": float(after.mean()),
        "change": float((after - before).mean()),
        "low": low,
        "high": high,
    }
