"""Runs sentence-transformers itself, for folders with dense layers, prompts or several poolings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.backends.backend import EncoderBackend, first_line
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import quiet


class LibraryBackend:
    """The folder as its own library loads it."""

    def __init__(self, files: ModelFiles) -> None:
        self.name = "sentence-transformers"
        with quiet():
            from sentence_transformers import SentenceTransformer

            try:
                self._model: Any = SentenceTransformer(
                    str(files.folder),
                    local_files_only=True,
                    trust_remote_code=False,
                    model_kwargs={"use_safetensors": True},
                )
            except Exception as error:  # as above
                unfit = InputError(
                    f"Model {files.name} cannot be loaded ({first_line(error)}): fetch it again or "
                    "choose another"
                )
                raise refusal(error, f"model {files.name}", damaged=unfit, other=unfit) from error
        self._model.max_seq_length = files.max_length
        self._prompt = files.prompt

    def encode(
        self, texts: Sequence[str], batch_size: int, truncate_left: bool = False
    ) -> NDArray[np.float32]:
        """Return rows of length 1, shape (len(texts), d)."""
        with quiet():
            self._model.tokenizer.truncation_side = "left" if truncate_left else "right"
            vectors = self._model.encode(
                list(texts),
                prompt=self._prompt,  # an empty one too, or the library would take its own default
                batch_size=batch_size,
                show_progress_bar=False,
                normalize_embeddings=True,
            )
        return np.asarray(vectors, np.float32)


LIBRARY = EncoderBackend(
    name="sentence-transformers",
    load=LibraryBackend,
    suits=lambda files: files.pooling == "library",
    order=2,
)
