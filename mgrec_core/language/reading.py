"""Whether a model can read some texts: unknown words, texts that are too long, texts that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from mgrec_core.foundation.chunks import slices
from mgrec_core.language.batches import CHUNKS
from mgrec_core.language.model_files import LongTexts, ModelFiles, find_model
from mgrec_core.language.scripts import scripts
from mgrec_core.language.text_cache import normalise_text
from mgrec_core.language.tokenizing import tokenizer_of

MOST = 50_000
"""Different texts that are looked at; of more, every n-th in the order of the alphabet."""
_SEGMENT = 4_096

UNKNOWN = 0.05
"""Share of unknown tokens from which a model is said not to know the texts' words."""
ALIKE = 0.05
"""Share of texts that a model cannot tell apart from which it is said."""
UNRELIABLE = 0.2
"""Share of unknown tokens, or of texts that look alike, from which nothing can be told of the items: at .27
unknown MiniLM puts .30 of Japanese titles next to their topic, at .06 a model that reads Korean .94."""
CUT = 0.25
"""Share of texts that are cut from which it is said."""


@dataclass(frozen=True)
class Reading:
    """How a model reads some texts.

    Attributes
    ----------
    distinct_texts
        Different texts that were looked at.
    distinct_vectors
        Different vectors that they get: texts of which the model sees the same tokens have the same.
    unknown_tokens
        Share of the texts' tokens that the model does not know, in [0, 1].
    truncated
        Texts longer than the model reads.
    limit
        Tokens that it reads of a text, special ones included.
    scripts
        Share of each script among the texts' letters (:func:`mgrec_core.language.scripts.scripts`).
    """

    distinct_texts: int
    distinct_vectors: int
    unknown_tokens: float
    truncated: int
    limit: int
    scripts: dict[str, float] = field(default_factory=dict)

    @property
    def alike(self) -> float:
        """Share of texts beyond the first of each that look the same to the model."""
        return 1 - self.distinct_vectors / self.distinct_texts if self.distinct_texts else 0.0

    @property
    def cut(self) -> float:
        """Share of texts that are longer than the model reads."""
        return self.truncated / self.distinct_texts if self.distinct_texts else 0.0

    @property
    def unreliable(self) -> str:
        """Why nothing that depends on the texts can be relied on, in one sentence; empty where it can."""
        if max(self.unknown_tokens, self.alike) < UNRELIABLE:
            return ""
        return (
            "the language model cannot read the items' texts"
            f" ({100 * self.unknown_tokens:.0f} % of their tokens are unknown to it,"
            f" {100 * self.alike:.0f} % of them look like another): build with a model of their language"
            " (--model NAME)"
        )

    @property
    def problem(self) -> str:
        """What is wrong, in one sentence with the way out; empty where the model reads the texts."""
        found = []
        if self.unknown_tokens >= UNKNOWN:
            found.append(f"{100 * self.unknown_tokens:.0f} % of their tokens are unknown to it")
        if self.alike >= ALIKE:
            found.append(
                f"{self.distinct_texts:,} different texts are {self.distinct_vectors:,} different ones to it"
            )
        longer = (
            f"{self.truncated:,} of {self.distinct_texts:,} texts are longer than the {self.limit} tokens"
        )
        if self.cut >= CUT and not found:
            return (
                f"{longer} that the language model reads, so that their ends are not read; shorten them, or"
                " build with a model that reads longer texts (--model NAME)"
            )
        if not found:
            return ""
        if self.cut >= CUT:
            found.append(f"{longer} that it reads")
        way = "of the texts' language" if self.unknown_tokens >= UNKNOWN else ""
        listed = found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
        return (
            f"the language model reads the items' texts badly: {listed}; build with a model"
            f"{f' {way}' if way else ''} (--model NAME)"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, with ``problem`` where there is one."""
        plain = {**asdict(self), "unknown_tokens": round(self.unknown_tokens, 4)}
        return {**plain, "problem": self.problem} if self.problem else plain

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Reading:
        """Return what :meth:`to_dict` gave."""
        return cls(**{name: found[name] for name in cls.__dataclass_fields__ if name in found})


def own_limit(files: ModelFiles, long_texts: LongTexts = "cut") -> int:
    """Tokens of a text that a model reads, its prompt's and special ones not counted."""
    ((ids, own, _),) = tokenizer_of(files).survey([files.prompt])
    whole = files.max_length * (CHUNKS if long_texts == "pool" else 1)
    # without a prompt all of these are special, whatever the tokenizer makes of nothing
    return max(whole - (len(ids) - own) - (own if files.prompt else 0), 0)


def read_through(
    texts: Sequence[str],
    model: str | None = None,
    prompt: str | None = None,
    long_texts: LongTexts = "cut",
) -> Reading | None:
    """Count what a model makes of texts, by its tokenizer alone.

    Parameters
    ----------
    texts
        Any texts; equal ones count once.
    model, prompt, long_texts
        As for :func:`~mgrec_core.language.load_encoder`.

    Returns
    -------
    Reading or None
        ``None`` without texts, and where a library of its own, or a server, reads them for the model.

    Raises
    ------
    InputError
        The model cannot be found or read.
    """
    different = sorted({normalise_text(text) for text in texts} - {""})
    files = find_model(model, prompt=prompt)
    limit = files.max_length * (CHUNKS if long_texts == "pool" else 1)
    if not different or not files.reads_tokens:
        return None
    step = -(-len(different) // MOST)
    looked_at = different[::step]
    tokenizer = tokenizer_of(files)
    room = own_limit(files, long_texts)
    seen: set[tuple[int, ...]] = set()
    tokens = unknown = truncated = 0
    for some in slices(len(looked_at), 1, _SEGMENT):
        for ids, words, missed in tokenizer.survey(looked_at[some]):
            seen.add(ids)
            tokens += words
            unknown += missed
            truncated += words > room
    whole = {ids[: room + 1] for ids in seen}
    missed_share = unknown / max(tokens, 1)
    written = scripts(looked_at)
    return Reading(len(looked_at), len(whole), missed_share, truncated, limit, written)
