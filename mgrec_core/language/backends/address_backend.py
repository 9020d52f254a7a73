"""Lets a server run the model: whatever answers OpenAI's ``/v1/embeddings``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError
from mgrec_core.language.backends.backend import EncoderBackend
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.remote.embeddings import Embeddings


class AddressBackend:
    """A model behind an address; the server cuts long texts, or refuses them."""

    def __init__(self, files: ModelFiles) -> None:
        if files.address is None:
            raise InputError(
                f"Model {files.name} is no address: name one as https://HOST/v1#MODEL, or use another backend"
            )
        self.name = "address"
        self._files = files
        self._embeddings = Embeddings.of(files.address, files.prompt)

    def encode(
        self, texts: Sequence[str], batch_size: int, truncate_left: bool = False
    ) -> NDArray[np.float32]:
        """Return rows of length 1, shape (len(texts), d).

        Raises
        ------
        InputError
            The server does not do, see :class:`~mgrec_core.language.remote.embeddings.Embeddings`; or the
            ends of texts are asked for, which no server can be told.
        """
        if truncate_left:
            raise InputError(f"Model {self._files.name} cannot keep the ends of long texts: shorten them")
        return self._embeddings.encode(texts, batch_size)


BACKEND = EncoderBackend(
    name="address", load=AddressBackend, suits=lambda files: files.address is not None, order=4
)
