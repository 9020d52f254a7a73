"""The language model of a build: chosen by the texts, named, or unfit."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import Qwen3Config, Qwen3Model

from mgrec_core import Engine
from mgrec_core.engine.info import info
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.language import model_fingerprint
from mgrec_core.language.embedded import MINILM, USE
from mgrec_core.model.config import Config
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.updating import update
from mgrec_core.workspace.folder import Workspace
from pages.ui.frame import guard
from tests.language.conftest import write_bert, write_gpt2, write_tokenizer
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


# Models by path, from the texts to an explanation


def decoder(folder: Path) -> Path:
    return write_gpt2(folder)


def like_e5(folder: Path) -> Path:
    write_bert(folder)
    return sentence_transformer(folder, "mean", {"query": "query: ", "passage": "passage: "})


def like_qwen3(folder: Path) -> Path:
    vocabulary = write_tokenizer(folder, ("[EOS]",), "$A [EOS]")
    torch.manual_seed(4)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "head_dim": 8, "max_position_embeddings": 64}
    heads = {"num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    tokens = {"vocab_size": vocabulary, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 2}
    Qwen3Model(Qwen3Config(**sizes, **heads, **tokens, initializer_range=0.3)).save_pretrained(folder)
    (folder / "tokenizer_config.json").write_text('{"padding_side": "left"}')
    return sentence_transformer(folder, "lasttoken", {"query": "Instruct: find\nQuery:", "document": ""})


def sentence_transformer(folder: Path, pooling: str, prompts: dict[str, str]) -> Path:
    kinds = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
    rows = [{"type": f"sentence_transformers.models.{kind}", "path": path} for kind, path in kinds.items()]
    (folder / "modules.json").write_text(json.dumps(rows))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": pooling}))
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))
    return folder


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("english")
    workspace = Workspace.create(folder / "workspace")
    import_data(workspace, shop(folder / "source", "English"))
    return workspace


@pytest.mark.parametrize("make", [decoder, like_e5, like_qwen3])
def test_the_whole_path(english: Workspace, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = make(tmp_path / "model")
    manifest = build(english, str(folder), with_map=False)[0]
    assert (manifest.model, manifest.model_reason) == (str(folder), "")
    assert manifest.granularities["behaviour"].present
    engine = Engine.open(english.path)
    items = engine.rank("u00", 5).items
    told = engine.explain("u00", items[0].item_id)
    assert sum(told.contributions.values()) == pytest.approx(items[0].score, abs=1e-5)
    assert len(told.evidence["behaviour"]) > 0


def test_a_prompt_of_the_config_gives_another_build(english: Workspace, tmp_path: Path) -> None:
    folder = str(like_e5(tmp_path / "model"))
    own = build(english, folder, with_map=False)[0]
    settings = Config.model_validate({"language": {"prompt": "passage: "}})
    same = build(english, folder, settings, with_map=False)[0]
    assert same.model_fingerprint == own.model_fingerprint
    other = build(english, folder, Config.model_validate({"language": {"prompt": "piano "}}), with_map=False)[
        0
    ]
    assert other.model_fingerprint != own.model_fingerprint


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def damaged_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "said"), [(without_tokenizer, "has no tokenizer"), (damaged_weights, "missing or damaged")]
)
def test_a_damaged_model_leaves_the_build_in_use(
    english: Workspace, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    before = build(english, with_map=False)[0]
    assert before.model == MINILM.name
    folder = decoder(tmp_path / "model")
    damage(folder)
    with pytest.raises(MgrecError, match=said) as caught:
        build(english, str(folder), with_map=False)
    assert "\n" not in str(caught.value)
    assert english.manifest() == before and Engine.open(english.path).rank("u00", 5).items


def test_the_template_of_the_config_is_what_is_read_and_shown(english: Workspace) -> None:
    settings = Config.model_validate({"language": {"template": "a thing called {title}"}})
    manifest = build(english, config=settings, with_map=False)[0]
    assert Engine.open(english.path).item_text("i00").startswith("a thing called ")
    with pytest.raises(InputError, match=r"names \{colour\}, which no item has"):
        build(english, config=Config.model_validate({"language": {"template": "{colour}"}}), with_map=False)
    assert english.manifest() == manifest
