"""A language model that can learn: loaded with its adapters, and written whole or in its small part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mgrec_core.adaptation.adapters import Peft, add_adapter, merged, save_adapter
from mgrec_core.adaptation.vocabulary import add_words, domain_words
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.backends.backend import first_line
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import quiet
from mgrec_core.language.tokenizing import tokenizer_of

LONGEST = 128
"""Tokens of a text that are learned from; vectors are made of all that the model reads."""


@dataclass
class Learner:
    """A model of sentence-transformers with adapters in its transformer.

    Attributes
    ----------
    model
        ``SentenceTransformer``: transformer, pooling, length 1.
    language_model
        The same transformer under the head that foretells words; only its encoder is kept.
    adapted
        The transformer as peft wraps it; itself without adapters.
    causal
        Whether it foretells the next word (a decoder), not masked ones.
    added
        New tokens of the domain.
    """

    model: Any
    language_model: Any
    adapted: Any
    tokenizer: Any
    causal: bool
    max_length: int
    prompt: str
    added: int = 0

    def tokenize(self, texts: list[str]) -> dict[str, Any]:
        """Texts to padded ``input_ids`` and ``attention_mask``."""
        found = self.tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=min(LONGEST, self.max_length),
            return_tensors="pt",
        )
        return {name: found[name] for name in ("input_ids", "attention_mask")}

    def save(self, folder: Path) -> None:
        """Write the merged model as a folder of sentence-transformers; it cannot learn on afterwards.

        Raises
        ------
        NoRoomError, InputError
            It cannot be written.
        """
        transformer = self.model[0]
        with quiet():
            transformer.model = merged(self.adapted)
            # the tokenizer knows its own limit, which is not that of this training
            transformer.tokenizer.model_max_length = self.max_length
            try:
                self.model.save_pretrained(str(folder), create_model_card=False)
            except OSError as error:
                raise refusal(error, folder, "written") from error

    def save_adapter(self, folder: Path) -> int:
        """Write the adapters alone; return their size in bytes, 0 without any."""
        with quiet():
            try:
                return save_adapter(self.adapted, folder)
            except OSError as error:
                raise refusal(error, folder, "written") from error


def load_learner(files: ModelFiles, peft: Peft, texts: Sequence[str] = ()) -> Learner:
    """Load a model so that it can learn.

    Parameters
    ----------
    files
        The model.
    peft
        Which adapters; ``none`` trains every weight.
    texts
        Their words become tokens where the model spells them out (:mod:`mgrec_core.adaptation.vocabulary`).

    Raises
    ------
    InputError
        It cannot learn here: another library runs it, its files do not do, or memory is short.
    """
    if not files.is_transformer:
        who = {"own": "its own package runs it", "address": "a server runs it"}
        own = who.get(files.pooling, "a library of its own reads its texts")
        raise InputError(
            f"Model {files.name} cannot be trained here, since {own}: name another with --model, such as"
            " all-MiniLM-L6-v2"
        )
    tokenizer_of(files)  # transformers would make an empty one up where there is none
    try:
        with quiet():
            return _load(files, peft, texts)
    except InputError:
        raise
    except Exception as error:  # whatever a folder provokes in there
        unfit = InputError(
            f"Model {files.name} cannot be loaded for training ({first_line(error)}): choose another"
        )
        raise refusal(error, f"model {files.name}", damaged=unfit, other=unfit) from error


def _load(files: ModelFiles, peft: Peft, texts: Sequence[str]) -> Learner:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

    torch.manual_seed(0)  # of heads and adapters
    transformer = Transformer(
        str(files.transformer),
        model_kwargs={"use_safetensors": True, "local_files_only": True, "dtype": torch.float32},
        config_kwargs={"local_files_only": True},
        processor_kwargs={"local_files_only": True},
        max_seq_length=files.max_length,
    )
    causal = files.pooling == "last"
    kind = AutoModelForCausalLM if causal else AutoModelForMaskedLM
    language_model = kind.from_pretrained(
        str(files.transformer), local_files_only=True, use_safetensors=True, dtype=torch.float32
    )
    tokenizer = transformer.tokenizer
    added = add_words(domain_words(texts, tokenizer), tokenizer, language_model) if texts else 0
    # one transformer under both heads
    transformer.model = language_model.base_model
    adapted = add_adapter(transformer.model, peft)
    pooling = {"last": "lasttoken"}.get(files.pooling, files.pooling)
    modules = [
        transformer,
        Pooling(transformer.get_embedding_dimension(), pooling_mode=pooling),
        Normalize(),
    ]
    prompts = {"document": files.prompt} if files.prompt else {}
    model = SentenceTransformer(modules=modules, device=device(), prompts=prompts)
    return Learner(model, language_model, adapted, tokenizer, causal, files.max_length, files.prompt, added)


def device() -> str:
    """Where training runs: the first CUDA device, else the CPU."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
