"""Hold out, rebuild on the training part, rank everything, compare."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from mgrec_core.builder import encode
from mgrec_core.config import Config
from mgrec_core.errors import InputError
from mgrec_core.evaluation.holdout import training_data
from mgrec_core.evaluation.metrics import user_metric
from mgrec_core.evaluation.scores import Population, top_lists
from mgrec_core.evaluation.significance import paired_bootstrap
from mgrec_core.evaluation.splits import Split, make_split
from mgrec_core.model import Model, build_model
from mgrec_core.progress import Progress, silent

if TYPE_CHECKING:
    from pathlib import Path

    from mgrec_core.engine import Engine


def metric_keys(k: int) -> tuple[str, ...]:
    """The metrics that are reported at one cut-off."""
    return (f"ndcg@{k}", f"recall@{k}", f"precision@{k}", f"map@{k}", "mrr", f"hitrate@{k}")


def train(
    connection: duckdb.DuckDBPyConnection,
    split: Split,
    model: str | None,
    config: Config,
    cache: Path,
    progress: Progress = silent,
) -> tuple[Model, Population]:
    """Build a model that never saw the test pairs, and the population to test it on."""
    data = training_data(connection, split.test)
    text, sequences, _ = encode(data, model, config, cache, progress)
    return build_model(data, config, text, sequences, progress), Population.of(data, split.test)


def evaluate(
    engine: Engine,
    *,
    split: str = "last",
    test_ratio: float = 0.2,
    seed: int = 0,
    k: int = 10,
    weights: Mapping[str, float] | None = None,
    base: str | None = None,
    preset: str | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Full ranking of unseen items on held-out pairs.

    Returns
    -------
    dict
        The document of ``evaluate --json``: ``popularity``, each granularity alone, and
        ``fused``, with paired intervals of ``fused`` against each.

    Raises
    ------
    InputError
        ``k`` below 1 or above the catalogue; a split that the data do not allow.
    """
    if not 1 <= k <= engine.model.n_items:
        raise InputError(f"k is {k}: it lies from 1 to the catalogue's {engine.model.n_items} items")
    lam = engine.resolve_weights(weights, base, preset)
    progress("evaluation", 0, 4, "split")
    with contextlib.closing(engine.workspace.connect()) as connection:
        chosen = make_split(connection, split, test_ratio, seed)
        config = Config.model_validate(engine.manifest.config)
        source, cache = engine.manifest.model_source, engine.workspace.path / "cache"
        progress("evaluation", 1, 4, "build on the training part")
        model, population = train(connection, chosen, source, config, cache, progress)
    progress("evaluation", 2, 4, "rank everything")
    weightings: dict[str, list[float]] = {
        name: [float(g == name) for g in model.present] for name in model.present
    }
    weightings["fused"] = [lam.values.get(g, 0.0) for g in model.present]
    lists = top_lists(model, population.rows, weightings, k)
    progress("evaluation", 3, 4, "metrics and intervals")
    values = {
        name: {key: user_metric(key, top, population.relevant) for key in metric_keys(k)}
        for name, top in lists.items()
    }
    main = f"ndcg@{k}"
    document = {
        "split": chosen.to_dict(),
        "k": k,
        "n_users": len(population.rows),
        "weights": lam.values,
        "base": lam.base,
        "models": {n: {key: float(v.mean()) for key, v in found.items()} for n, found in values.items()},
        "significance": {
            f"fused − {name}": {"metric": main, **_compare(values["fused"][main], found[main])}
            for name, found in values.items()
            if name != "fused"
        },
        "build": engine.build,
    }
    progress("evaluation", 4, 4)
    return document


def _compare(first: NDArray[np.float64], second: NDArray[np.float64]) -> dict[str, Any]:
    return paired_bootstrap(first, second).to_dict()
