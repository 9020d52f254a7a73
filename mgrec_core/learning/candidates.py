"""The items that weights are learned on: a few hundred a user instead of the whole catalogue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mgrec_core.evaluation.test_users import TestUsers
from mgrec_core.metrics import ACCURACY, parse_metric
from mgrec_core.model.model import Model


@dataclass(frozen=True)
class ValidationScores:
    """Scaled scores of candidate items, padded to one width.

    Attributes
    ----------
    scores : U × C × K
        c_uk·(s_k − m_uk); 0 in the padding.
    real : U × C
        False in the padding.
    relevant : U × C
        Held-out items.
    n_relevant : U
        |R|, counting held-out items outside the candidates too (there are none: all are added).
    """

    scores: NDArray[np.float32]
    real: NDArray[np.bool_]
    relevant: NDArray[np.bool_]
    n_relevant: NDArray[np.int64]

    def metric(self, key: str, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """A metric of each user under weights, ranking the candidates only."""
        name, k = parse_metric(key)
        fused = self.scores @ weights.astype(np.float32)
        fused[~self.real] = -np.inf
        k = min(k, fused.shape[1])
        top = np.argpartition(-fused, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(fused, top, axis=1), axis=1, kind="stable")
        top = np.take_along_axis(top, order, axis=1)
        return ACCURACY[name](np.take_along_axis(self.relevant, top, axis=1), self.n_relevant)


def collect(model: Model, test_users: TestUsers, best: int = 100) -> ValidationScores:
    """Union of each granularity's ``best`` unseen items and all held-out items of each user.

    An item outside every granularity's best cannot win under weights in [0, 1] often; final
    figures are always computed on the full ranking.
    """
    scores_of: list[NDArray[np.float32]] = []
    relevant_of: list[NDArray[np.bool_]] = []
    for row, (_, split, unseen) in enumerate(model.splits(test_users.rows, np.ones(len(model.present)))):
        scores = split.contributions.astype(np.float32)
        masked = np.where(unseen[:, None], scores, -np.inf)
        k = min(best, len(masked))
        chosen = np.unique(np.argpartition(-masked, k - 1, axis=0)[:k])
        chosen = np.union1d(chosen[unseen[chosen]], np.flatnonzero(test_users.relevant[row]))
        scores_of.append(scores[chosen])
        relevant_of.append(test_users.relevant[row][chosen])
    width = max(len(s) for s in scores_of)
    n_users, n_granularities = len(scores_of), len(model.present)
    padded = np.zeros((n_users, width, n_granularities), dtype=np.float32)
    real = np.zeros((n_users, width), dtype=bool)
    relevant = np.zeros((n_users, width), dtype=bool)
    for n, (scores, found) in enumerate(zip(scores_of, relevant_of, strict=True)):
        padded[n, : len(scores)], real[n, : len(scores)], relevant[n, : len(scores)] = scores, True, found
    return ValidationScores(padded, real, relevant, test_users.relevant.sum(axis=1))
