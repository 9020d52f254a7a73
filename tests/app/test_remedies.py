"""Every rule of Data quality leads to the place that mends what it found, or says why none does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import support
from streamlit.testing.v1 import AppTest

import mgrec_core.quality
from mgrec_core.model.granularities import names
from mgrec_core.quality import Finding
from mgrec_core.quality.automated import RULES
from mgrec_core.quality.document import FindingExample
from pages.ui.address.page import own_keys, page
from pages.ui.address.view import View, from_query, sections
from pages.ui.importing.presets import _FIELDS as OPTIONS
from pages.ui.quality import remedies
from tests.app.test_importing import START, look, words

Open = Callable[..., AppTest]
FOLDER = Path(mgrec_core.quality.__file__).parent
NAMED = {
    name
    for file in FOLDER.glob("*.py")
    for found in re.findall(
        r'check="(\w+)"|_finding\(\s*"(\w+)"|\d,\s*"(without_\w+)"', file.read_text("utf-8")
    )
    for name in found
    if name
}
CHECKS = sorted(
    NAMED | {f"automated_{rule.name}" for rule in RULES} | {f"evidence_{name}" for name in names()}
)


def finding(check: str) -> Finding:
    examples = (FindingExample(kind="user", id="u1", like="u2"),)
    return Finding(
        check=check, section="leakage", severity="high", title="t", value=1.0, number="1", definition="d",
        meaning="m", remedy="r", examples=examples, column="age",
    )  # fmt: skip


def test_the_rules_are_found() -> None:
    assert len(NAMED) > 25 and {"rejected_rows", "late_items", "without_text", "texts_cut"} <= NAMED


@pytest.mark.parametrize("check", CHECKS)
def test_every_rule_has_a_place_that_is_there_or_a_reason(check: str) -> None:
    found = remedies.of(finding(check))
    if isinstance(found, str):
        assert found.endswith(".") and len(found) > 20
        return
    assert found
    for one in found:
        view = View()
        assert not from_query(one.query, view, own_keys()), "the address is one that the page understands"
        assert set(one.query) <= {*page(one.page).keys} and one.label
        assert view.section in sections() and one.query.get("option", "mapping") in OPTIONS


def test_a_finding_draws_its_links(own_root: Path, open_page: Open, tmp_path: Path) -> None:
    from mgrec_core.operations.importing import import_data
    from mgrec_core.workspace.folder import Workspace

    source = support.write_shop(tmp_path / "again")
    events = (source / "interactions.csv").read_text(encoding="utf-8").splitlines()
    (source / "interactions.csv").write_text("\n".join([*events, *events[1:]]) + "\n", encoding="utf-8")
    import_data(Workspace.create(own_root / "again"), source)
    app = open_page(own_root, "quality", workspace="again")
    assert not app.exception, app.exception
    said = [link.proto.label.replace("\\", "") for link in app.get("page_link")]
    assert "Import again with repeated events counted" in said
    next(one for one in app.button if one.label == "See the example rows").click().run()
    assert not app.exception and app.query_params["section"] == "receipt"
    assert "Left out" in words(app)


def test_the_option_is_preset_told_and_handed_on(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    from mgrec_core.service import jobs

    app = open_page(own_root, "importing", workspace="shop", option="without", value="duplicate_event")
    assert "Inspect the source into shop again" in words(app)
    app = look(app, support.write_shop(tmp_path / "other"))
    assert not app.exception
    assert app.multiselect(key="import_without").value == ["duplicate_event"]
    assert next(t for t in app.text_input if t.label == "Workspace").value == "shop"
    app.text_input(key="import_confirm").input("shop")
    app.button(key=START).click().run()
    job = jobs.latest(own_root / "shop", "import")
    assert job is not None and not app.exception
    job.cancel()
    assert job.commands[0][-2:] == ("--without", "duplicate_event")
    assert "option" not in app.query_params


def test_a_column_is_left_out_by_a_link(own_root: Path, tmp_path: Path, open_page: Open) -> None:
    source = support.write_shop(tmp_path / "with price")
    app = look(open_page(own_root, "importing", option="drop", value="price"), source)
    assert not app.exception and app.text_area(key="import_drop").value == "price"
    frame = next(one.value for one in app.dataframe if "attribute" in one.value)
    assert len(frame) and "price" not in set(frame["attribute"])


@pytest.mark.parametrize(
    ("option", "value"),
    [("identifiers", "keep"), ("without", "bad_row"), ("join_ids", "<b>"), ("time_form", "tomorrow")],
)
def test_a_wrong_link_is_a_sentence(own_root: Path, open_page: Open, option: str, value: str) -> None:
    app = open_page(own_root, "importing", option=option, value=value)
    assert not app.exception and len(app.info) == 1 and "Inspect the source" not in words(app)
