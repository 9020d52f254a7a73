"""The real dashboard in a real browser: one server and one Chromium for all tests of this folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import support

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page  # noqa: E402

from mgrec_core import Engine  # noqa: E402

PATIENCE = 60_000
"""Milliseconds a test waits for a condition before it fails."""


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the dashboard on a copy of the built workspace."""
    base = tmp_path_factory.mktemp("server")
    root = support.copy_root(support.built_root(tmp_path_factory.getbasetemp()), base / "workspaces")
    with support.serving(root, base / "server.log") as found:
        yield found


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine on the workspace that the server shows."""
    return Engine.open(support.built_root(tmp_path_factory.getbasetemp()) / "shop")


@pytest.fixture(scope="session")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One cache for all tests."""
    sync_api.expect.set_options(timeout=PATIENCE)
    found = chromium.new_context(accept_downloads=True)
    found.set_default_timeout(PATIENCE)
    yield found
    found.close()


@pytest.fixture
def new_page(context: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Open pages that fail the test when a script fails, a dialog opens or the console has an error."""
    faults: list[str] = []
    pages: list[Page] = []

    def heard(message: ConsoleMessage) -> None:
        # On a link to a page Streamlit looks for its server under that page's path first and gets 404. It
        # tries each file to download as a button is drawn; the next run of the page may have taken it back.
        url = message.location.get("url", "")
        theirs = "/_stcore/" in url or "/media/" in url or "Error: Download Button" in message.text
        if message.type == "error" and not theirs:
            faults.append(f"{message.text} ({message.location.get('url')})")

    def open_(url: str, *, width: int = 1280, height: int = 900, theme: str = "light") -> Page:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        pages.append(page)
        page.on("console", heard)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append("a dialog opened"), dialog.dismiss()))
        page.goto(url)
        return page

    yield open_
    for page in pages:
        page.close()
    assert faults == []
