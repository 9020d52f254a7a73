"""The language model of a build: chosen by the texts, named, or unfit."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from mgrec_core import Engine
from mgrec_core.engine.info import info
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.foundation.errors import MgrecError
from mgrec_core.language import model_fingerprint
from mgrec_core.language.embedded import MINILM, USE
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.updating import update
from mgrec_core.workspace.folder import Workspace
from pages.ui.frame import guard
from tests.language.topics import titles


def shop(folder: Path, language: str, of_each: int = 6) -> Path:
    """A canonical folder: titles of planted topics, and people who each like one topic."""
    texts, topics, _ = titles(language, of_each)
    folder.mkdir()
    with (folder / "items.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("item_id", "title"), *((f"i{n:02}", t) for n, t in enumerate(texts))])
    random = np.random.default_rng(1)
    rows = [
        (f"u{user:02}", f"i{item:02}", 1_700_000_000 + 3600 * n)
        for user in range(20)
        for n, item in enumerate(random.permutation(np.flatnonzero(np.array(topics) == topics[user]))[:4])
    ]
    with (folder / "interactions.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("user_id", "item_id", "timestamp"), *rows])
    return folder


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("chinese")
    workspace = Workspace.create(folder / "workspace")
    import_data(workspace, shop(folder / "source", "Chinese"))
    build(workspace, with_map=False)
    return workspace


def test_a_build_chooses_the_model_that_reads_its_texts(chinese: Workspace) -> None:
    manifest = chinese.manifest()
    assert (manifest.model, manifest.model_source) == (USE.name, USE.name)
    assert "Chinese characters" in manifest.model_reason and "--model" in manifest.model_reason
    assert "problem" not in manifest.texts
    assert build(chinese, with_map=False) == (manifest, False)  # the same choice, without looking again
    assert update(chinese) == {}


def test_folds_have_the_model_of_the_build(chinese: Workspace) -> None:
    evaluate(Engine.open(chinese.path), k=5, relevant="any")
    assert [path.name for path in (chinese.path / "cache").iterdir() if path.is_dir()] == [
        model_fingerprint(USE.name)
    ]


def test_a_model_that_is_named_is_taken_until_none_is_named(chinese: Workspace) -> None:
    named = build(chinese, MINILM.name, with_map=False)[0]
    assert (named.model, named.model_reason) == (MINILM.name, "")
    assert "unknown to it" in named.granularities["behaviour"].reason
    told = info(chinese)["granularities"]
    assert "--model" in told["behaviour"]["unreliable"] and "unreliable" not in told["collaborative"]
    remarks = guard.remarks(Engine.open(chinese.path))
    assert any(one.startswith("Behaviour is unreliable; the language model cannot") for one in remarks)
    assert update(chinese) == {}  # an update keeps what was named
    assert chinese.manifest().model == MINILM.name
    build(chinese, with_map=False)
    assert "unreliable" not in info(chinese)["granularities"]["behaviour"]
    assert build(chinese, with_map=False)[0].model == USE.name


def test_a_model_that_does_not_do_leaves_the_build_in_use(chinese: Workspace, tmp_path: Path) -> None:
    before = chinese.manifest()
    folder = tmp_path / "empty"
    folder.mkdir()
    for name, said in ((str(folder), "lacks config.json"), (str(tmp_path / "none"), "does not exist")):
        with pytest.raises(MgrecError, match=said) as caught:
            build(chinese, name, with_map=False)
        assert "\n" not in str(caught.value)
        assert chinese.manifest() == before
    assert len(Engine.open(chinese.path).rank("u00", 5).items) == 5
