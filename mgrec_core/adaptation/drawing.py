"""Drawing examples of each kind, and how probable each item is as what belongs to one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

KINDS = ("next", "together", "value", "itself")
SHARES = {"next": 0.6, "together": 0.15, "value": 0.15, "itself": 0.1}
"""How often each kind is drawn, where it exists."""

_SHORT = 0.1
"""How often a text stands without its attributes."""


class Draw:
    """Draws examples of all kinds.

    Parameters
    ----------
    liked : |U| × |I|
        Pairs of a user and an item with a text.
    age : |U| × |I| or None
        1 is the newest.
    values : V × |I|
        Which items have each value.
    shorter : |I|
        Items whose text is another without its attributes.
    bag
        Items of a bag at most.
    """

    def __init__(
        self,
        liked: sparse.csr_array,
        age: sparse.csr_array | None,
        values: sparse.csr_array,
        shorter: NDArray[np.bool_],
        bag: int,
        seed: int,
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._values, self._shorter, self._bag = values, shorter, bag
        self._n_users, self._n_items = liked.shape
        self._histories = _Histories(liked, age)
        self._with_short = np.flatnonzero(shorter)
        self._having = np.flatnonzero(np.diff(values.indptr))
        possible = (self._histories.places, self._histories.places, self._having, self._with_short)
        shares = np.array(
            [SHARES[kind] * bool(len(some)) for kind, some in zip(KINDS, possible, strict=True)]
        )
        self._shares = shares / shares.sum()

    def popularity(self) -> NDArray[np.float64]:
        """How probable each item is as the target of an example, shape (|I|,); sums to 1."""
        pairs = np.bincount(self._histories.items[self._histories.places], minlength=self._n_items)
        held = np.maximum(np.diff(self._values.indptr), 1)
        by_value = np.zeros(self._n_items)
        np.add.at(by_value, self._values.indices, np.repeat(1 / held, np.diff(self._values.indptr)))
        parts = (pairs, pairs, by_value, self._shorter)
        shares = [share * part / max(part.sum(), 1) for share, part in zip(self._shares, parts, strict=True)]
        return np.asarray(np.sum(shares, axis=0))

    def __call__(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Draw so many examples: bags of texts (count × m), targets and owners (count)."""
        kinds = self._rng.choice(len(KINDS), size=count, p=self._shares)
        bags = np.full((count, self._bag), -1, np.int64)
        targets, owners = np.zeros(count, np.int64), np.zeros(count, np.int64)
        for row, kind in enumerate(kinds):
            if kind < 2:
                place = self._histories.places[self._rng.integers(len(self._histories.places))]
                owner, target = self._histories.users[place], self._histories.items[place]
                chosen = self._histories.before(place, self._bag if kind == 0 else 1, self._rng)
                cut = self._shorter[chosen] & (self._rng.random(len(chosen)) < _SHORT)
                chosen = chosen + self._n_items * cut
            elif kind == 2:
                value = self._having[self._rng.integers(len(self._having))]
                owner, chosen = self._n_users + value, np.array([2 * self._n_items + value])
                target = self._rng.choice(self._values[[value]].indices)
            else:
                target = self._with_short[self._rng.integers(len(self._with_short))]
                owner, chosen = -1, np.array([self._n_items + target])
            bags[row, : len(chosen)] = chosen
            targets[row], owners[row] = target, owner
        return bags, targets, owners


class _Histories:
    """Pairs of users and items, each user's from the oldest to the newest.

    Attributes
    ----------
    users, items : P
    places
        Pairs of users who have another item too.
    """

    def __init__(self, liked: sparse.csr_array, age: sparse.csr_array | None) -> None:
        users = np.repeat(np.arange(liked.shape[0]), np.diff(liked.indptr))
        items = np.asarray(liked.indices, np.int64)
        # without times nothing is older; what has none of its own is older than the rest
        ages = np.zeros(len(items)) if age is None else np.asarray(age[users, items]).ravel()
        ages[ages == 0] = 0 if age is None else np.inf
        order = np.lexsort((-ages, users))
        self.users, self.items, self._ages = users[order], items[order], -ages[order]
        self._starts = liked.indptr
        self.places = np.flatnonzero(np.diff(liked.indptr)[self.users] >= 2)

    def before(self, place: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Some other items of a pair's user that came no later; any others where none did."""
        user = self.users[place]
        start, stop = self._starts[user], self._starts[user + 1]
        count = int(np.searchsorted(self._ages[start:stop], self._ages[place], side="right"))
        count = count if count > 1 else int(stop - start)
        drawn = start + rng.choice(count - 1, size=min(most, count - 1), replace=False)
        return np.asarray(self.items[drawn + (drawn >= place)])  # all but the pair itself
