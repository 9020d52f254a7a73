"""The Import page: known formats, the mapping's editor, the preview, a broken source, the start of a job."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
import support
import yaml
from streamlit.testing.v1 import AppTest

from mgrec_core.data.importers.mapping.guess import guess
from mgrec_core.data.importers.mapping.model import load
from mgrec_core.data.look import Look
from mgrec_core.data.preview import sample
from mgrec_core.service import jobs
from pages.ui.importing.chosen import Chosen
from tests.data.importers.peer import listening

Open = Callable[..., AppTest]
START = "FormSubmitter:import_start-Import and build"
ORDERS = (
    "Kunde;Artikel;Datum;Menge\nk1;a1;24.12.2023 18:00;2\nk1;<b>x</b>;never;1\nk2;a1;25.12.2023 18:00;x\n"
)


def words(app: AppTest) -> str:
    html = [str(element.proto.body) for element in app.get("html")]
    said = [e.value for kind in (app.error, app.warning, app.info, app.success, app.caption) for e in kind]
    return "\n".join([*html, *said])


def look(app: AppTest, source: Path | str) -> AppTest:
    app.text_input[0].input(str(source))
    return app.button(key="FormSubmitter:import_source-Inspect").click().run()


def test_a_known_format_is_shown_previewed_and_imported(
    own_root: Path, tmp_path: Path, open_page: Open
) -> None:
    source = support.write_shop(tmp_path / "new shop")
    app = look(open_page(own_root, "importing"), source)
    assert not app.exception and not app.warning
    assert "canonical" in words(app)
    app.button(key="import_preview").click().run()
    assert not app.exception and len(app.dataframe) >= 4
    app.button(key=START).click().run()
    job = jobs.latest(own_root / "new-shop", "import")
    assert job is not None and not app.exception
    job.cancel()
    assert job.commands[0][-2:] == ("--format", "canonical")


def test_unknown_columns_are_guessed_edited_and_kept(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    app = look(open_page(own_root, "importing"), tmp_path / "orders.csv")
    assert not app.exception, app.exception
    assert app.selectbox(key="map_0_table").value == "interactions"
    assert app.selectbox(key="map_0_interactions_user_id").value == "Kunde"
    assert app.selectbox(key="map_0_interactions_form_Datum").value == "auto"
    app.text_input(key="map_0_interactions_event_constant").input("purchase").run()
    app.button(key="import_preview").click().run()
    assert not app.exception
    before, after = app.dataframe[0].value, next(f.value for f in app.dataframe if "signal" in f.value)
    assert before["Datum"].tolist() == ["24.12.2023 18:00", "never", "25.12.2023 18:00"], "the source first"
    assert after["event"].tolist() == ["purchase", "purchase"] and after["signal"].tolist() == [1, 1]
    assert "weight_not_a_number" in words(app) and "bad_timestamp" in words(app)
    app.selectbox(key="map_0_interactions_user_id").set_value(None).run()
    assert not app.exception and "say which column of" in words(app)
    app.selectbox(key="map_0_interactions_user_id").set_value("Kunde").run()
    app.text_input(key="map_name").input("laden").run()
    app.button(key=START).click().run()
    job = jobs.latest(own_root / "orders", "import")
    assert job is not None and not app.exception
    job.cancel()
    assert job.commands[0][-2:] == ("--mapping", "laden")
    assert "purchase" in (own_root / "orders" / "mappings" / "laden.yaml").read_text(encoding="utf-8")
    again = look(open_page(own_root, "importing"), tmp_path / "orders.csv")
    assert "saved with an earlier import" in words(again)


def test_what_is_not_there_or_damaged_is_a_sentence(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    app = look(open_page(own_root, "importing"), "/no/such/folder")
    assert not app.exception and any("no" in w.value for w in app.warning)
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 nonsense")
    app = look(app, tmp_path / "x.xlsx")
    assert not app.exception and any("workbook" in w.value for w in app.warning)
    app = look(app, " ")
    assert not app.exception and app.warning


def test_a_password_goes_into_no_file(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "importing")
    app.segmented_control(key="import_where").set_value("A PostgreSQL database").run()
    app.text_input[0].input("postgres://u:hid%40den@127.0.0.1:1/shop")
    app.button(key="FormSubmitter:import_source-Inspect").click().run()
    assert not app.exception and app.warning
    assert "hid" not in words(app).replace("hidden", "")


def test_the_last_imports_receipt_is_shown(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "importing")
    assert not app.exception and not app.error


def test_a_workspace_name_that_is_a_path_is_refused(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    app = look(open_page(own_root, "importing"), support.write_shop(tmp_path / "data"))
    next(field for field in app.text_input if field.label == "Workspace").input("../outside")
    app.button(key=START).click().run()
    assert any("cannot name a workspace" in w.value for w in app.warning)
    assert not (own_root.parent / "outside").exists()


def test_strengths_of_events_are_shown_and_can_be_changed(
    own_root: Path, tmp_path: Path, open_page: Open
) -> None:
    source = tmp_path / "log.csv"
    source.write_text(
        "visitor,sku,did\n" + "".join(f"v{n},s{n % 3},{('Buy', 'peek <b>')[n % 2]}\n" for n in range(8)),
        encoding="utf-8",
    )
    app = look(open_page(own_root, "importing"), source)
    app.selectbox(key="map_0_interactions_event").set_value("did").run()
    assert not app.exception
    assert app.number_input(key="map_strength_buy").value == 1.0
    assert app.number_input(key="map_strength_peek <b>").value == 0.5, "unknown kind"
    app.number_input(key="map_strength_peek <b>").set_value(0.2).run()
    app.button(key=START).click().run()
    job = jobs.latest(own_root / "log", "import")
    assert job is not None and not app.exception
    job.cancel()
    kept = yaml.safe_load((own_root / "log" / "mappings" / "log.yaml").read_text(encoding="utf-8"))
    assert kept["strengths"] == {"peek <b>": 0.2}, "the usual ones are not written down"
    again = look(open_page(own_root, "importing"), source)
    assert again.number_input(key="map_strength_peek <b>").value == 0.2


def test_a_column_of_times_chosen_by_hand_has_its_form(
    own_root: Path, tmp_path: Path, open_page: Open
) -> None:
    """Nothing in this file is guessed; "auto" would have left every event undated."""
    (tmp_path / "odd.csv").write_text("wer;was;wann\na;x;24.12.2023 18:00\nb;x;25.12.2023 9:30\n")
    app = look(open_page(own_root, "importing"), tmp_path / "odd.csv")
    assert not app.exception and app.warning
    app.selectbox(key="map_0_table").set_value("interactions").run()
    for name, column in (("user_id", "wer"), ("item_id", "was"), ("timestamp", "wann")):
        app.selectbox(key=f"map_0_interactions_{name}").set_value(column).run()
    assert app.selectbox(key="map_0_interactions_form_wann").value == "auto"
    app.button(key="import_preview").click().run()
    assert not app.exception and "0 rejected" in words(app) and "bad_timestamp" not in words(app)


def test_rules_and_personal_data_are_chosen_and_named_before_the_import(
    own_root: Path, tmp_path: Path, open_page: Open
) -> None:
    source = support.write_shop(tmp_path / "shop two")
    (source / "users.csv").write_text("user_id,email\nu1,ann@x.example\nu2,bob@y.example\n", encoding="utf-8")
    app = look(open_page(own_root, "importing"), source)
    assert not app.exception
    said = unescape(words(app))
    assert "'email' holds e-mail addresses and would be dropped" in said and "ann@" not in said
    app.radio(key="import_identifiers").set_value("keep").run()
    assert "would be kept" in words(app)
    app.button(key="import_preview").click().run()
    frames = len(app.dataframe)
    app.multiselect(key="import_without").set_value(["duplicate_event"]).run()
    held = [frame for frame in app.dataframe if "signal" in frame.value]
    assert not app.exception and frames and not held, "the preview is out of date"
    assert "every repetition is an event of its own" in words(app)
    app.button(key="import_preview").click().run()
    assert "ann@x.example" in [
        value for frame in app.dataframe for value in frame.value.astype(str).values.flat
    ]
    assert "switched off" in words(app) and ">0<" not in words(app)
    app.button(key=START).click().run()
    job = jobs.latest(own_root / "shop-two", "import")
    assert job is not None and not app.exception
    job.cancel()
    assert job.commands[0][-4:] == ("--without", "duplicate_event", "--identifiers", "keep")


def test_personal_data_in_unknown_columns_are_named(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    text = (
        ORDERS.replace("Menge", "Menge;Kontakt")
        .replace(";2\n", ";2;ann@x.example\n")
        .replace(";1\n", ";1;\n")
    )
    (tmp_path / "people.csv").write_text(text.replace(";x\n", ";1;bob@y.example\n"), encoding="utf-8")
    app = look(open_page(own_root, "importing"), tmp_path / "people.csv")
    assert not app.exception
    assert "'Kontakt' holds e-mail addresses" in unescape(words(app))


def test_a_source_can_be_added_to_a_workspace_that_holds_something(
    own_root: Path, tmp_path: Path, open_page: Open
) -> None:
    source = support.write_shop(tmp_path / "shop")
    app = look(open_page(own_root, "importing"), source)
    adding = next(c for c in app.checkbox if c.label == "Add to the workspace's data")
    adding.check()
    name = next(t for t in app.text_input if t.label == "Workspace")
    name.set_value("fresh")
    app.button(key=START).click().run()
    assert "nothing to add to" in words(app) and not app.exception
    next(c for c in app.checkbox if c.label == "Add to the workspace's data").check()
    next(t for t in app.text_input if t.label == "Workspace").set_value("shop")
    app.button(key=START).click().run()
    job = jobs.latest(own_root / "shop", "import")
    assert job is not None and "--append" in job.commands[0] and not app.exception
    job.cancel()


def test_replacing_data_needs_the_workspaces_name(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    source = support.write_shop(tmp_path / "shop")
    app = look(open_page(own_root, "importing"), source)
    assert "already holds 440 events of 40 users" in words(app)
    for typed, said in {"": "type “shop”", "shops": "is not “shop”", "SHOP": "is not “shop”"}.items():
        app.text_input(key="import_confirm").input(typed)
        app.button(key=START).click().run()
        assert not app.exception and said in words(app)
        assert jobs.latest(own_root / "shop", "import") is None
    adding = next(c for c in app.checkbox if c.label == "Add to the workspace's data")
    adding.check()
    app.text_input(key="import_confirm").input("shop")
    adding.uncheck()
    app.button(key=START).click().run()
    job = jobs.latest(own_root / "shop", "import")
    assert job is not None and "--append" not in job.commands[0] and not app.exception
    job.cancel()


def test_a_new_name_needs_no_second_thought_and_one_that_closes_sources_is_refused(
    own_root: Path, tmp_path: Path, open_page: Open
) -> None:
    app = look(open_page(own_root, "importing"), support.write_shop(tmp_path / "other"))
    assert not [t for t in app.text_input if t.key == "import_confirm"] and "already holds" not in words(app)
    next(t for t in app.text_input if t.label == "Workspace").input("shop")
    app.button(key=START).click().run()
    assert jobs.latest(own_root / "shop", "import") is None, "the name is asked for once it is known"
    assert "already holds 440 events" in words(app) and app.text_input(key="import_confirm").value == ""
    next(t for t in app.text_input if t.label == "Workspace").input("Reach.yaml")
    app.button(key=START).click().run()
    assert "cannot name a workspace" in words(app) and not (own_root / "Reach.yaml").exists()


def test_a_damaged_workspace_can_be_replaced(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    (own_root / "shop" / "mgrec.duckdb").write_bytes(b"x" * 5000)
    app = look(open_page(own_root, "importing"), support.write_shop(tmp_path / "shop"))
    assert not app.exception and "data that cannot be counted" in words(app)
    app.text_input(key="import_confirm").input("shop")
    app.button(key=START).click().run()
    job = jobs.latest(own_root / "shop", "import")
    assert job is not None and not app.exception
    job.cancel()


def test_a_typed_password_is_handed_to_the_job_with_its_host(
    own_root: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job itself runs: it calls a server that only notes which password it is sent."""
    monkeypatch.setenv("PGHOST", "db.example")
    monkeypatch.setenv("PGPASSWORD", "the-servers-own")
    with listening() as peer:
        source = f"postgres://u@127.0.0.1:{peer.port}/shop2"
        app = open_page(own_root, "importing")
        # What the page would have found in a database: this peer has no tables to show.
        app.session_state["import_chosen"] = Chosen(source, "shop2", Look("database"), "geheim-4711")
        app.run()
        app.button(key=START).click().run()
        assert not app.exception
        job = jobs.latest(own_root / "shop2", "import")
        assert job is not None
        while job.state == "running":
            time.sleep(0.05)
    assert set(peer.passwords) == {"geheim-4711"}
    kept = b"".join(one.read_bytes() for one in (own_root / "shop2").rglob("*") if one.is_file())
    assert b"geheim-4711" not in kept and b"wrong user or password" in kept


def test_what_the_editor_has_no_field_for_is_kept(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    """Joins, lists that become rows, conditions, a dialect, a second table of one file."""
    source = tmp_path / "export"
    source.mkdir()
    (source / "lines.csv").write_text("order_id,sku,pieces\n1,a,2\n2,b,1\n", encoding="utf-8")
    (source / "orders.csv").write_text(
        "order_id,customer,when,status\n1,c1,2024-01-02,paid\n2,c2,2024-01-03,cancelled\n", encoding="utf-8"
    )
    (source / "carts.jsonl").write_text(
        '{"customer": "c1", "at": "2024-01-02", "products": [{"sku": "a", "name": "Tea"}]}\n' * 2,
        encoding="utf-8",
    )
    guessed = guess(sample(source), "export")
    app = look(open_page(own_root, "importing"), source)
    assert not app.exception, app.exception
    said = words(app).lower().replace("\\", "")
    assert (
        "before that: explode" in said and "also fills items" in said and "before that: join, where" in said
    )
    app.button(key=START).click().run()
    job = jobs.latest(own_root / "export", "import")
    assert job is not None and not app.exception
    job.cancel()
    (kept,) = (own_root / "export" / "mappings").glob("*.yaml")
    assert sorted(load(kept).tables, key=str) == sorted(guessed.tables, key=str)
