"""Each kind of smaller model: whole folders that encode as ever, and refusals in one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mgrec_core.foundation.errors import InputError, NoRoomError
from mgrec_core.language import load_encoder
from mgrec_core.language.compression import KINDS, USUAL, agreement, make_variant
from mgrec_core.language.compression.heads import importance
from mgrec_core.language.embedded import USE
from mgrec_core.language.model_files import ModelFiles, find_model
from tests.language.conftest import CORPUS, TEXTS, write_bert, write_gpt2, write_llama

READ = [*CORPUS, *(f"{a} {b}" for a in ("quiet", "film", "piano", "heat") for b in ("user", "item", "space"))]
MAKERS = {"bert": write_bert, "gpt2": write_gpt2, "llama": write_llama}
MADE = [("bert", kind) for kind in (*USUAL, "heads")] + [("llama", "layers"), ("llama", "static")]


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], ModelFiles]:
    """Models and what was made of them, by kind of model and kind of variant; ``""`` is the original."""
    folder = tmp_path_factory.mktemp("variants")
    found = {}
    for model in ("bert", "llama"):
        options = {"num_hidden_layers": 4, "max_position_embeddings": 32} if model == "bert" else {}
        MAKERS[model](folder / model, **options)
        if model == "bert":  # a prompt is a part of a model
            said = {"prompts": {"document": "a film: "}}
            (folder / model / "config_sentence_transformers.json").write_text(json.dumps(said))
        found[model, ""] = find_model(str(folder / model))
    for model, kind in MADE:
        make_variant(kind, found[model, ""], READ, folder / f"{model}-{kind}")
        found[model, kind] = find_model(str(folder / f"{model}-{kind}"))
    assert not [path.name for path in folder.iterdir() if path.name.count(".")]  # no scratch is left
    return found


@pytest.mark.parametrize(("model", "kind"), MADE)
def test_a_variant_encodes_like_any_model(
    variants: dict[tuple[str, str], ModelFiles], model: str, kind: str
) -> None:
    files, original = variants[model, kind], variants[model, ""]
    encoder = load_encoder(str(files.folder))
    found = encoder.encode(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1])[::-1], found, atol=2e-3)
    assert encoder.fingerprint == files.fingerprint != original.fingerprint
    numbers = [
        path for path in files.weights if path.suffix != ".xml"
    ]  # the plan of a graph has its own size
    assert sum(path.stat().st_size for path in numbers) < original.bytes


@pytest.mark.parametrize("kind", ["int8", "layers", "heads"])
def test_what_reads_the_texts_is_the_originals(
    variants: dict[tuple[str, str], ModelFiles], kind: str
) -> None:
    files, original = variants["bert", kind], variants["bert", ""]
    assert (files.max_length, files.prompt) == (original.max_length, original.prompt) == (32, "a film: ")


def test_int8_says_nearly_the_same(variants: dict[tuple[str, str], ModelFiles]) -> None:
    before, after = (load_encoder(str(variants["bert", kind].folder)).encode(READ) for kind in ("", "int8"))
    assert agreement(before, after) > 0.99 and not np.allclose(before, after, atol=1e-6)
    assert variants["bert", "int8"].pooling == "graph"


@pytest.mark.parametrize("able", [True, False])
def test_bf16_where_the_processor_computes_in_it(
    variants: dict[tuple[str, str], ModelFiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, able: bool
) -> None:
    monkeypatch.setattr("mgrec_core.language.compression.bf16.computes_in_bf16", lambda found: able)
    original, target = variants["bert", ""], tmp_path / "half"
    if not able:
        with pytest.raises(
            InputError, match="bf16 is nothing for this processor, which would have to emulate"
        ):
            make_variant("bf16", original, READ, target)
        return
    facts = make_variant("bf16", original, READ, target)
    files = find_model(str(target))
    assert facts["agreement"] > 0.99 and files.pooling == "graph"
    assert (
        files.weights[1].stat().st_size < 0.6 * original.bytes and files.fingerprint != original.fingerprint
    )


def test_layers_are_a_plain_model_with_half_of_them(variants: dict[tuple[str, str], ModelFiles]) -> None:
    for model, n in (("bert", 2), ("llama", 1)):
        files = variants[model, "layers"]
        assert files.config["num_hidden_layers"] == n
        assert files.pooling == variants[model, ""].pooling
        by_torch = load_encoder(str(files.folder), backend="torch").encode(READ)
        assert ((load_encoder(str(files.folder)).encode(READ) * by_torch).sum(axis=1)).min() > 0.999


def test_the_half_that_agrees_most_is_kept(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = write_bert(tmp_path / "model", num_hidden_layers=4)
    weights = load_file(folder / "model.safetensors")
    # two layers that pass on what they get: without them nothing changes, or hardly anything
    for layer in (1, 2):
        for part in ("attention.output", "output"):
            for kind in ("weight", "bias"):
                weights[f"encoder.layer.{layer}.{part}.dense.{kind}"][:] = 0
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    facts = make_variant("layers", find_model(str(folder)), READ, tmp_path / "half")
    assert facts["layers"] == "0, 3 of 4" and facts["tried"]["both ends"]["agreement"] > 0.999


def test_heads_that_do_nothing_go_first(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = write_bert(tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    for layer, head in ((0, 1), (0, 2), (1, 3)):
        weights[f"encoder.layer.{layer}.attention.output.dense.weight"][:, 8 * head : 8 * head + 8] = 0
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    files = find_model(str(folder))
    moves = importance(files, READ)
    assert (moves < 1e-6).sum() == 3 and moves[0, 1] < 1e-6 < moves[0, 0]
    assert make_variant("heads", files, READ, tmp_path / "fewer")["heads"] == "2, 3 of 4 a layer"
    cosine = (
        load_encoder(str(folder)).encode(READ) * load_encoder(str(tmp_path / "fewer")).encode(READ)
    ).sum(1)
    assert cosine.min() > 0.9999


def test_a_static_model_is_what_others_read_of_its_folder(
    variants: dict[tuple[str, str], ModelFiles],
) -> None:
    from model2vec import StaticModel

    folder = variants["bert", "static"].folder
    mine = load_encoder(str(folder), prompt="").encode(READ)
    theirs = StaticModel.from_pretrained(folder).encode(READ)
    np.testing.assert_allclose(mine, theirs, atol=1e-3)


def test_words_that_are_unknown_have_a_direction(variants: dict[tuple[str, str], ModelFiles]) -> None:
    found = load_encoder(str(variants["bert", "static"].folder)).encode(["千と千尋の神隠し", "", "🎬🎹"])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("kind", ["int8", "layers", "static", "heads"])
def test_the_universal_encoder_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match=f"{kind} cannot be made of {USE.name}: its own package") as caught:
        make_variant(kind, find_model(USE.name), READ, tmp_path / "new")
    assert "\n" not in str(caught.value) and not list(tmp_path.iterdir())


def test_other_refusals_are_sentences(variants: dict[tuple[str, str], ModelFiles], tmp_path: Path) -> None:
    bert, llama = variants["bert", ""], variants["llama", ""]
    dense = write_bert(tmp_path / "dense")
    rows = [{"type": f"sentence_transformers.models.{kind}", "path": ""} for kind in ("Transformer", "Dense")]
    (dense / "modules.json").write_text(json.dumps(rows))
    single = find_model(str(write_bert(tmp_path / "single", num_hidden_layers=1)))
    for kind, files, texts, said in (
        ("heads", llama, READ, "plain BERTs only"),
        ("int8", variants["bert", "int8"], READ, "stored graph already"),
        ("layers", variants["bert", "static"], READ, "as fast as can be"),
        ("int8", find_model(str(dense)), READ, "only sentence-transformers knows"),
        ("layers", single, READ, "no stack of two or more"),
        ("bf16", variants["bert", "static"], READ, "as fast as can be"),
        ("int8", bert, [], "no texts"),
        ("int4", bert, READ, "choose among int8, layers"),
    ):
        with pytest.raises(InputError, match=said) as caught:
            make_variant(kind, files, texts, tmp_path / "new")
        assert "\n" not in str(caught.value) and not (tmp_path / "new").exists()


def test_a_full_disk_is_said_and_leaves_nothing(
    variants: dict[tuple[str, str], ModelFiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> dict[str, object]:
        raise RuntimeError("I/O error: No space left on device (os error 28)")

    monkeypatch.setitem(KINDS, "layers", full)
    with pytest.raises(NoRoomError, match="the layers model cannot be written: its disk is full"):
        make_variant("layers", variants["bert", ""], READ, tmp_path / "new")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["int8", "static"])
@pytest.mark.parametrize("damage", ["weights", "tokenizer", "cut"])
def test_a_damaged_variant_is_one_sentence(
    variants: dict[tuple[str, str], ModelFiles], tmp_path: Path, kind: str, damage: str
) -> None:
    import shutil

    folder = Path(shutil.copytree(variants["bert", kind].folder, tmp_path / "model"))
    weights = folder / ("openvino_model.bin" if kind == "int8" else "model.safetensors")
    if damage == "tokenizer":
        (folder / "tokenizer.json").unlink()
    elif damage == "weights":
        weights.unlink()
    else:
        weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(InputError) as caught:
        load_encoder(str(folder))
    assert "\n" not in str(caught.value) and str(folder) in str(caught.value)


def test_the_fingerprint_covers_both_files_of_a_graph(
    variants: dict[tuple[str, str], ModelFiles], tmp_path: Path
) -> None:
    import shutil

    for name in ("openvino_model.bin", "openvino_model.xml"):
        folder = Path(shutil.copytree(variants["bert", "int8"].folder, tmp_path / name))
        assert find_model(str(folder)).fingerprint == variants["bert", "int8"].fingerprint
        with (folder / name).open("ab") as file:
            file.write(b"\n")
        assert find_model(str(folder)).fingerprint != variants["bert", "int8"].fingerprint


def test_nothing_slow_is_loaded_before_it_is_used() -> None:
    slow = "('torch', 'nncf', 'model2vec', 'openvino', 'transformers')"
    code = f"import sys, mgrec_core.operations.compressing; print([m for m in {slow} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nncf_sends_no_reports(tmp_path: Path) -> None:
    code = (
        "import sys; from mgrec_core.language.quiet import import_nncf; nncf = import_nncf()\n"
        "from nncf.telemetry import telemetry\n"
        "print(type(telemetry).__name__, [m for m in sys.modules if m.startswith('openvino_telemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "MagicMock []"
