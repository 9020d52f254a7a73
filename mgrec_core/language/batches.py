"""Turns texts into padded batches of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.model_files import ModelFiles

CHUNKS = 16
"""Most chunks of a text that are read, where chunks are pooled."""
_VOCABULARIES = ("vocab.*", "*.model", "*.tiktoken", "tekken.json")


@dataclass(frozen=True)
class Batch:
    """Texts of similar length, padded on the right.

    Padding on the right with a mask suits encoders and decoders alike: a decoder never looks ahead,
    so what follows a text's last token cannot change that token's vector.

    Attributes
    ----------
    rows
        Which texts, shape (b,).
    ids, mask
        Token ids and 1 where there is a token, shape (b, longest text).
    """

    rows: NDArray[np.int64]
    ids: NDArray[np.int64]
    mask: NDArray[np.int64]


class TextTokenizer:
    """A model's tokenizer: texts in, lists of token ids out.

    Parameters
    ----------
    files
        The model.

    Raises
    ------
    InputError
        The folder has no tokenizer that can be read.
    """

    def __init__(self, files: ModelFiles) -> None:
        from tokenizers import Tokenizer

        path = files.transformer / "tokenizer.json"
        try:
            if path.is_file():
                self._tokenizer = Tokenizer.from_file(str(path))
            else:
                # given nothing, transformers makes up a tokenizer that knows no word
                if not any(next(files.transformer.glob(name), None) for name in _VOCABULARIES):
                    raise FileNotFoundError(path)
                from mgrec_core.language.quiet import quiet

                with quiet():
                    from transformers import AutoTokenizer

                    loaded = AutoTokenizer.from_pretrained(
                        str(files.transformer), local_files_only=True, trust_remote_code=False, use_fast=True
                    )
                self._tokenizer = loaded.backend_tokenizer
        except Exception as error:  # tokenizers raises bare Exception
            unfit = InputError(
                f"Model {files.name} has no tokenizer that can be read ({path.name} is missing or damaged): "
                "fetch the model again"
            )
            known = cause_of(error) is not Cause.ABSENT
            raise (refusal(error, path, damaged=unfit, other=unfit) if known else unfit) from error
        self._tokenizer.no_padding()
        self._max_length = files.max_length
        self._lower = files.lower_case
        self._pad = _first_id(files.config.get("pad_token_id"))
        # a decoder's tokenizer may turn an empty text into nothing, and nothing has no last token
        self._nothing = _first_id(*(files.config.get(f"{k}_token_id") for k in ("eos", "bos", "pad")))
        self._vocabulary = files.config.get("vocab_size")

    def __call__(self, texts: Sequence[str], *, truncate_left: bool = False) -> list[list[int]]:
        """Return each text's token ids, special tokens included, at most the model's maximum.

        Raises
        ------
        InputError
            The tokenizer knows tokens the model does not.
        """
        direction = "left" if truncate_left else "right"
        self._tokenizer.enable_truncation(self._max_length, direction=direction)
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        if self._lower:
            clean = [text.lower() for text in clean]
        tokens = [encoding.ids or [self._nothing] for encoding in self._tokenizer.encode_batch(clean)]
        highest = max((max(ids) for ids in tokens), default=0)
        if isinstance(self._vocabulary, int) and highest >= self._vocabulary:
            raise InputError(
                f"The model's tokenizer knows token {highest} but its vocabulary has {self._vocabulary}: "
                "tokenizer and weights do not belong together, fetch the model again"
            )
        return tokens

    def words(self, text: str, *, skip: int = 0) -> tuple[list[int], list[str], list[bool]]:
        """Return a text's tokens with the words that begin at them.

        Parameters
        ----------
        skip
            So many letters at the beginning are no part of it: a prompt.

        Returns
        -------
        ids, words, own
            Token ids as :meth:`__call__` gives them; of each the word that begins there (empty inside of a
            word, and for a special token), and whether it stands for something of the text.
        """
        self._tokenizer.enable_truncation(self._max_length)
        clean = text.encode("utf-8", "replace").decode("utf-8")
        found = self._tokenizer.encode(clean.lower() if self._lower else clean)
        words: list[str] = []
        own: list[bool] = []
        end = -1
        for (start, stop), special in zip(found.offsets, found.special_tokens_mask, strict=True):
            mine = not special and start < stop and stop > skip
            own.append(mine)
            begins = mine and (start != end or clean[start].isspace() or not clean[start].isalnum())
            if begins or (mine and end > 0 and not clean[end - 1].isalnum()):
                words.append(_word_at(clean, start))
            else:
                words.append("")
            end = stop if mine else end
        return list(found.ids), words, own

    def chunks(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """Return each text's token ids in chunks as long as the model reads, at most ``CHUNKS`` of them."""
        self._tokenizer.enable_truncation(self._max_length)
        clean = [text.lower() if self._lower else text for text in texts]
        return [
            [one.ids or [self._nothing] for one in (encoding, *encoding.overflowing[: CHUNKS - 1])]
            for encoding in self._tokenizer.encode_batch(clean)
        ]

    def survey(self, texts: Sequence[str]) -> Iterator[tuple[tuple[int, ...], int, int]]:
        """Yield of each text its token ids without a limit, how many are its own, and how many unknown."""
        self._tokenizer.no_truncation()
        model = self._tokenizer.model
        name = getattr(model, "unk_token", None)
        unknown = getattr(model, "unk_id", None) if name is None else self._tokenizer.token_to_id(name)
        clean = [text.lower() if self._lower else text for text in texts]
        for encoding in self._tokenizer.encode_batch(clean):
            # A tokenizer marks an unknown word as a special token only where a template added it.
            added = sum(encoding.special_tokens_mask)
            yield tuple(encoding.ids), len(encoding.ids) - added, sum(one == unknown for one in encoding.ids)

    def pieces(self, text: str) -> list[tuple[str, bool, bool]]:
        """Return a text's own tokens, however many: its letters, whether it is known, whether it goes on.

        A token goes on where nothing parts it from the one before; of several tokens of one sign the first
        has the sign, the others ``+``.
        """
        self._tokenizer.no_truncation()
        model = self._tokenizer.model
        name = getattr(model, "unk_token", None)
        unknown = getattr(model, "unk_id", None) if name is None else self._tokenizer.token_to_id(name)
        clean = text.encode("utf-8", "replace").decode("utf-8")
        clean = clean.lower() if self._lower else clean
        found, end = [], 0
        encoding = self._tokenizer.encode(clean)
        for one, (start, stop), added in zip(
            encoding.ids, encoding.offsets, encoding.special_tokens_mask, strict=True
        ):
            if added:
                continue
            letters = clean[max(start, end) : stop]
            found.append((letters.strip() or "+", one != unknown, start <= end > 0 and letters[:1] != " "))
            end = max(end, stop)
        return found

    def batches(self, tokens: Sequence[Sequence[int]], budget: int, most: int) -> Iterator[Batch]:
        """Yield batches, longest texts first, so that little is padded and memory peaks at once.

        Parameters
        ----------
        tokens
            Token ids of each text.
        budget
            Tokens in a batch, padding included (a single longer text is a batch of its own).
        most
            Texts in a batch.
        """
        order = sorted(range(len(tokens)), key=lambda row: -len(tokens[row]))
        start = 0
        while start < len(order):
            length = len(tokens[order[start]])
            rows = order[start : start + max(1, min(most, budget // length))]
            start += len(rows)
            ids = np.full((len(rows), length), self._pad, np.int64)
            mask = np.zeros((len(rows), length), np.int64)
            for position, row in enumerate(rows):
                ids[position, : len(tokens[row])] = tokens[row]
                mask[position, : len(tokens[row])] = 1
            yield Batch(np.asarray(rows, np.int64), ids, mask)


def _first_id(*candidates: object) -> int:
    for candidate in candidates:
        value = candidate[0] if isinstance(candidate, list) and candidate else candidate
        if isinstance(value, int) and value >= 0:
            return value
    return 0


def _word_at(text: str, start: int) -> str:
    """The word that begins at a place, or the sign that stands there."""
    while start < len(text) - 1 and text[start].isspace():
        start += 1
    stop = start + 1
    while text[start].isalnum() and stop < len(text) and text[stop].isalnum():
        stop += 1
    return text[start:stop]
