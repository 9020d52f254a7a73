from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from mgrec_core.evaluation.splits import make_split
from mgrec_core.foundation.errors import InputError
from tests.worlds import World


@pytest.mark.parametrize("kind", ["last", "random", "time"])
def test_the_same_split_every_time(world: duckdb.DuckDBPyConnection, kind: str) -> None:
    first, second = (make_split(world, kind, 0.3, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(first.test, second.test)
    assert first.to_dict() == second.to_dict()


def test_last_holds_out_the_newest_fraction_of_each_user(world: duckdb.DuckDBPyConnection) -> None:
    test = make_split(world, "last", 0.5).test
    pairs = world.execute("SELECT user_id, item_id, last_time FROM v_history").df()
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


def test_items_are_held_out_whole_and_are_new_to_the_training_part(world: duckdb.DuckDBPyConnection) -> None:
    from mgrec_core.evaluation.holdout import training_connection

    split = make_split(world, "items", 0.3, seed=2)
    events = world.execute("SELECT user_id, item_id FROM v_history").df()
    new = set(split.test["item_id"])
    assert len(new) == int(0.3 * events["item_id"].nunique())
    assert len(split.test) == events["item_id"].isin(new).sum()
    training = training_connection(world, split.test)
    left = {item for (item,) in training.execute("SELECT DISTINCT item_id FROM v_history").fetchall()}
    assert left == set(events["item_id"]) - new
    assert split.to_dict() == make_split(world, "items", 0.3, seed=2).to_dict()
    assert set(make_split(world, "items", 0.3, seed=5).test["item_id"]) != new


def test_seeds_differ(world: duckdb.DuckDBPyConnection) -> None:
    assert not make_split(world, "random", 0.5, 1).test.equals(make_split(world, "random", 0.5, 2).test)


def test_time_holds_out_everything_after_one_moment(world: duckdb.DuckDBPyConnection) -> None:
    test = make_split(world, "time", 0.25).test
    pairs = world.execute("SELECT user_id, item_id, last_time FROM v_history").df()
    marked = pairs.merge(test.assign(held=True), how="left")
    held = marked["held"].notna()
    assert held.any()
    assert marked.loc[held, "last_time"].min() > marked.loc[~held, "last_time"].max()


def events(*rows: tuple[str, str, str | None]) -> duckdb.DuckDBPyConnection:
    """A database of events: user, item, time."""
    return World(events=tuple((u, i, "click", None, None, t, None) for u, i, t in rows)).connect()


def test_a_user_of_one_item_is_never_held_out() -> None:
    connection = events(("a", "x", "2024-01-01"), ("b", "x", "2024-01-01"), ("b", "y", "2024-01-02"))
    assert make_split(connection, "last", 0.9).test.values.tolist() == [["b", "y"]]


def test_of_equal_times_a_seed_draws_and_it_is_told() -> None:
    connection = events(*((f"u{u}", f"i{n:02}", "2024-01-01") for u in range(40) for n in range(u % 7 + 10)))
    split = make_split(connection, "last", 0.2)
    held = split.test["item_id"].str[1:].astype(int)
    assert split.n_tied == split.n_users == 40 and len(split.notes()) == 1 and "100%" in split.notes()[0]
    assert 5 < held.mean() < 8  # by ids it would be 11 and above
    assert set(held) >= set(range(10))
    assert not split.test.equals(make_split(connection, "last", 0.2, seed=1).test)


def test_distinct_times_draw_nothing(world: duckdb.DuckDBPyConnection) -> None:
    split = make_split(world, "last", 0.5)
    assert split.n_tied == 0 and split.notes() == [] and "n_tied" not in split.to_dict()
    assert split.test.equals(make_split(world, "last", 0.5, seed=9).test)


def test_a_moment_can_be_named() -> None:
    connection = events(
        *((f"u{u}", f"i{n}", f"2024-01-0{n + 1} 12:00:00") for u in range(3) for n in range(4))
    )
    split = make_split(connection, "time", at="2024-01-03")
    assert set(split.test["item_id"]) == {"i2", "i3"}
    assert split.to_dict()["at"] == "2024-01-03T00:00:00" and "test_ratio" not in split.to_dict()
    assert make_split(connection, "time", at="2024-01-03T14:00+02:00").test.equals(
        make_split(connection, "time", at="2024-01-03T12:00").test
    )
    with pytest.raises(InputError, match=r"--at .* is no moment"):
        make_split(connection, "time", at="yesterday")
    with pytest.raises(InputError, match="--split time"):
        make_split(connection, "last", at="2024-01-03")


def test_a_moment_that_nobody_spans_is_said_to_be_one() -> None:
    connection = events(*((f"u{u}", f"i{n}", f"202{u}-01-0{n + 1}") for u in range(4) for n in range(5)))
    with pytest.raises(
        InputError, match=r"both sides of .*2 have items before it, 2 after it.*--at"
    ) as refused:
        make_split(connection, "time", at="2021-06-01")
    assert "2020-01-01 to 2023-01-05" in str(refused.value)


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
    connection = events(("a", "x", None))
    with pytest.raises(InputError, match="--split random"):
        make_split(connection, kind)
    with pytest.raises(InputError, match="nothing to evaluate"):
        make_split(connection, "random")
