"""The Map page: stored maps, maps to compute, broken states."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from mgrec_core import Engine, jobs
from mgrec_core.projection import ProjectionSettings, cache_path

Open = Callable[..., AppTest]


def store_map(root: Path, of: str) -> None:
    """Put a map where a computed one is kept, so that the page need not wait for UMAP."""
    engine = Engine.open(root / "shop")
    ids = engine.user_ids if of == "users" else engine.item_ids
    settings = ProjectionSettings(of=of, weights=engine.resolve_weights().values)
    path = cache_path(root / "shop", engine.build, settings)
    path.parent.mkdir(exist_ok=True)
    points = np.random.default_rng(0).normal(size=(len(ids), 2)).astype(np.float32)
    pd.DataFrame({"id": ids, "x": points[:, 0], "y": points[:, 1]}).to_parquet(path, index=False)


def test_a_stored_map_opens_at_once(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    app = open_page(own_root, "map", user="u03")
    assert not app.exception and not app.error
    assert len(app.get("plotly_chart")) == 1
    assert jobs.jobs_of(own_root / "shop") == []
    assert any("mean little" in c.value for c in app.caption)
    app.selectbox(key="map_colour").set_value("town").run()
    assert not app.exception
    assert app.query_params["colour"] == "town"


def test_items_have_a_map_too(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "items")
    app = open_page(own_root, "map", of="items", item="i00")
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1


def test_the_first_visit_computes_the_map_in_the_background(own_root: Path, open_page: Open) -> None:
    app = open_page(own_root, "map")
    job = jobs.running(own_root / "shop", "project")
    assert job is not None
    try:
        assert not app.exception
        app.button(key=f"cancel_{job.id}").click().run()
        assert job.state == "cancelled"
        assert any(b.label == "Compute this map" and not b.disabled for b in app.button)
        assert jobs.running(own_root / "shop") is None, "a cancelled map must not start by itself"
    finally:
        job.cancel()


def test_nonsense_in_the_address_is_told_and_replaced(own_root: Path, open_page: Open) -> None:
    store_map(own_root, "users")
    app = open_page(own_root, "map", of="cats", colour="smell", neighbours="1", min_dist="5", space="soul")
    assert not app.exception
    assert len(app.warning) == 5
    assert set(app.query_params) <= {"workspace", "user"}


def test_without_a_build_the_page_says_where_to_get_one(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    app = open_page(own_root, "map")
    assert not app.exception
    assert "not been built" in app.info[0].value


def test_a_truncated_manifest_is_a_sentence(own_root: Path, open_page: Open) -> None:
    for manifest in (own_root / "shop" / "vectors").glob("*/manifest.json"):
        manifest.write_text("{")
    app = open_page(own_root, "map")
    assert not app.exception and len(app.error) == 1
