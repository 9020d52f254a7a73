"""Other encoders and decoders by path, against transformers and sentence-transformers themselves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers import AutoModel

from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.language import load_encoder, model_fingerprint

MakeModel = Callable[..., Path]

TEXTS = ["Heat", "a quiet film about a loud piano in a quiet town", "Toy Story", "piano " * 200, ""]


def by_hand(folder: Path, texts: list[str], pool: Callable[[Any], Any], longest: int) -> NDArray[np.float32]:
    """Encode one text at a time, so that nothing is padded, with the plainest use of transformers."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(longest)
    model = AutoModel.from_pretrained(folder).eval()
    rows = []
    for text in texts:
        ids = tokenizer.encode(text).ids or [1]
        with torch.inference_mode():
            states = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        vector = pool(states)
        rows.append((vector / vector.norm()).numpy())
    return np.stack(rows)


@pytest.mark.parametrize("backend", ["auto", "torch", "openvino"])
def test_a_plain_encoder_pools_by_mean(make_model: MakeModel, backend: str) -> None:
    folder = make_model("bert")
    encoder = load_encoder(str(folder), backend=backend)
    expected = by_hand(folder, TEXTS, lambda states: states.mean(0), 64)
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-4)
    assert encoder.fingerprint == model_fingerprint(str(folder))
    assert encoder.dimensions == 32


@pytest.mark.parametrize("backend", ["auto", "torch"])
@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_a_decoder_pools_by_its_last_token(make_model: MakeModel, backend: str, kind: str) -> None:
    folder = make_model(kind)
    encoder = load_encoder(str(folder), backend=backend)
    expected = by_hand(folder, TEXTS, lambda states: states[-1], 64)
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-4)


def test_a_bert_with_another_activation_is_not_taken_for_a_plain_one(make_model: MakeModel) -> None:
    folder = make_model("bert", hidden_act="relu")
    expected = by_hand(folder, TEXTS, lambda states: states.mean(0), 64)
    np.testing.assert_allclose(load_encoder(str(folder)).encode(TEXTS), expected, atol=1e-4)


def as_sentence_transformer(folder: Path, pooling: dict[str, Any], *more: str) -> Path:
    kinds = ["Transformer", "Pooling", *more]
    modules = [
        {"idx": i, "name": str(i), "path": "" if i == 0 else f"{i}_{kind}"} for i, kind in enumerate(kinds)
    ]
    for module, kind in zip(modules, kinds, strict=True):
        module["type"] = f"sentence_transformers.models.{kind}"
        (folder / str(module["path"])).mkdir(exist_ok=True)
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 32, **pooling}))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 12, "do_lower_case": false}')
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", **names})
    )
    return folder


@pytest.mark.parametrize(
    "flag", ["cls_token", "mean_tokens", "max_tokens", "lasttoken", "mean_sqrt_len_tokens"]
)
def test_sentence_transformers_folders_are_honoured(make_model: MakeModel, flag: str) -> None:
    pooling = {"pooling_mode_mean_tokens": False, f"pooling_mode_{flag}": True}
    folder = as_sentence_transformer(make_model("bert"), pooling, "Normalize")
    theirs = SentenceTransformer(str(folder), device="cpu").encode(TEXTS, normalize_embeddings=True)
    encoder = load_encoder(str(folder))
    assert encoder.max_length == 12
    np.testing.assert_allclose(encoder.encode(TEXTS), theirs, atol=1e-4)


E5 = {"prompts": {"query": "query: ", "passage": "passage: "}}
QWEN3 = {"prompts": {"query": "Instruct: find\nQuery:", "document": ""}, "default_prompt_name": None}
GEMMA = {"prompts": {"query": "task: search result | query: ", "document": "title: none | text: "}}
ONLY_ONE = {"prompts": {"sts": "a quiet town "}, "default_prompt_name": "sts"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [(E5, "passage: "), (QWEN3, ""), (GEMMA, "title: none | text: "), (ONLY_ONE, "a quiet town "), ({}, "")],
)
@pytest.mark.parametrize("layers", [("Normalize",), ("Dense", "Normalize")])
def test_the_prompt_for_documents_stands_before_every_text(
    make_model: MakeModel, said: dict[str, Any], expected: str, layers: tuple[str, ...]
) -> None:
    folder = as_sentence_transformer(make_model("bert"), {"pooling_mode_mean_tokens": True}, *layers)
    if "Dense" in layers:
        write_dense(folder / "2_Dense")
    (folder / "config_sentence_transformers.json").write_text(json.dumps(said))
    encoder = load_encoder(str(folder))
    assert encoder.backend == ("sentence-transformers" if "Dense" in layers else "openvino")
    theirs = SentenceTransformer(str(folder), device="cpu")
    np.testing.assert_allclose(
        encoder.encode(TEXTS), theirs.encode(TEXTS, prompt=expected, normalize_embeddings=True), atol=1e-4
    )
    # an option stands above the model's own, and is part of the fingerprint
    other = load_encoder(str(folder), prompt="loud ")
    assert other.fingerprint == model_fingerprint(str(folder), prompt="loud ") != encoder.fingerprint
    np.testing.assert_allclose(
        other.encode(TEXTS), theirs.encode(TEXTS, prompt="loud ", normalize_embeddings=True), atol=1e-4
    )


def test_a_prompt_that_the_pooling_leaves_out_goes_through_the_library(make_model: MakeModel) -> None:
    pooling = {"pooling_mode_mean_tokens": True, "include_prompt": False}
    folder = as_sentence_transformer(make_model("bert"), pooling)
    (folder / "config_sentence_transformers.json").write_text(json.dumps(E5))
    encoder = load_encoder(str(folder))
    assert encoder.backend == "sentence-transformers"
    theirs = SentenceTransformer(str(folder), device="cpu")
    expected = theirs.encode(TEXTS, prompt="passage: ", normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-4)


def test_a_default_prompt_that_is_not_there_is_refused(make_model: MakeModel) -> None:
    folder = as_sentence_transformer(make_model("bert"), {"pooling_mode_mean_tokens": True})
    (folder / "config_sentence_transformers.json").write_text('{"prompts": {}, "default_prompt_name": "x"}')
    with pytest.raises(InputError, match="no prompt of the name 'x'"):
        load_encoder(str(folder))


def write_dense(dense: Path) -> None:
    dense.joinpath("config.json").write_text(
        json.dumps(
            {
                "in_features": 32,
                "out_features": 8,
                "bias": False,
                "activation_function": "torch.nn.modules.activation.Tanh",
            }
        )
    )
    torch.manual_seed(3)
    save_file({"linear.weight": torch.randn(8, 32)}, dense / "model.safetensors")


def test_a_dense_layer_goes_through_the_library(make_model: MakeModel) -> None:
    folder = as_sentence_transformer(make_model("bert"), {"pooling_mode_mean_tokens": True}, "Dense")
    write_dense(folder / "2_Dense")
    encoder = load_encoder(str(folder))
    assert (encoder.backend, encoder.dimensions) == ("sentence-transformers", 8)
    theirs = SentenceTransformer(str(folder), device="cpu").encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode(TEXTS), theirs, atol=1e-4)


def test_the_fingerprint_follows_the_weights(make_model: MakeModel) -> None:
    first, second = make_model("bert", "a", seed=0), make_model("bert", "b", seed=1)
    again = shutil.copytree(first, first.with_name("c"))
    assert model_fingerprint(str(first)) != model_fingerprint(str(second))
    assert model_fingerprint(str(first)) == model_fingerprint(
        str(again)
    )  # the folder's name is no part of it


def damage_missing(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def damage_truncated(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def damage_noise(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\x00not safetensors" * 100)


def damage_pickle(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def damage_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": ')


def damage_config_list(folder: Path) -> None:
    (folder / "config.json").write_text("[]")


def damage_no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def damage_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def damage_no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def damage_unknown_type(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "surprise", "vocab_size": 10}')


def damage_missing_tensor(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def damage_shape(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["encoder.layer.1.output.dense.weight"] = torch.zeros(3, 3)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def damage_nan(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["encoder.layer.1.output.dense.weight"].fill_(float("nan"))
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def damage_vocabulary(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    name = "embeddings.word_embeddings.weight"
    tensors[name] = tensors[name][:5].clone()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": 5}))


def damage_foreign_code(folder: Path) -> None:
    (folder / "modules.json").write_text(
        '[{"idx": 0, "name": "0", "path": "", "type": "os.system"}]',
    )


def damage_outside(folder: Path) -> None:
    kind = "sentence_transformers.models.Transformer"
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "../..", "type": kind}]))


DAMAGES = [value for name, value in sorted(globals().items()) if name.startswith("damage_")]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_model_is_one_line(
    make_model: MakeModel, damage: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    folder = make_model("bert")
    damage(folder)
    capfd.readouterr()
    with pytest.raises(InputError) as caught:
        load_encoder(str(folder)).encode(TEXTS)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400
    assert "model" in message.lower()
    assert capfd.readouterr() == ("", "")


def test_a_file_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"x")
    with pytest.raises(InputError, match="is a file"):
        load_encoder(str(path))


@pytest.mark.parametrize("name", ["bad name!", "/no/such/folder", "./nowhere", "a/b/c/d", ""])
def test_an_unknown_name_is_one_line(name: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        load_encoder(name)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_offline_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(NotFoundError, match="could not be fetched"):
        load_encoder("nobody/nothing")
