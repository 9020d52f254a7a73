# ruff: noqa: E501  (tables and rows, one a line)
"""What is forgotten is in no file of the workspace any more, and the rest is as if it had never been."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.split_store import choose_split, kept_splits, load_split, save_split
from mgrec_core.evaluation.splits import Split
from mgrec_core.foundation.errors import NotFoundError
from mgrec_core.operations.building import build
from mgrec_core.operations.forgetting import forget
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.updating import update
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.state import StateFile
from tests.operations.support import assert_equal_builds, assert_equal_tables, workspace_of
from tests.worlds import World, full

USER, ITEM, TITLE, SESSION = "zelda-quixote", "xylo-phone-77", "the quivering zeppelin", "sess-zq-1"


def planted() -> World:
    """The full world with a distinctive user and item everywhere."""
    base = full()
    mine = tuple(
        (USER, i, "click", None, None, f"2025-04-0{n + 1}", SESSION)
        for n, i in enumerate(("i00", "i01", ITEM))
    )
    others = tuple((u, ITEM, "click", None, None, "2025-04-09", "s9") for u in ("u00", "u01"))
    return replace(
        base,
        events=(
            *base.events,
            *mine,
            *others,
            (USER, "only-theirs", "click", None, None, "2025-04-05", SESSION),
        ),
        items=(*base.items, (ITEM, TITLE, None)),
        attributes=(*base.attributes, (ITEM, "category", "tea")),
        kg=(*base.kg, (ITEM, "made_by", "brand:1", "Brand 1"), ("i00", "like", ITEM, TITLE)),
        social=(*base.social, (USER, "u00", 1.0), ("u01", USER, 0.5), (USER, "friend-of-one", 1.0)),
    )


def write_rest(source: Path, kind: str = "") -> Path:
    """Write the files that a world has not: feedback and advertisements, but without the user or the item."""
    for name, rows in (
        ("feedback", ["user_id,item_id,kind", f"{USER},i00,like", f"u00,{ITEM},like", "u01,i01,like"]),
        ("ads", ["ad_id,title,topic", "a1,an ad,tea", "a2,another ad,tea"]),
        ("ad_items", ["ad_id,item_id", f"a1,{ITEM}", "a1,i00", "a2,i01"]),
        ("ad_events", ["user_id,ad_id,kind", f"{USER},a1,shown", "u00,a1,redeemed"]),
    ):
        gone = {"user": USER, "item": ITEM}.get(kind)
        kept = [row for row in rows if gone not in row.split(",")]
        (source / f"{name}.csv").write_text("\n".join(kept) + "\n")
    return source


def without(kind: str) -> World:
    w = planted()
    if kind == "user":
        return replace(
            w,
            events=tuple(e for e in w.events if e[0] != USER),
            social=tuple(s for s in w.social if USER not in s),
        )
    return replace(
        w,
        events=tuple(e for e in w.events if e[1] != ITEM),
        items=tuple(i for i in w.items if i[0] != ITEM),
        attributes=tuple(a for a in w.attributes if a[0] != ITEM),
        kg=tuple(t for t in w.kg if ITEM not in t),
    )


def plant(workspace: Workspace) -> None:
    """Leave traces wherever a workspace keeps something."""
    engine = Engine.open(workspace.path)
    with StateFile(workspace.state).open(read_only=False) as c:
        for id, user, item, shown in (
            (1, USER, "i00", []),
            (2, "u00", ITEM, []),
            (3, "u00", "i00", ["i01", ITEM]),
        ):
            c.execute(
                "INSERT INTO feedback_log VALUES (?, now()::TIMESTAMP, ?, ?, 'like', 1, ?, '{}', 'recent', 'page')",
                [id, user, item, json.dumps(shown)],
            )
        for id, user in ((1, USER), (2, "u00"), (3, "")):
            c.execute(
                "INSERT INTO weight_history VALUES (?, now()::TIMESTAMP, ?, '{\"recent\": 0.5}', 'recent', 'learned')",
                [id, user],
            )
        for name, of, id in (("people", "users", USER), ("things", "items", ITEM)):
            c.execute(
                "INSERT INTO cohorts VALUES (?, ?, 'sql', ?, now()::TIMESTAMP)",
                [name, of, json.dumps({"sql": f"SELECT '{id}' LIMIT 1"})],
            )
            c.execute("INSERT INTO cohort_members VALUES (?, ?), (?, 'kept')", [name, id, name])
        c.execute(
            "INSERT INTO kg_decisions VALUES (1, ?, ?, 'accepted', now()::TIMESTAMP), (2, 'x', 'i00', 'rejected', now()::TIMESTAMP)",
            [TITLE, ITEM],
        )
        c.execute("INSERT INTO target_weights VALUES ('people', '{\"recent\": 0.5}', 'recent')")
        c.execute(
            "INSERT INTO experiments VALUES (1, now()::TIMESTAMP, ?, ?, ?)",
            [
                engine.build,
                json.dumps({"split": "last", "user": USER}),
                json.dumps({"n_users": 5, "worst": [USER, ITEM, "u00"]}),
            ],
        )
        c.execute("INSERT INTO presets VALUES ('mine', '{\"recent\": 0.5}', 'collaborative', 'saved')")
    job = workspace.path / "jobs" / "0001-aa"
    job.mkdir(parents=True)
    (job / "job.json").write_text(
        json.dumps({"commands": [["rank", "--user", USER]], "started": 1.0, "pid": 2})
    )
    (job / "stderr.log").write_text(f"{USER} {ITEM} {TITLE}")
    for name, content in (
        ("exports/a.html", f"<b>{TITLE}</b> {USER}"),
        ("exports/kept.md", "u00"),
        (f"exports/{USER}/{ITEM}.csv", "x"),
    ):
        (workspace.path / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace.path / name).write_text(content)
    for name, content in (
        ("panels/0123456789abcdef/users.txt", f"{USER}\0u00"),
        ("panels/0123456789abcdef/panel.json", json.dumps({"item": ITEM})),
        ("mappings/mine.yaml", "name: mine"),
        ("feedback.yaml", "strength: 1"),
        (f"../.uploads/1234/shop/{USER}.csv", ITEM),
        ("../.uploads/5678/other/theirs.csv", "of another workspace"),
    ):
        (workspace.path / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace.path / name).write_text(content)
    past = workspace.path / "jobs" / "0002-bb"
    past.mkdir()
    source = str(workspace.path.parent / ".uploads" / "1234" / "shop")
    (past / "job.json").write_text(json.dumps({"commands": [["import", source]], "started": 1.0, "pid": 2}))
    with workspace.reading() as connection:
        for ratio in (0.2, 0.5):
            choose_split(workspace.path, connection, "random", ratio, 0, 1)
        pairs = pd.DataFrame({"user_id": ["u00"], "item_id": ["i00"]})
        save_split(workspace.path, Split("random", 0.1, 0, pairs, 1))
    (workspace.path / "privacy.key").write_text("00" * 32)
    (workspace.path / "uploads").mkdir()
    (workspace.path / "uploads" / "rows.csv.gz").write_bytes(gzip.compress(f"{USER},{ITEM}".encode()))
    (workspace.path / "projections").mkdir(exist_ok=True)
    (workspace.path / "projections" / f"{engine.build}-users-fused-x.parquet").write_bytes(USER.encode())
    stale = shutil.copytree(workspace.vectors / engine.build, workspace.vectors / "0123456789abcdef")
    assert (stale / "users.parquet").is_file()


def traces_of(folder: Path, *names: str) -> list[str]:
    """Files in which one of the names is, raw or through what the format does to it."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw += gzip.decompress(raw)
        elif path.suffix == ".parquet" and raw[:4] == b"PAR1":
            raw += duckdb.sql(f"SELECT * FROM read_parquet('{path}')").df().to_csv().encode()
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as c:
                for (table,) in c.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                    raw += c.execute(f'SELECT * FROM "{table}"').df().to_csv().encode()
        text = str(path.relative_to(folder)).encode() + raw
        found += [f"{path.relative_to(folder)}: {n}" for n in names if n.encode() in text]
    return found


@pytest.fixture(scope="module")
def full_of_traces(built_world: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("planted")
    source = write_rest(planted().write(folder / "source"))
    with (source / "interactions.csv").open("a") as file:  # refused rows, for the receipt
        file.write(f"{USER},,click,,,,\n,{ITEM},click,,,,\n{USER},i00,click,,,2025-04-01,{SESSION}\n")
    workspace = workspace_of(source, folder / "workspace", built_world.path / "cache")
    build(workspace, with_map=False)
    plant(workspace)
    return workspace


@pytest.mark.parametrize("kind", ["user", "item"])
def test_nothing_is_left(kind: str, full_of_traces: Workspace, tmp_path: Path) -> None:
    workspace = Workspace(shutil.copytree(full_of_traces.path, tmp_path / "workspace"))
    uploads = Path(shutil.copytree(full_of_traces.path.parent / ".uploads", tmp_path / ".uploads"))
    job = workspace.path / "jobs" / "0002-bb" / "job.json"
    job.write_text(job.read_text().replace(str(full_of_traces.path.parent), str(tmp_path)))
    names = (USER, SESSION, "friend-of-one", "only-theirs") if kind == "user" else (ITEM, TITLE)
    assert len(traces_of(workspace.path, *names)) > 10  # the scan sees them
    done = forget(workspace, kind, names[0])  # type: ignore[arg-type]
    assert traces_of(workspace.path, *names) == []
    assert [path.name for path in uploads.rglob("*.csv")] == ["theirs.csv"]
    assert done["build"] == workspace.current_build and not workspace.status().stale
    assert [p.name for p in workspace.vectors.iterdir() if p.is_dir()] == [done["build"]]

    never = workspace_of(
        write_rest(without(kind).write(tmp_path / "source"), kind),
        tmp_path / "never",
        workspace.path / "cache",
    )
    build(never, with_map=False)
    assert_equal_tables(workspace, never)
    assert_equal_builds(workspace, never)

    state = StateFile(workspace.state)
    rows = state.rows("feedback_log", "SELECT id FROM feedback_log ORDER BY id")
    assert rows == ([(2,), (3,)] if kind == "user" else [(1,), (3,)])
    assert state.rows("presets", "SELECT name FROM presets") == [("mine",)]
    assert ("people", "kept") in state.rows("cohort_members", "SELECT * FROM cohort_members")
    ((document,),) = state.rows("experiments", "SELECT document FROM experiments")
    assert json.loads(str(document)) == {"n_users": 5, "worst": [ITEM if kind == "user" else USER, "u00"]}
    for name in ("exports/kept.md", "mappings/mine.yaml", "feedback.yaml", "privacy.key"):
        assert (workspace.path / name).is_file(), name
    assert not (workspace.path / "panels").exists()
    # Those that held out a pair of what is gone are gone with it.
    left = [load_split(workspace.path, name).test for name in kept_splits(workspace.path)]
    assert left and not any(names[0] in set(test[f"{kind}_id"]) for test in left)
    assert [row[0] for row in state.rows("weight_history", "SELECT id FROM weight_history ORDER BY id")] == (
        [2, 3] if kind == "user" else [1, 2, 3]
    )
    assert state.rows("kg_decisions", "SELECT id FROM kg_decisions ORDER BY id")[-1:] == [(2,)]


def test_an_event(own_world: Workspace, tmp_path: Path) -> None:
    with own_world.reading() as connection:
        row = connection.execute("SELECT * FROM events WHERE event_id = 7").fetchall()[0]
    done = forget(own_world, "event", "7")
    assert done["removed"] == {"events": 1}
    gone = (row[1], row[2])
    rest = replace(full(), events=tuple(e for e in full().events if (e[0], e[1]) != gone))
    never = workspace_of(rest.write(tmp_path / "source"), tmp_path / "never", own_world.path / "cache")
    build(never, with_map=False)
    assert_equal_tables(own_world, never)
    assert_equal_builds(own_world, never)


@pytest.mark.parametrize(
    ("kind", "id"), [("user", "nobody"), ("item", ""), ("event", "9999"), ("event", "x")]
)
def test_what_is_not_there(
    kind: str, id: str, own_world: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    before = {p: p.read_bytes() for p in own_world.path.rglob("*") if p.is_file()}
    with pytest.raises(NotFoundError, match="nothing was changed"):
        forget(own_world, kind, id)  # type: ignore[arg-type]
    assert main(["forget", "--workspace", str(own_world.path), f"--{kind}", id, "--json"]) == 2
    assert capfd.readouterr().err.count("\n") == 1
    assert {p: p.read_bytes() for p in own_world.path.rglob("*") if p.is_file()} == before


def test_a_model_that_is_gone_keeps_nobody(own_world: Workspace) -> None:
    path = own_world.vectors / str(own_world.current_build) / "manifest.json"
    path.write_text(
        own_world.manifest().model_copy(update={"model_source": "/nowhere/model"}).model_dump_json()
    )
    done = forget(own_world, "user", "u00")
    assert done["build"] is None and "build again" in done["note"]
    assert own_world.current_build is None
    assert build(own_world, with_map=False)[1]


def test_a_saved_query_does_not_tell_a_part_of_the_name(full_of_traces: Workspace, tmp_path: Path) -> None:
    """A cohort is kept with the SQL that chose it, which may look for a piece of a title or an id."""
    workspace = Workspace(shutil.copytree(full_of_traces.path, tmp_path / "workspace"))
    piece, other = TITLE[1:-1].lower(), "something else"
    sql = f"SELECT item_id FROM v_items WHERE title ILIKE '%{piece}%' OR title = '{other}' OR 1 = '1'"
    with StateFile(workspace.state).open(read_only=False) as c:
        c.execute(
            "INSERT INTO cohorts VALUES ('piece', 'items', 'sql', ?, now()::TIMESTAMP)",
            [json.dumps({"sql": sql})],
        )
    forget(workspace, "item", ITEM)
    assert traces_of(workspace.path, piece) == []
    kept = StateFile(workspace.state).rows("cohorts", "SELECT definition FROM cohorts WHERE name = 'piece'")
    assert json.loads(str(kept[0][0]))["sql"] == sql.replace(f"'%{piece}%'", "'[forgotten]'")


def test_what_an_addition_kept_of_an_earlier_build_holds_nothing_either(
    full_of_traces: Workspace, tmp_path: Path
) -> None:
    workspace = Workspace(shutil.copytree(full_of_traces.path, tmp_path / "workspace"))
    more = tmp_path / "more"
    more.mkdir()
    (more / "social.csv").write_text(f"user_id,friend_id\n{USER},u05\nu03,u04\n", encoding="utf-8")
    import_data(workspace, more, append=True)
    done = update(workspace)
    assert done is not None and done["kept"] == ["factors", "items", "language", "learned texts"]
    forget(workspace, "user", USER)
    assert traces_of(workspace.path, USER) == []
    assert workspace.manifest().kept == []  # an item that was only theirs is gone with them


def test_a_state_with_a_journal_is_folded_before_it_is_replaced(
    own_world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between the new file and the removal of the old one's journal would leave two that do not fit."""
    state = StateFile(own_world.state)
    with state.open(read_only=False):
        pass
    code = f"""
import duckdb, os
connection = duckdb.connect({str(state.path)!r})
connection.execute("INSERT INTO cohort_members VALUES ('late', 'u00'), ('late', 'u01')")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert state.journal.is_file(), "nothing is left in the journal: no test"
    beside = []
    real = Path.replace

    def replace_file(path: Path, target: Path) -> Path:
        if target == state.path:
            beside.append(state.journal.exists())
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace_file)
    forget(own_world, "user", "u00")
    assert beside and not any(beside)
    assert state.rows("cohort_members", "SELECT id FROM cohort_members") == [("u01",)]


@pytest.mark.parametrize("fault", ["damaged", "gone"])
def test_a_broken_state_keeps_everything_from_being_forgotten_and_is_named(
    own_world: Workspace, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Put back, it would name again who was forgotten."""
    with StateFile(own_world.state).open(read_only=False):
        pass
    own_world.state.unlink() if fault == "gone" else own_world.state.write_bytes(b"nothing" * 3000)
    before = own_world.database.read_bytes(), own_world.current_build
    assert main(["forget", "--user", "u00", "--workspace", str(own_world.path), "--quiet"]) == 2
    told = capsys.readouterr().err
    assert (
        f"{own_world.state} is {fault}" in told and "put back a copy of it" in told and "import" not in told
    )
    assert (own_world.database.read_bytes(), own_world.current_build) == before
    assert "u00" in Engine.open(own_world.path).user_ids and not (own_world.path / ".part").exists()
