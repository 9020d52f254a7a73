"""Small data sets for the engine's tests: rows in, canonical tables and views out.

A world is a set of rows of the canonical tables. It becomes an in-memory database with the
project's own schema.sql and views.sql, or a canonical folder of CSV files to import.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from mgrec_core.data.columns.settling import settle
from mgrec_core.data.dataset import Dataset
from mgrec_core.data.signals.filling import fill_signals
from mgrec_core.data.signals.scale import RatingOptions
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import Spaces
from mgrec_core.model.model import Model, build_model

DIMENSIONS = 24

Row = tuple[object, ...]


@dataclass(frozen=True)
class World:
    """Rows of the canonical tables; users and items of events and friendships are added."""

    events: tuple[Row, ...] = ()  # user, item, event, weight, rating, timestamp, session
    items: tuple[Row, ...] = ()  # id, title, description
    attributes: tuple[Row, ...] = ()  # item, attribute, value
    kg: tuple[Row, ...] = ()  # head, relation, tail, label
    social: tuple[Row, ...] = ()  # user, friend, weight
    tags: tuple[Row, ...] = ()  # user, item, tag
    users: tuple[str, ...] = ()
    user_attributes: tuple[Row, ...] = ()

    def connect(self, shuffle: int | None = None) -> duckdb.DuckDBPyConnection:
        """The tables in memory; with ``shuffle`` their rows lie in another order."""
        connection = duckdb.connect()
        for name in ("schema.sql", "views.sql"):
            text = resources.files("mgrec_core.data").joinpath(name).read_text(encoding="utf-8")
            connection.execute(text)
        known = {str(row[0]) for row in self.items}
        users = {str(row[0]) for row in self.events} | set(self.users)
        users |= {str(who) for row in self.social for who in row[:2]}
        items = [*self.items, *((i, None, None) for i in {str(row[1]) for row in self.events} - known)]
        # As the importers do it: an event's number is its place in the sorted events.
        events = sorted(self.events, key=lambda row: tuple("" if v is None else str(v) for v in row))
        tables: dict[str, list[Row]] = {
            "users": [(u,) for u in sorted(users)],
            "items": sorted(items, key=str),
            "item_attributes": list(self.attributes),
            "user_attributes": list(self.user_attributes),
            "events": [(n, *row) for n, row in enumerate(events)],
            "kg": [(*row, "given", 1.0) for row in self.kg],
            "social": list(self.social),
            "tags": [(*row, None) for row in self.tags],
        }
        for table, rows in tables.items():
            if shuffle is not None:
                random.Random(shuffle).shuffle(rows)
            if rows:
                marks = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
                connection.execute(
                    f"INSERT INTO {table} VALUES {marks}", [cell for row in rows for cell in row]
                )
        fill_signals(connection, {}, RatingOptions())
        settle(connection)
        return connection

    def data(self, shuffle: int | None = None) -> Dataset:
        """The arrays that the engine reads."""
        connection = self.connect(shuffle)
        try:
            return Dataset.load(connection)
        finally:
            connection.close()

    def write(self, folder: Path) -> Path:
        """A canonical folder of CSV files."""
        folder.mkdir(parents=True)
        values: dict[str, dict[str, list[str]]] = {}
        for item, attribute, value in self.attributes:
            values.setdefault(str(item), {}).setdefault(str(attribute), []).append(str(value))
        names = sorted({str(row[1]) for row in self.attributes})
        files: dict[str, tuple[list[str], list[Row]]] = {
            "interactions": (
                ["user_id", "item_id", "event", "weight", "rating", "timestamp", "session_id"],
                list(self.events),
            ),
            "items": (
                ["item_id", "title", "description", *names],
                [(*r, *("|".join(values.get(str(r[0]), {}).get(n, [])) for n in names)) for r in self.items],
            ),
            "kg": (["head_id", "relation", "tail_id", "tail_label"], list(self.kg)),
            "social": (["user_id", "friend_id", "weight"], list(self.social)),
            "users": (["user_id"], [(user,) for user in self.users]),
        }
        for name, (header, rows) in files.items():
            if rows or name == "interactions":
                with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file).writerows([header, *rows])
        return folder


def vectors_of(data: Dataset) -> NDArray[np.float32] | None:
    """Unit vectors that depend on each text alone, zeros without a text; ``None`` without texts.

    They stand where the language model's vectors come in, for tests of what is done with vectors.
    """
    if not any(data.texts):
        return None
    vectors = np.zeros((len(data.texts), DIMENSIONS), dtype=np.float32)
    for n, text in enumerate(data.texts):
        if text:
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
            vector = np.random.default_rng(seed).normal(size=DIMENSIONS)
            vectors[n] = vector / np.linalg.norm(vector)
    return vectors


def spaces_of(world: World, config: Config | None = None, shuffle: int | None = None) -> Spaces:
    """What granularities are built from."""
    data = world.data(shuffle)
    return Spaces(data, config or Config(), vectors_of(data))


def model_of(world: World, config: Config | None = None, shuffle: int | None = None) -> Model:
    """Every granularity that the world allows."""
    data = world.data(shuffle)
    return build_model(data, config or Config(), vectors_of(data))


ODD_IDS = ("1", "01", "1.0", "\u00fc", "u\u0308", "日本", "a b", 'q"q', "nano", "Nones", "it's")


def full(n_users: int = 24, n_items: int = 40, seed: int = 3) -> World:
    """Every source, odd ids among users and items, an item that is named like an entity's label."""
    r = random.Random(seed)
    items = [*ODD_IDS, *(f"i{n:02}" for n in range(n_items - len(ODD_IDS)))]
    users = [*ODD_IDS, *(f"u{n:02}" for n in range(n_users - len(ODD_IDS)))]
    words = ("tea", "coffee", "moka", "night", "winter", "desert", "kettle", "lamp", "radio", "blanket")
    events: list[Row] = []
    for n, user in enumerate(users[:-2]):  # the last two have no history
        taste = [i for k, i in enumerate(items) if k % 4 == n % 4]
        chosen = r.sample(taste, 5) + r.sample(items, 3)
        for age, item in enumerate(dict.fromkeys(chosen)):
            stamp = f"2025-03-{1 + age:02} {n % 24:02}:00:00"
            kind = r.choice(("click", "purchase"))
            events.append((user, item, kind, r.choice((None, 1.0, 2.0)), None, stamp, f"s{age // 3}"))
    attributes: list[Row] = []
    kg: list[Row] = []
    for k, item in enumerate(items):
        attributes += [(item, "category", words[k % 4]), (item, "price", f"{5 + (k * 7) % 31}.5")]
        attributes += [(item, "brand", f"brand {k % 6}")]
        kg += [(item, "made_by", f"brand:{k % 6}", f"Brand {k % 6}")]
        kg += [(item, "part_of", f"collection:{k % 5}", f"Collection {k % 5}")]
    kg += [(f"collection:{c}", "theme", f"theme:{c % 2}", f"Theme {c % 2}") for c in range(5)]
    kg += [("i00", "sequel_of", "i01", "i01")]
    social = [(users[n], users[(n + 4) % n_users], 0.5 + n / 100) for n in range(n_users)]
    return World(
        events=tuple(events),
        items=tuple((i, f"{words[k % 4]} {words[(k * 3) % 10]} {k}", None) for k, i in enumerate(items)),
        attributes=tuple(attributes),
        kg=tuple(kg),
        social=tuple(social),
        tags=((users[0], "i00", "cosy"), (users[1], "i04", "cosy"), (users[1], "i08", "cosy")),
        users=tuple(users),
    )


def _undated(world: World) -> World:
    return replace(world, events=tuple((*row[:5], None, row[6]) for row in world.events))


def _wordless(world: World) -> World:
    return replace(world, items=tuple((row[0], None, None) for row in world.items), attributes=(), tags=())


_DERIVED: dict[str, Callable[[], World]] = {
    "full": full,
    "no timestamps": lambda: _undated(full()),
    "no words": lambda: _wordless(full()),
    "no attributes": lambda: replace(full(), attributes=(), tags=()),
    "no graph": lambda: replace(full(), kg=()),
    "no friends": lambda: replace(full(), social=()),
    "no events": lambda: replace(full(), events=()),
    "only a catalogue": lambda: replace(full(), events=(), social=(), tags=(), users=()),
    "nothing but events": lambda: World(events=_undated(full()).events),
    "one user": lambda: replace(
        full(), events=tuple(r for r in full().events if r[0] == "u00"), social=(), users=(), tags=()
    ),
    "one item": lambda: World(
        events=tuple((f"u{n}", "1", "click", None, None, "2025-01-01", None) for n in range(3)),
        items=(("1", "the only thing", None),),
        attributes=(("1", "kind", "thing"),),
        kg=(("1", "is_a", "thing", "Thing"),),
        social=(("u0", "u1", 1.0),),
    ),
    "one event": lambda: World(events=(("u", "i", "click", None, None, None, None),)),
    "friends without events": lambda: replace(full(), social=(("x", "y", 1.0), ("u00", "x", 1.0))),
    "two unseen items": lambda: World(
        events=(
            ("a", "1", "click", None, None, "2025-01-01", None),
            ("a", "2", "click", None, None, "2025-01-02", None),
            ("b", "1", "click", None, None, "2025-01-01", None),
            ("b", "3", "click", None, None, "2025-01-02", None),
            ("c", "4", "click", None, None, "2025-01-02", None),
        ),
    ),
    "texts without a history": lambda: replace(
        full(),
        items=tuple((i, None, None) for i in full_items() if i in seen_items())
        + tuple((f"new{n}", f"unheard of {n}", None) for n in range(5)),
        attributes=(),
        tags=(),
    ),
}


def full_items() -> list[str]:
    """Ids of the full world's catalogue."""
    return [str(row[0]) for row in full().items]


def seen_items() -> set[str]:
    """Ids of the full world's items that are in a history."""
    return {str(row[1]) for row in full().events}


WORLDS = tuple(_DERIVED)
"""Names of worlds that every granularity must survive."""


@cache
def world(name: str) -> World:
    """A world by name."""
    return _DERIVED[name]()


@cache
def model(name: str) -> Model:
    """The model of a world; shared, so only to be read."""
    return model_of(world(name))


def config(**sections: dict[str, object]) -> Config:
    """A configuration with some options changed: ``config(knowledge={"second_hop": 0})``."""
    return Config.model_validate(sections)


@dataclass
class Spent:
    """What a progress callback was told."""

    calls: list[tuple[str, int, int]] = field(default_factory=list)

    def __call__(self, stage: str, done: int, total: int, detail: str = "") -> None:
        self.calls.append((stage, done, total))
