"""Three films called King Kong are told apart wherever a page names them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support import KONGS, write_kongs

from tests.built import built

Open = Callable[..., AppTest]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    built(tmp_path / "workspaces" / "films", write_kongs(tmp_path / "source"), "canonical")
    return tmp_path / "workspaces"


def test_in_compare_the_chooser_and_on_the_item_page(root: Path, open_page: Open) -> None:
    app = open_page(root, "compare", user="u0", second="u7", k="20")
    assert not app.exception and not app.error
    shown = [list(d.value["title"]) for d in app.dataframe if "other" in d.value]
    assert len(shown) == 2 and all(set(KONGS.values()) <= set(titles) for titles in shown)
    app = open_page(root, "item", item="k2")
    assert not app.exception and not app.error
    offered = app.selectbox(key="item_page_choice").options
    assert set(KONGS.values()) <= set(offered) and len(set(offered)) == len(offered)
    assert any(KONGS["k2"] in str(one.proto.body) for one in app.get("html"))
