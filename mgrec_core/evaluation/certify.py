"""Which sources earn their place: each dropped, each alone, each against a placebo.

A placebo is the granularity built in the same way from data that are as large and as dense as
the real ones but say nothing about the user:

=============  ===================================================================
behaviour      texts shuffled between the items that have one
recent         ages permuted within each user's history
attribute      values shuffled between items
knowledge      edges rewired: every node keeps its degree
collaborative  item ids of all histories permuted
social         friendships rewired: every user keeps the number of friends
popularity     popularity shuffled between items
=============  ===================================================================

The placebo takes the granularity's weight in the fused list. A granularity is *certified* when
the gain of the fused list over the list with the placebo has an interval above 0 and dropping
it does not do better on average (a placebo may lose because noise harms, not because the
source helps).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.evaluation.fold import Trial
from mgrec_core.evaluation.test_users import top_lists
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.metrics import user_metric
from mgrec_core.metrics.metric import PerUser
from mgrec_core.metrics.significance import compare
from mgrec_core.model.granularities import Granularity, Spaces, build_one
from mgrec_core.model.granularities.item_space import ItemSpace

PLACEBOS = {
    "behaviour": "texts shuffled between items",
    "recent": "ages permuted within each history",
    "attribute": "values shuffled between items",
    "knowledge": "edges rewired, degrees kept",
    "collaborative": "item ids of the histories permuted",
    "social": "friendships rewired, degrees kept",
    "popularity": "popularity shuffled between items",
}


def certify(
    trials: Sequence[Trial], weights: Sequence[float], metric: str, seed: int = 0, progress: Progress = silent
) -> dict[str, dict[str, Any]]:
    """Ablation and placebo of every present granularity.

    Parameters
    ----------
    trials
        One, or several folds of the same data: a user's metric is the mean over the folds, which
        shows smaller gains than one fold of few held-out items does.
    weights
        λ of the present granularities in their order.
    metric
        Such as ``ndcg@10``.

    Returns
    -------
    dict
        By granularity: ``weight``, ``alone``, ``dropped`` and ``placebo`` (means of the metric),
        ``placebo_kind``, ``gain_over_dropped`` and ``gain_over_placebo`` (comparisons of the fused
        list, Holm over granularities within each) and ``certified``.
    """
    present = trials[0].model.present
    folds = [_values(trial, weights, metric, seed, progress) for trial in trials]
    values = {
        name: mean_of_folds([(t.population.rows, fold[name]) for t, fold in zip(trials, folds, strict=True)])
        for name in folds[0]
    }
    over_dropped = compare({n: (values["fused"], values[f"dropped {n}"]) for n in present})
    over_placebo = compare({n: (values["fused"], values[f"placebo {n}"]) for n in present})
    return {
        name: {
            "weight": float(weights[n]),
            "alone": float(values[f"alone {name}"].mean()),
            "dropped": float(values[f"dropped {name}"].mean()),
            "placebo": float(values[f"placebo {name}"].mean()),
            "placebo_kind": PLACEBOS[name],
            "gain_over_dropped": over_dropped[name],
            "gain_over_placebo": over_placebo[name],
            "certified": over_placebo[name]["low"] > 0 and over_dropped[name]["mean"] >= 0,
        }
        for n, name in enumerate(present)
    }


def mean_of_folds(folds: Sequence[tuple[NDArray[np.int64], PerUser]]) -> PerUser:
    """Mean over the folds that a user is in.

    Parameters
    ----------
    folds
        Positions of users, and their values.

    Returns
    -------
    U
        Users that are in any fold, in order of their positions.
    """
    rows = np.concatenate([rows for rows, _ in folds])
    count = np.bincount(rows)
    total = np.bincount(rows, weights=np.concatenate([values for _, values in folds]))
    there = count > 0
    return np.asarray(total[there] / count[there])


def _values(
    trial: Trial, weights: Sequence[float], metric: str, seed: int, progress: Progress
) -> dict[str, PerUser]:
    """The metric of each user: fused, and each granularity alone, dropped and replaced."""
    model, rows = trial.model, trial.population.rows
    present = model.present
    placebos: dict[str, Granularity] = {}
    for n, name in enumerate(present):
        progress("placebos", n, len(present) + 1, name)
        built = placebo(trial, name, seed)
        if built is not None:
            placebos[f"placebo {name}"] = built
    progress("placebos", len(present), len(present) + 1, "rank everything")
    widened = replace(model, granularities={**model.granularities, **placebos})
    width = len(widened.present)
    position = {name: n for n, name in enumerate(widened.present)}
    lam = np.zeros(width)
    lam[: len(present)] = weights
    weightings = {"fused": lam}
    for n, name in enumerate(present):
        alone, dropped = np.zeros(width), lam.copy()
        alone[n], dropped[n] = 1.0, 0.0
        weightings |= {f"alone {name}": alone, f"dropped {name}": dropped}
        if f"placebo {name}" in position:
            with_placebo = dropped.copy()
            with_placebo[position[f"placebo {name}"]] = lam[n]
            weightings[f"placebo {name}"] = with_placebo
        else:  # what the placebo's data do not allow is a list without the granularity
            weightings[f"placebo {name}"] = dropped
    k = int(metric.partition("@")[2] or 10)
    lists = top_lists(widened, rows, {name: w.tolist() for name, w in weightings.items()}, k)
    progress("placebos", len(present) + 1, len(present) + 1)
    return {name: user_metric(metric, top, trial.population.relevant) for name, top in lists.items()}


def placebo(trial: Trial, name: str, seed: int = 0) -> Granularity | None:
    """The granularity ``name`` from data that say nothing; ``None`` where those allow none."""
    rng = np.random.default_rng(seed)
    data, text = trial.data, trial.text_vectors
    changed = data
    sequences = trial.sequence_vectors
    match name:
        case "behaviour":
            if text is not None:
                text = _between_rows(text, rng)
            if sequences is not None:
                sequences = _between_rows(sequences, rng)
        case "recent":
            changed = replace(data, age=_within_rows(data.age, rng))
        case "attribute":
            order = rng.permutation(len(data.items))
            changed = replace(data, item_values=sparse.csr_array(data.item_values[order]))
        case "knowledge":
            changed = replace(
                data,
                item_entities=rewire(data.item_entities, rng),
                entity_entities=rewire_both_ways(data.entity_entities, rng),
                item_links=rewire_both_ways(data.item_links, rng),
            )
        case "social":
            changed = replace(data, friends=rewire_both_ways(data.friends, rng))
        case _:
            changed = replace(data, strength=_relabelled(data.strength, rng))
    spaces = Spaces(changed, trial.config, text, sequences)
    if name == "recent":
        spaces.__dict__["item_space"] = _item_space(trial)  # the histories are unchanged
    built = build_one(name, spaces)
    return built if isinstance(built, Granularity) else None


def _item_space(trial: Trial) -> ItemSpace | None:
    """The fitted item space of the trial's own model: its first block, beside which the factors stand."""
    fitted = trial.model.granularities.get("collaborative")
    return ItemSpace(fitted.blocks[0].evidence, fitted.blocks[0].items, "") if fitted else None


def _between_rows(vectors: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Shuffle the rows that are not all zero among themselves."""
    written = np.flatnonzero(np.abs(vectors).sum(axis=1) > 0)
    result = vectors.copy()
    result[written] = vectors[rng.permutation(written)]
    return result


def _within_rows(matrix: sparse.csr_array | None, rng: np.random.Generator) -> sparse.csr_array | None:
    """Shuffle the stored values of each row."""
    if matrix is None:
        return None
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((rng.random(matrix.nnz), rows))
    return sparse.csr_array((matrix.data[order], matrix.indices, matrix.indptr), shape=matrix.shape)


def _relabelled(matrix: sparse.csr_array, rng: np.random.Generator) -> sparse.csr_array:
    """Give every column another one's content."""
    found = sparse.csr_array(matrix[:, rng.permutation(matrix.shape[1])])
    found.sort_indices()
    return found


def rewire(matrix: sparse.csr_array, rng: np.random.Generator) -> sparse.csr_array:
    """Shuffle the far ends of all edges (configuration model): row and column degrees stay.

    Edges that come to join the same pair are summed.
    """
    edges = matrix.tocoo()
    order = rng.permutation(matrix.nnz)
    found = sparse.csr_array(
        (edges.data[order], (edges.row, edges.col[order])), shape=matrix.shape
    )  # the weight goes with the far end
    found.sum_duplicates()
    return found


def rewire_both_ways(matrix: sparse.csr_array, rng: np.random.Generator) -> sparse.csr_array:
    """Rewire a symmetric matrix; edges that come to join a node with itself are dropped."""
    upper = sparse.csr_array(sparse.triu(matrix, k=1))
    if upper.nnz == 0:
        return matrix
    edges = upper.tocoo()
    # Ends are drawn from one pool, so that a node's degree counts both of its sides.
    ends = rng.permutation(np.concatenate([edges.row, edges.col]))
    left, right = ends[: upper.nnz], ends[upper.nnz :]
    apart = left != right
    both = sparse.csr_array((edges.data[apart], (left[apart], right[apart])), shape=matrix.shape)
    found = sparse.csr_array(both + both.T)
    found.sum_duplicates()
    found.sort_indices()
    return found
