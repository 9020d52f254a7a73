from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from mgrec_core.evaluation.splits import make_split
from mgrec_core.foundation.errors import InputError


@pytest.mark.parametrize("kind", ["last", "random", "time"])
def test_the_same_split_every_time(world: duckdb.DuckDBPyConnection, kind: str) -> None:
    first, second = (make_split(world, kind, 0.3, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(first.test, second.test)
    assert first.to_dict() == second.to_dict()


def test_last_holds_out_the_newest_fraction_of_each_user(world: duckdb.DuckDBPyConnection) -> None:
    test = make_split(world, "last", 0.5).test
    pairs = world.execute("SELECT user_id, item_id, last_time FROM v_pairs").df()
    marked = pairs.merge(test.assign(held=True), how="left")
    assert marked["user_id"].nunique() == 8
    for _, user in marked.groupby("user_id"):
        held = user["held"].notna()
        assert held.sum() == 3
        assert user.loc[held, "last_time"].min() >= user.loc[~held, "last_time"].max()


def test_random_by_user_expresses_8_1_1(world: duckdb.DuckDBPyConnection) -> None:
    test = make_split(world, "random", 0.1, seed=1).test
    assert (test.groupby("user_id").size() == 1).all()  # 6 items: ⌊5.4⌋ train
    assert test["user_id"].nunique() == 8


def test_last_n_holds_out_the_same_number_of_each_user(world: duckdb.DuckDBPyConnection) -> None:
    split = make_split(world, "last-n", count=2)
    assert (split.test.groupby("user_id").size() == 2).all()
    assert split.to_dict()["count"] == 2 and "test_ratio" not in split.to_dict()
    assert split.test.equals(make_split(world, "last", 1 / 3).test)  # 6 items a user
    assert (make_split(world, "last-n", count=99).test.groupby("user_id").size() == 5).all()
    with pytest.raises(InputError, match="at least 1"):
        make_split(world, "last-n", count=0)


def test_again_holds_out_of_the_rest(world: duckdb.DuckDBPyConnection) -> None:
    from mgrec_core.evaluation.holdout import training_connection

    split = make_split(world, "random", 0.2, seed=3)
    inner = split.again(training_connection(world, split.test), 0.5)
    assert (inner.kind, inner.seed, inner.test_ratio) == ("random", 4, 0.5)
    assert inner.test.merge(split.test).empty


def test_seeds_differ(world: duckdb.DuckDBPyConnection) -> None:
    assert not make_split(world, "random", 0.5, 1).test.equals(make_split(world, "random", 0.5, 2).test)


def test_time_holds_out_everything_after_one_moment(world: duckdb.DuckDBPyConnection) -> None:
    test = make_split(world, "time", 0.25).test
    pairs = world.execute("SELECT user_id, item_id, last_time FROM v_pairs").df()
    marked = pairs.merge(test.assign(held=True), how="left")
    held = marked["held"].notna()
    assert held.any()
    assert marked.loc[held, "last_time"].min() > marked.loc[~held, "last_time"].max()


def test_a_user_of_one_item_is_never_held_out() -> None:
    connection = duckdb.connect()
    connection.execute(
        "CREATE VIEW v_pairs AS SELECT * FROM (VALUES ('a','x',TIMESTAMP '2024-01-01'),"
        "('b','x',TIMESTAMP '2024-01-01'),('b','y',TIMESTAMP '2024-01-02')) t(user_id,item_id,last_time)"
    )
    assert make_split(connection, "last", 0.9).test.values.tolist() == [["b", "y"]]


@pytest.mark.parametrize(
    ("kind", "ratio", "word"), [("weekly", 0.2, "split"), ("last", 0.0, "ratio"), ("last", 1.5, "ratio")]
)
def test_bad_options_are_one_line(
    world: duckdb.DuckDBPyConnection, kind: str, ratio: float, word: str
) -> None:
    with pytest.raises(InputError, match=word):
        make_split(world, kind, ratio)


@pytest.mark.parametrize("kind", ["last", "time"])
def test_undated_events_ask_for_a_random_split(kind: str) -> None:
    connection = duckdb.connect()
    connection.execute(
        "CREATE VIEW v_pairs AS SELECT 'a' AS user_id, 'x' AS item_id, NULL::TIMESTAMP AS last_time"
    )
    with pytest.raises(InputError, match="--split random"):
        make_split(connection, kind)
    with pytest.raises(InputError, match="nothing to evaluate"):
        make_split(connection, "random")
