"""What an encoder backend is: it runs a language model's files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.registry import Registry
from mgrec_core.language.batches import Batch
from mgrec_core.language.model_files import ModelFiles

Store = Callable[[Batch, NDArray[np.float32]], None]
"""Takes a batch and its vectors, shape (texts of the batch, d), rows of length 1."""


class RunsBatches(Protocol):
    """Runs a model on tokens; tokenising is done for it."""

    name: str

    def run(self, batches: Iterable[Batch], store: Store) -> None:
        """Encode batches and hand each to ``store`` with its vectors, in any order."""


@runtime_checkable
class RunsTexts(Protocol):
    """Runs a model on texts, tokenising and the model's prompt included."""

    name: str

    def encode(
        self, texts: Sequence[str], batch_size: int, truncate_left: bool = False
    ) -> NDArray[np.float32]:
        """Return rows of length 1, shape (len(texts), d)."""


@dataclass(frozen=True, kw_only=True)
class EncoderBackend:
    """One way to run language models.

    Attributes
    ----------
    name
        What ``load_encoder(backend=…)`` calls it.
    load
        Makes a model ready; raises InputError where its files are wrong, anything else where this backend
        cannot run it. What only it needs is imported when it is called.
    suits
        Whether ``"auto"`` tries it for a model.
    order
        Its turn when ``"auto"`` chooses: the first that suits and can run the model.
    """

    name: str
    load: Callable[[ModelFiles], RunsBatches | RunsTexts]
    suits: Callable[[ModelFiles], bool]
    order: int = 100


BACKENDS: Registry[EncoderBackend] = Registry(
    EncoderBackend, "mgrec_core.language.backends", "mgrec.encoders", one="encoder"
)
"""Backends by name."""


def first_line(error: BaseException) -> str:
    """Return an error's kind and the first line of what it says."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:160]}".rstrip(": ")
