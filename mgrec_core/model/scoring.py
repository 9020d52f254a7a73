"""Users' scores taken apart, many users in chunks: one loop for items, people and advertisements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
class ScoreParts:
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


Splits = Iterator[tuple[int, ScoreParts, NDArray[np.bool_]]]
"""User, scores taken apart, and which targets may be ranked, shape (N,)."""


class Scored(Protocol):
    """What can be ranked for many users: a model for its items, or any subject."""

    def splits(self, rows: NDArray[np.int64], weights: Sequence[float] | NDArray[np.float64]) -> Splits:
        """Take many users' scores apart, in the order of ``rows``."""


def take_apart(
    rows: NDArray[np.int64],
    weights: Sequence[float] | NDArray[np.float64],
    scores: Callable[[NDArray[np.int64]], Sequence[Scores]],
    allowed: Callable[[int], NDArray[np.bool_]],
    chunk: int,
) -> Splits:
    """Score users in chunks, and take each one's scores apart.

    Parameters
    ----------
    scores
        Raw scores of some users, one array of shape (len(rows), N) a part.
    allowed
        Which targets may be ranked for a user, shape (N,).
    chunk
        Users scored at once.

    Yields
    ------
    user, split, allowed
        In the order of ``rows``; the factor is λ_k·c_uk.
    """
    lam = np.asarray(weights, dtype=np.float64)
    for part in slices(len(rows), 1, chunk):
        found = scores(rows[part])
        for n, user in enumerate(rows[part]):
            mask = allowed(int(user))
            raw = np.stack([column[n] for column in found], axis=1) if found else np.zeros((len(mask), 0))
            c, median = scale_and_median(raw, mask)
            yield int(user), ScoreParts(raw, lam * c, median), mask


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
