"""Runs static models: a text's vector is the sum of its tokens' rows, scaled to length 1.

The folder is as `model2vec <https://github.com/MinishLab/model2vec>`_ writes it, which sentence-transformers
reads too. Neither is needed to run one: reading rows is all there is to it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.backends.backend import EncoderBackend, Store, first_line
from mgrec_core.language.batches import Batch
from mgrec_core.language.model_files import ModelFiles


class StaticBackend:
    """The rows in memory, float32."""

    def __init__(self, files: ModelFiles) -> None:
        from safetensors.numpy import load_file

        try:
            tensors = load_file(files.weights[0])
            rows = tensors["embeddings"] if "embeddings" in tensors else tensors["embedding.weight"]
            if rows.ndim != 2 or not rows.size or set(tensors) & {"weights", "mapping"}:
                raise ValueError("its tensors are not one row a token")
        except Exception as error:  # a damaged file, or one of another kind
            unfit = InputError(
                f"Model {files.name} cannot be loaded ({first_line(error)}): make it again or choose another"
            )
            raise refusal(error, f"model {files.name}", damaged=unfit, other=unfit) from error
        self._rows = np.ascontiguousarray(rows, np.float32)
        self.name = "static"

    def run(self, batches: Iterable[Batch], store: Store) -> None:
        """Encode batches one after the other; ``store`` receives each with its vectors."""
        for batch in batches:
            if batch.ids.max() >= len(self._rows):
                raise InputError(
                    f"The model's tokenizer knows token {batch.ids.max()} but it has {len(self._rows)} rows: "
                    "tokenizer and weights do not belong together, make the model again"
                )
            sums = np.einsum("bt,btd->bd", batch.mask.astype(np.float32), self._rows[batch.ids])
            norms = np.linalg.norm(sums, axis=1, keepdims=True)
            # a text must have a direction, whatever it says
            sums[norms[:, 0] == 0] = 1
            store(batch, sums / np.linalg.norm(sums, axis=1, keepdims=True))


STATIC = EncoderBackend(
    name="static", load=StaticBackend, suits=lambda files: files.pooling == "static", order=4
)
