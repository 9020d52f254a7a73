"""A leak is planted in every source and must be caught; the engine itself has none.

The detector holds out the same training part from two worlds that differ in the test part alone
(what the held-out items were, and the tags on them). Whatever differs between the two models has
read the test part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.splits import Split, make_split
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import Granularity, Spaces, build_all
from tests import worlds

Pipeline = Callable[[Dataset, Dataset], Spaces]  # training part, everything → what models are built from


def other_test_part() -> tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection, Split, Split]:
    """Two databases with the same training part, and what is held out of each."""
    first, second = (worlds.full().connect() for _ in range(2))
    split = make_split(first, "last", 0.3)
    items = [i for (i,) in first.execute("SELECT item_id FROM items ORDER BY item_id").fetchall()]
    seen = {tuple(row) for row in first.execute("SELECT user_id, item_id FROM events").fetchall()}
    moved = []
    for user, item in split.test.itertuples(index=False):
        free = [i for i in items if (user, i) not in seen]
        target = free[len(user) % len(free)]
        seen.add((user, target))
        moved.append((user, item, target))
    for connection in (first, second):
        connection.execute("DELETE FROM tags")  # those that the world has lie on pairs of both parts
    for connection, targets in ((first, [m[1] for m in moved]), (second, [m[2] for m in moved])):
        for (user, item, _), target in zip(moved, targets, strict=True):
            connection.execute(
                "UPDATE events SET item_id = ? WHERE user_id = ? AND item_id = ?", [target, user, item]
            )
            connection.execute("INSERT INTO tags VALUES (?, ?, 'mine', NULL)", [user, target])
    table = pd.DataFrame([(u, t) for u, _, t in moved], columns=["user_id", "item_id"])
    return first, second, split, replace(split, test=table)


def digest(built: Granularity) -> str:
    found = hashlib.sha256()
    for matrix in [built.weights, *(part for b in built.blocks for part in (b.evidence, b.items))]:
        parts = (matrix.data, matrix.indices, matrix.indptr) if sparse.issparse(matrix) else (matrix,)
        for part in parts:
            found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


def leaking(pipeline: Pipeline) -> set[str]:
    """Granularities (and the shared space) that have read the test part."""
    first, second, held, held_too = other_test_part()
    digests: list[dict[str, str]] = []
    for connection, split in ((first, held), (second, held_too)):
        spaces = pipeline(Dataset.load(training_connection(connection, split.test)), Dataset.load(connection))
        built = build_all(spaces)
        found = {name: digest(g) for name, g in built.items() if isinstance(g, Granularity)}
        assert spaces.shared is not None
        found["shared space"] = hashlib.sha256(np.ascontiguousarray(spaces.shared).tobytes()).hexdigest()
        digests.append(found)
    assert set(digests[0]) == set(digests[1]) and len(digests[0]) >= 8
    return {name for name in digests[0] if digests[0][name] != digests[1][name]}


def honest(training: Dataset, everything: Dataset) -> Spaces:
    return Spaces(training, Config(), worlds.vectors_of(training))


def test_nothing_of_the_test_part_reaches_any_granularity() -> None:
    assert leaking(honest) == set()


def _strength(training: Dataset, everything: Dataset) -> Spaces:
    return honest(replace(training, strength=everything.strength), everything)


def _age(training: Dataset, everything: Dataset) -> Spaces:
    """Ages alone say how many items were held out, not which: those need their strengths too."""
    return honest(replace(training, age=everything.age, strength=everything.strength), everything)


def _tags(training: Dataset, everything: Dataset) -> Spaces:
    values = {"value_names": everything.value_names, "item_values": everything.item_values}
    return honest(replace(training, **values), everything)  # type: ignore[arg-type]


def _kg_weights(training: Dataset, everything: Dataset) -> Spaces:
    """Edges weighted by how often their item is used, test pairs included."""
    weighted = sparse.csr_array(sparse.diags_array(1 + everything.popularity) @ training.item_entities)
    return honest(replace(training, item_entities=weighted), everything)


def _popularity(training: Dataset, everything: Dataset) -> Spaces:
    leaky = replace(training)
    leaky.__dict__["popularity"] = everything.popularity
    return honest(leaky, everything)


def _friends(training: Dataset, everything: Dataset) -> Spaces:
    """Ties weighted by common items, test pairs included."""
    common = (everything.strength @ everything.strength.T).multiply(training.friends > 0)
    return honest(replace(training, friends=sparse.csr_array(common)), everything)


def _whitening(training: Dataset, everything: Dataset) -> Spaces:
    """Whitening fitted on texts as often as they are used, test pairs included."""
    from mgrec_core.language.whitening import Whitening

    spaces = honest(training, everything)
    assert spaces.text_vectors is not None
    often = np.repeat(spaces.text_vectors, 1 + everything.popularity.astype(int), axis=0)
    spaces.__dict__["whitening"] = Whitening.fit(often)
    return spaces


def _cached_neighbours(training: Dataset, everything: Dataset) -> Spaces:
    """The item space of the whole workspace instead of the training part's."""
    spaces = honest(training, everything)
    spaces.__dict__["item_space"] = Spaces(everything, Config(), None).item_space
    return spaces


@pytest.mark.parametrize(
    ("plant", "caught"),
    [
        (_strength, {"behaviour", "collaborative", "popularity"}),
        (_age, {"recent"}),
        (_tags, {"attribute"}),
        (_kg_weights, {"knowledge"}),
        (_popularity, {"popularity"}),
        (_friends, {"social"}),
        (_whitening, {"behaviour", "shared space"}),
        (_cached_neighbours, {"collaborative", "recent"}),
    ],
    ids=lambda p: p.__name__.strip("_") if callable(p) else "",
)
def test_a_planted_leak_is_caught(plant: Pipeline, caught: set[str]) -> None:
    assert caught <= leaking(plant)
