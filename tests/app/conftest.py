"""A built workspace, and the dashboard started on it without a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import support

Open = Callable[..., AppTest]
Show = Callable[[Path], None]


@pytest.fixture(scope="session", autouse=True)
def components_read_once() -> Iterator[None]:
    """Installed packages are searched for Streamlit components once; every new AppTest does so else.

    The search reads the metadata of every installed package, 0.2 s of each first run of a page.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


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


@pytest.fixture(scope="session")
def warm() -> list[Path]:
    """The folder of workspaces that pages hold something of in memory, if any."""
    return []


@pytest.fixture
def show(warm: list[Path], shop_root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Show]:
    """Show a folder of workspaces in the pages to come.

    Of the shared folder pages keep what they have in memory: nobody changes it, and as on a server the
    next page finds its engine open. Everything is dropped before another folder is shown, since a server
    has one and pages know its workspaces by name, and after a test on a folder of its own.
    """

    def show_(root: Path) -> None:
        if warm != [root]:
            forget()
            warm[:] = [root]
        monkeypatch.setenv("MGREC_WORKSPACES", str(root))

    def forget() -> None:
        st.cache_resource.clear()
        st.cache_data.clear()
        warm.clear()

    yield show_
    if warm != [shop_root]:
        forget()


@pytest.fixture
def open_page(show: Show) -> Open:
    """Open a page of the dashboard on a folder of workspaces, as a link would."""

    def open_(root: Path, page: str | Path = "overview", **query: str) -> AppTest:
        show(root)
        app = AppTest.from_file(str(support.ROOT / "app.py"), default_timeout=60)
        if page != "overview":
            app.switch_page(f"{support.ROOT / 'pages' / page}.py")
        app.query_params.update(query)
        return app.run()

    return open_


@pytest.fixture
def open_framed(show: Show) -> Open:
    """Open a page within the entry script's frame on every run.

    AppTest runs a page's file on its own from the second run on: what the entry script does between
    two runs of a page, as keeping the history, is missing there.
    """

    def open_(root: Path, page: str, **query: str) -> AppTest:
        show(root)
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

    return open_
