"""Accuracy on held-out events, and weights learned from them."""

from __future__ import annotations

import argparse
from typing import Any

from mgrec_core.cli import targets
from mgrec_core.cli.keeping import keep
from mgrec_core.cli.options import (
    AddCommand,
    k_of,
    k_option,
    split_of,
    split_options,
    validation_ratio_of,
    weight_options,
    weights_of,
)
from mgrec_core.foundation.errors import NotFoundError
from mgrec_core.foundation.progress import Progress
from mgrec_core.workspace.folder import Workspace


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("evaluate", run_evaluate, "accuracy on held-out events, full ranking")
    targets.target_option(sub, "what was held out: events, friendships or redemptions")
    split_options(
        sub,
        "last (default for items), last-n, random, items (whole new items), time (default for dated ads), "
        "or a kept fingerprint",
    )
    k_option(sub)
    _relevant_option(sub)
    weight_options(sub)
    sub.add_argument("--baselines", action="store_true", help="compare with others' recommenders, tuned")
    sub.add_argument(
        "--segments",
        metavar="NAME,…",
        help="activity, taste, cold-users, items, a user attribute, or cohort:NAME",
    )
    sub.add_argument(
        "--min-group", type=int, default=5, metavar="N", help="suppress segments of fewer users (default 5)"
    )
    sub.add_argument("--certify", action="store_true", help="also drop or permute each granularity")

    sub = command("experiments", run_experiments, "the evaluations made so far")
    sub.add_argument("--id", type=int, metavar="N", help="one of them with all its figures")

    sub = command("tune", run_tune, "learn the weights from held-out events")
    targets.target_option(sub, "whose weights to learn")
    sub.add_argument(
        "--objective", help="metric to learn for (default ndcg@10, cut at the whole of a smaller catalogue)"
    )
    sub.set_defaults(k=None, default_k=10)
    sub.add_argument("--save-preset", metavar="NAME", help="name of the preset (default learned)")
    sub.add_argument(
        "--at-least", metavar="METRIC=X", action="append", default=[], help="such as coverage@10=0.1"
    )
    sub.add_argument(
        "--at-most", metavar="METRIC=X", action="append", default=[], help="such as popularity_lift@10=0.5"
    )
    _relevant_option(sub)
    sub.add_argument("--fusion", default="score", help="score learns λ (default); concat and vector learn α")
    sub.add_argument(
        "--keep-uncertified", action="store_true", help="weigh granularities that are not shown to help too"
    )
    split_options(
        sub, "last where events are dated, else random; or last-n, time, items, a kept split's fingerprint"
    )


def _relevant_option(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--relevant",
        metavar="any|liked|rating>=X",
        default="liked",
        help="which held-out items count as hits (default liked)",
    )


def run_evaluate(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``evaluate --workspace DIR [--split S] [--baselines] [--segments …] [--certify]``."""
    if options.target != "items":
        options.k = k_of(options)
        return targets.evaluate(options, progress)
    from mgrec_core.engine.engine import Engine
    from mgrec_core.evaluation.evaluate import evaluate

    engine = Engine.open(options.workspace)
    settings = {
        **split_of(options),
        "split": options.split or "last",
        "k": k_of(options, engine.model.n_items, strict=True),
        "baselines": options.baselines,
        "segments": [name.strip() for name in (options.segments or "").split(",") if name.strip()],
        "min_group": options.min_group,
        "certify": options.certify,
        "relevant": options.relevant,
    }
    document = evaluate(engine, **settings, weights=weights_of(options), progress=progress)
    # What was evaluated is asked for by its weights: a preset may change, an evaluation may not.
    weights = {"weights": document["weights"], "base": document["base"], "preset": options.preset}
    kept = {**settings, **weights}
    return keep(engine.workspace, kept, document, options)


def run_experiments(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``experiments --workspace DIR [--id N]``."""
    from mgrec_core.evaluation.experiments import ExperimentLog

    found = ExperimentLog(Workspace.open(options.workspace).state).all()
    if options.id is None:
        rows = [experiment.summary() for experiment in found]
        return {"experiments": rows if options.json else [_in_short(row) for row in rows]}
    for experiment in found:
        if experiment.id == options.id:
            return experiment.to_dict()
    raise NotFoundError(f"there is no experiment {options.id}: `experiments` lists {len(found)} of them")


def run_tune(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``tune --workspace DIR [--objective ndcg@10] [--save-preset NAME]``."""
    if options.target != "items":
        options.objective = options.objective or "ndcg@10"
        return targets.tune(options, progress)
    from mgrec_core.engine.engine import Engine
    from mgrec_core.learning.constraints import Constraint
    from mgrec_core.learning.tune import tune

    engine = Engine.open(options.workspace)
    return tune(
        engine,
        objective=options.objective or f"ndcg@{k_of(options, engine.model.n_items)}",
        **split_of(options),
        validation_ratio=validation_ratio_of(options),
        constraints=[Constraint.read(text, at_least=True) for text in options.at_least]
        + [Constraint.read(text, at_least=False) for text in options.at_most],
        fusion=options.fusion,
        relevant=options.relevant,
        keep_uncertified=options.keep_uncertified,
        save_preset=options.save_preset,
        progress=progress,
    )


def _split_in_short(settings: dict[str, Any]) -> str:
    """How pairs were held out, in a few words."""
    if settings["split"] == "last-n":
        return f"last {settings.get('test_count', 1)}"
    if settings.get("at"):
        return f"{settings['split']} at {settings['at']}"
    return f"{settings['split']} {settings['test_ratio']:g} seed {settings['seed']}"


def _in_short(row: dict[str, Any]) -> dict[str, Any]:
    """An experiment in one line of a terminal."""
    settings = row["settings"]
    extras = [name for name in ("baselines", "certify") if settings.get(name)]
    return {
        "id": row["id"],
        "made": row["made"],
        "build": row["build"],
        "split": _split_in_short(settings),
        "n_users": row["n_users"],
        "with": ", ".join([*extras, *settings.get("segments", [])]),
        **{
            key: value
            for key, value in row["fused"].items()
            if key.startswith(("ndcg", "recall", "coverage"))
        },
    }
