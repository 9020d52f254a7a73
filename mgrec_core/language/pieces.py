"""Texts as a model sees them: cut into tokens, unknown ones and what is not read any more marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mgrec_core.language.model_files import LongTexts, find_model
from mgrec_core.language.reading import own_limit
from mgrec_core.language.text_cache import normalise_text
from mgrec_core.language.tokenizing import tokenizer_of

MOST = 5_000
"""Different texts that are looked at; of more, every n-th in the order given."""

Fate = Literal["read", "unknown", "not read"]


@dataclass(frozen=True)
class Piece:
    """One token of a text.

    Attributes
    ----------
    letters
        What of the text it stands for.
    fate
        Whether the model reads and knows it; ``not read`` stands behind the model's limit.
    goes_on
        Nothing parts it from the token before.
    """

    letters: str
    fate: Fate
    goes_on: bool = False


@dataclass(frozen=True)
class Seen:
    """Texts through a model's tokenizer.

    Attributes
    ----------
    texts
        The different texts that were looked at.
    tokens, unknown
        Of each: its own tokens, and how many of them the model does not know.
    limit
        Own tokens of a text that are read, a prompt's and special ones not counted.
    alike
        Groups of different texts of which the model reads the same tokens, largest first.
    """

    texts: tuple[str, ...]
    tokens: tuple[int, ...]
    unknown: tuple[int, ...]
    limit: int
    alike: tuple[tuple[str, ...], ...]

    @property
    def unknown_share(self) -> float:
        """Share of the tokens that the model does not know, in [0, 1]."""
        return sum(self.unknown) / max(sum(self.tokens), 1)

    @property
    def cut(self) -> int:
        """Texts that are longer than what is read of them."""
        return sum(count > self.limit for count in self.tokens)

    def telling(self, count: int) -> list[str]:
        """Return texts to show: at most half for what is wrong with them, worst first; then the first."""
        share = [u / max(t, 1) for u, t in zip(self.unknown, self.tokens, strict=True)]
        places = range(len(self.texts))
        unknown = sorted((n for n in places if self.unknown[n]), key=lambda n: (-share[n], n))
        long = sorted((n for n in places if self.tokens[n] > self.limit), key=lambda n: (-self.tokens[n], n))
        half = (count + 1) // 2
        chosen = list(dict.fromkeys([*unknown[: half - min(len(long), half // 2)], *long, *unknown]))[:half]
        chosen += [n for n in range(len(self.texts)) if n not in chosen][: count - len(chosen)]
        return [self.texts[n] for n in chosen]


def see(
    texts: Sequence[str],
    model: str | None = None,
    prompt: str | None = None,
    long_texts: LongTexts = "cut",
) -> Seen | None:
    """Put texts through a model's tokenizer, without the model.

    Parameters
    ----------
    texts
        Any texts; equal and empty ones are left out.
    model, prompt, long_texts
        As for :func:`~mgrec_core.language.load_encoder`.

    Returns
    -------
    Seen or None
        ``None`` where a library of its own, or a server, reads texts for the model.

    Raises
    ------
    InputError
        The model cannot be found or read.
    """
    files = find_model(model, prompt=prompt)
    if not files.reads_tokens:
        return None
    different = list(dict.fromkeys(filter(None, map(normalise_text, texts))))
    different = different[:: -(-len(different) // MOST) or 1]
    tokenizer = tokenizer_of(files)
    limit = own_limit(files, long_texts)
    tokens, unknown = [], []
    groups: dict[tuple[int, ...], list[str]] = {}
    for text, (ids, own, missed) in zip(different, tokenizer.survey(different), strict=True):
        tokens.append(own)
        unknown.append(missed)
        groups.setdefault(ids[: limit + 1], []).append(text)
    alike = sorted((tuple(group) for group in groups.values() if len(group) > 1), key=len, reverse=True)
    return Seen(tuple(different), tuple(tokens), tuple(unknown), limit, tuple(alike))


def cut_up(
    texts: Sequence[str], limit: int, model: str | None = None, prompt: str | None = None
) -> list[list[Piece]]:
    """Return each text's tokens in order.

    Parameters
    ----------
    limit
        Tokens that are read (:attr:`Seen.limit`).
    model, prompt
        As for :func:`see`, of a model whose tokenizer is at hand.
    """
    tokenizer = tokenizer_of(find_model(model, prompt=prompt))
    found: list[list[Piece]] = []
    for text in texts:
        fates: list[Piece] = []
        for place, (letters, known, goes_on) in enumerate(tokenizer.pieces(normalise_text(text))):
            fate: Fate = "not read" if place >= limit else "read" if known else "unknown"
            fates.append(Piece(letters, fate, goes_on))
        found.append(fates)
    return found
