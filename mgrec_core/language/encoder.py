"""Language models as functions from texts to unit vectors."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation import log
from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.backends import BACKENDS, RunsBatches, RunsTexts
from mgrec_core.language.backends.backend import first_line
from mgrec_core.language.batches import Batch
from mgrec_core.language.model_files import LongTexts, ModelFiles, find_model
from mgrec_core.language.remote.sign import check_sign
from mgrec_core.language.tokenizing import tokenizer_of

# Tokens a text of the catalogue's kind has; batch_size texts of this length make a batch.
_LOG = log.get("language")
_TYPICAL_TOKENS = 16
# What is lost at most of a build that breaks off: one answer more than nothing would be a file an answer.
_KEEP_EVERY = 512


class Encoder:
    """A language model: texts in, rows of length 1 out.

    Made by :func:`load_encoder`.

    Attributes
    ----------
    name
        What the user called the model.
    backend
        Name of what runs it, see :data:`mgrec_core.language.backends.BACKENDS`.
    fingerprint
        Hexadecimal sha256 over weights, configuration, pooling and maximum length.
    dimensions
        Length of the vectors.
    sign
        The vector of one short text, always the same one, by which the model is known again.
    max_length
        Longest text in tokens.
    """

    def __init__(self, files: ModelFiles, backend: RunsBatches | RunsTexts, batch_size: int) -> None:
        self.name = files.name
        self.fingerprint = files.fingerprint
        self.max_length = files.max_length
        self.backend = backend.name
        self._backend = backend
        self._batch_size = batch_size
        self._prompt = files.prompt
        self._pool = files.long_texts == "pool"
        self._tokenizer = None if isinstance(backend, RunsTexts) else tokenizer_of(files)
        self.sign = self._vectors(["a"], silent, False)[0]
        self.dimensions = len(self.sign)

    def encode(
        self, texts: Sequence[str], progress: Progress = silent, *, truncate_left: bool = False
    ) -> NDArray[np.float32]:
        """Encode texts; nothing is cached (see :class:`~mgrec_core.language.TextCache`).

        Parameters
        ----------
        texts
            Any texts, the empty one included.
        progress
            Called with stage ``"encoding"``, texts done, texts in all, and the rate.
        truncate_left
            Cut texts longer than :attr:`max_length` at their beginning, so that the end is kept.

        Returns
        -------
        array of shape (len(texts), dimensions)
            Rows of length 1; a row does not depend on the other texts.

        Raises
        ------
        InputError
            The model's vectors are not finite (damaged weights).
        """
        if len(texts) == 0:
            return np.zeros((0, self.dimensions), np.float32)
        with log.timed(_LOG, "encoding", model=self.name, backend=self.backend, texts=len(texts)):
            vectors = self._vectors(texts, progress, truncate_left)
        if not np.isfinite(vectors).all():
            raise InputError(f"Model {self.name} gives vectors with NaN: fetch it again or choose another")
        return vectors

    def _vectors(self, texts: Sequence[str], progress: Progress, left: bool) -> NDArray[np.float32]:
        meter = _Meter(progress, len(texts))
        if isinstance(self._backend, RunsTexts):
            parts = []
            for some in slices(len(texts), 1, 16 * self._batch_size):
                part = texts[some]
                parts.append(self._backend.encode(part, self._batch_size, left))
                meter.add(len(part))
            return np.concatenate(parts)
        assert self._tokenizer is not None
        result: list[NDArray[np.float32]] = []

        def store(batch: Batch, vectors: NDArray[np.float32]) -> None:
            if not result:
                result.append(np.zeros((len(texts), vectors.shape[1]), np.float32))
            result[0][batch.rows] = vectors
            meter.add(len(batch.rows))

        prompted = [self._prompt + text for text in texts] if self._prompt else texts
        budget = self._batch_size * _TYPICAL_TOKENS
        if not self._pool:
            tokens = self._tokenizer(prompted, truncate_left=left)
            self._backend.run(self._tokenizer.batches(tokens, budget, 4 * self._batch_size), store)
            return result[0]
        chunks = self._tokenizer.chunks(prompted)
        of = np.repeat(np.arange(len(texts)), [len(parts) for parts in chunks])
        tokens = [ids for parts in chunks for ids in parts]
        meter.expect(len(tokens))
        vectors = np.zeros((len(tokens), 0), np.float32)

        def keep(batch: Batch, found: NDArray[np.float32]) -> None:
            nonlocal vectors
            if not vectors.shape[1]:
                vectors = np.zeros((len(tokens), found.shape[1]), np.float32)
            vectors[batch.rows] = found
            meter.add(len(batch.rows))

        self._backend.run(self._tokenizer.batches(tokens, budget, 4 * self._batch_size), keep)
        return _pooled(vectors, of, np.array([len(ids) for ids in tokens]), len(texts))


def load_encoder(
    name_or_path: str | None = None,
    *,
    backend: str = "auto",
    batch_size: int = 64,
    max_length: int | None = None,
    prompt: str | None = None,
    long_texts: LongTexts = "cut",
) -> Encoder:
    """Load a language model.

    Parameters
    ----------
    name_or_path
        A folder, a Hugging Face name, an OpenAI-compatible address (``"http://localhost:11434/v1#bge-m3"``,
        which is asked for one vector at once), or None for the embedded MiniLM. Encoders pool by mean,
        decoders by their last token, sentence-transformers folders as they say.
    backend
        One of :data:`mgrec_core.language.backends.BACKENDS`, or ``"auto"``: the first of them that suits
        the model and can run it, OpenVINO before torch. Folders that only sentence-transformers can run
        go to that.
    batch_size
        Texts of ordinary length that go through the model at once, ≥ 1.
    max_length
        Longest text in tokens, ≥ 4; None takes the model's own.
    prompt
        What is put before every text; None takes what the model's own configuration puts before documents.
    long_texts
        ``"cut"`` leaves out what is beyond ``max_length``; ``"pool"`` reads it in further chunks, of which
        the mean by length is taken.

    Raises
    ------
    InputError
        The model cannot be found, read or run, or an option is out of range.
    """
    if backend != "auto" and backend not in BACKENDS:
        raise InputError(f"Unknown backend {backend!r}: choose one of auto, {', '.join(BACKENDS)}")
    if batch_size < 1:
        raise InputError(f"batch_size {batch_size} must be 1 or more")
    files = find_model(name_or_path, max_length, prompt, long_texts)
    named = BACKENDS.get(backend)
    if named is None or (not files.is_transformer and not named.suits(files)):
        chosen = [one for one in BACKENDS.values() if one.suits(files)]
    else:
        chosen = [named]
    for one in chosen[:-1]:
        try:
            return Encoder(files, one.load(files), batch_size)
        except MgrecError:
            raise
        except Exception as error:  # not installed, or an architecture that it does not know
            if cause_of(error) is Cause.NO_MEMORY:
                raise refusal(error, f"model {files.name}") from error
            continue
    try:
        return Encoder(files, chosen[-1].load(files), batch_size)
    except MgrecError:
        raise
    except Exception as error:
        if cause_of(error) is Cause.NO_MEMORY:
            raise refusal(error, f"model {files.name}") from error
        if named is None:
            raise
        others = ", ".join(name for name in BACKENDS if name != backend)
        raise InputError(
            f"Model {files.name} cannot run with {backend} ({first_line(error)}): "
            f"use another backend, one of {others}"
        ) from error


class LazyEncoder:
    """An encoder that is loaded only when a text has to be encoded.

    Parameters
    ----------
    name_or_path
        As for :func:`load_encoder`.
    dimensions_of
        Tells the length of the vectors of a model by its fingerprint where it is known, else None.
    prompt, long_texts
        As for :func:`load_encoder`.
    """

    def __init__(
        self,
        name_or_path: str | None,
        dimensions_of: Callable[[str], int | None],
        prompt: str | None = None,
        long_texts: LongTexts = "cut",
    ) -> None:
        files = find_model(name_or_path, prompt=prompt, long_texts=long_texts)
        self.name, self.fingerprint, self.address = files.name, files.fingerprint, files.address
        self._asked, self._prompt, self._long_texts = name_or_path, prompt, long_texts
        self._dimensions = dimensions_of(files.fingerprint)
        self._encoder: Encoder | None = None

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""
        return self._loaded().dimensions if self._dimensions is None else self._dimensions

    def encode(
        self, texts: Sequence[str], progress: Progress = silent, *, truncate_left: bool = False
    ) -> NDArray[np.float32]:
        """Encode texts, see :meth:`Encoder.encode`."""
        if self._encoder is None:
            progress("loading the language model", 0, 1)
        return self._loaded().encode(texts, progress, truncate_left=truncate_left)

    @property
    def keep_every(self) -> int | None:
        """After how many texts their vectors are to be kept, where to ask for them again may cost money."""
        return None if self.address is None else _KEEP_EVERY

    def check(self, folder: Path) -> None:
        """Compare the model with the one whose vectors a folder holds, before more are put there.

        Only one behind an address can have become another under the same fingerprint.

        Raises
        ------
        InputError
            Its vectors are others than they were.
        """
        if self.address is not None:
            check_sign(folder, self.address, self._loaded().sign, self._dimensions)

    def _loaded(self) -> Encoder:
        if self._encoder is None:
            with log.timed(_LOG, "loading", model=self.name) as facts:
                self._encoder = load_encoder(self._asked, prompt=self._prompt, long_texts=self._long_texts)
                facts["backend"] = self._encoder.backend
        return self._encoder


def _pooled(
    vectors: NDArray[np.float32], of: NDArray[np.int64], lengths: NDArray[np.int64], n: int
) -> NDArray[np.float32]:
    """Mean of each text's chunks, weighted by their lengths, of length 1."""
    whole = np.zeros((n, vectors.shape[1]), np.float32)
    np.add.at(whole, of, vectors * lengths[:, None].astype(np.float32))
    whole /= np.maximum(np.linalg.norm(whole, axis=1, keepdims=True), 1e-12)
    return whole


class _Meter:
    """Counts texts and reports the rate."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._parts = progress, total, max(total, 1)
        self._done, self._start = 0, time.monotonic()

    def expect(self, parts: int) -> None:
        """Texts come in so many parts."""
        self._parts = parts

    def add(self, count: int) -> None:
        self._done += count
        done = self._done * self._total // self._parts
        rate = done / max(time.monotonic() - self._start, 1e-9)
        self._progress("encoding", done, self._total, detail=f"{rate:.0f} texts/s")
