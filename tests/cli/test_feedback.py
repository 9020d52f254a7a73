"""`feedback import`, `list`, `undo`, `weights` and `learn` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from mgrec_core.cli.main import main
from mgrec_core.feedback.log import FeedbackLog
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import WorkspaceKey
from mgrec_core.workspace.state import StateFile


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict, str]:  # type: ignore[type-arg]
    code = main(["feedback", *map(str, arguments), "--json", "--quiet"])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def unseen(workspace: Workspace, user: str) -> list[str]:
    from mgrec_core import Engine

    return [i.item_id for i in Engine.open(workspace.path).rank(user, 5).items]


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(r) for r in rows) + "\n{broken\n", "utf-8")
        return path
    names = list(dict.fromkeys(n for r in rows for n in r))
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{n}" VARCHAR' for n in names)
        connection.execute(f"CREATE TABLE t ({columns})")
        for r in rows:
            cells = [
                None if r.get(n) is None else json.dumps(r[n]) if isinstance(r[n], list | dict) else str(r[n])
                for n in names
            ]
            connection.execute(f"INSERT INTO t VALUES ({', '.join('?' * len(names))})", cells)
        kind = "PARQUET" if path.suffix == ".parquet" else "CSV, HEADER"
        connection.execute(f"COPY t TO '{path}' (FORMAT {kind})")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_files_of_every_kind(
    own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    items = unseen(own_world, "u00")
    path = write(
        tmp_path / f"said{suffix}",
        [
            {
                "user_id": "u00", "item_id": items[4], "kind": "Like", "timestamp": "2025-05-01T10:00:00Z",
                "rank": 5, "list": items, "weights": {"recent": 0.5},
            },
            {"user_id": "u00", "item_id": items[0], "kind": "dismiss", "timestamp": 1_746_000_000},
            {"user_id": "u01", "item_id": items[1], "kind": "click"},
            {"user_id": "nobody", "item_id": items[1], "kind": "click"},
            {"user_id": "u00", "item_id": "nothing", "kind": "click"},
            {"user_id": "u00", "item_id": items[1], "kind": "love"},
            {"user_id": "u00", "item_id": items[1], "kind": "like", "rank": "0"},
            {"user_id": "u00", "item_id": items[1], "kind": "like", "timestamp": "yesterday"},
            {"user_id": "u00", "item_id": items[1]},
        ],
    )  # fmt: skip
    code, found, err = run(capsys, "import", path, "--workspace", own_world.path)
    assert code == 0 and found["accepted"] == 3 and found["preset"] == "feedback"
    assert found["read"] == found["accepted"] + found["rejected"] == 9 + (suffix == ".jsonl")
    assert found["reasons"]["unknown user"] == found["reasons"]["unknown item"] == 1
    assert err.count("\n") == 1 and "unknown kind" in err
    rows = FeedbackLog(own_world.state).all()
    assert [r.kind for r in rows] == ["click", "dismiss", "like"], "in order of time, undated first"
    assert rows[2].shown == tuple(items) and rows[2].rank == 5 and rows[2].weights == {"recent": 0.5}
    code, again, _ = run(capsys, "import", path, "--workspace", own_world.path)
    assert code == 0 and again["accepted"] == 1 and again["reasons"]["read before"] == 2

    code, listed, _ = run(capsys, "list", "--workspace", own_world.path, "--user", "u00")
    assert code == 0 and listed["count"] == 2
    code, undone, _ = run(capsys, "undo", "--workspace", own_world.path)
    assert code == 0 and undone["undone"]["user_id"] == "u01"
    code, weights, _ = run(capsys, "weights", "--workspace", own_world.path, "--user", "u00")
    assert code == 0 and weights["n_feedback"] == 2
    assert sum(weights["alpha"].values()) == pytest.approx(1, abs=1e-5)  # each is rounded to six places
    code, weights, _ = run(capsys, "weights", "--undo", "--workspace", own_world.path)
    assert code == 0 and weights["history"] == [] and weights["preset"] is None
    code, learned, _ = run(capsys, "learn", "--workspace", own_world.path)
    assert code == 0 and learned["used"] == 3 and learned["users"] == 2
    assert main(["rank", "--workspace", str(own_world.path), "--user", "u00", "--preset", "feedback"]) == 0
    assert main(["feedback", "list", "--workspace", str(own_world.path)]) == 0


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "user_id,item_id,kind\nnobody,i00,like\n", "1 unknown user"),
        ("a.csv", "user_id,item_id,kind\n", "no rows"),
        ("a.csv", "user_id,kind\nu00,like\n", "item_id"),
        ("a.csv", "", "empty"),
        ("a.jsonl", "[]\n", "unreadable line"),
        ("a.xlsx", "x", "no known kind"),
        ("a.parquet", "x", "Parquet"),
    ],
)
def test_nothing_valid_changes_nothing(
    own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, told: str
) -> None:
    # the world is shared, and others may have left theirs
    for path in (own_world.state, StateFile(own_world.state).noted):
        path.unlink(missing_ok=True)
    (tmp_path / name).write_text(text)
    code, found, err = run(capsys, "import", tmp_path / name, "--workspace", own_world.path)
    assert code == 2 and not found and told in err and err.count("\n") == 1
    assert not own_world.state.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "missing.csv"), ("undo",), ("undo", "--id", "7"), ("weights", "--user", "nobody"),
        ("weights", "--undo"), ("weights", "--user", "u00", "--undo"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_there_is_one_line(
    own_world: Workspace, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, found, err = run(capsys, *arguments, "--workspace", own_world.path)
    assert code == 2 and not found and err.count("\n") == 1


def test_what_is_listed_can_hide_who_said_it(
    own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = unseen(own_world, "u00")
    said = [{"user_id": "u00", "item_id": i, "kind": "like", "rank": 1, "list": items} for i in items[:2]]
    assert run(capsys, "import", write(tmp_path / "said.csv", said), "--workspace", own_world.path)[0] == 0
    where = ("--workspace", own_world.path, "--pseudonymise")
    alias = WorkspaceKey(own_world.path).pseudonym("u00")
    for words in (("list",), ("list", "--user", "u00"), ("weights", "--user", "u00"), ("weights",)):
        code, told, _ = run(capsys, *words, *where)
        assert code == 0 and '"u00"' not in json.dumps(told)
        if words != ("weights",):
            assert alias in json.dumps(told)
    assert told["history"] and all(step["user_id"] == "" for step in told["history"])
