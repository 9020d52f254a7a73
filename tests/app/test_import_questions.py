"""Doubtful readings on the Import page: asked with rows, answered with a click, taken back, handed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import support
from streamlit.testing.v1 import AppTest

from mgrec_core.service import jobs
from tests.app.test_importing import START, look, words

Open = Callable[..., AppTest]
DATES = "who,what,when\n" + "".join(
    f"u{n % 5},i{n % 7},{1 + n % 9:02d}/{1 + n % 11:02d}/2024\n" for n in range(40)
)


def buttons(app: AppTest) -> dict[str, str]:
    return {one.key: one.label.replace("\\", "") for one in app.button if one.key}


def answer(app: AppTest, label: str) -> AppTest:
    key = next(key for key, said in buttons(app).items() if said == label)
    return app.button(key=key).click().run()


def command(root: Path, name: str) -> tuple[str, ...]:
    job = jobs.latest(root / name, "import")
    assert job is not None
    job.cancel()
    return job.commands[0]


@pytest.mark.parametrize("known", [False, True], ids=["mapping", "format"])
def test_dates_that_two_forms_read_are_asked_for(
    known: bool, own_root: Path, tmp_path: Path, open_page: Open
) -> None:
    source = tmp_path / "dated"
    source.mkdir()
    head = "user_id,item_id,timestamp" if known else "who,what,when"
    (source / "interactions.csv" if known else source / "log.csv").write_text(
        DATES.replace("who,what,when", head), encoding="utf-8"
    )
    app = look(open_page(own_root, "importing"), source)
    assert not app.exception, app.exception
    assert "can be read with the day first and with the month first" in words(app)
    assert "6 January 2024" in words(app) and "1 June 2024" in words(app)
    app.button(key=START).click().run()
    assert "Answer the question above first" in words(app).replace("\\", "")
    assert jobs.latest(own_root / "dated", "import") is None
    answer(app, "The day comes first")
    assert not app.exception and app.text_input(key="import_time_form").value == "%d/%m/%Y"
    assert "in its dates the day comes first" in words(app).replace("\\", "")
    events = next(one.value for one in app.dataframe if "signal" in one.value)
    assert [f"{at:%d %b}" for at in events["timestamp"][:4]] == ["01 Jan", "03 Jan", "05 Jan", "07 Jan"]
    answer(app, "Take back")
    assert app.text_input(key="import_time_form").value == "" and "Which is right" in words(app)
    answer(app, "The month comes first")
    app.button(key=START).click().run()
    assert not app.exception and "--time-form=%m/%d/%Y" in command(own_root, "dated")


def test_ids_that_differ_in_form_are_joined_with_a_click(
    own_root: Path, tmp_path: Path, open_page: Open
) -> None:
    source = support.write_shop(tmp_path / "zeros")
    events = "".join(f"u{n % 6},{n % 9 + 1:05d}\n" for n in range(60))
    (source / "interactions.csv").write_text(f"user_id,item_id\n{events}", encoding="utf-8")
    items = "".join(f"{n + 1},Thing {n}\n" for n in range(9))
    (source / "items.csv").write_text(f"item_id,title\n{items}", encoding="utf-8")
    app = look(open_page(own_root, "importing"), source)
    assert not app.exception, app.exception
    assert "0 are in the catalogue" in words(app) and "00001" in words(app)
    answer(app, "Join them without zeros in front")
    assert app.multiselect(key="import_join_ids").value == ["zeros"]
    assert "without zeros in front" in words(app) and "Are they the same" not in words(app)
    answer(app, "Take back")
    assert app.multiselect(key="import_join_ids").value == [] and "Are they the same" in words(app)
    answer(app, "No, they are different")
    assert "its ids are left as they are" in words(app)
    answer(app, "Take back")
    answer(app, "Join them without zeros in front")
    app.button(key=START).click().run()
    assert "--join-ids=zeros" in command(own_root, "zeros")


def test_what_is_wrong_names_the_field_of_the_page(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    source = support.write_shop(tmp_path / "shop two")
    app = look(open_page(own_root, "importing"), source)
    app.text_area(key="import_roles").input("genr = list").run()
    app.button(key="import_preview").click().run()
    said = words(app).replace("\\", "")
    assert not app.exception and "did you mean 'genre'?" in said
    app.text_area(key="import_roles").input("").run()
    app.text_area(key="import_strengths").input("clik = 0.5").run()
    app.button(key="import_preview").click().run()
    assert "did you mean 'click'?" in words(app).replace("\\", "")
    app.text_area(key="import_strengths").input("").run()
    app.multiselect(key="import_join_ids").set_value(["zeros"]).run()
    app.button(key="import_preview").click().run()
    assert "“Ids of events and catalogue differ by” zeros joined no id" in words(app)
