"""Real models for the tests: the embedded one, and small ones with random weights made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaModel

from mgrec_core.language import Encoder, load_encoder

CORPUS = [
    "Toy Story (1995). Genres: Adventure, Animation, Children, Comedy, Fantasy",
    "Heat (1995). Genres: Action, Crime, Thriller",
    "a quiet film about a loud piano in a quiet town",
    "user item event granularity evidence space weight base scale",
]

# lengths from nothing to far beyond the model's maximum, and scripts it splits into many tokens
TEXTS = [
    "",
    "Heat",
    "Amélie (Le fabuleux destin d'Amélie Poulain)",
    "千と千尋の神隠し",
    "🎬🎹 <script>alert('x')</script> $x^2$",
    "Toy Story (1995). Genres: Adventure, Animation, Children, Comedy, Fantasy",
    "a quiet film about a loud piano in a quiet town " * 12,
    "word " * 900,
    "line\nbreak\tand\x00control",
]


@pytest.fixture(scope="session")
def minilm() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="session")
def minilm_torch() -> Encoder:
    return load_encoder(backend="torch")


def write_tokenizer(folder: Path, special: tuple[str, ...], template: str | None) -> int:
    """Train a word-piece tokenizer on the corpus, write tokenizer.json, return the vocabulary's size."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=["[PAD]", "[UNK]", *special])
    tokenizer.train_from_iterator(CORPUS, trainer)
    if template is not None:
        ids = [(token, tokenizer.token_to_id(token)) for token in special]
        tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=ids)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer.get_vocab_size()


def write_bert(
    folder: Path, seed: int = 0, special: tuple[str, ...] = ("[CLS]", "[SEP]"), **options: Any
) -> Path:
    vocabulary = write_tokenizer(folder, special, "[CLS] $A [SEP]")
    torch.manual_seed(seed)
    settings = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
        "initializer_range": 0.3,  # the usual .02 makes all texts alike
        **options,
    }
    BertModel(BertConfig(vocab_size=vocabulary, **settings)).save_pretrained(folder)
    return folder


def write_gpt2(folder: Path, seed: int = 1) -> Path:
    vocabulary = write_tokenizer(folder, (), None)
    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=vocabulary,
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=64,
        initializer_range=0.3,
        bos_token_id=1,
        eos_token_id=1,
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def write_llama(folder: Path, seed: int = 2) -> Path:
    vocabulary = write_tokenizer(folder, ("[EOS]",), "$A [EOS]")
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
        initializer_range=0.3,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    LlamaModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def texts() -> list[str]:
    return list(TEXTS)


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Path]:
    """Write a small model of a kind ("bert", "gpt2", "llama") with random weights; its folder."""
    writers = {"bert": write_bert, "gpt2": write_gpt2, "llama": write_llama}

    def make(kind: str, name: str = "model", **options: Any) -> Path:
        return writers[kind](tmp_path / name, **options)

    return make
