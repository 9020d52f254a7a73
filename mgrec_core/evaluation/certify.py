"""Which sources earn their place: each dropped, each alone, each against a permutation control.

A permutation control (a placebo) is the granularity built in the same way from data that are as large
and as dense as the real ones but say nothing about the user; each granularity declares its own
(:class:`mgrec_core.model.granularities.Control`). It takes the granularity's weight in the fused list. A
granularity is *certified* when the gain of the fused list over the list with the control has an interval
above 0 and dropping it does not do better on average (a control may lose because noise harms, not because
the source helps).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.test_users import top_lists
from mgrec_core.foundation.errors import NotFoundError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.metrics import user_metric
from mgrec_core.metrics.metric import PerUser
from mgrec_core.metrics.significance import compare
from mgrec_core.model.granularities import Granularity, Spaces, Spec, find, names
from mgrec_core.model.granularities.item_space import EVIDENCE, Fit, ItemSpace


def certify(
    folds: Sequence[Fold], weights: Sequence[float], metric: str, seed: int = 0, progress: Progress = silent
) -> dict[str, dict[str, Any]]:
    """Ablation and permutation control of every present granularity.

    Parameters
    ----------
    folds
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
    present = folds[0].model.present
    per_fold = [_values(fold, weights, metric, seed, progress) for fold in folds]
    values = {
        name: mean_of_folds(
            [(t.test_users.rows, found[name]) for t, found in zip(folds, per_fold, strict=True)]
        )
        for name in per_fold[0]
    }
    over_dropped = compare({n: (values["fused"], values[f"dropped {n}"]) for n in present})
    over_control = compare({n: (values["fused"], values[f"control {n}"]) for n in present})
    return {
        name: {
            "weight": float(weights[n]),
            "alone": float(values[f"alone {name}"].mean()),
            "dropped": float(values[f"dropped {name}"].mean()),
            "placebo": float(values[f"control {name}"].mean()),
            "placebo_kind": _spec(name).control.sentence,
            "gain_over_dropped": over_dropped[name],
            "gain_over_placebo": over_control[name],
            "certified": over_control[name]["significant"]
            and over_control[name]["mean"] > 0
            and over_dropped[name]["mean"] >= 0,
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
    fold: Fold, weights: Sequence[float], metric: str, seed: int, progress: Progress
) -> dict[str, PerUser]:
    """The metric of each user: fused, and each granularity alone, dropped and replaced."""
    model, rows = fold.model, fold.test_users.rows
    present = model.present
    controls: dict[str, Granularity] = {}
    for n, name in enumerate(present):
        progress("permutation controls", n, len(present) + 1, name)
        built = permutation_control(fold, name, seed)
        if built is not None:
            controls[f"control {name}"] = built
    progress("permutation controls", len(present), len(present) + 1, "rank everything")
    widened = replace(model, granularities={**model.granularities, **controls})
    width = len(widened.present)
    position = {name: n for n, name in enumerate(widened.present)}
    lam = np.zeros(width)
    lam[: len(present)] = weights
    weightings = {"fused": lam}
    for n, name in enumerate(present):
        alone, dropped = np.zeros(width), lam.copy()
        alone[n], dropped[n] = 1.0, 0.0
        weightings |= {f"alone {name}": alone, f"dropped {name}": dropped}
        if f"control {name}" in position:
            with_control = dropped.copy()
            with_control[position[f"control {name}"]] = lam[n]
            weightings[f"control {name}"] = with_control
        else:  # what the control's data do not allow is a list without the granularity
            weightings[f"control {name}"] = dropped
    k = int(metric.partition("@")[2] or 10)
    lists = top_lists(widened, rows, {name: w.tolist() for name, w in weightings.items()}, k)
    progress("permutation controls", len(present) + 1, len(present) + 1)
    return {name: user_metric(metric, top, fold.test_users.relevant) for name, top in lists.items()}


def permutation_control(fold: Fold, name: str, seed: int = 0) -> Granularity | None:
    """The granularity ``name`` from data that say nothing; ``None`` where those allow none.

    Raises
    ------
    NotFoundError
        An unknown granularity.
    """
    spec = _spec(name)
    spaces = Spaces(fold.data, fold.config, fold.text_vectors, fold.sequence_vectors)
    # Where histories are not permuted their item space is the one that the fold's model was fitted with.
    blocks = [block for g in fold.model.granularities.values() for block in g.blocks]
    fitted = next((block for block in blocks if block.evidence_name == EVIDENCE), None)
    how = fold.model.fit or Fit()
    found = ItemSpace(fitted.evidence, fitted.items, "", fit=how) if fitted else None
    spaces.__dict__["item_space"] = found
    built = spec.build(spec.control.permute(spaces, np.random.default_rng(seed)))
    return built if isinstance(built, Granularity) else None


def _spec(name: str) -> Spec:
    spec = find(name)
    if spec is None:
        raise NotFoundError(f"unknown granularity {name[:80]!r}: choose among {', '.join(names())}")
    return spec
