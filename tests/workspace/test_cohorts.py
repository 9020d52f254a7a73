"""Named sets of users or items: saved, renamed, deleted and brought back, never half of one."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from mgrec_core.cli.main import main as cli
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError
from mgrec_core.workspace.cohorts import CohortStore
from mgrec_core.workspace.folder import Workspace

HOSTILE = "'; DROP TABLE cohorts; -- <b>$x$</b>"


@pytest.fixture
def store(tmp_path: Path) -> CohortStore:
    return CohortStore(tmp_path / "state.duckdb")


def test_what_is_saved_is_there_again(store: CohortStore, tmp_path: Path) -> None:
    assert store.all() == []
    assert not (tmp_path / "state.duckdb").exists()
    ids = ["u2", "01", "1", "ü", "u2", "it's"]
    saved = store.save("  tea   drinkers ", "users", ids, "sql", {"sql": "SELECT 1"})
    assert (saved.name, saved.size) == ("tea drinkers", 5)
    assert CohortStore(tmp_path / "state.duckdb").all() == [saved]
    assert list(store.get("tea drinkers").ids) == sorted(set(ids))
    other = store.save(HOSTILE, "items", ["i"], "map", json.dumps({"of": "items"}))
    assert [c.name for c in store.all()] == [HOSTILE, "tea drinkers"]
    assert list(store.get(HOSTILE).ids) == ["i"] and other.definition == {"of": "items"}


def test_a_name_is_not_taken_twice_unless_asked(store: CohortStore) -> None:
    store.save("a", "users", ["u1", "u2"], "sql")
    with pytest.raises(InputError, match="there is a cohort 'a' already"):
        store.save("a", "users", ["u3"], "sql")
    assert list(store.get("a").ids) == ["u1", "u2"]
    store.save("a", "items", ["i3"], "manual", replace=True)
    assert list(store.get("a").ids) == ["i3"] and store.all()[0].of == "items"


@pytest.mark.parametrize("name", ["", "   ", "a,b", "x" * 61, "bell\a"])
def test_names_that_do_not_do(store: CohortStore, name: str) -> None:
    with pytest.raises(InputError, match="1 to 60 characters without a comma"):
        store.save(name, "users", ["u"], "sql")
    assert store.all() == []


def test_what_is_no_cohort_is_refused(store: CohortStore) -> None:
    with pytest.raises(InputError, match="would be empty"):
        store.save("a", "users", [], "sql")
    with pytest.raises(InputError, match="users or items"):
        store.save("a", "people", ["u"], "sql")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="JSON object"):
        store.save("a", "users", ["u"], "sql", "[1]")
    with pytest.raises(NotFoundError, match="no cohort 'a': none is saved yet"):
        store.get("a")


def test_rename_delete_and_undo(store: CohortStore) -> None:
    first = store.save("a", "users", ["u1", "u2"], "sql", {"sql": "SELECT 1"})
    store.save("b", "users", ["u3"], "map")
    with pytest.raises(InputError, match="'b' already"):
        store.rename("a", "b")
    store.rename("a", "c")
    assert list(store.get("c").ids) == ["u1", "u2"]
    gone = store.delete("c")
    assert [c.name for c in store.all()] == ["b"]
    with pytest.raises(NotFoundError, match="no cohort 'c': choose among b"):
        store.delete("c")
    back = store.restore(gone)
    assert list(store.get("c").ids) == ["u1", "u2"] and back.definition == first.definition
    with pytest.raises(InputError, match="already"):
        store.restore(gone)


def test_a_state_file_that_holds_something_else(tmp_path: Path, store: CohortStore) -> None:
    path = tmp_path / "state.duckdb"
    store.save("a", "users", ["u"], "sql")
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE cohorts SET definition = 'not JSON'")
    with pytest.raises(WorkspaceBrokenError, match="damaged"):
        store.all()
    path.write_bytes(b"no database" * 100)
    with pytest.raises(WorkspaceBrokenError, match="damaged"):
        store.all()


def test_a_cohort_is_a_segment_of_an_evaluation(
    own_world: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    store = CohortStore(own_world.state)
    store.save("firsts", "users", ["1", "01", "ü", "1.0", "a b", "nobody"], "sql")
    store.save("things", "items", ["i00"], "sql")

    def run(name: str) -> int:
        words = ["evaluate", "--workspace", str(own_world.path), "--k", "5", "--segments", name, "--json"]
        return cli(words)

    assert run("cohort:firsts") == 0
    document = json.loads(capsys.readouterr().out)
    rows = document["segments"]["cohort:firsts"]["groups"]
    assert [(row["group"], row["n"]) for row in rows] == [
        ("firsts", 5),
        ("everybody else", document["n_users"] - 5),
    ]
    for name, said in (
        ("cohort:things", "holds items"),
        ("cohort:x", "there is no cohort 'x': choose among firsts, things"),
    ):
        assert run(name) == 2
        assert said in capsys.readouterr().err
