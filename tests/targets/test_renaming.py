"""Giving users, items and ads other ids, one to one, changes no figure of people and ads."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from mgrec_core.engine.engine import Engine
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.targets.evaluate import evaluate_target
from mgrec_core.targets.tune import tune_target
from tests.evaluation.test_renaming import numbers
from tests.targets.worlds import circles, write_ads

WORLDS: dict[str, Callable[[Path], object]] = {
    "users": lambda folder: circles(24).write(folder),
    "ads": lambda folder: write_ads(folder, n=30),
}


def rename(folder: Path, seed: int) -> None:
    """Rewrite a canonical folder with other ids, in rows of another order."""
    r = random.Random(seed)
    tables = {
        path: list(csv.DictReader(path.open(encoding="utf-8"))) for path in sorted(folder.glob("*.csv"))
    }
    new: dict[tuple[str, str], str] = {}
    for kind, columns in {"u": ("user_id", "friend_id"), "i": ("item_id",), "a": ("ad_id",)}.items():
        old = sorted({row[c] for rows in tables.values() for row in rows for c in columns if c in row})
        names = [f"{kind} {n:03}" for n in range(len(old))]
        r.shuffle(names)
        new |= {(c, one): name for c in columns for one, name in zip(old, names, strict=True)}
    for path, rows in tables.items():
        r.shuffle(rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows({c: new.get((c, value), value) for c, value in row.items()} for row in rows)


@pytest.mark.parametrize("target", WORLDS)
def test_no_figure_depends_on_ids(target: str, tmp_path: Path) -> None:
    found = []
    for seed in range(3):
        source, workspace = tmp_path / f"source{seed}", tmp_path / f"workspace{seed}"
        WORLDS[target](source)
        if seed:
            rename(source, seed)
        import_data(workspace, source)
        build(workspace, with_map=False)
        engine = Engine.open(workspace)
        found.append(
            numbers(evaluate_target(engine, target, split="random", test_ratio=0.3, seed=2))
            | numbers(tune_target(engine, target), "tune")
        )
    first, *others = found
    assert len(first) > 20
    for other in others:
        assert other.keys() == first.keys()
        wrong = {key: (first[key], other[key]) for key in first if abs(first[key] - other[key]) > 1e-12}
        assert not wrong
