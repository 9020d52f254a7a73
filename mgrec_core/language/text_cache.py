"""Keeps the vectors of texts already encoded, so that each distinct text meets the model once."""

from __future__ import annotations

import contextlib
import hashlib
import math
import time
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.files import replacing
from mgrec_core.foundation.progress import Progress, silent

_KEY_BYTES = 16
# Texts in one file: what a killed build loses at most, and what one sort by length sees.
_SEGMENT = 4_096


@runtime_checkable
class AskedElsewhere(Protocol):
    """What the cache needs besides of an encoder that may be somebody else's."""

    keep_every: int | None
    """After how many texts their vectors are kept; ``None`` leaves it to the cache."""

    def check(self, folder: Path) -> None:
        """Refuse to add to a folder of vectors that are another model's."""


class TextEncoder(Protocol):
    """What the cache needs of an encoder."""

    @property
    def fingerprint(self) -> str:
        """Name of the model's exact state."""

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""

    def encode(
        self, texts: Sequence[str], progress: Progress = silent, *, truncate_left: bool = False
    ) -> NDArray[np.float32]:
        """Return one row of length 1 for each text."""


def normalise_text(text: str) -> str:
    r"""Return the text in NFC, without surrounding blanks and lone surrogates.

    Examples
    --------
    >>> normalise_text("  Cafe\u0301 ")
    'Café'
    """
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8")).strip()


class TextCache:
    """Vectors on disk, by model fingerprint and text.

    Each model has a folder of immutable files; a file holds the keys and vectors of the texts that
    one call encoded, with a checksum. A damaged file is dropped and its texts are encoded again.
    Several processes may use one cache at once.

    Parameters
    ----------
    folder
        Where the cache lives; made when first written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = Path(folder)

    def encode(
        self,
        encoder: TextEncoder,
        texts: Sequence[str],
        progress: Progress = silent,
        *,
        truncate_left: bool = False,
    ) -> NDArray[np.float32]:
        """Return the texts' vectors, encoding only what this model has not met.

        Parameters
        ----------
        encoder
            The model.
        texts
            Any texts; they are compared after :func:`normalise_text`.
        progress
            Called with stage ``"encoding"``, counting the texts that had to be encoded.
        truncate_left
            Cut long texts at their beginning instead of their end.

        Returns
        -------
        array of shape (len(texts), encoder.dimensions)
            Rows of length 1, in the order of ``texts``.
        """
        cleaned = [normalise_text(text) for text in texts]
        keys = [_key(text, truncate_left) for text in cleaned]
        folder = self._folder / encoder.fingerprint
        rows: dict[bytes, NDArray[np.float32]] = {}
        wanted = set(keys)
        if wanted and folder.is_dir():
            for path in sorted(folder.glob("*.npy")):
                rows.update(_read(path, encoder.dimensions, wanted))
        missing = {key: text for key, text in zip(keys, cleaned, strict=True) if key not in rows}
        order = sorted(missing)  # what a file holds does not depend on the order of the texts
        whole, step = _Whole(progress, len(order)), _SEGMENT
        if order and isinstance(encoder, AskedElsewhere):
            encoder.check(folder)
            step = encoder.keep_every or step
        for segment in slices(len(order), 1, step):
            whole.before = segment.start
            part = order[segment]
            vectors = encoder.encode(
                [missing[key] for key in part],
                whole,
                truncate_left=truncate_left,
            )
            _write(folder, part, vectors)
            rows.update(zip(part, vectors, strict=True))
        result = np.empty((len(texts), encoder.dimensions), np.float32)
        for row, key in enumerate(keys):
            result[row] = rows[key]
        return result

    def missing(self, fingerprint: str, texts: Iterable[str]) -> list[str]:
        """Return the different texts, as they are compared, of which a model's vectors are not there."""
        by_key = {_key(text, False): text for text in map(normalise_text, texts)}
        folder, dimensions = self._folder / fingerprint, self.dimensions_of(fingerprint)
        for path in sorted(folder.glob("*.npy")) if dimensions else ():
            for key in _read(path, dimensions or 0, set(by_key)):
                by_key.pop(key, None)
        return list(by_key.values())

    def dimensions_of(self, fingerprint: str) -> int | None:
        """Return the length of a model's vectors, None where the cache has none of it."""
        for path in sorted((self._folder / fingerprint).glob("*.npy")):
            with contextlib.suppress(OSError, ValueError, EOFError, KeyError, TypeError):
                return int(np.load(path, mmap_mode="r", allow_pickle=False).dtype["vector"].shape[0])
        return None

    def damaged(self) -> list[Path]:
        """Files whose content is not what their names say; they stay until they are asked for."""
        return [path for path in sorted(self._folder.glob("*/*.npy")) if not _is_whole(path)]

    def keep(self, texts: Iterable[str]) -> None:
        """Drop every vector but those of these texts, of all models.

        A file that loses rows is written anew, since a vector tells something of its text.
        """
        cleaned = {normalise_text(text) for text in texts}
        wanted = {_key(text, left) for text in cleaned for left in (False, True)}
        for path in sorted(self._folder.glob("*/*.npy")):
            dimensions = self.dimensions_of(path.parent.name) or 0
            held = _read(path, dimensions, wanted)
            if not path.is_file():  # it was damaged
                continue
            if len(held) == len(np.load(path, mmap_mode="r")):
                continue
            path.unlink()
            if held:
                order = sorted(held)
                _write(path.parent, order, np.stack([held[key] for key in order]))


def _key(text: str, truncate_left: bool) -> bytes:
    person = b"left" if truncate_left else b""
    return hashlib.blake2b(text.encode("utf-8"), digest_size=_KEY_BYTES, person=person).digest()


class _Whole:
    """Progress of all segments as one, with the time left; its clock starts with the first batch done."""

    def __init__(self, progress: Progress, whole: int) -> None:
        self.before = 0
        self._progress, self._whole = progress, whole
        self._first: tuple[int, float] | None = None

    def __call__(self, stage: str, done: int, total: int, detail: str = "") -> None:
        now = self.before + done
        if done > 0:
            moment = time.monotonic()
            had, since = self._first = self._first or (now, moment)
            if had < now < self._whole:
                left = (self._whole - now) * (moment - since) / (now - had)
                detail = f"{detail}, {time_left(left)}".removeprefix(", ")
        self._progress(stage, now, self._whole, detail)


def time_left(seconds: float) -> str:
    """Say how long something takes yet, in words.

    Examples
    --------
    >>> time_left(7.2), time_left(200), time_left(9000)
    ('about 8 s left', 'about 4 min left', 'about 2.5 h left')
    """
    if seconds < 90:
        return f"about {math.ceil(seconds)} s left"
    return (
        f"about {math.ceil(seconds / 60)} min left"
        if seconds < 5400
        else f"about {seconds / 3600:.1f} h left"
    )


def _row_type(dimensions: int) -> np.dtype[np.void]:
    return np.dtype([("key", np.void, _KEY_BYTES), ("vector", np.float32, (dimensions,))])


def _write(folder: Path, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
    table = np.empty(len(keys), _row_type(vectors.shape[1]))
    table["key"] = np.frombuffer(b"".join(keys), np.dtype((np.void, _KEY_BYTES)))
    table["vector"] = vectors
    digest = hashlib.blake2b(b"".join(keys), digest_size=8).hexdigest()
    # the checksum is part of the name: header and body are then written in one piece
    path = folder / f"{digest}-{zlib.crc32(table.tobytes()):08x}.npy"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path, durable=True) as staged, staged.open("wb") as file:
            np.save(file, table, allow_pickle=False)
    except OSError as error:
        raise refusal(
            error, f"the text cache {folder}", "written", choose="choose another workspace"
        ) from error


def _read(path: Path, dimensions: int, wanted: set[bytes]) -> dict[bytes, NDArray[np.float32]]:
    """Return a file's rows among ``wanted``; a damaged file is removed and gives nothing."""
    try:
        table = np.load(path, allow_pickle=False)
        whole = (
            table.dtype == _row_type(dimensions)
            and table.ndim == 1
            and path.stem.endswith(f"-{zlib.crc32(table.tobytes()):08x}")
        )
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, EOFError) as error:
        if cause_of(error) not in (None, Cause.DAMAGED):
            return {}  # it may be whole: only this process cannot read it now
        whole = False
    if not whole:
        with contextlib.suppress(OSError):
            path.unlink()
        return {}
    vectors = table["vector"]
    return {
        key: vectors[row]
        for row, key in enumerate(table["key"].tobytes()[i : i + _KEY_BYTES] for i in _offsets(len(table)))
        if key in wanted
    }


def _is_whole(path: Path) -> bool:
    try:
        table = np.load(path, allow_pickle=False)
        return path.stem.endswith(f"-{zlib.crc32(table.tobytes()):08x}")
    except (OSError, ValueError, EOFError, TypeError, SyntaxError):
        return False


def _offsets(n: int) -> range:
    return range(0, n * _KEY_BYTES, _KEY_BYTES)
