"""``evaluate --target users|ads``: full ranking on held-out friendships or redemptions."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from mgrec_core.evaluation.test_users import accuracy, against_fused, top_lists
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import WeightsLike
from mgrec_core.metrics import metric_keys
from mgrec_core.targets.fold import TargetFold
from mgrec_core.targets.registry import target_of
from mgrec_core.targets.weights import learned

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def evaluate_target(
    engine: Engine,
    target: str,
    *,
    split: str | None = None,
    test_ratio: float = 0.2,
    seed: int = 0,
    k: int = 10,
    weights: WeightsLike = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Full ranking of all candidates on held-out friendships or redemptions.

    Returns
    -------
    dict
        The document of ``evaluate --target``: accuracy of each part alone, of ``random`` and of
        ``fused``, and comparisons of ``fused`` with each (Holm over all of them).

    Raises
    ------
    InputError
        ``k`` outside 1 to 1000, or a split that the data do not allow.
    """
    check_k(k, 1000, "candidate")
    stored = learned(engine.workspace.state, target)
    progress("evaluation", 0, 3, "split and build on the training part")
    with contextlib.closing(engine.workspace.connect()) as connection:
        held_out = target_of(target).split(connection, split, test_ratio, seed)
        fold = TargetFold.prepare(engine, connection, target, held_out, progress)
    ranker = fold.ranker
    if stored:
        ranker.use(stored)
    lam = ranker.resolve(weights)
    progress("evaluation", 1, 3, "rank everything")
    weightings = {p: [float(q == p) for q in ranker.parts] for p in ranker.parts}
    weightings["fused"] = list(lam.values.values())
    lists = top_lists(ranker, fold.rows, weightings, k, seed)
    values = {name: accuracy(top, fold.relevant, k) for name, top in lists.items()}
    progress("evaluation", 2, 3, "intervals")
    document = {
        "target": target,
        "split": held_out.to_dict(),
        "k": k,
        "n_users": len(fold.rows),
        "candidates": {
            "mean": float(fold.sizes.mean()),
            "min": int(fold.sizes.min()),
            "max": int(fold.sizes.max()),
        },
        "weights": lam.values,
        "base": lam.base,
        "models": {n: {key: float(v.mean()) for key, v in found.items()} for n, found in values.items()},
        "significance": against_fused(values, metric_keys(k)[0]),
        "absent": ranker.absent,
        "build": engine.build,
    }
    progress("evaluation", 3, 3)
    return document
