"""A small encoder and decoder that can learn, and people who each like one kind of thing."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from mgrec_core.adaptation.held_out import HeldOut, hold_out
from mgrec_core.language.model_files import ModelFiles, find_model
from tests.language.conftest import write_bert, write_gpt2
from tests.worlds import World

KINDS = ("tea", "rail", "chess", "moss")
NOUNS = ("pot", "cup", "leaf", "cake", "book", "map", "song", "lamp", "coat", "boat")


def world(users: int = 40, each: int = 9) -> World:
    """Forty things of four kinds; a user has nine of one kind and two others, dated."""
    rng = random.Random(3)
    items = [(f"i{n:02}", f"{KINDS[n % 4]} {NOUNS[n // 4]} {n}", f"a fine {KINDS[n % 4]}") for n in range(40)]
    events = []
    for user in range(users):
        own = rng.sample(range(user % 4, 40, 4), each)
        for place, item in enumerate(rng.sample(own + rng.sample(range(40), 2), each + 2)):
            moment = f"2024-01-{place + 1:02} 10:00:{user % 60:02}"
            events.append((f"u{user:02}", f"i{item:02}", "view", None, None, moment, None))
    attributes = [(f"i{n:02}", "kind", KINDS[n % 4]) for n in range(40)]
    return World(events=tuple(events), items=tuple(items), attributes=tuple(attributes))


@pytest.fixture(scope="session")
def shop() -> duckdb.DuckDBPyConnection:
    return world().connect()


@pytest.fixture(scope="session")
def held_out(shop: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> HeldOut:
    return hold_out(tmp_path_factory.mktemp("splits"), shop)


def write_encoder(folder: Path) -> Path:
    """A BERT of two layers whose tokenizer has a token for masked words."""
    write_bert(folder, special=("[CLS]", "[SEP]", "[MASK]"))
    names = {
        "mask_token": "[MASK]",
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
    }
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 64}
    (folder / "tokenizer_config.json").write_text(json.dumps(names | kind))
    return folder


def write_decoder(folder: Path) -> Path:
    write_gpt2(folder)
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "tokenizer_class": "PreTrainedTokenizerFast"}
    (folder / "tokenizer_config.json").write_text(json.dumps(names))
    return folder


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    return find_model(str(write_encoder(tmp_path_factory.mktemp("encoder") / "small-bert")))


@pytest.fixture(scope="session")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    return find_model(str(write_decoder(tmp_path_factory.mktemp("decoder") / "small-gpt")))


@pytest.fixture
def told() -> tuple[list[str], Callable[..., None]]:
    """What a progress callback was told, and the callback."""
    said: list[str] = []

    def progress(stage: str, done: int, total: int, detail: str = "") -> None:
        said.append(f"{stage} {done}/{total} {detail}")

    return said, progress
