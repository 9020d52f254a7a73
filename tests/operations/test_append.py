"""A source added to a workspace gives what one import of both gives."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mgrec_core.data.importers import import_source
from mgrec_core.foundation.errors import InputError
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace
from tests.operations.support import assert_equal_builds, assert_equal_tables, parts, workspace_of
from tests.worlds import full, world

WORLDS = ("full", "no timestamps", "no words", "no graph", "no friends", "no attributes")


@pytest.mark.parametrize("name", WORLDS)
def test_added_in_two_parts_as_imported_at_once(name: str, built_world: Workspace, tmp_path: Path) -> None:
    one, other = parts(world(name))
    if name == "no timestamps":  # undated rows are never duplicates: the parts must not overlap
        other = replace(other, events=world(name).events[len(one.events) :])
    cache = built_world.path / "cache"
    added = workspace_of(one.write(tmp_path / "one"), tmp_path / "added", cache)
    build(added, with_map=False)
    report = import_data(added, other.write(tmp_path / "other"), append=True)
    build(added, with_map=False)
    whole = workspace_of(world(name).write(tmp_path / "whole"), tmp_path / "at once", cache)
    build(whole, with_map=False)
    assert_equal_tables(added, whole)
    assert_equal_builds(added, whole)
    for file in report.files:
        assert file.accepted + file.repaired + file.rejected == file.read
    again = {reason.rule: reason.count for reason in report.reasons}
    assert again.get("duplicate_event", 0) == (0 if name == "no timestamps" else 3)
    if name == "full":
        assert again["duplicate_item"] == again["duplicate_triple"] == again["duplicate_user"] == 3


def test_the_receipt_shows_both(own_world: Workspace, tmp_path: Path) -> None:
    with own_world.reading() as connection:
        first = connection.execute("SELECT * FROM import_files").fetchall()
    for n in (1, 2):
        import_data(own_world, full().write(tmp_path / str(n)), append=True)
    with own_world.reading() as connection:
        files = connection.execute("SELECT * FROM import_files").fetchall()
        told = connection.execute("SELECT DISTINCT file FROM import_examples").fetchall()
    assert files[: len(first)] == first
    assert {row[0] for row in files[len(first) :]} == {
        f"{name}.csv (added {n})"
        for name in ("interactions", "items", "users", "kg", "social")
        for n in (1, 2)
    }
    assert ("interactions.csv (added 2)",) in told
    # Everything was there: nothing is accepted, and the build is still the one of these tables.
    assert all(row[5] == row[2] for row in files if row[0].endswith("(added 1)") and "users" not in row[0])
    assert not own_world.status().stale


def write(folder: Path, **files: list[list[object]]) -> Path:
    folder.mkdir()
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def test_changed_items_and_profiles_without_any_event(own_world: Workspace, tmp_path: Path) -> None:
    source = write(
        tmp_path / "more",
        items=[
            ["item_id", "title", "category"],
            ["i00", "a new name", "tea|lamp"],
            ["new", "never seen", "tea"],
        ],
        users=[["user_id", "country"], ["u00", "NO"], ["u01", ""]],
        feedback=[["user_id", "item_id", "kind"], ["u00", "i05", "like"], ["nobody", "i05", "like"]],
    )
    report = import_data(own_world, source, append=True)
    assert {(r.rule, r.count) for r in report.reasons} >= {
        ("updated_item", 1),
        ("updated_user", 1),
        ("duplicate_user", 1),
        ("unknown_user", 1),
    }
    with own_world.reading() as connection:
        held = connection.execute(
            "SELECT title FROM items WHERE item_id IN ('i00', 'new') ORDER BY 1"
        ).fetchall()
        values = connection.execute(
            "SELECT attribute, value FROM item_attributes WHERE item_id = 'i00' ORDER BY ALL"
        ).fetchall()
        assert connection.execute("SELECT value FROM user_attributes").fetchall() == [("NO",)]
        assert connection.execute("SELECT user_id, item_id FROM feedback").fetchall() == [("u00", "i05")]
    assert held == [("a new name",), ("never seen",)]
    assert [v for a, v in values if a == "category"] == ["lamp", "tea"]
    assert {a for a, _ in values} == {"brand", "category", "price"}  # what was not given stays


def test_a_graph_given_later_takes_the_place_of_the_derived_one(tmp_path: Path) -> None:
    first = workspace_of(replace(full(), kg=()).write(tmp_path / "one"), tmp_path / "workspace")
    graph = write(
        tmp_path / "graph",
        kg=[["head_id", "relation", "tail_id", "tail_label"], *map(list, full().kg)],
    )
    import_data(first, graph, append=True)
    assert_equal_tables(first, workspace_of(full().write(tmp_path / "whole"), tmp_path / "at once"))


def test_another_format_is_added(tmp_path: Path) -> None:
    workspace = workspace_of(full().write(tmp_path / "one"), tmp_path / "workspace")
    films = write(
        tmp_path / "films",
        ratings=[["userId", "movieId", "rating", "timestamp"], ["u00", "7", "4.5", "1700000000"]],
        movies=[["movieId", "title", "genres"], ["7", "A film (1999)", "Drama"]],
        tags=[["userId", "movieId", "tag", "timestamp"], ["u00", "i03", "Cosy", "1700000000"]],
    )
    report = import_data(workspace, films, append=True)
    assert report.format == "movielens"
    assert workspace.meta()["format"] == "canonical"
    with workspace.reading() as connection:
        assert connection.execute("SELECT * FROM tags").fetchall()[0][:3] == ("u00", "i03", "cosy")


def test_a_refused_addition_changes_nothing(own_world: Workspace, tmp_path: Path) -> None:
    before = own_world.database.read_bytes()
    (tmp_path / "empty").mkdir()
    broken = write(tmp_path / "broken", interactions=[["user", "thing"], ["a", "b"]])
    for source in (tmp_path / "empty", broken, tmp_path / "nowhere"):
        with pytest.raises(InputError):
            import_data(own_world, source, append=True)
    assert own_world.database.read_bytes() == before
    assert not (own_world.path / ".part").exists()
    with pytest.raises(InputError, match="holds no data yet"):
        import_data(Workspace.create(tmp_path / "new"), full().write(tmp_path / "source"), append=True)


stamps = st.sampled_from(["2025-01-01", "2025-01-02 03:00:00", "1735700000", "nonsense", ""])
events = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", " a", "c"]),
        st.sampled_from(["1", "2", "3", ""]),
        st.sampled_from(["click", "Click", ""]),
        st.sampled_from(["", "1", "2.5", "-1"]),
        stamps,
    ),
    min_size=1,
    max_size=12,
)
ties = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abcd"), st.sampled_from(["", "0.5", "2"])), max_size=5
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=events, other=events, friends=ties, more=ties)
def test_any_rows_in_any_two_parts(
    one: list, other: list, friends: list, more: list, tmp_path_factory: pytest.TempPathFactory
) -> None:  # type: ignore[type-arg]
    folder = tmp_path_factory.mktemp("rows")
    header = ["user_id", "item_id", "event", "weight", "timestamp"]
    sure = ("a", "1", "click", "", "2025-01-01")
    tie = ["user_id", "friend_id", "weight"]
    write(folder / "one", interactions=[header, sure, *one], social=[tie, *friends])
    # A part none of whose times can be read is refused (below), so each holds one that can.
    write(folder / "two", interactions=[header, sure, *other], social=[tie, *more])
    write(folder / "all", interactions=[header, sure, *one, sure, *other], social=[tie, *friends, *more])
    import_source(folder / "one", folder / "one.duckdb")
    report = import_source(folder / "two", folder / "sum.duckdb", earlier=folder / "one.duckdb")
    whole = import_source(folder / "all", folder / "all.duckdb")
    workspaces = []
    for name in ("sum", "all"):
        workspaces.append(Workspace.create(folder / f"w{name}"))
        (folder / f"{name}.duckdb").rename(workspaces[-1].database)
    assert_equal_tables(*workspaces)
    assert report.counts == whole.counts
    for file in report.files:
        assert file.accepted + file.repaired + file.rejected == file.read


def test_a_part_none_of_whose_times_can_be_read_is_refused(own_world: Workspace, tmp_path: Path) -> None:
    before = own_world.database.read_bytes()
    rows = [["user_id", "item_id", "timestamp"], ["u00", "i03", "nonsense"]]
    with pytest.raises(InputError, match=r"interactions\.csv: none of the 1 times .*--time-form"):
        import_data(own_world, write(tmp_path / "more", interactions=rows), append=True)
    assert own_world.database.read_bytes() == before
