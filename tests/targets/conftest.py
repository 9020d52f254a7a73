"""Engines with friends and with advertisements; only to be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.engine import Engine
from mgrec_core.workspace import Workspace
from tests.targets import worlds


def built(folder: Path, source: Path) -> Engine:
    workspace = Workspace.create(folder / "workspace")
    workspace.import_source(source, "canonical")
    workspace.build(with_map=False)
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
