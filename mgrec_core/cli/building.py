"""Builds, maps and what a workspace holds."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from mgrec_core.cli.options import AddCommand, weight_options, weights_of
from mgrec_core.foundation.progress import Progress
from mgrec_core.workspace.folder import Workspace


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command("build", run_build, "encode texts and build every granularity")
    sub.add_argument(
        "--model",
        metavar="NAME_OR_PATH",
        help="language model, or the address of one as https://HOST/v1#MODEL; default: chosen by the texts",
    )
    sub.add_argument(
        "--send-texts",
        action="store_true",
        help="let the items' texts leave this machine to the model's address",
    )
    sub.add_argument("--config", metavar="FILE", help="YAML file with build options")
    sub.add_argument("--no-map", action="store_true", help="leave the interest maps for later")

    command("info", run_info, "what the workspace holds")

    sub = command("project", run_project, "compute one interest map (UMAP)")
    sub.add_argument("--of", choices=("users", "items", "both"), default="users")
    sub.add_argument("--granularity", default="fused", help="a granularity, or fused (default)")
    weight_options(sub)
    sub.add_argument("--neighbours", type=int, default=15)
    sub.add_argument("--min-dist", type=float, default=0.1)
    sub.add_argument("--metric", default="cosine")
    sub.add_argument("--seed", type=int, default=0)


def run_build(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``build --workspace DIR [--model M] [--send-texts] [--config FILE] [--no-map]``."""
    from mgrec_core.operations.building import build

    start = time.perf_counter()
    workspace = Workspace.open(options.workspace)
    manifest, changed = build(
        workspace,
        options.model,
        options.config,
        progress,
        with_map=not options.no_map,
        send_texts=options.send_texts,
    )
    return {
        "workspace": str(workspace.path),
        "build": manifest.build,
        "changed": changed,
        "model": manifest.model,
        **({"model_reason": manifest.model_reason} if manifest.model_reason else {}),
        "counts": manifest.counts,
        "granularities": {
            n: {"present": r.present, "reason": r.reason} for n, r in manifest.granularities.items()
        },
        "seconds": round(time.perf_counter() - start, 3),
        "timings": manifest.timings if changed else {},
        "texts": manifest.texts,
    }


def run_info(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``info --workspace DIR``."""
    from mgrec_core.engine.info import info

    found = info(options.workspace)
    if options.json:
        return found
    from mgrec_core.data.signals.filling import in_words

    return found | {"ratings": in_words(found["ratings"]) if found["ratings"] else "none"}


def run_project(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``project --workspace DIR --of users|items|both [--granularity G]``."""
    from mgrec_core.engine.engine import Engine
    from mgrec_core.projection import ProjectionSettings, compute_and_store

    engine = Engine.open(options.workspace)
    weights = engine.resolve(weights_of(options))
    settings = ProjectionSettings.from_options(
        of=options.of,
        granularity=options.granularity,
        weights=dict(weights.values),
        base=weights.base,
        n_neighbours=options.neighbours,
        min_dist=options.min_dist,
        metric=options.metric,
        seed=options.seed,
    )
    path = compute_and_store(engine, Path(options.workspace), settings, progress)
    return {"projection": str(path), "of": options.of, "granularity": options.granularity}
