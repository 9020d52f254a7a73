"""How a user's history becomes weights over evidence: the one way, of a build and of "what if".

A build weighs the histories of all users; what would be without an event weighs one user's history anew, over
the evidence and the item spaces that are built. Both call :meth:`FromHistory.weights`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.model.granularities.matrices import normalise_rows


@dataclass(frozen=True)
class Histories:
    """What users have had, one row a user (or a user's history as it might be).

    Attributes
    ----------
    signal : n × |I|
        What their events say of an item, in [−1, 1].
    strength : n × |I|
        Where that speaks for it, in (0, 1].
    age : n × |I| or None
        Age of the item in the history plus one (1 = newest); ``None`` without timestamps.
    """

    signal: sparse.csr_array
    strength: sparse.csr_array
    age: sparse.csr_array | None = None


@dataclass(frozen=True)
class Decay:
    """How older items fade.

    Attributes
    ----------
    form
        ``power``: (1 + 3·newer / half-life)^−½; ``exponential``: 0.5^(newer / half-life).
    half_life
        After so many newer items an item counts half.
    """

    form: Literal["power", "exponential"]
    half_life: float

    def left(self, newer: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of its weight an item keeps when ``newer`` items came after it, in (0, 1].

        Both forms are 1 for the newest item and ½ at the half-life; the power law keeps a long tail.
        """
        if self.form == "power":
            return np.power(1.0 + 3.0 * newer / self.half_life, -0.5)
        return np.power(0.5, newer / self.half_life)


@dataclass(frozen=True)
class FromHistory:
    """W_k[u,:] = h_u·R, where h_u is what the history says: of unit length where there is an R.

    Attributes
    ----------
    signed
        Dislikes count against their evidence; else only what was liked says anything.
    power
        Strengths are raised to it: how much sizes count, see
        :func:`~mgrec_core.model.granularities.item_space.sized`.
    decay
        How older items fade; ``None``: they do not.
    values : |I| × |E_k| or None
        R, what an item of the history says of each piece of evidence; ``None``: the evidence is the items.
    """

    signed: bool = False
    power: float = 1.0
    decay: Decay | None = None
    values: sparse.csr_array | None = None

    def weights(self, histories: Histories) -> sparse.csr_array:
        """W_k of these histories, n × |E_k|; the very matrix where nothing is done to it."""
        held = self.held(histories)
        return held if self.values is None else normalise_rows(sparse.csr_array(held @ self.values))

    def held(self, histories: Histories) -> sparse.csr_array:
        """h, what the histories say, n × |I|."""
        held = raised(histories.signal if self.signed else histories.strength, self.power)
        if self.decay is None:
            return held
        if histories.age is None:
            raise ValueError("what fades by age needs timestamps")
        fading = histories.age.copy()
        fading.data = self.decay.left(histories.age.data - 1)
        held = sparse.csr_array(held.multiply(fading))
        held.sort_indices()
        return held


def raised(strength: sparse.csr_array, power: float) -> sparse.csr_array:
    """Entries to a power; the very matrix where that is 1."""
    if power == 1.0:
        return strength
    return sparse.csr_array((strength.data**power, strength.indices, strength.indptr), shape=strength.shape)
