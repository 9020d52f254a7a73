"""What `rank`, `recommend`, `explain`, `evaluate` and `tune` do with ``--target users|ads``."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.cli.keeping import keep
from mgrec_core.cli.options import split_of
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress

if TYPE_CHECKING:
    from mgrec_core.foundation.results import Weights

EVIDENCE = 5
"""Pieces of evidence a part that ``rank`` writes; ``rest`` is the sum of the others."""


def target_option(sub: argparse.ArgumentParser, what: str = "what to rank") -> None:
    """Declare the target."""
    sub.add_argument(
        "--target", type=_target, default="items", help=f"{what}: items, users or ads (default items)"
    )


def _target(name: str) -> str:
    if name != "items":  # only then: the help loads no numpy
        from mgrec_core.targets.registry import target_of

        target_of(name)
    return name


def active_option(sub: argparse.ArgumentParser) -> None:
    """Declare the moment at which ads are to run."""
    sub.add_argument(
        "--active-at",
        metavar="DATE",
        help="with --target ads: only those whose period has this moment (ISO 8601, UTC) in it",
    )


def refuse_for_items(options: argparse.Namespace) -> None:
    """What means something for advertisements alone is refused, not ignored."""
    if options.active_at is not None:
        raise InputError(f"--active-at is for --target ads, not {options.target}")


def rank(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``rank --target users|ads --user U``: with contributions and evidence of each row."""
    ranker, weights = _open(options)
    found = ranker.rank(options.user, options.k, weights)
    document: dict[str, Any] = found.to_dict()
    for row in document[options.target]:
        why = ranker.explain(options.user, row["target_id"], weights)
        omitted = why.omitted(EVIDENCE)
        row |= {key: why.to_dict(EVIDENCE)[key] for key in ("evidence", "baseline")}
        row["rest"] = {part: omitted.get(part, {}).get("value", 0.0) for part in why.evidence}
    return document


def explain(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``explain --target users|ads --user U --item ID``."""
    ranker, weights = _open(options)
    found = ranker.explain(options.user, options.item, weights)
    document: dict[str, Any] = found.to_dict(*((None,) if options.all else ()))
    if options.target == "ads":
        document["products"] = ranker.products(options.user, options.item, weights)
    return document


def recommend(options: argparse.Namespace, users: list[str] | None, progress: Progress) -> dict[str, Any]:
    """``recommend --target users|ads --k K --out FILE``."""
    from mgrec_core.export.lists import write_lists

    ranker, given = _open(options)
    weights = ranker.resolve(given)
    hide = Path(options.workspace) if options.pseudonymise else None
    document = write_lists(ranker, users, options.k, weights, options.out, hide=hide, progress=progress)
    return {"target": options.target, **document}


def evaluate(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``evaluate --target users|ads [--split random|time]``, kept among the experiments."""
    from mgrec_core.engine.engine import Engine
    from mgrec_core.targets.evaluate import evaluate_target

    _refuse(options, "baselines", "segments", "certify", "preset", "at")
    engine = Engine.open(options.workspace)
    settings = {
        "split": options.split,
        "test_ratio": split_of(options)["test_ratio"],
        "seed": options.seed,
        "k": options.k,
    }
    document = evaluate_target(
        engine, options.target, **settings, weights=_weights(options), progress=progress
    )
    kept = {
        "target": options.target,
        **settings,
        "split": document["split"]["kind"],
        "weights": document["weights"],
        "base": document["base"],
    }
    return keep(engine.workspace, kept, document, options)


def tune(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``tune --target users|ads``."""
    from mgrec_core.engine.engine import Engine
    from mgrec_core.targets.tune import tune_target

    _refuse(options, "save_preset", "at")
    return tune_target(
        Engine.open(options.workspace),
        options.target,
        objective=options.objective,
        split=options.split,
        test_ratio=split_of(options)["test_ratio"],
        seed=options.seed,
        progress=progress,
    )


def _open(options: argparse.Namespace) -> tuple[Any, Weights]:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.targets.registry import open_ranker

    _refuse(options, "preset", "alpha")
    if getattr(options, "fusion", "score") != "score":
        raise InputError(f"--fusion {options.fusion} is for items: people and ads are fused by score")
    moment = _moment(options)
    ranker: Any = open_ranker(Engine.open(options.workspace), options.target)
    return ranker if moment is None else ranker.at(moment), _weights(options)


def _moment(options: argparse.Namespace) -> Any:
    import numpy as np

    if options.active_at is None:
        return None
    if options.target != "ads":
        refuse_for_items(options)
    try:
        found = datetime.fromisoformat(options.active_at)
    except ValueError:
        raise InputError(
            f"--active-at {options.active_at[:40]!r} is no date: write it like 2025-02-01 or 2025-02-01T12:00"
        ) from None
    return np.datetime64(found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found)


def _weights(options: argparse.Namespace) -> Weights:
    from mgrec_core.foundation.results import Weights
    from mgrec_core.model.fusion.weights import parse_weights
    from mgrec_core.targets.registry import target_of

    known = tuple(target_of(options.target).defaults())
    return Weights(parse_weights(options.weights, known) or {}, options.base or "")


def _refuse(options: argparse.Namespace, *names: str) -> None:
    """Options that mean nothing for people and ads are refused, not ignored."""
    for name in names:
        if getattr(options, name, None):
            raise InputError(f"--{name.replace('_', '-')} is for --target items, not {options.target}")
