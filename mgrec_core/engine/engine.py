"""The façade: rank, explain and inspect one workspace's users.

>>> from mgrec_core import Engine, Weights  # doctest: +SKIP
>>> engine = Engine.open("workspaces/movielens")  # doctest: +SKIP
>>> engine.rank("15", k=10, weights={"recent": 0.3}).to_frame()  # doctest: +SKIP
>>> engine.rank("15", weights=Weights({"recent": 0.3}, fusion="concat")).to_dict()  # doctest: +SKIP

What there is to look up stands in the classes it is made of: ids and labels (:mod:`.loaded`), presets and
weights (:mod:`.weighing`), vectors and neighbours (:mod:`.vectors`), interests as themes
(:mod:`.theming`), explanations (:mod:`.explaining`), the tables (:mod:`.lookups`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from mgrec_core.engine.explaining import Explaining
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.explanation import Explanation, Interest
from mgrec_core.foundation.results import RankedList, WeightsLike
from mgrec_core.model.fusion.candidates import Candidates, find_candidates
from mgrec_core.model.interests import interests_of
from mgrec_core.model.scale import scale_and_median
from mgrec_core.model.scoring import ScoreParts


class Engine(Explaining):
    """One build of one workspace, open for reading. Safe to share between threads."""

    def rank(
        self, user_id: str, k: int = 10, weights: WeightsLike = None, *, exclude: Iterable[str] = ()
    ) -> RankedList:
        """Rank the items that a user has not seen.

        Parameters
        ----------
        user_id
            A user of the workspace.
        k
            How many items, at least 1; fewer come back where fewer are unseen.
        weights
            λ by granularity in [0, 1], or λ, base, preset, fusion mode and α as one object; what they
            leave out comes from the preset. Default: the active preset.
        exclude
            Ids of items to leave out besides the seen ones; the scores of the others stay.

        Raises
        ------
        NotFoundError
            Unknown user, granularity or preset.
        InputError
            ``k`` below 1, a weight outside [0, 1], an unknown fusion mode.
        """
        check_k(k)
        user = self.user_position(user_id)
        lam = self.resolve(weights)
        unseen = self._unseen(user, exclude)
        return self.subject(lam.fusion).ranked(user, k, lam, self._split(user, lam), unseen)

    def contributions(
        self, user_id: str, weights: WeightsLike = None
    ) -> tuple[list[str], tuple[str, ...], NDArray[np.float64]]:
        """Contributions of every granularity to every item, seen ones included.

        Returns
        -------
        items, granularities, array
            The array is |I| × K; a row's sum is the item's score.
        """
        lam = self.resolve(weights)
        split = self._split(self.user_position(user_id), lam)
        return self.item_ids, self.present, split.contributions

    def score_parts(self, user_id: str, weights: WeightsLike = None) -> ScoreParts:
        """A user's scores of all items taken apart: raw scores, what they are multiplied by, medians."""
        return self._split(self.user_position(user_id), self.resolve(weights))

    def candidates(
        self, user_id: str, limit: int = 2000, include: Iterable[str] = (), exclude: Iterable[str] = ()
    ) -> Candidates:
        """The unseen items that can win under some λ (``score`` fusion), for those who try many λ.

        Parameters
        ----------
        limit
            At most how many; more make it likelier that a list can be told to be exact.
        include
            Ids of unseen items that are wanted besides.
        exclude
            As in :meth:`rank`.

        Raises
        ------
        NotFoundError
            Unknown user or item.
        """
        user = self.user_position(user_id)
        raw, unseen = self._raw_scores(user, "score"), self.model.unseen(user)
        scale, median = scale_and_median(raw, unseen)
        wanted = np.array([self.item_position(i) for i in include], dtype=np.int64)
        return find_candidates(raw, scale, median, self._unseen(user, exclude), limit, wanted)

    def explained_lists(
        self, user_ids: Iterable[str], k: int = 10, weights: WeightsLike = None
    ) -> Iterator[tuple[RankedList, list[Explanation]]]:
        """:meth:`rank` of many users, each list with the explanations of its items.

        Users are scored some at a time, which costs a fraction of one after the other; sums may differ from
        theirs in the last digits of single precision.

        Raises
        ------
        NotFoundError, InputError
            As :meth:`rank`.
        """
        check_k(k)
        lam = self.resolve(weights)
        rows = np.array([self.user_position(user) for user in user_ids], dtype=np.int64)
        subject = self.subject(lam.fusion)
        for user, split, unseen in self.model.splits(rows, lam.factors, lam.fusion):
            ranked = subject.ranked(user, k, lam, split, unseen)
            found = [
                subject.explained(user, self.item_position(item.item_id), lam, split, unseen)
                for item in ranked.items
            ]
            yield ranked, [self._told(self.model, user, one, lam, themes=True, ways=False) for one in found]

    def interests(self, user_id: str, top: int = 8) -> dict[str, tuple[Interest, ...]]:
        """The evidence that makes up most of each granularity's user vector."""
        return interests_of(self.model, self.user_position(user_id), top)

    def _unseen(self, user: int, exclude: Iterable[str]) -> NDArray[np.bool_]:
        unseen = self.model.unseen(user)
        unseen[[self._items[i] for i in exclude if i in self._items]] = False
        return unseen
