"""Queries in processes of their own: answers, limits, bombs, cancel; the workspace stays as it was."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import duckdb
import pytest

from mgrec_core.cli.main import main as cli
from mgrec_core.foundation.errors import Cancelled, InputError
from mgrec_core.service.query import Limits, Query, run
from mgrec_core.service.query.catalogue import VIEWS
from mgrec_core.workspace.cohorts import CohortStore
from mgrec_core.workspace.folder import Workspace


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_an_answer_is_what_the_views_say(built_world: Workspace) -> None:
    answer = run(
        built_world.path,
        "SELECT user_id, n_items AS n, n_items AS n, 'é' AS x FROM v_users ORDER BY user_id",
        Limits(rows=3),
    )
    with built_world.reading() as connection:
        rows = connection.execute("SELECT user_id, n_items FROM v_users ORDER BY user_id LIMIT 3").fetchall()
    frame = answer.to_frame()
    assert list(frame.columns) == ["user_id", "n", "n_2", "x"]
    assert list(frame[["user_id", "n"]].itertuples(index=False, name=None)) == rows
    assert answer.truncated
    assert not run(built_world.path, "SELECT 1 AS one", Limits(rows=1)).truncated


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT count(*) FROM range(100000000000) a, range(1000) b", "longer than 1 s"),
        (
            "WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r",
            "longer than 1 s|memory",
        ),
        ("SELECT list(range) FROM range(1000000000)", "memory|longer than 1 s"),
        ("SELECT repeat('x', 4000000000)", "memory|larger|longer than"),
        ("SELECT foo\nFROM v_users", r"foo.*\(line 1, column 8\)"),
        ("SELECT user_id::INT FROM v_users", "Could not convert"),
    ],
)
def test_bombs_and_errors_are_one_sentence(built_world: Workspace, sql: str, said: str) -> None:
    before = fingerprint(built_world.path)
    with pytest.raises(InputError, match=said) as raised:
        run(built_world.path, sql, Limits(seconds=1, memory_mb=128, answer_mb=16))
    assert "\n" not in str(raised.value)
    assert fingerprint(built_world.path) == before


def test_a_query_is_cancelled(built_world: Workspace) -> None:
    query = Query(built_world.path, "SELECT count(*) FROM range(100000000000) a, range(1000) b")
    assert query.running
    time.sleep(0.2)
    query.cancel()
    with pytest.raises(Cancelled, match="cancelled"):
        query.result()
    assert not query.running


def test_the_process_can_open_nothing(built_world: Workspace) -> None:
    """What the checks leave out the operating system refuses: no file descriptor is to be had."""
    code = (
        "import socket\nfrom mgrec_core.foundation.worker import confine\nconfine(2**28)\n"
        "for act in (lambda: open('/etc/hostname'), socket.socket):\n"
        "    try: act(); print('open')\n"
        "    except OSError as error: print(error.errno)\n"
    )
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["24", "24"], done.stderr


def test_the_environment_of_the_asker_is_not_handed_on(
    built_world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MGREC_SECRET", "s3cret")
    query = Query(built_world.path, "SELECT count(*) FROM range(100000000000)")
    try:
        assert b"s3cret" not in Path(f"/proc/{query.pid}/environ").read_bytes()
    finally:
        query.cancel()


def test_pseudonyms_reach_every_view_and_no_id_gets_through(built_world: Workspace, tmp_path: Path) -> None:
    import shutil

    own = Workspace(shutil.copytree(built_world.path, tmp_path / "own"))
    with duckdb.connect(str(own.database)) as connection:  # this world has no ads, no tags and no feedback
        connection.execute("INSERT INTO ad_events SELECT user_id, 'a1', 'shown', NULL FROM users")
        connection.execute("INSERT INTO user_attributes SELECT user_id, 'plan', 'free' FROM users")
        connection.execute(
            "INSERT INTO tags SELECT user_id, item_id, 'fine', NULL FROM users, (FROM items LIMIT 1)"
        )
        connection.execute(
            "INSERT INTO feedback SELECT user_id, item_id, 'like', NULL FROM users, (FROM items LIMIT 1)"
        )
        ids = {  # the odd ones of this world are ids of items and values too
            row[0]
            for row in connection.execute(
                "SELECT user_id FROM users WHERE user_id SIMILAR TO 'u\\d\\d'"
            ).fetchall()
        }
        assert len(ids) > 10
    people = 0
    for view, (_, columns) in VIEWS.items():
        frame = run(own.path, f"SELECT * FROM {view}", pseudonymise=True).to_frame()
        assert list(frame.columns) == list(columns), view
        for name in frame.columns:
            assert not ids & set(frame[name]), (view, name)
        for name in {"user_id", "friend_id"} & set(columns):
            people += 1
            assert len(frame) and frame[name].str.startswith("p_").all(), (view, name)
    assert people == 12, "a view with users is new: it is hidden too, so count it"
    plain = run(own.path, "SELECT count(*) AS n FROM v_events").to_frame()
    hidden = run(own.path, "SELECT count(*) AS n FROM v_events", pseudonymise=True).to_frame()
    assert plain.equals(hidden)


def test_planted_ids_come_out_of_no_view(built_world: Workspace, tmp_path: Path) -> None:
    """A known id in every text column of every table, whole and within other words."""
    import shutil

    own = Workspace(shutil.copytree(built_world.path, tmp_path / "own"))
    planted = ["ann.b@example.org", "u03", "987654", "Bob_77", "\u00e5sa-1990"]
    with duckdb.connect(str(own.database)) as connection:
        connection.execute("INSERT INTO columns VALUES ('item', 'maker', 'attribute', '', 'guess', '')")
        for one in planted[:1] + planted[2:]:
            connection.execute("INSERT INTO users SELECT ?", [one])
        inside = [f"of {one}, (x_{one}) \u00abuser:{one}\u00bb" for one in planted]
        for n, (one, text) in enumerate(zip(planted, inside, strict=True)):
            first = connection.execute("SELECT min(item_id) FROM items").fetchone()
            item = first[0] if first else ""
            connection.execute(
                "UPDATE items SET title = ?, description = ? WHERE item_id = "
                "(SELECT item_id FROM items ORDER BY item_id LIMIT 1 OFFSET ?)",
                [one, text, n],
            )
            connection.execute(
                "INSERT INTO item_attributes VALUES (?, ?, ?), (?, 'maker', ?)", [item, text, one, item, text]
            )
            connection.execute("INSERT INTO columns VALUES ('item', ?, 'image', '', 'guess', ?)", [text, one])
            connection.execute("INSERT INTO user_attributes VALUES ('u03', ?, ?)", [one, text])
            connection.execute("INSERT INTO tags VALUES (?, ?, ?, NULL)", [one, item, text])
            connection.execute("INSERT INTO feedback VALUES (?, ?, ?, NULL)", [one, item, one])
            connection.execute("INSERT INTO ad_events VALUES (?, ?, ?, NULL)", [one, f"ad {one}", one])
            connection.execute("INSERT INTO ad_attributes VALUES (?, ?, ?)", [f"ad {one}", text, one])
            connection.execute("INSERT INTO ad_items VALUES (?, ?)", [f"ad {one}", item])
            connection.execute("INSERT INTO ads BY NAME SELECT ? AS ad_id, ? AS title", [f"ad {one}", text])
            connection.execute(
                "INSERT INTO kg BY NAME SELECT ? AS head_id, ? AS relation, ? AS tail_id, ? AS tail_label, "
                "? AS source, 1.0 AS confidence",
                [one, text, text, one, one],
            )
            connection.execute("UPDATE events SET session_id = ? WHERE event_id % 7 = ?", [text, n])
    there = 0
    for view in VIEWS:
        plain = run(own.path, f"FROM {view}").table.to_pandas().to_csv()
        hidden = run(own.path, f"FROM {view}", pseudonymise=True).table.to_pandas().to_csv()
        there += any(one in plain for one in planted)
        assert plain.count("\n") == hidden.count("\n"), view
        for one in planted:
            assert one not in hidden, (view, one)
    assert there == len(VIEWS), "each view was planted"
    joined = run(own.path, "FROM v_tags t JOIN v_users u USING (user_id)", pseudonymise=True)
    assert joined.table.num_rows == run(own.path, "FROM v_tags").table.num_rows > 0


def test_a_number_means_a_user_only_where_the_name_says_so(built_world: Workspace, tmp_path: Path) -> None:
    import shutil

    own = Workspace(shutil.copytree(built_world.path, tmp_path / "own"))
    with duckdb.connect(str(own.database)) as connection:
        connection.execute("INSERT INTO users VALUES ('7')")
        connection.execute(
            "INSERT INTO user_attributes VALUES ('u03', 'age', '7'), ('u03', 'referred_by', '7'), "
            "('7', 'motto', 'Seven 7')"
        )
    sql = "SELECT value FROM v_user_attributes WHERE attribute = '{}'"

    def value(attribute: str) -> str:
        return str(run(own.path, sql.format(attribute), pseudonymise=True).to_frame()["value"].iloc[-1])

    assert value("age") == "7" and value("motto") == "Seven 7"
    assert value("referred_by").startswith("p_")


def test_the_process_starts_without_what_it_does_not_need(built_world: Workspace) -> None:
    import subprocess
    import sys

    heavy = "{'pandas', 'pydantic', 'torch', 'scipy', 'plotly', 'streamlit', 'sklearn'}"
    code = f"import sys, mgrec_core.service.query.worker; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_command(own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def query(*words: str) -> int:
        return cli(["query", "--workspace", str(own_world.path), *words, "--json"])

    out = tmp_path / "out.csv"
    assert query("SELECT user_id, '=1+1' AS x FROM v_users ORDER BY 1", "--out", str(out)) == 0
    assert json.loads(capsys.readouterr().out)["n_rows"] == len(out.read_text().splitlines()) - 1
    assert "'=1+1" in out.read_text()
    assert query("SELECT user_id, 1/0 AS x, now() FROM v_users", "--limit", "30", "--cohort", "all") == 0
    assert json.loads(capsys.readouterr().out)["cohort"]["size"] == 24
    assert CohortStore(own_world.state).all()[0].definition["sql"].startswith("SELECT user_id")
    assert cli(["cohorts", "--workspace", str(own_world.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cohorts"][0]["name"] == "all"
    for words, said in (
        (("SELECT 1", "--cohort", "x"), "user_id or item_id"),
        (("SELECT user_id FROM v_users", "--limit", "2", "--cohort", "x"), "rows were left out"),
        (("SELECT 1", "--limit", "0"), "row limit"),
        (("SELECT 1", "--timeout", "-1"), "time limit"),
        (("SELECT 1", "--out", "x.exe"), ".csv or .parquet"),
        (("DROP VIEW v_users",), "only one SELECT"),
        (("SELECT * FROM events",), "no view 'events'"),
    ):
        assert query(*words) == 2
        assert said in capsys.readouterr().err
    assert [c.name for c in CohortStore(own_world.state).all()] == ["all"]


def test_cohorts_are_renamed_exported_and_deleted(
    own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = CohortStore(own_world.state)
    store.save("all", "users", [f"u{n:02}" for n in range(9)], "manual")
    store.save("few", "users", ["u01", "u02"], "manual")
    store.save("things", "items", ["=1+1"], "manual")

    def cohorts(*words: str) -> int:
        return cli(["cohorts", *words, "--workspace", str(own_world.path), "--json"])

    assert cohorts("all", "--rename", " every  body ") == 0
    assert json.loads(capsys.readouterr().out) == {"renamed": "all", "to": "every body"}
    out = tmp_path / "ids.csv"
    assert cohorts("every body", "--export", str(out)) == 0
    assert out.read_text().replace('"', "").split() == ["user_id", *(f"u{n:02}" for n in range(9))]
    assert cohorts("every body", "--export", str(out), "--pseudonymise") == 0
    lines = out.read_text().replace('"', "").split()
    assert len(set(lines)) == 10 and all(line.startswith("p_") for line in lines[1:])
    parquet = tmp_path / "ids.parquet"
    assert cohorts("few", "--export", str(parquet), "--min-group", "2") == 0
    assert duckdb.read_parquet(str(parquet)).fetchall() == [("u01",), ("u02",)]
    assert cohorts("things", "--export", str(out)) == 0
    assert out.read_text().replace('"', "").split() == ["item_id", "'=1+1"]
    before = out.read_bytes()
    capsys.readouterr()
    for words, said in (
        (("few", "--export", str(out)), "fewer than 5 users"),
        (("few", "--export", str(out), "--min-group", "0"), "at least 1"),
        (("few", "--export", "x.exe"), ".csv or .parquet"),
        (("none", "--export", str(out)), "no cohort 'none'"),
        (("few", "--rename", "every body"), "already"),
        (("--delete",), "name the cohort"),
        (("few", "--delete", "--rename", "x"), "not allowed with"),
    ):
        assert cohorts(*words) == 2
        assert said in capsys.readouterr().err
    assert out.read_bytes() == before
    assert cohorts("few", "--delete") == 0
    assert [c.name for c in store.all()] == ["every body", "things"]


def test_names_of_cohorts_and_ids_of_items_hold_no_user_under_pseudonymise(
    own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = CohortStore(own_world.state)
    store.save("friends of u03", "users", [f"u{n:02}" for n in range(9)], "sql", {"sql": "WHERE u = 'u03'"})
    store.save("near u03", "users", ["u01", "u02"], "manual")
    store.save("worn by u03", "items", ["i20", "photo-u03.jpg"], "manual")

    def cohorts(*words: str) -> int:
        return cli(["cohorts", *words, "--workspace", str(own_world.path), "--pseudonymise", "--json"])

    out = tmp_path / "ids.csv"
    for words, code in (
        ((), 0),
        (("friends of u03",), 0),
        (("friends of u03", "--export", str(out)), 0),
        (("worn by u03", "--export", str(out)), 0),
        (("near u03", "--export", str(tmp_path / "none.csv")), 2),
    ):
        assert cohorts(*words) == code
        said = "".join(capsys.readouterr())
        assert "u03" not in said and "p_" in said
    assert "u03" not in out.read_text() and "i20" in out.read_text() and "photo-p_" in out.read_text()
    assert cli(["cohorts", "--workspace", str(own_world.path), "--json"]) == 0
    assert "friends of u03" in capsys.readouterr().out
