"""Engines with friends and with advertisements; only to be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.engine.engine import Engine
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace
from tests.targets import worlds


def built(folder: Path, source: Path) -> Engine:
    workspace = Workspace.create(folder / "workspace")
    import_data(workspace, source, "canonical")
    build(workspace, with_map=False)
    return Engine.open(workspace.path)


@pytest.fixture(scope="session")
def friends(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """48 users in circles."""
    folder = tmp_path_factory.mktemp("circles")
    return built(folder, worlds.circles().write(folder / "source"))


@pytest.fixture(scope="session")
def coupons(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """60 users, 16 coupons."""
    folder = tmp_path_factory.mktemp("coupons")
    return built(folder, worlds.write_ads(folder / "source"))
