"""The Knowledge graph page on full, empty and broken workspaces."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import support
from streamlit.testing.v1 import AppTest

from mgrec_core.data.options import ImportOptions
from mgrec_core.operations import review
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace

Open = Callable[..., AppTest]


def words(app: AppTest) -> str:
    """Everything the page says in HTML and messages."""
    html = [str(element.proto.body) for element in app.get("html")]
    said = [e.value for kind in (app.error, app.warning, app.info, app.caption) for e in kind]
    return "\n".join([*html, *said])


@pytest.fixture
def labelled_root(tmp_path: Path) -> Path:
    """A workspace, not built, whose graph speaks of titles, two of them doubtful and hostile."""
    source = tmp_path / "source"
    source.mkdir()
    evil = support.HOSTILE[1]
    (source / "interactions.csv").write_text("user_id,item_id\nu,1\nu,2\nv,1\n", encoding="utf-8")
    (source / "items.csv").write_text(
        f"item_id,title\n1,{evil} (1990)\n2,{evil} (1991)\n3,Heat\n", encoding="utf-8"
    )
    (source / "kg.csv").write_text(
        f"head_id,relation,tail_id\n{evil},about,x\nHeat,about,x\n", encoding="utf-8"
    )
    plain = ImportOptions.of(["html_text"])  # or the titles would be cleaned
    import_data(Workspace.create(tmp_path / "workspaces" / "labels"), source, "canonical", options=plain)
    return tmp_path / "workspaces"


def test_a_built_workspace_shows_graph_rules_and_triples(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "knowledge")
    assert not app.exception and not app.error
    said = words(app)
    assert "triples in use" in said and "attribute" in said
    assert {"source", "confidence"} <= set(app.dataframe[0].value.columns)
    assert "<script>" not in said and "<img" not in said


def test_search_leads_to_a_node_and_a_link_opens_it(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "knowledge")
    app.text_input(key="kg_search").input("coffee").run()
    app.selectbox(key="kg_found").select("genre:coffee").run()
    assert not app.exception
    assert app.query_params["entity"] in ("genre:coffee", ["genre:coffee"])
    assert set(app.dataframe[0].value["tail"]) == {"coffee"}
    other = open_page(shop_root, "knowledge", workspace="shop", entity="genre:tea")
    assert set(other.dataframe[0].value["tail"]) == {"tea"}
    gone = open_page(shop_root, "knowledge", workspace="shop", entity="<b>nothing")
    assert not gone.exception and any("no node" in i.value for i in gone.info)


def test_names_are_decided_undone_and_written(labelled_root: Path, open_page: Open) -> None:
    app = open_page(labelled_root, "knowledge")
    assert not app.exception and not app.error
    workspace = Workspace(labelled_root / "labels")
    assert "Names to link" in words(app) and "<script>window" not in words(app)
    app.button(key="kg_accepted_0").click().run()
    assert len(review.decisions(workspace)) == 1 and not app.exception
    app.button(key="kg_undo").click().run()
    assert review.decisions(workspace) == {}
    app.button(key="kg_accepted_0").click().run()
    app.button(key="kg_apply").click().run()
    assert not app.exception
    assert not any(c.pending for c in review.candidates(workspace))
    assert any("build again" in w.value for w in app.warning)


def test_nothing_imported(own_root: Path, open_page: Open) -> None:
    (own_root / "shop" / "mgrec.duckdb").unlink()
    (own_root / "shop" / "jobs").mkdir(exist_ok=True)
    app = open_page(own_root, "knowledge")
    assert not app.exception and any("imported" in i.value for i in app.info)


def test_no_graph_at_all(tmp_path: Path, open_page: Open) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "interactions.csv").write_text("user_id,item_id\nu,1\nv,2\n", encoding="utf-8")
    import_data(Workspace.create(tmp_path / "workspaces" / "bare"), source, "canonical")
    app = open_page(tmp_path / "workspaces", "knowledge")
    assert not app.exception and any("no knowledge graph" in i.value for i in app.info)


def test_broken_files_are_one_sentence(own_root: Path, open_page: Open) -> None:
    shutil.rmtree(own_root / "shop" / "vectors")
    assert not open_page(own_root, "knowledge").exception, "tables without a build are enough"
    (own_root / "shop" / "mgrec.duckdb").write_bytes(b"no database" * 100)
    app = open_page(own_root, "knowledge")
    assert not app.exception and len(app.error) == 1 and "import" in app.error[0].value
