"""Strong recommenders of others on the same split and the same ranking code.

===========  ===============================================================================
popularity   users per item (the granularity of that name: the same list)
item-knn     `implicit`'s nearest neighbours: cosine, TF-IDF or BM25 weighting, K neighbours
als          `implicit`'s alternating least squares (Hu, Koren & Volinsky 2008)
ease         EASE (Steck 2019): item-item weights in closed form
ease-scaled  EASE with columns × popularity^−γ
===========  ===============================================================================

Each is tuned over a small grid on pairs held out of the *training* part by the same kind of
split, histories as 0/1 or as strengths being one of the options; the best setting is then
fitted to the whole training part.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from threadpoolctl import threadpool_limits

from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.test_users import Population
from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.metrics import user_metric
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.granularities.structure import Vectors

Lists = NDArray[np.int64]
Scorer = Callable[[NDArray[np.int64]], Vectors]
"""Scores of all items for some users: rows → len(rows) × |I|."""
Fit = Callable[[sparse.csr_array, Mapping[str, Any]], Scorer]

_CHUNK_BYTES = 128 * 2**20
_SEED = 0


@dataclass(frozen=True)
class Baseline:
    """How to fit it, and the settings that are tried."""

    fit: Fit
    grid: tuple[dict[str, Any], ...]


def _grid(**options: tuple[Any, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(dict(zip(options, values, strict=True)) for values in itertools.product(*options.values()))


def fit_ease(histories: sparse.csr_array, options: Mapping[str, Any]) -> Scorer:
    """EASE in closed form, λ = ``regularisation`` × the largest eigenvalue of the Gram matrix.

    On Y = X·D, D = diag(popularity^−γ): with fewer items than users B = −P·diag(1/diag P),
    P = (YᵀY + λI)⁻¹, scores Y·B·D⁻¹. With fewer users M = (YYᵀ + λI)⁻¹ does: the scores of
    unseen items are (Y − λMY)·diag(1/(1 − Σ_u Y∘MY))·D⁻¹, and M·Y is cheap as Y is sparse.
    """
    popularity = np.bincount(histories.indices, minlength=histories.shape[1])
    d = np.power(np.maximum(popularity, 1.0), -options.get("item_scaling", 0.0))
    y = sparse.csr_array(histories @ sparse.diags_array(d))
    if y.nnz == 0:
        return lambda rows: np.zeros((len(rows), y.shape[1]), dtype=np.float32)
    by_users = y.shape[0] < y.shape[1]
    gram = (y @ y.T if by_users else y.T @ y).toarray()
    n = len(gram)
    top = linalg.eigh(gram, eigvals_only=True, subset_by_index=[n - 1, n - 1])[0]
    ridge = options["regularisation"] * top
    gram[np.diag_indices(n)] += ridge
    inverse = linalg.inv(gram, overwrite_a=True)
    if by_users:
        own = np.zeros(y.shape[1])
        for start in range(0, y.shape[0], 256):
            part = slice(start, start + 256)
            own += np.asarray(y[part].multiply(inverse[part] @ y).sum(axis=0)).ravel()
        column = 1.0 / (np.maximum(1.0 - own, 1e-12) * d)
        return lambda rows: ((y[rows].toarray() - ridge * (inverse[rows] @ y)) * column).astype(np.float32)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return lambda rows: np.asarray((y[rows] @ weights) / d, dtype=np.float32)


def fit_item_knn(histories: sparse.csr_array, options: Mapping[str, Any]) -> Scorer:
    """Sum of the similarities between an item and the history, each item's K nearest only."""
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender

    kinds = {"cosine": CosineRecommender, "tfidf": TFIDFRecommender, "bm25": BM25Recommender}
    model = kinds[options["similarity"]](K=options["neighbours"], num_threads=1)
    model.fit(sparse.csr_matrix(histories), show_progress=False)
    similarity = sparse.csr_array(model.similarity).astype(np.float32)
    return lambda rows: np.asarray((histories[rows] @ similarity).toarray(), dtype=np.float32)


def fit_als(histories: sparse.csr_array, options: Mapping[str, Any]) -> Scorer:
    """Confidence-weighted factorisation; the same factors every time."""
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=options["factors"],
        regularization=options["regularisation"],
        alpha=options["confidence"],
        iterations=15,
        num_threads=1,
        random_state=_SEED,
    )
    model.fit(sparse.csr_matrix(histories).astype(np.float32), show_progress=False)
    users, items = np.asarray(model.user_factors), np.asarray(model.item_factors)
    return lambda rows: np.asarray(users[rows] @ items.T, dtype=np.float32)


_INPUT = ("binary", "strength")
_RIDGES = (0.003, 0.01, 0.02, 0.04, 0.1)

BASELINES: dict[str, Baseline] = {
    "item-knn": Baseline(
        fit_item_knn,
        _grid(histories=_INPUT, similarity=("cosine", "tfidf", "bm25"), neighbours=(20, 100, 300)),
    ),
    "als": Baseline(
        fit_als,
        _grid(histories=_INPUT, factors=(32, 64, 128), confidence=(1.0, 10.0), regularisation=(0.1, 10.0)),
    ),
    "ease": Baseline(fit_ease, _grid(histories=_INPUT, regularisation=_RIDGES)),
    "ease-scaled": Baseline(
        fit_ease, _grid(histories=_INPUT, regularisation=_RIDGES, item_scaling=(0.1, 0.25, 0.4))
    ),
}


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
    population: Population,
    inner_training: Dataset,
    inner_population: Population,
    k: int,
    progress: Progress = silent,
    names: tuple[str, ...] = tuple(BASELINES),
) -> dict[str, Fitted]:
    """Tune every baseline inside the training part, fit it to all of it, and rank.

    Parameters
    ----------
    inner_training, inner_population
        The training part without its validation pairs, and those pairs.
    """
    found: dict[str, Fitted] = {}
    key = f"ndcg@{k}"
    for n, name in enumerate(names):
        baseline = BASELINES[name]
        progress("baselines", n, len(names), name)
        best: tuple[float, dict[str, Any]] | None = None
        for settings in baseline.grid:
            top = _lists(baseline, settings, inner_training, inner_population, k)
            value = float(user_metric(key, top, inner_population.relevant).mean())
            if best is None or value > best[0]:
                best = value, settings
        assert best is not None
        top = _lists(baseline, best[1], training, population, k)
        found[name] = Fitted(top, best[1], best[0])
    progress("baselines", len(names), len(names))
    return found


def _lists(
    baseline: Baseline, settings: Mapping[str, Any], data: Dataset, population: Population, k: int
) -> Lists:
    histories = data.strength
    if settings["histories"] == "binary":
        histories = sparse.csr_array(
            (np.ones(histories.nnz), histories.indices, histories.indptr), shape=histories.shape
        )
    with warnings.catch_warnings(), _one_thread(baseline.fit is fit_als):
        warnings.simplefilter("ignore")  # advice on thread counts, which is followed here
        score = baseline.fit(histories, settings)
    return rank(score, data.seen, population.rows, k)


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
