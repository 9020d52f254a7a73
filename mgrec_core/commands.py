"""What each command does: options in, one JSON document out."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from pathlib import Path
from typing import Any

from mgrec_core.errors import InputError, MgrecError, NotFoundError
from mgrec_core.progress import Progress
from mgrec_core.workspace import Workspace


def run_import(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``import SOURCE --workspace DIR [--format F]``."""
    existed = Path(options.workspace).exists()
    workspace = Workspace.create(options.workspace)
    try:
        report = workspace.import_source(options.source, options.format, progress)
    except BaseException:
        if not existed:  # a refused import leaves nothing behind
            (workspace.path / ".lock").unlink(missing_ok=True)
            if not any(workspace.path.iterdir()):
                workspace.path.rmdir()
        raise
    return {"workspace": str(workspace.path), **report.to_dict()}


def run_build(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``build --workspace DIR [--model M] [--config FILE] [--no-map]``."""
    start = time.perf_counter()
    workspace = Workspace.open(options.workspace)
    manifest, changed = workspace.build(options.model, options.config, progress, with_map=not options.no_map)
    return {
        "workspace": str(workspace.path),
        "build": manifest.build,
        "changed": changed,
        "model": manifest.model,
        "counts": manifest.counts,
        "granularities": {
            n: {"present": r.present, "reason": r.reason} for n, r in manifest.granularities.items()
        },
        "seconds": round(time.perf_counter() - start, 3),
        "timings": manifest.timings if changed else {},
    }


def run_info(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``info --workspace DIR``."""
    return Workspace.open(options.workspace).info()


def run_rank(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``rank --workspace DIR --user U [--k K] [--weights … | --preset …]``."""
    from mgrec_core.engine import Engine

    engine = Engine.open(options.workspace)
    ranked = engine.rank(options.user, options.k, **_fusion(options))
    _tell_base(options, ranked.base)
    return ranked.to_dict()


def run_explain(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``explain --workspace DIR --user U --item I [--weights …]``."""
    from mgrec_core.engine import Engine

    engine = Engine.open(options.workspace)
    explanation = engine.explain(options.user, options.item, **_fusion(options))
    _tell_base(options, explanation.base)
    return explanation.to_dict()


def run_export(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``export --workspace DIR --user U --out DIR --format json,csv``."""
    from mgrec_core.engine import Engine
    from mgrec_core.explain.export import write_export

    engine = Engine.open(options.workspace)
    files = write_export(
        engine, options.user, Path(options.out), options.format.split(","), k=options.k, **_fusion(options)
    )
    return {"user_id": options.user, "files": [str(path) for path in files]}


def run_recommend(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``recommend --workspace DIR --k K --out FILE [--users FILE] [--weights … | --preset …]``."""
    import pyarrow.parquet as pq

    from mgrec_core.batch import recommend, schema, users_with_history
    from mgrec_core.engine import Engine

    if options.k < 1:
        raise InputError(f"--k is {options.k}: ask for at least 1 item")
    engine = Engine.open(options.workspace)
    users = _read_users(Path(options.users)) if options.users else users_with_history(engine)
    weights = engine.resolve_weights(_weights(options.weights), options.base, options.preset)
    _tell_base(options, weights.base)
    for user in users:
        engine.user_position(user)
    out = Path(options.out)
    if not out.name or out.is_dir():
        raise InputError(f"--out {options.out!r} is no file name: name the Parquet file to write")
    aside = out.with_name(out.name + ".part")
    rows = 0
    try:
        with pq.ParquetWriter(aside, schema(engine.present)) as writer:
            for table in recommend(engine, users, options.k, weights, progress):
                writer.write_table(table)
                rows += table.num_rows
        aside.replace(out)
    except OSError as error:
        raise InputError(f"--out {out} cannot be written ({error.strerror}): choose another path") from None
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
    return {
        "out": str(out),
        "users": len(users),
        "rows": rows,
        "k": options.k,
        "weights": weights.values,
        "base": weights.base,
        "build": engine.build,
    }


def run_evaluate(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``evaluate --workspace DIR [--split S] [--baselines] [--segments …] [--certify]``."""
    from mgrec_core.engine import Engine
    from mgrec_core.evaluation.evaluate import evaluate
    from mgrec_core.evaluation.experiments import ExperimentLog

    engine = Engine.open(options.workspace)
    settings = {
        "split": options.split,
        "test_ratio": options.test_ratio,
        "seed": options.seed,
        "k": options.k,
        "weights": _weights(options.weights),
        "base": options.base,
        "preset": options.preset,
        "baselines": options.baselines,
        "segments": [name.strip() for name in (options.segments or "").split(",") if name.strip()],
        "certify": options.certify,
    }
    document = evaluate(engine, **settings, progress=progress)
    # What was evaluated is asked for by its weights: a preset may change, an evaluation may not.
    kept = {**settings, "weights": document["weights"], "base": document["base"]}
    try:
        number = ExperimentLog(engine.workspace.state).append(kept, document)
    except MgrecError as error:  # hours of work are not lost with a log that cannot be written
        print(f"note: the evaluation is not in the experiment log ({error})", file=sys.stderr)
        return document
    return {"experiment": number, **document}


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


def _in_short(row: dict[str, Any]) -> dict[str, Any]:
    """An experiment in one line of a terminal."""
    settings = row["settings"]
    extras = [name for name in ("baselines", "certify") if settings.get(name)]
    return {
        "id": row["id"],
        "made": row["made"],
        "build": row["build"],
        "split": f"{settings['split']} {settings['test_ratio']:g} seed {settings['seed']}",
        "n_users": row["n_users"],
        "with": ", ".join([*extras, *settings.get("segments", [])]),
        **{
            key: value
            for key, value in row["fused"].items()
            if key.startswith(("ndcg", "recall", "coverage"))
        },
    }


def run_tune(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``tune --workspace DIR [--objective ndcg@10] [--save-preset NAME]``."""
    from mgrec_core.engine import Engine
    from mgrec_core.learning.tune import tune

    return tune(
        Engine.open(options.workspace),
        objective=options.objective,
        split=options.split,
        test_ratio=options.test_ratio,
        seed=options.seed,
        save_preset=options.save_preset,
        progress=progress,
    )


def run_project(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``project --workspace DIR --of users|items [--granularity G]``."""
    from mgrec_core.engine import Engine
    from mgrec_core.projection import ProjectionSettings, compute_and_store

    engine = Engine.open(options.workspace)
    weights = engine.resolve_weights(_weights(options.weights), options.base, options.preset)
    settings = ProjectionSettings.from_options(
        of=options.of,
        granularity=options.granularity,
        weights=weights.values,
        base=weights.base,
        n_neighbours=options.neighbours,
        min_dist=options.min_dist,
        metric=options.metric,
        seed=options.seed,
    )
    path = compute_and_store(engine, Path(options.workspace), settings, progress)
    return {"projection": str(path), "of": options.of, "granularity": options.granularity}


def _weights(text: str | None) -> dict[str, float] | None:
    """Read ``g=λ,…``; imported when needed, so that ``--help`` and ``import`` load no arrays."""
    from mgrec_core.fusion.weights import parse_weights

    return parse_weights(text)


def _tell_base(options: argparse.Namespace, base: str) -> None:
    """Say so when a weight was given for the base, which always has 1."""
    given = (_weights(options.weights) or {}).get(base, 1.0)
    if given != 1.0:
        note = f"note: {base} is the base, so its weight is 1, not {given:g}; --base chooses another"
        print(note, file=sys.stderr)


def _fusion(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "weights": _weights(options.weights),
        "base": options.base,
        "preset": options.preset,
        "fusion": options.fusion,
        "alpha": _weights(options.alpha),
    }


def _read_users(path: Path) -> list[str]:
    """One id a line, a header ``user_id`` allowed; duplicates once, in order."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise NotFoundError(f"--users {path} does not exist") from None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"--users {path} cannot be read as UTF-8 text: give one user id a line") from None
    users = [line.strip().strip('"') for line in lines]
    users = [user for user in users if user and user != "user_id"]
    if not users:
        raise InputError(f"--users {path} names no user: give one user id a line")
    return list(dict.fromkeys(users))
