"""The façade: rank, explain and inspect one workspace's users.

>>> from mgrec_core import Engine, Weights  # doctest: +SKIP
>>> engine = Engine.open("workspaces/movielens")  # doctest: +SKIP
>>> engine.rank("15", k=10, weights={"recent": 0.3}).to_frame()  # doctest: +SKIP
>>> engine.rank("15", weights=Weights({"recent": 0.3}, fusion="concat")).to_dict()  # doctest: +SKIP

What there is to look up stands in the classes it is made of: ids and labels (:mod:`.loaded`), presets and
weights (:mod:`.weighing`), vectors and neighbours (:mod:`.vectors`), interests as themes
(:mod:`.theming`), the tables (:mod:`.lookups`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mgrec_core.engine.attribution import attributed, seen_note
from mgrec_core.engine.lookups import TableLookups
from mgrec_core.engine.subject import Items
from mgrec_core.engine.theming import ThemeLookups
from mgrec_core.engine.vectors import VectorLookups
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.results import Explanation, Interest, RankedList, Weights, WeightsLike
from mgrec_core.model.fusion.candidates import Candidates, find_candidates
from mgrec_core.model.granularities.structure import Vectors
from mgrec_core.model.interests import interests_of
from mgrec_core.model.model import Model
from mgrec_core.model.scale import scale_and_median
from mgrec_core.model.scoring import ScoreParts
from mgrec_core.model.ways import signal_of, traced
from mgrec_core.model.without import histories_without, still_counting, without
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest

_CACHED_USERS = 64
_CACHED_BYTES = 256 * 2**20


class Engine(VectorLookups, ThemeLookups, TableLookups):
    """One build of one workspace, open for reading. Safe to share between threads."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        super().__init__(workspace, manifest)
        self._raw: OrderedDict[tuple[int, str], Vectors] = OrderedDict()
        self._lock = Lock()

    def subject(self, fusion: str = "score") -> Items:
        """The items as what is ranked, explained, evaluated and written for many users at once."""
        return Items(self.model, self.user_ids, self.item_ids, self._labels, fusion)

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

    def explain(
        self,
        user_id: str,
        item_id: str,
        weights: WeightsLike = None,
        *,
        themes: bool = True,
        ways: bool = False,
    ) -> Explanation:
        """Split one item's score over granularities, and each contribution over themes and evidence.

        An item that the user has had is explained as if it were not in the history, so that it is no evidence
        of itself: the user's weights are computed from the other events, on the same item spaces.

        Parameters
        ----------
        themes
            Name the theme of each piece of evidence; a user's are found with the first explanation and kept.
        ways
            Trace the strongest attributes, entities and friends back to the items that they come from; for
            entities this asks the tables for relations.

        Raises
        ------
        NotFoundError
            Unknown user, item, granularity or preset.
        """
        user, item = self.user_position(user_id), self.item_position(item_id)
        lam = self.resolve(weights)
        unseen = self.model.unseen(user)
        if not unseen[item]:
            return self._explain_seen(user, item, lam, themes=themes, ways=ways)
        found = self.subject(lam.fusion).explained(user, item, lam, self._split(user, lam), unseen)
        if themes:
            found = attributed(found, self._themes_of(user))
        return self._with_ways(self.model, user, found, lam.fusion) if ways else found

    def _explain_seen(self, user: int, item: int, lam: Weights, *, themes: bool, ways: bool) -> Explanation:
        """Explain an item that the user has had as if it were not in the history: no evidence of itself."""
        user_id, item_id = self.user_ids[user], self.item_ids[item]
        left = histories_without(self.user_events(user_id), item_id, self._items)
        model = without(self.model, user, item, left)
        subject = Items(model, [user_id], self.item_ids, self._labels, lam.fusion)
        split = model.split(0, lam.factors, lam.fusion)
        found = subject.explained(0, item, lam, split, model.unseen(0))
        found = replace(
            found,
            rank=None,
            seen=True,
            rank_if_unseen=found.rank,
            note=seen_note(found.rank, still_counting(model)),
        )
        if themes:
            found = attributed(found, self._themes_in(model, 0))
        return self._with_ways(model, 0, found, lam.fusion) if ways else found

    def _with_ways(self, model: Model, user: int, found: Explanation, fusion: str) -> Explanation:
        signal = signal_of(model, user)
        if signal is None:
            signal = self._signal(found.user_id, found.item_id)
        item = self.item_position(found.item_id)
        evidence = {
            name: traced(model, g, found.evidence[name], item, signal, self.item_ids, self._labels)
            for name, g in model.view(fusion).items()
        }
        for name, g in model.granularities.items():
            if g.kind == "entity":
                evidence[name] = self._related(evidence[name], found.item_id)
        return replace(found, evidence=evidence)

    def _signal(self, user_id: str, item_id: str) -> NDArray[np.float64]:
        left = histories_without(self.user_events(user_id), item_id, self._items)
        return np.asarray(left.signal.toarray()[0], dtype=np.float64)

    def interests(self, user_id: str, top: int = 8) -> dict[str, tuple[Interest, ...]]:
        """The evidence that makes up most of each granularity's user vector."""
        return interests_of(self.model, self.user_position(user_id), top)

    def _split(self, user: int, lam: Weights) -> ScoreParts:
        return self.model.split(user, lam.factors, lam.fusion, self._raw_scores(user, lam.fusion))

    def _raw_scores(self, user: int, fusion: str) -> Vectors:
        """Raw scores by user, the newest few kept: sliders ask for the same user again and again."""
        key = (user, "vector" if fusion == "vector" else "score")
        with self._lock:
            if key in self._raw:
                self._raw.move_to_end(key)
                return self._raw[key]
        raw = self.model.raw(user, fusion)
        with self._lock:
            self._raw[key] = raw
            while len(self._raw) > max(1, min(_CACHED_USERS, _CACHED_BYTES // max(1, raw.nbytes))):
                self._raw.popitem(last=False)
        return raw

    def _unseen(self, user: int, exclude: Iterable[str]) -> NDArray[np.bool_]:
        unseen = self.model.unseen(user)
        unseen[[self._items[i] for i in exclude if i in self._items]] = False
        return unseen
