"""Giving users and items other ids, one to one, changes nothing that is measured."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.learning.tune import tune
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from tests.worlds import World

DAYS = 3


def tied() -> World:
    """Thirty users, twenty-four items, three days: times, scores and popularities are mostly ties."""
    r = random.Random(5)
    events = []
    for u in range(30):
        taste = [n for n in range(20) if n % 3 == u % 3]
        for n in sorted({*r.sample(taste, 4), *r.sample(range(20), 3)}):
            events.append(
                (f"u{u:02}", f"i{n:02}", "click", None, None, f"2024-03-0{1 + r.randrange(DAYS)}", None)
            )
    # Two pairs of twins: the same users on the same days.
    events += [
        (user, f"i{n}", *rest) for user, item, *rest in events if item in ("i03", "i07") for n in (20, 21)
    ]
    items = tuple((f"i{n:02}", f"{('tea', 'lamp', 'radio')[n % 3]} {n // 3}", None) for n in range(24))
    social = tuple((f"u{n:02}", f"u{(n * 7 + 3) % 30:02}", 1.0) for n in range(0, 30, 2))
    kinds = tuple((row[0], "kind", ("kitchen", "light", "sound")[n % 3]) for n, row in enumerate(items))
    return World(events=tuple(events), items=items, attributes=kinds, social=social)


def renamed(world: World, seed: int) -> World:
    """The same world, its users and items named at random."""
    ids = sorted({str(row[0]) for row in world.events}), sorted(str(row[0]) for row in world.items)
    names: list[dict[str, str]] = []
    for prefix, old in zip(("person ", "thing "), ids, strict=True):
        new = [f"{prefix}{n:03}" for n in range(len(old))]
        random.Random(seed).shuffle(new)
        names.append(dict(zip(old, new, strict=True)))
    user, item = (name.__getitem__ for name in names)
    return replace(
        world,
        events=tuple((user(str(r[0])), item(str(r[1])), *r[2:]) for r in world.events),
        items=tuple((item(str(r[0])), *r[1:]) for r in world.items),
        attributes=tuple((item(str(r[0])), *r[1:]) for r in world.attributes),
        social=tuple((user(str(r[0])), user(str(r[1])), r[2]) for r in world.social),
    )


def engine_of(world: World, folder: Path) -> Engine:
    import_data(folder / "workspace", world.write(folder / "source"))
    build(folder / "workspace", with_map=False)
    return Engine.open(folder / "workspace")


def numbers(found: Any, path: str = "") -> dict[str, float]:
    """All numbers of a document by where they stand."""
    if isinstance(found, dict):
        return {k: v for key, part in found.items() for k, v in numbers(part, f"{path}/{key}").items()}
    if isinstance(found, list):
        return {k: v for n, part in enumerate(found) for k, v in numbers(part, f"{path}/{n}").items()}
    return {path: float(found)} if isinstance(found, int | float) else {}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> list[Engine]:
    worlds = [tied(), *(renamed(tied(), seed) for seed in (1, 2))]
    return [engine_of(world, tmp_path_factory.mktemp("world")) for world in worlds]


MEASURES: dict[str, Callable[[Engine], dict[str, Any]]] = {
    "last": lambda engine: evaluate(
        engine, split="last", test_ratio=0.3, baselines=True, segments=["activity"]
    ),
    "last-n": lambda engine: evaluate(engine, split="last-n", test_count=2, certify=True),
    "random": lambda engine: evaluate(engine, split="random", seed=3),
    "time": lambda engine: evaluate(engine, split="time"),
    "tune": lambda engine: tune(engine, split="last", save_preset="found"),
}


@pytest.mark.parametrize("name", MEASURES)
def test_no_figure_depends_on_ids(engines: list[Engine], name: str) -> None:
    first, *others = (numbers(MEASURES[name](engine)) for engine in engines)
    assert len(first) > 20
    for other in others:
        assert other.keys() == first.keys()
        wrong = {key: (first[key], other[key]) for key in first if abs(first[key] - other[key]) > 1e-12}
        assert not wrong


def test_the_same_pairs_are_held_out(engines: list[Engine], tmp_path: Path) -> None:
    from mgrec_core.evaluation.splits import make_split

    titles = []
    for engine in engines:
        with engine.workspace.connect() as connection:
            split = make_split(connection, "random", 0.3, seed=1)
            of = dict(connection.execute("SELECT item_id, title FROM v_items").fetchall())
        titles.append(sorted(of[item] for item in split.test["item_id"]))
    assert titles[0] == titles[1] == titles[2]
