"""Models that write: a small one with random weights in a folder, and one behind an address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from mgrec_core.foundation.errors import InputError
from mgrec_core.language.generation import load_generator
from mgrec_core.language.generation.chat import KEY
from mgrec_core.language.generation.generator import MOST_TOKENS
from tests.language.conftest import write_bert, write_tokenizer
from tests.language.remote.serving import Server, always, serving

TASK, MATERIAL = "Describe a film.", "a quiet film about a loud piano in a quiet town"


def writer(folder: Path, positions: int = 1024, template: str = "") -> Path:
    """A causal language model with random weights."""
    vocabulary = write_tokenizer(folder, (), None)
    torch.manual_seed(3)
    sizes = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": positions, "initializer_range": 0.3}
    config = GPT2Config(vocab_size=vocabulary, **sizes, bos_token_id=1, eos_token_id=1)
    GPT2LMHeadModel(config).save_pretrained(folder)
    if template:
        (folder / "chat_template.jinja").write_text(template, "utf-8")
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in (KEY, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(always(200, {"choices": [{"message": {"content": "A quiet film."}}]})) as found:
        yield found


def test_a_folder_writes_the_same_each_time(tmp_path: Path) -> None:
    folder = str(writer(tmp_path / "model"))
    model = load_generator(folder)
    assert (model.name, model.address) == (folder, None)
    found = model.write(TASK, MATERIAL)
    assert found.strip() and found == model.write(TASK, MATERIAL) == load_generator(folder).write(
        TASK, MATERIAL
    )
    assert found != model.write(TASK, "a loud town")


def test_a_chat_template_of_the_folder_is_used(tmp_path: Path) -> None:
    plain = load_generator(str(writer(tmp_path / "plain"))).write(TASK, MATERIAL)
    template = "{% for m in messages %}user item {{ m['content'] }}{% endfor %} granularity"
    assert load_generator(str(writer(tmp_path / "chat", template=template))).write(TASK, MATERIAL) != plain
    hostile = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    with pytest.raises(InputError, match="cannot write"):
        load_generator(str(writer(tmp_path / "hostile", template=hostile))).write(TASK, MATERIAL)


def test_one_that_reads_too_little(tmp_path: Path) -> None:
    model = load_generator(str(writer(tmp_path / "model", positions=MOST_TOKENS)))
    with pytest.raises(InputError, match=rf"reads {MOST_TOKENS} tokens, .* choose a model that reads more"):
        model.write(TASK, MATERIAL)


def test_folders_that_do_not_do(tmp_path: Path) -> None:
    encoder = write_bert(tmp_path / "encoder")
    with pytest.raises(InputError, match=r"does not write \(BertModel\): choose a causal"):
        load_generator(str(encoder))
    for name in (str(tmp_path / "none"), "owner/model", " "):
        with pytest.raises(InputError, match="there is no folder"):
            load_generator(name)
    cut = writer(tmp_path / "cut")
    weights = cut / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(InputError, match="missing or damaged"):
        load_generator(str(cut))
    wordless = writer(tmp_path / "wordless")
    (wordless / "tokenizer.json").write_text("{")
    with pytest.raises(InputError, match="cannot be loaded"):
        load_generator(str(wordless)).write(TASK, MATERIAL)
    pickled = writer(tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"no model\.safetensors"):
        load_generator(str(pickled))


def test_an_address_is_asked_one_question(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "sk-1")
    model = load_generator(server.address)
    assert server.requests == [] and model.address is not None and model.address.loopback
    assert model.write(TASK, MATERIAL) == "A quiet film."
    (asked,) = server.requests
    assert (asked.path, asked.headers["Authorization"]) == ("/v1/chat/completions", "Bearer sk-1")
    assert asked.document["messages"] == [
        {"role": "system", "content": TASK},
        {"role": "user", "content": MATERIAL},
    ]
    assert (asked.document["temperature"], asked.document["max_tokens"]) == (0, MOST_TOKENS)


def test_a_model_that_takes_no_limits_is_asked_without(server: Server) -> None:
    refusal = {"error": {"message": "Unsupported parameter: 'max_tokens'"}}
    server.scripts[:] = [always(400, refusal)]
    model = load_generator(server.address)
    assert model.write(TASK, MATERIAL) == model.write(TASK, MATERIAL) == "A quiet film."
    assert [set(request.document) for request in server.requests[1:]] == [{"model", "messages"}] * 2
    server.scripts[:] = [always(400, {"error": {"message": "no"}})]
    with pytest.raises(InputError, match=r"refuses what it was asked \(400: no\)"):
        model.write(TASK, MATERIAL)
