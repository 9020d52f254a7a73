"""A built workspace, and the dashboard started on it without a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import support

Open = Callable[..., AppTest]

collect_ignore = ["one_page"]
"""A page: Streamlit runs it."""


@pytest.fixture(scope="session")
def shop_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of workspaces with ``shop`` built; shared, so only to be read."""
    return support.built_root(tmp_path_factory.getbasetemp())


@pytest.fixture
def own_root(shop_root: Path, tmp_path: Path) -> Path:
    """A copy of the folder of workspaces that a test may break."""
    return support.copy_root(shop_root, tmp_path / "workspaces")


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of the dashboard on a folder of workspaces, as a link would."""

    def open_(root: Path, page: str | Path = "overview", **query: str) -> AppTest:
        monkeypatch.setenv("MGREC_WORKSPACES", str(root))
        app = AppTest.from_file(str(support.ROOT / "app.py"), default_timeout=60)
        if page != "overview":
            app.switch_page(f"{support.ROOT / 'pages' / page}.py")
        app.query_params.update(query)
        return app.run()

    yield open_
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def open_framed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page within the entry script's frame on every run.

    AppTest runs a page's file on its own from the second run on: what the entry script does between
    two runs of a page, as keeping the history, is missing there.
    """

    def open_(root: Path, page: str, **query: str) -> AppTest:
        monkeypatch.setenv("MGREC_WORKSPACES", str(root))
        app = AppTest.from_string(
            "import runpy\n"
            "import streamlit as st\n"
            "from pages.ui.frame import undo\n"
            "from pages.ui.session import state\n"
            "from pages.ui.widgets import problems\n"
            "state.begin()\n"
            "undo.controls(st.sidebar)\n"
            "problems.show()\n"
            f"runpy.run_path({str(support.ROOT / 'pages' / f'{page}.py')!r})\n",
            default_timeout=60,
        )
        app.query_params.update(query)
        return app.run()

    yield open_
    st.cache_resource.clear()
    st.cache_data.clear()
