"""The data quality page on full, unbuilt, empty and broken workspaces."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.address.view import sections

Open = Callable[..., AppTest]


def words(app: AppTest) -> str:
    html = [str(element.proto.body) for element in app.get("html")]
    said = [e.value for kind in (app.error, app.warning, app.info, app.success) for e in kind]
    return "\n".join([*html, *said, *(e.label for e in app.expander)])


def test_nothing_found_is_said_and_the_link_is_the_page(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "quality")
    assert not app.exception and not app.error
    said = words(app)
    assert "Every check ran and found nothing." in said and "high findings" in said
    assert app.query_params == {"workspace": "shop"}


@pytest.mark.parametrize("section", sections())
def test_every_section_of_an_unbuilt_workspace(own_root: Path, open_page: Open, section: str) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "quality", section=section)
    assert not app.exception and not app.error
    assert "mg-h2" in words(app)
    assert "<script" not in words(app) and "<img" not in words(app)


def test_what_the_model_reads_is_there_once_it_is_built(own_root: Path, open_page: Open) -> None:
    vectors = own_root / "shop" / "vectors"
    vectors.rename(vectors.with_name("aside"))
    assert "Nothing is built yet" in words(open_page(own_root, "quality", section="texts"))
    vectors.with_name("aside").rename(vectors)
    app = open_page(own_root, "quality", section="texts")
    assert not app.exception and "unknown tokens" in words(app)


def test_a_wrong_section_is_a_sentence(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "quality", section="nope")
    assert not app.exception and any("nope" in w.value for w in app.warning)


def test_empty_and_broken_say_what_to_do(own_root: Path, open_page: Open) -> None:
    (own_root / "shop" / "mgrec.duckdb").write_bytes(b"not a database" * 100)
    app = open_page(own_root, "quality")
    assert not app.exception and len(app.error) == 1 and "import" in app.error[0].value
    (own_root / "shop" / "mgrec.duckdb").unlink()
    (own_root / "shop" / "jobs").mkdir(exist_ok=True)
    app = open_page(own_root, "quality")
    assert not app.exception and "Nothing has been imported" in words(app)


def test_files_can_hold_pseudonyms_and_the_buttons_say_so(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "quality")
    app.toggle(key="quality_hide").set_value(True).run()
    assert not app.exception
    names = [e.proto.label for e in app.get("download_button")]
    assert names[:2] == ["Report as HTML with pseudonyms", "Report as PDF with pseudonyms"]
    assert len(names) == 6 and all(one.endswith(" with pseudonyms") for one in names)
