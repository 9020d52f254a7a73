"""Why an item has its score: granularities, themes, evidence, and the items that it came through."""

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
from mgrec_core.foundation.explanation import Explanation
from mgrec_core.foundation.results import Weights, WeightsLike
from mgrec_core.model.granularities.structure import Vectors
from mgrec_core.model.model import Model
from mgrec_core.model.scoring import ScoreParts
from mgrec_core.model.ways import signal_of, traced
from mgrec_core.model.without import histories_without, still_counting, without
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest

_CACHED_USERS = 64
_CACHED_BYTES = 256 * 2**20


class Explaining(VectorLookups, ThemeLookups, TableLookups):
    """Scores of one user, and what they are made of."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        super().__init__(workspace, manifest)
        self._raw: OrderedDict[tuple[int, str], Vectors] = OrderedDict()
        self._lock = Lock()

    def subject(self, fusion: str = "score") -> Items:
        """The items as what is ranked, explained, evaluated and written for many users at once."""
        return Items(self.model, self.user_ids, self.item_ids, self._labels, fusion)

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
        (found,) = self.explain_all(user_id, [item_id], weights, themes=themes, ways=ways)
        return found

    def explain_all(
        self,
        user_id: str,
        item_ids: Iterable[str],
        weights: WeightsLike = None,
        *,
        themes: bool = True,
        ways: bool = False,
    ) -> list[Explanation]:
        """:meth:`explain` of several items of one user, whose scores are computed once."""
        user, items = self.user_position(user_id), [self.item_position(one) for one in item_ids]
        lam = self.resolve(weights)
        split, unseen = self._split(user, lam), self.model.unseen(user)
        subject = self.subject(lam.fusion)
        found = []
        for item in items:
            if unseen[item]:
                one = subject.explained(user, item, lam, split, unseen)
                found.append(self._told(self.model, user, one, lam, themes=themes, ways=ways))
            else:
                found.append(self._explain_seen(user, item, lam, themes=themes, ways=ways))
        return found

    def _told(
        self, model: Model, user: int, found: Explanation, lam: Weights, *, themes: bool, ways: bool
    ) -> Explanation:
        """The explanation with themes and ways; the model may be of this user alone."""
        if themes:
            of = self._themes_of(user) if model is self.model else self._themes_in(model, user)
            found = attributed(found, of)
        return self._with_ways(model, user, found, lam.fusion) if ways else found

    def _explain_seen(self, user: int, item: int, lam: Weights, *, themes: bool, ways: bool) -> Explanation:
        """Explain an item that the user has had as if it were not in the history: no evidence of itself."""
        user_id, item_id = self.user_ids[user], self.item_ids[item]
        left = histories_without(self.user_events(user_id), item_id, self._items)
        model = without(self.model, user, item, left)
        subject = Items(model, [user_id], self.item_ids, self._labels, lam.fusion)
        split = model.split(0, lam.factors, lam.fusion)
        found = subject.explained(0, item, lam, split, model.unseen(0))
        note = seen_note(found.rank, still_counting(model))
        found = replace(found, rank=None, seen=True, rank_if_unseen=found.rank, note=note)
        return self._told(model, 0, found, lam, themes=themes, ways=ways)

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
