"""Users' scores taken apart, many users in chunks: one loop for items, people and advertisements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.chunks import slices
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.scale import scale_and_median

Scores = NDArray[np.floating]
"""In single precision for items, in double for what is counted."""


@dataclass(frozen=True)
class Split:
    """A user's scores taken apart, over N targets (items, people or advertisements) and K parts.

    Attributes
    ----------
    raw : N × K
        s_k(u, i).
    factor : K
        What a raw score is multiplied by: λ_k·c_uk, or its equivalent in the other fusion modes.
    median : K
        m_uk.
    """

    raw: Scores
    factor: NDArray[np.float64]
    median: NDArray[np.float64]

    @property
    def contributions(self) -> NDArray[np.float64]:
        """N × K; rows sum to the score."""
        return (self.raw.astype(np.float64) - self.median) * self.factor


Splits = Iterator[tuple[int, Split, NDArray[np.bool_]]]
"""User, scores taken apart, and which targets may be ranked, shape (N,)."""


class Scored(Protocol):
    """What can be ranked for many users."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the K parts that scores are made of, in fixed order."""

    def splits(self, rows: NDArray[np.int64], weights: Sequence[float] | NDArray[np.float64]) -> Splits:
        """Take many users' scores apart, in the order of ``rows``."""


class Scorer(Protocol):
    """What :func:`take_apart` needs of those who score."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the K parts."""

    @property
    def n_targets(self) -> int:
        """N."""

    def scores(self, rows: NDArray[np.int64]) -> Sequence[Scores]:
        """Raw scores of some users, one array of shape (len(rows), N) a part."""

    def allowed(self, user: int) -> NDArray[np.bool_]:
        """Which targets may be ranked for a user, shape (N,)."""


def take_apart(
    scorer: Scorer,
    rows: NDArray[np.int64],
    weights: Sequence[float] | NDArray[np.float64],
    cells: int = 2**26,
) -> Splits:
    """Score users in chunks of at most ``cells`` raw scores, and take each one's scores apart.

    Yields
    ------
    user, split, allowed
        In the order of ``rows``; the factor is λ_k·c_uk.
    """
    lam = np.asarray(weights, dtype=np.float64)
    for part in slices(len(rows), scorer.n_targets * len(scorer.parts), cells):
        chunk = rows[part]
        raw = scorer.scores(chunk)
        for n, user in enumerate(chunk):
            allowed = scorer.allowed(int(user))
            scores: Scores = (
                np.stack([column[n] for column in raw], axis=1) if raw else np.zeros((len(allowed), 0))
            )
            c, median = scale_and_median(scores, allowed)
            yield int(user), Split(scores, lam * c, median), allowed


def best_of(splits: Splits, k: int) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
    """Rank every user's allowed targets.

    Yields
    ------
    user, best, contributions
        Positions of the best ``k``, best first, and their contributions, len(best) × K.
    """
    for user, split, allowed in splits:
        contributions = split.contributions
        best = top_k(contributions.sum(axis=1), k, allowed)
        yield user, best, contributions[best]


def filled(lists: Iterable[NDArray[np.int64]], n: int, k: int) -> NDArray[np.int64]:
    """Stack ``n`` lists of positions, n × k, −1 where a list is shorter."""
    top = np.full((n, k), -1, dtype=np.int64)
    for row, best in zip(top, lists, strict=True):
        row[: len(best)] = best
    return top
