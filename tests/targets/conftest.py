"""Engines with friends and with advertisements; only to be read."""

from __future__ import annotations

import pytest

from mgrec_core.engine.engine import Engine
from tests.built import built
from tests.targets import worlds


@pytest.fixture(scope="session")
def friends(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """48 users in circles."""
    folder = tmp_path_factory.mktemp("circles")
    source = worlds.circles().write(folder / "source")
    return Engine.open(built(folder / "workspace", source, "canonical").path)


@pytest.fixture(scope="session")
def coupons(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """60 users, 16 coupons."""
    folder = tmp_path_factory.mktemp("coupons")
    source = worlds.write_ads(folder / "source")
    return Engine.open(built(folder / "workspace", source, "canonical").path)
