"""Baselines tuned inside the training part, and their lists on the test users."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.baselines.baseline import BASELINES, Baseline, Scorer
from mgrec_core.evaluation.test_users import TestUsers
from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.metrics import user_metric
from mgrec_core.metrics.metric import Lists
from mgrec_core.metrics.top_k import top_k

_CHUNK_BYTES = 128 * 2**20


@dataclass(frozen=True)
class Fitted:
    """A tuned baseline's lists.

    Attributes
    ----------
    top : U × k
    settings
        The best of the grid.
    validation
        Its mean nDCG@k on the validation pairs.
    """

    top: Lists
    settings: dict[str, Any]
    validation: float


def run_baselines(
    training: Dataset,
    test_users: TestUsers,
    inner_training: Dataset,
    inner_users: TestUsers,
    k: int,
    progress: Progress = silent,
    names: Sequence[str] | None = None,
) -> dict[str, Fitted]:
    """Tune baselines inside the training part, fit it to all of it, and rank.

    Parameters
    ----------
    inner_training, inner_population
        The training part without its validation pairs, and those pairs.
    names
        Which; None takes all.
    """
    names = tuple(BASELINES) if names is None else names
    found: dict[str, Fitted] = {}
    key = f"ndcg@{k}"
    for n, name in enumerate(names):
        baseline = BASELINES[name]
        progress("baselines", n, len(names), name)
        best: tuple[float, dict[str, Any]] | None = None
        for settings in baseline.grid:
            top = _lists(baseline, settings, inner_training, inner_users, k)
            value = float(user_metric(key, top, inner_users.relevant).mean())
            if best is None or value > best[0]:
                best = value, settings
        assert best is not None
        top = _lists(baseline, best[1], training, test_users, k)
        found[name] = Fitted(top, best[1], best[0])
    progress("baselines", len(names), len(names))
    return found


def _lists(
    baseline: Baseline, settings: Mapping[str, Any], data: Dataset, test_users: TestUsers, k: int
) -> Lists:
    wanted = settings.get("histories", "binary")
    histories = data.seen if wanted == "binary" else data.strength
    if wanted != "strength":
        histories = sparse.csr_array(
            (np.ones(histories.nnz), histories.indices, histories.indptr), shape=histories.shape
        )
    with warnings.catch_warnings(), _one_thread(baseline.one_thread):
        warnings.simplefilter("ignore")  # advice on thread counts, which is followed here
        score = baseline.fit(histories, settings)
    return rank(score, data.seen, test_users.rows, k)


def _one_thread(wanted: bool) -> Any:
    """BLAS on one thread, as `implicit` asks for; results then do not depend on the machine."""
    return threadpool_limits(limits=1 if wanted else None, user_api="blas")


def rank(score: Scorer, seen: sparse.csr_array, rows: NDArray[np.int64], k: int) -> Lists:
    """Top-k lists of unseen items, U × k, −1 where fewer are unseen."""
    top = np.full((len(rows), k), -1, dtype=np.int64)
    for part in slices(len(rows), seen.shape[1] * 4, _CHUNK_BYTES):
        for user, found, scores in zip(rows[part], top[part], score(rows[part]), strict=True):
            unseen = np.ones(seen.shape[1], dtype=bool)
            unseen[seen.indices[seen.indptr[user] : seen.indptr[user + 1]]] = False
            best = top_k(scores, k, unseen)
            found[: len(best)] = best
    return top
