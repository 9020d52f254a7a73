"""Everybody under other weights: score caches, sweeps of one weight, Pareto fronts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from mgrec_core.cli.options import (
    AddCommand,
    k_of,
    k_option,
    split_of,
    split_options,
    weight_options,
    weights_of,
)
from mgrec_core.foundation.progress import Progress

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.evaluation.score_cache import ScoreCache
    from mgrec_core.evaluation.score_cache_files import ScoreCacheRecord


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("panel", run_score_cache, "score the test users once, so that metrics follow the sliders")
    split_options(sub, "last (default), last-n, random, time, items, or a kept split's fingerprint")

    sub = command("sweep", run_sweep, "everybody's metrics while one weight goes from 0 to 1")
    sub.add_argument("--granularity", required=True, metavar="G", help="whose weight moves")
    sub.add_argument("--points", type=int, default=11, help="how many values (default 11)")
    _panel_options(sub)

    sub = command("pareto", run_pareto, "two metrics under many weights, and the front")
    sub.add_argument("--x", default="ndcg@10", help="first metric (default ndcg@10)")
    sub.add_argument("--y", default="coverage@10", help="second metric (default coverage@10)")
    sub.add_argument("--samples", type=int, default=200, help="how many weights to try (default 200)")
    _panel_options(sub)


def run_score_cache(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``panel --workspace DIR [--split S]``."""
    record, _, _ = _prepared(options, progress)
    return record.model_dump(exclude={"files", "format"})


def run_sweep(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``sweep --workspace DIR --granularity G [--points N]``."""
    from mgrec_core.evaluation.tradeoffs import Change, sweep

    record, score_cache, engine = _prepared(options, progress)
    k = k_of(options, score_cache.n_items, strict=True)
    weights = engine.resolve(weights_of(options))
    rows = sweep(
        score_cache,
        weights.values,
        options.granularity,
        k=k,
        points=options.points,
        progress=progress,
    )
    return {
        "panel": record.id,
        "split": record.split,
        "k": k,
        "n_users": record.n_users,
        "weights": weights.values,
        "granularity": options.granularity,
        "points": [
            {key: found.to_dict() if isinstance(found, Change) else found for key, found in row.items()}
            for row in rows
        ],
    }


def run_pareto(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``pareto --workspace DIR --x METRIC --y METRIC``."""
    from mgrec_core.evaluation.score_cache_files import keep_front
    from mgrec_core.evaluation.tradeoffs import pareto

    record, score_cache, engine = _prepared(options, progress)
    k = k_of(options, score_cache.n_items, strict=True)
    weights = engine.resolve(weights_of(options))
    named = {name: dict(preset.weights) for name, preset in engine.presets().items()}
    if dict(weights.values) not in named.values():
        named = {"current": dict(weights.values), **named}
    points = pareto(
        score_cache,
        options.x,
        options.y,
        named=named,
        base=weights.base,
        k=k,
        samples=options.samples,
        seed=options.seed,
        progress=progress,
    )
    document = {
        "panel": record.id,
        "split": record.split,
        "k": k,
        "n_users": record.n_users,
        "x": options.x,
        "y": options.y,
        "base": weights.base,
        "points": points,
    }
    keep_front(engine.workspace.path, record, document)
    return document


def _panel_options(sub: argparse.ArgumentParser) -> None:
    split_options(sub, "last (default), last-n, random, time, items, or a kept split's fingerprint")
    k_option(sub)
    weight_options(sub)


def _prepared(options: argparse.Namespace, progress: Progress) -> tuple[ScoreCacheRecord, ScoreCache, Engine]:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.evaluation.score_cache_files import open_score_cache, prepare

    engine = Engine.open(options.workspace)
    record = prepare(engine, **{**split_of(options), "split": options.split or "last"}, progress=progress)
    return record, open_score_cache(engine.workspace.path, record), engine
