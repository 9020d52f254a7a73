"""Feedback as numbers: the scaled scores of the items that were shown, under the current build."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgrec_core.feedback.log import Feedback
from mgrec_core.feedback.settings import FeedbackSettings
from mgrec_core.feedback.update import FeedbackExample
from mgrec_core.foundation.errors import NotFoundError
from mgrec_core.foundation.results import Weights

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

WITHOUT_LIST = 20
"""Feedback that knows no list is compared with so many items, the best under the active weights."""

_LONGEST = 100  # items of a list that are looked at


class Examples:
    """Turns feedback into examples, remembering each user's best items."""

    def __init__(self, engine: Engine, settings: FeedbackSettings, active: Weights) -> None:
        self._engine = engine
        self._settings = settings
        self._active = active
        self._best: dict[str, list[str]] = {}

    def of(self, row: Feedback) -> FeedbackExample | None:
        """The example, or ``None`` where nothing can be learned.

        That is so when the user or item is unknown to this build, when the kind has no strength,
        when nothing else was shown, and when the item is in the user's history by now: its own
        scores have learned it by heart.
        """
        strength = self._settings.strengths.get(row.kind, 0.0)
        if not strength:
            return None
        shown = row.shown[:_LONGEST]
        try:
            others = list(shown) if len(shown) > 1 else self._best_of(row.user_id)
            known = [i for i in dict.fromkeys([row.item_id, *others]) if self._engine.knows_item(i)]
            if row.item_id not in known:
                return None
            found = self._engine.candidates(row.user_id, limit=0, include=known)
        except NotFoundError:
            return None
        ids = [self._engine.item_ids[p] for p in found.positions]
        if row.item_id not in ids or len(ids) < 2:
            return None
        units = (found.raw.astype(np.float64) - found.median) * found.scale
        rank = row.rank if row.rank and len(shown) > 1 else 0
        return FeedbackExample(units, ids.index(row.item_id), strength, rank)

    def _best_of(self, user_id: str) -> list[str]:
        if user_id not in self._best:
            ranked = self._engine.rank(user_id, WITHOUT_LIST, self._active)
            self._best[user_id] = [item.item_id for item in ranked.items]
        return self._best[user_id]
