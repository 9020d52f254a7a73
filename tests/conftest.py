"""Fixtures shared by all tests; groups of tests; how many examples property tests try.

A group is a marker that a test gets from its folder: ``pytest -m unit`` takes seconds, ``-m "not browser"``
leaves out the slowest. A unit test that asks for a built world or a browser goes to the group of that.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

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
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
]
ROOT = Path(__file__).resolve().parent.parent

GROUPS = {
    "browser": "browser",
    "lifecycle": "operations",
    "app": "app",
    "build": "adaptation additions benchmarks cli engine export feedback language projection service targets"
    " workspace",
    "data": "data quality sample_data",
    "unit": "analysis evaluation figures foundation learning metrics model",
}
"""Folders of each group, in the order in which a whole run takes them: the longest files first."""

FOLDERS = {folder: group for group, folders in GROUPS.items() for folder in folders.split()}
LOOSE = "build"
"""Group of the tests that lie in no folder."""

NEEDS = {"chromium": "browser", "built_world": "build", "marketplace": "build", "minilm": "build"}
"""Fixtures that make a unit test another group's."""

FEW = 15
"""Most examples of a property test under the profile ``dev``; a quarter of its own where that is less."""

settings.register_profile("ci", settings.get_profile("default"))
settings.register_profile("dev", deadline=None)  # how many examples: see pytest_collection_modifyitems
PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or "dev"
settings.load_profile(PROFILE)

# The workers fill the cores, and on worlds as small as these threads of linear algebra mostly wait for
# each other: training on the synthetic shop takes a sixth of the processor's time without them.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def group_of(path: Path) -> str:
    """The group of a test file by its folder; documentation's examples are unit tests."""
    if not path.is_relative_to(ROOT / "tests"):
        return "unit"
    folder = path.relative_to(ROOT / "tests").parts[0]
    if folder.endswith(".py"):
        return LOOSE
    if folder not in FOLDERS:
        raise pytest.UsageError(
            f"tests/{folder} belongs to no group: name it under GROUPS in tests/conftest.py"
        )
    return FOLDERS[folder]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``-m unit`` nothing is read that holds no unit test: it would load browsers and models."""
    wanted = config.option.markexpr == "unit" and collection_path != ROOT / "tests"
    return True if wanted and group_of(collection_path) != "unit" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test its group, the longest groups first, and few examples to those that try many."""
    at = {}
    for item in items:
        group = next((name for name in GROUPS if item.get_closest_marker(name)), group_of(item.path))
        if group == "unit":
            asked = set(getattr(item, "fixturenames", ()))
            group = next((needed for fixture, needed in NEEDS.items() if fixture in asked), group)
        item.add_marker(group)
        at[item] = list(GROUPS).index(group)
        test = getattr(item, "obj", None)
        if PROFILE == "dev" and getattr(test, "is_hypothesis_test", False):
            own = test._hypothesis_internal_use_settings
            test._hypothesis_internal_use_settings = settings(
                own, max_examples=max(3, min(own.max_examples // 4, FEW))
            )
    items.sort(key=at.__getitem__)


@pytest.fixture(scope="session", autouse=True)
def one_encoder() -> Iterator[None]:
    """Builds of one process share a language model: to load it anew is half of what a small build takes."""
    from mgrec_core.language import encoder

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder, "load_encoder", cache(encoder.load_encoder))
        yield


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
    from tests.built import built

    folder = tmp_path_factory.mktemp("marketplace")
    return built(folder / "workspace", ROOT / "sample_data" / "marketplace")


@pytest.fixture(scope="session")
def shop(marketplace: Workspace) -> Engine:
    """The synthetic shop's engine."""
    from mgrec_core.engine.engine import Engine

    return Engine.open(marketplace.path)


@pytest.fixture(scope="session")
def built_world(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small workspace with every source and odd ids, built with the embedded model; only to be read."""
    from tests import worlds
    from tests.built import built

    folder = tmp_path_factory.mktemp("world")
    return built(folder / "workspace", worlds.full().write(folder / "source"))


@pytest.fixture
def own_world(built_world: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the small workspace that a test may break."""
    from mgrec_core.workspace.folder import Workspace

    return Workspace(shutil.copytree(built_world.path, tmp_path / "workspace"))
