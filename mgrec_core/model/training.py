"""From an open database to a model: read the views, encode the texts, build every granularity.

The build, and every fold of an evaluation, call :func:`train_model`: what is tested is what is built.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from mgrec_core.data.dataset import Dataset
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language import LazyEncoder, TextCache
from mgrec_core.language.remote.consent import check_consent
from mgrec_core.model.config import Config
from mgrec_core.model.granularities.parts import Parts
from mgrec_core.model.granularities.structure import Vectors
from mgrec_core.model.model import Model, build_model

if TYPE_CHECKING:
    from mgrec_core.language import TextEncoder


@dataclass(frozen=True)
class Trained:
    """A model and what it was made from.

    Attributes
    ----------
    data
        What the views say, with the links that the build's rules add.
    text_vectors : |I| × d or None
        Language-model vectors of the items' texts; ``None`` without texts.
    sequence_vectors : |U| × d or None
        Vectors of whole histories, for ``encoding: sequence``.
    model_name
        The language model's name.
    """

    data: Dataset
    text_vectors: Vectors | None
    sequence_vectors: Vectors | None
    model_name: str
    model: Model


def train_model(
    connection: duckdb.DuckDBPyConnection,
    config: Config,
    *,
    model: str | None,
    cache: Path,
    parts: Parts | None = None,
    order: tuple[list[str], list[str]] | None = None,
    progress: Progress = silent,
    mark: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Build a model of all that an open workspace database holds, with all options of a build.

    Parameters
    ----------
    model
        Language model by name or path; ``None`` is the embedded one.
    cache
        Folder of the text cache.
    parts
        What may be kept of an earlier build; nothing by default.
    order
        As of :meth:`~mgrec_core.data.dataset.Dataset.load`.
    mark
        Called at the end of each step (``views``, ``encoding``, ``granularities``), for timings.
    """
    progress("reading the views", 0, 1)
    data = Dataset.load(connection, config.knowledge, order, config.language.template)
    mark("views")
    text_vectors, sequence_vectors, name = encode(data, model, config, cache, progress)
    mark("encoding")
    built = build_model(data, config, text_vectors, sequence_vectors, progress, parts)
    mark("granularities")
    return Trained(data, text_vectors, sequence_vectors, name, built)


def encode(
    data: Dataset, model: str | None, config: Config, cache: Path, progress: Progress = silent
) -> tuple[Vectors | None, Vectors | None, str]:
    """Vectors of the items' texts, of whole histories if asked for, and the model's name.

    Returns
    -------
    text_vectors : |I| × d or None
    sequence_vectors : |U| × d or None
    name
    """
    written = [n for n, text in enumerate(data.texts) if text]
    if not written:
        return None, None, model or "none (no item has text)"
    progress("reading the text cache", 0, 1)
    texts = TextCache(cache)
    encoder = LazyEncoder(model, texts.dimensions_of, config.language.prompt, config.language.long_texts)
    said = [data.texts[n] or "" for n in written]
    if encoder.address is not None:
        read = (
            histories(data, config.language.sequence_items)[1]
            if config.language.encoding == "sequence"
            else []
        )
        check_consent(
            encoder.address,
            texts.missing(encoder.fingerprint, [*said, *read]),
            config.language.send_texts_to,
            config.language.prompt or "",
        )
    found = texts.encode(encoder, said, progress)
    vectors = np.zeros((len(data.items), found.shape[1]), dtype=np.float32)
    vectors[written] = found
    sequences: Vectors | None = None
    if config.language.encoding == "sequence":
        sequences = _encode_histories(data, encoder, texts, config.language.sequence_items, progress)
    return vectors, sequences, encoder.name


def _encode_histories(
    data: Dataset, encoder: TextEncoder, cache: TextCache, n_items: int, progress: Progress
) -> Vectors:
    """Vectors of all histories read as texts, |U| × d."""
    vectors = np.zeros((len(data.users), encoder.dimensions), dtype=np.float32)
    rows, texts = histories(data, n_items)
    if rows:
        vectors[rows] = cache.encode(encoder, texts, progress)
    return vectors


def texts_in_use(connection: duckdb.DuckDBPyConnection, config: Config) -> list[str]:
    """Every text that a build of these tables encodes."""
    data = Dataset.load(connection, template=config.language.template)
    texts = [text for text in data.texts if text]
    if texts and config.language.encoding == "sequence":
        texts += histories(data, config.language.sequence_items)[1]
    return texts


def histories(data: Dataset, n_items: int) -> tuple[list[int], list[str]]:
    """Each user's newest (else strongest) items as one text, newest first.

    Items of one moment, or of one strength, follow each other by a digest of their titles, so that the
    text does not depend on ids and no letter of the alphabet is read more often than another.

    Returns
    -------
    rows, texts
        The users with a history, and what is read of each.
    """
    order = data.age if data.age is not None else -data.strength
    digests = np.array(
        [hashlib.md5(title.encode(), usedforsecurity=False).hexdigest() for title in data.titles]
    )
    rows, texts = [], []
    for user in range(len(data.users)):
        start, stop = order.indptr[user], order.indptr[user + 1]
        if start == stop:
            continue
        had = order.indices[start:stop]
        newest = had[np.lexsort((digests[had], order.data[start:stop]))][:n_items]
        rows.append(user)
        texts.append("; ".join(data.titles[i] for i in newest))
    return rows, texts
