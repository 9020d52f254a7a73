"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from mgrec_core.engine.engine import Engine
    from mgrec_core.workspace.folder import Workspace

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data sets beside the project; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real data sets are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """Folder of the data that ship with the project."""
    return ROOT / "sample_data"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, else the one MGREC_CHROMIUM names; playwright runs once a process."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None) or os.environ.get("MGREC_CHROMIUM")
    if not path:
        pytest.skip("there is no chromium on the PATH and MGREC_CHROMIUM is not set")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def marketplace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The synthetic shop, imported and built with the embedded model; only to be read."""
    from mgrec_core.workspace.folder import Workspace

    workspace = Workspace.create(tmp_path_factory.mktemp("marketplace") / "workspace")
    import_data(workspace, ROOT / "sample_data" / "marketplace")
    build(workspace, with_map=False)
    return workspace


@pytest.fixture(scope="session")
def shop(marketplace: Workspace) -> Engine:
    """The synthetic shop's engine."""
    from mgrec_core.engine.engine import Engine

    return Engine.open(marketplace.path)


@pytest.fixture(scope="session")
def built_world(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small workspace with every source and odd ids, built with the embedded model; only to be read."""
    from mgrec_core.workspace.folder import Workspace
    from tests import worlds

    folder = tmp_path_factory.mktemp("world")
    workspace = Workspace.create(folder / "workspace")
    import_data(workspace, worlds.full().write(folder / "source"))
    build(workspace, with_map=False)
    return workspace


@pytest.fixture
def own_world(built_world: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the small workspace that a test may break."""
    from mgrec_core.workspace.folder import Workspace

    return Workspace(shutil.copytree(built_world.path, tmp_path / "workspace"))
