"""The SQL page on full, empty and broken workspaces; a link never runs its query."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from mgrec_core.service.query.catalogue import EXAMPLES, VIEWS
from mgrec_core.service.query.sandbox import connect, views
from mgrec_core.service.query.turns import AT_ONCE, Turn
from mgrec_core.workspace.cohorts import CohortStore
from mgrec_core.workspace.folder import Workspace

Open = Callable[..., AppTest]


def finish(app: AppTest) -> AppTest:
    """Run the page again until the query has ended, as its timer does in a browser."""
    deadline = time.monotonic() + 60
    while "sql_query" in app.session_state and time.monotonic() < deadline:
        time.sleep(0.1)
        app.run()
    return app


def ask(app: AppTest, sql: str) -> AppTest:
    app.text_area(key="sql_text").input(sql)
    app.button(key="sql_run").click().run()
    return finish(app)


def test_a_query_is_answered_and_kept_as_a_cohort(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "sql")
    assert not app.exception and any("No query has been run" in i.value for i in app.info)
    ask(app, "SELECT user_id, n_items FROM v_users ORDER BY user_id LIMIT 7")
    assert not app.exception and not app.error
    assert list(app.dataframe[0].value["user_id"]) == [f"u{n:02}" for n in range(7)]
    assert "sql" in app.query_params
    app.text_input[0].input("firsts")
    app.button(key="FormSubmitter:sql_cohort-Save as cohort").click().run()
    store = CohortStore(Workspace(own_root / "shop").state)
    assert list(store.get("firsts").ids) == [f"u{n:02}" for n in range(7)]
    app.run()
    app.button(key="cohort_firsts_delete").click().run()
    assert store.all() == []
    app.button(key="cohort_undo").click().run()
    assert list(store.get("firsts").ids) == [f"u{n:02}" for n in range(7)]
    app.text_input(key="cohort_firsts_name").input("the first").run()
    app.button(key="cohort_firsts_rename").click().run()
    assert list(store.get("the first").ids) == [f"u{n:02}" for n in range(7)]
    app.text_input(key="cohort_the first_name").input("a, b").run()
    app.button(key="cohort_the first_rename").click().run()
    assert [c.name for c in store.all()] == ["the first"]
    assert any("without a comma" in w.value for w in app.warning)
    assert not app.exception


def test_small_cohorts_are_not_for_export(own_root: Path, open_page: Open) -> None:
    store = CohortStore(Workspace(own_root / "shop").state)
    store.save("many", "users", [f"u{n:02}" for n in range(5)], "manual")
    store.save("few", "users", ["u00", "u01"], "manual")
    app = open_page(own_root, "sql")
    assert not app.exception and any("suppressed" in c.value for c in app.caption)
    keys = [e.proto.id for e in app.get("download_button")]
    assert len(keys) == 1 and "cohort_many_csv" in keys[0]
    app.toggle(key="cohort_many_hide").set_value(True).run()
    assert not app.exception and len(app.get("download_button")) == 1


def test_a_link_does_not_run_its_query(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "sql", sql="SELECT 1 AS one")
    assert app.text_area(key="sql_text").value == "SELECT 1 AS one"
    assert any("came with a link" in w.value for w in app.warning)
    assert "sql_query" not in app.session_state and not app.dataframe
    app.button(key="sql_run").click().run()
    finish(app)
    assert app.dataframe[0].value["one"].tolist() == [1]
    assert not any("came with a link" in w.value for w in app.warning)


def test_what_is_refused_is_one_sentence(shop_root: Path, open_page: Open) -> None:
    app = ask(open_page(shop_root, "sql"), "SELECT * FROM read_csv('<img src=x>')")
    assert not app.exception and len(app.error) == 1 and "read\\_csv" in app.error[0].value


def test_pseudonyms_instead_of_ids(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "sql")
    app.toggle(key="sql_hide").set_value(True)
    ask(app, "SELECT user_id FROM v_users")
    assert app.dataframe[0].value["user_id"].str.startswith("p_").all()
    assert not [b for b in app.button if "cohort" in str(b.key)]


def test_an_answer_of_any_type_is_shown(shop_root: Path, open_page: Open) -> None:
    odd = (
        "INTERVAL 1 DAY, 'infinity'::DATE, DATE '0044-03-15 (BC)', MAP {'a': 1}, union_value(k := 1), [[1]], "
        "{'a': TIME '10:00'}, '101'::BIT, '\\xAA'::BLOB, 2 ** 53 + 1, 'inf'::DOUBLE, 9007199254740993"
    )
    names = ", ".join(f"c{n}" for n in range(12))
    app = ask(
        open_page(shop_root, "sql"),
        f"WITH items({names}) AS (VALUES ({odd})), more AS (FROM items) SELECT *, 1 AS c0 FROM more",
    )
    assert not app.exception and not app.error
    shown = app.dataframe[0].value.iloc[0].tolist()
    assert shown[:4] == ["1 day", "infinity", "0044-03-15 (BC)", "{a=1}"] and shown[-2:] == [
        "9007199254740993",
        1,
    ]
    assert any("As text, as DuckDB writes it" in c.value and "INTERVAL" in c.value for c in app.caption)
    app.selectbox(key="sql_y").set_value("c10").run()
    assert not app.exception and len(app.get("download_button")) == 2


def test_a_query_waits_for_its_turn_and_is_cancelled(shop_root: Path, open_page: Open) -> None:
    long = "SELECT count(*) FROM range(100000000000) a, range(1000) b"
    taken = [Turn(shop_root / "shop", long) for _ in range(AT_ONCE)]
    try:
        app = open_page(shop_root, "sql")
        app.text_area(key="sql_text").input("SELECT 1 AS one")
        app.button(key="sql_run").click().run()
        assert any(c.value.startswith("Waiting for") for c in app.caption)
        app.button(key="sql_cancel").click().run()
        finish(app)
        assert not app.exception and any("while it waited" in e.value for e in app.error)
    finally:
        for turn in taken:
            turn.cancel()


def test_nothing_to_ask(own_root: Path, open_page: Open) -> None:
    (own_root / "shop" / "mgrec.duckdb").unlink()
    (own_root / "shop" / "jobs").mkdir()
    app = open_page(own_root, "sql", workspace="shop")
    assert not app.exception and any("no data to query" in i.value for i in app.info)


def test_a_broken_database_is_one_sentence(own_root: Path, open_page: Open) -> None:
    (own_root / "shop" / "mgrec.duckdb").write_bytes(b"not a database" * 100)
    app = ask(open_page(own_root, "sql"), "SELECT 1")
    assert not app.exception and app.error


def test_the_catalogue_says_what_there_is(shop_root: Path) -> None:
    connection = connect(Workspace(shop_root / "shop"), "256MB")
    there = {view: [name for name, _ in columns] for view, columns in views(connection).items()}
    assert there == {view: list(columns) for view, (_, columns) in VIEWS.items()}
    for sql in EXAMPLES.values():
        connection.execute(sql).fetchall()
    connection.close()
