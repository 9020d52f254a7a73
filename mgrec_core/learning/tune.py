"""`tune`: learn λ and the base from out-of-fold scores, and keep them as a preset."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from mgrec_core.config import Config
from mgrec_core.evaluation.evaluate import train
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.metrics import METRICS, parse_metric
from mgrec_core.evaluation.scores import Population
from mgrec_core.evaluation.splits import make_split
from mgrec_core.fusion.weights import DEFAULT_WEIGHTS
from mgrec_core.learning.candidates import collect
from mgrec_core.learning.listwise import listwise_weights
from mgrec_core.learning.search import cautious_search
from mgrec_core.model import Model
from mgrec_core.presets import LEARNED
from mgrec_core.progress import Progress, silent

if TYPE_CHECKING:
    from mgrec_core.engine import Engine


@dataclass(frozen=True)
class Learned:
    """Learned weights.

    Attributes
    ----------
    weights
        λ by granularity, the largest (the base) 1.
    base
        The granularity with the largest weight.
    validation
        Mean of each metric over the validation users, on candidates.
    n_users
        Validation users.
    """

    weights: dict[str, float]
    base: str
    validation: dict[str, float]
    n_users: int


def learn_weights(
    connection: duckdb.DuckDBPyConnection,
    *,
    objective: str = "ndcg@10",
    split: str = "last",
    test_ratio: float = 0.2,
    seed: int = 0,
    model: str | None = None,
    config: Config | None = None,
    cache: Path,
    progress: Progress = silent,
) -> Learned:
    """Learn λ on pairs held out of ``connection``'s events.

    The scores are out of fold: the item space memorises the pairs it was fitted to, so the
    model is built without the validation pairs. The search starts from the default preset, or
    from the optimum of the convex listwise loss where that is clearly better, and moves one
    weight at a time on the metric, each time by more than one standard error. The base is the
    granularity with the largest weight, and all weights are divided by it, so that the optimum
    lies inside [0, 1].

    Raises
    ------
    InputError
        An unknown objective, or a split that the data do not allow.
    """
    name, k = parse_metric(objective)
    key = f"{name}@{k}"
    progress("tuning", 0, 4, "hold out validation pairs")
    chosen = make_split(connection, split, test_ratio, seed)
    progress("tuning", 1, 4, "build without them")
    built, population = train(connection, chosen, model, config or Config(), cache, progress)
    return fit_weights(built, population, key, progress)


def fit_weights(model: Model, population: Population, objective: str, progress: Progress = silent) -> Learned:
    """Learn λ for a model that was built without the population's held-out pairs."""
    progress("tuning", 2, 4, "convex loss")
    candidates = collect(model, population)
    name, k = parse_metric(objective)
    key = f"{name}@{k}"

    default = np.array([DEFAULT_WEIGHTS[g] for g in model.present])
    convex = listwise_weights(candidates)
    progress("tuning", 3, 4, "coordinate search")
    others = [convex]
    for n in range(len(default)):  # the default preset with each granularity as the base
        others.append(default / 2)
        others[-1][n] = 1.0
    weights, _ = cautious_search(lambda w: candidates.metric(key, w), default, others)
    progress("tuning", 4, 4)
    values = {g: round(float(w), 4) for g, w in zip(model.present, weights, strict=True)}
    final = np.array(list(values.values()))
    return Learned(
        weights=values,
        base=model.present[int(weights.argmax())],
        validation={f"{m}@{k}": float(candidates.metric(f"{m}@{k}", final).mean()) for m in METRICS},
        n_users=len(population.rows),
    )


def tune(
    engine: Engine,
    *,
    objective: str = "ndcg@10",
    split: str | None = None,
    test_ratio: float = 0.2,
    seed: int = 0,
    save_preset: str | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Learn the weights of a workspace and save them as a preset (default ``learned``).

    The pairs that ``evaluate`` tests on with the same split, ratio and seed are set aside first:
    the validation pairs come from the rest, so that evaluating the learned preset is honest.
    ``split`` is ``last`` where events are dated, else ``random``.

    Returns
    -------
    dict
        The document of ``tune --json``.
    """
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(contextlib.closing(engine.workspace.connect()))
        if split is None:
            dated = connection.execute("SELECT count(last_time) FROM v_pairs").fetchone()
            split = "last" if dated and dated[0] else "random"
        reserved = make_split(connection, split, test_ratio, seed)
        training = stack.enter_context(contextlib.closing(training_connection(connection, reserved.test)))
        learned = learn_weights(
            training,
            objective=objective,
            split=split,
            test_ratio=test_ratio,
            seed=seed,
            model=engine.manifest.model_source,
            config=Config.model_validate(engine.manifest.config),
            cache=engine.workspace.path / "cache",
            progress=progress,
        )
    name = save_preset or LEARNED
    engine.store_learned(name, learned.weights, learned.base)
    return {
        "preset": name,
        "objective": objective,
        "base": learned.base,
        "weights": learned.weights,
        "validation": learned.validation,
        "n_users": learned.n_users,
        "reserved_for_test": reserved.to_dict(),
    }
