"""Vectors of texts from ``/v1/embeddings``."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import count, shorten
from mgrec_core.language.remote.address import Address
from mgrec_core.language.remote.client import Client, TooMuchError

KEY: Final = "MGREC_EMBEDDINGS_KEY"
"""Variable of the environment that holds the key."""
_TOO_LONG = re.compile(r"too long|too large|maximum|at most|exceed|less than|context|length", re.IGNORECASE)


class Embeddings:
    """A model behind an address as a function from texts to unit vectors.

    Parameters
    ----------
    client
        Who is asked.
    prompt
        What is put before every text.

    Attributes
    ----------
    dimensions
        Length of the vectors: that of the first answer; ``None`` before it.
    """

    def __init__(self, client: Client, prompt: str = "") -> None:
        self._client, self._prompt = client, prompt
        self._most: int | None = None
        self.dimensions: int | None = None

    @classmethod
    def of(cls, address: Address, prompt: str = "") -> Embeddings:
        """Return the model of an address, with the key of the environment."""
        return cls(Client(address, KEY), prompt)

    def encode(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float32]:
        """Return rows of length 1, shape (len(texts), d).

        A request that the server refuses as too large is halved, and later ones stay as small.

        Raises
        ------
        InputError
            The server does not answer, refuses, or answers with something else than one vector a text, each
            as long as those before it.
        """
        parts, start = [], 0
        while start < len(texts):
            size = min(batch_size, self._most or batch_size)
            part = texts[start : start + size]
            try:
                parts.append(self._ask([self._prompt + text or " " for text in part]))
            except TooMuchError as error:
                if len(part) == 1:
                    raise self._one_refused(error, part[0]) from None
                self._most = len(part) // 2
                continue
            start += len(part)
        return np.concatenate(parts) if parts else np.zeros((0, self.dimensions or 0), np.float32)

    def _one_refused(self, error: TooMuchError, text: str) -> InputError:
        if error.status != 413 and not _TOO_LONG.search(error.said):
            return error
        shown = shorten(" ".join(text.split()), 60)
        return self._client.problem(
            f"does not read texts of {len(text):,} characters ({error.status}{': ' * bool(error.said)}"
            f"{error.said}), such as the one that begins “{shown}”",
            "shorten the texts with `language: {template: …}`, or let the server cut them",
        )

    def _ask(self, texts: list[str]) -> NDArray[np.float32]:
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        document = self._client.post("embeddings", {"input": clean})
        rows = _rows(document.get("data"))
        if rows is None:
            raise self._wrong("without vectors")
        if len(rows) != len(texts):
            raise self._wrong(f"with {count(len(rows), 'vector')} for {count(len(texts), 'text')}")
        found = len(rows[0])
        if any(len(row) != found for row in rows):
            raise self._wrong("with vectors of different lengths")
        if not found:
            raise self._wrong("with empty vectors")
        if self.dimensions is None:
            self.dimensions = found
        if found != self.dimensions:
            raise self._wrong(f"with vectors of {found:,} numbers after {self.dimensions:,} before")
        vectors = np.stack(rows)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or not norms.all():
            raise self._wrong("with vectors of NaN, infinity or nothing but zeros")
        return np.asarray(vectors / norms, np.float32)

    def _wrong(self, what: str) -> InputError:
        return self._client.problem(
            f"answers {what}", "check that it is a model of embeddings, or name another"
        )


def _rows(data: Any) -> list[NDArray[np.float64]] | None:
    """Return the vectors in the order of the texts; ``None`` where there are none."""
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        return None
    places = [one.get("index") for one in data]
    if sorted(p for p in places if type(p) is int) == list(range(len(data))):
        data = [one for _, one in sorted(zip(places, data, strict=True), key=lambda pair: pair[0])]
    found = [_row(one.get("embedding")) for one in data]
    return None if any(row is None for row in found) else [row for row in found if row is not None]


def _row(given: Any) -> NDArray[np.float64] | None:
    try:
        if isinstance(given, str):  # some servers send it so without being asked
            row = np.frombuffer(base64.b64decode(given, validate=True), "<f4").astype(np.float64)
        elif isinstance(given, list) and all(type(one) in (int, float) for one in given):
            row = np.array(given, np.float64)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return row
