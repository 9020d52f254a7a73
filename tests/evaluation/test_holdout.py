"""Nothing of the test part may reach a granularity: a leak is planted in each and must not show."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from mgrec_core.data.dataset import Dataset
from mgrec_core.data.knowledge.config import CooccurrenceConfig, GraphConfig
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.splits import make_split


def test_the_test_pairs_are_gone_from_every_table(world: duckdb.DuckDBPyConnection) -> None:
    split = make_split(world, "last", 0.5)
    training = training_connection(world, split.test)
    training.register("test", split.test)
    for table in ("events", "tags", "v_pairs", "v_recency"):
        left = training.execute(f"SELECT count(*) FROM {table} SEMI JOIN test USING (user_id, item_id)")
        assert left.fetchone() == (0,), table
    kept = training.execute("SELECT count(*) FROM events").fetchone()
    assert kept == (len(world.execute("FROM events").fetchall()) - len(split.test),)


def test_training_arrays_depend_on_training_events_alone(world: duckdb.DuckDBPyConnection) -> None:
    """Whatever the held-out events were, the arrays are the same: they were never read."""
    split = make_split(world, "last", 0.5)
    before = Dataset.load(training_connection(world, split.test))
    other = training_connection(world, split.test.iloc[:0])  # a full copy that may be changed
    other.register("test", split.test)
    other.execute(
        "UPDATE events SET rating = 5, weight = 999, timestamp = TIMESTAMP '2030-01-01' "
        "WHERE (user_id, item_id) IN (SELECT (user_id, item_id) FROM test)"
    )
    other.execute(
        "UPDATE tags SET tag = 'leak' WHERE (user_id, item_id) IN (SELECT (user_id, item_id) FROM test)"
    )
    after = Dataset.load(training_connection(other, split.test))
    for name in ("strength", "age", "item_values", "friends"):
        first, second = getattr(before, name), getattr(after, name)
        assert (first != second).nnz == 0, name
    assert before.value_names == after.value_names
    assert "tag: leak" not in after.value_names
    np.testing.assert_array_equal(before.popularity, after.popularity)


def test_the_catalogue_stays_whole(world: duckdb.DuckDBPyConnection) -> None:
    split = make_split(world, "last", 0.5)
    assert Dataset.load(training_connection(world, split.test)).items == Dataset.load(world).items


def test_cooccurrence_of_test_pairs_never_reaches_the_training_part(world: duckdb.DuckDBPyConnection) -> None:
    """Two items that only test pairs bring together are linked on all data, and not on the training part."""
    knowledge = GraphConfig(
        rules=("cooccurrence",), cooccurrence=CooccurrenceConfig(support=5, threshold=0.01)
    )
    whole = training_connection(world, pd.DataFrame({"user_id": ["none"], "item_id": ["none"]}))
    whole.execute("INSERT INTO items VALUES ('x', 'X', NULL), ('y', 'Y', NULL)")
    whole.execute("INSERT INTO users SELECT 'w' || n FROM range(20) t(n)")
    whole.execute(
        "INSERT INTO events SELECT 1000 + 10 * n + k, 'w' || n, i, 'rating', NULL, 5, NULL, NULL"
        " FROM range(6) t(n), (VALUES (0, 'x'), (1, 'y')) v(k, i)"
    )
    test = pd.DataFrame({"user_id": [f"w{n}" for n in range(6)], "item_id": ["y"] * 6})
    before, after = Dataset.load(whole, knowledge), Dataset.load(training_connection(whole, test), knowledge)
    x, y = before.item_index["x"], before.item_index["y"]
    assert before.item_links[x, y] > 0 and before.origins["x"][0] == "cooccurrence"
    assert after.item_links[x, y] == 0 and "x" not in after.origins
