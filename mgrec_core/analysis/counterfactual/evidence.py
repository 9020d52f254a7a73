"""A user's evidence of one granularity as what can be taken away: values, entities, friends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.analysis.counterfactual.events import Events
from mgrec_core.analysis.counterfactual.pieces import BY, Piece, Pieces, along
from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.foundation.errors import InputError
from mgrec_core.model.model import Model
from mgrec_core.model.variants import with_evidence


class EvidenceOf(Pieces):
    """A user's evidence of one granularity; what is left keeps its weight."""

    def __init__(self, situation: Situation, by: str) -> None:
        model = situation.model
        kind = BY[by]
        found = [name for name, g in model.granularities.items() if g.kind == kind]
        if not found:
            raise InputError(f"this build has no {by} as evidence: choose --by {_choices(model)}")
        self.situation, self.by, self.name = situation, by, found[0]
        g = model.granularities[self.name]
        start, stop = g.weights.indptr[situation.user], g.weights.indptr[situation.user + 1]
        self._places = g.weights.indices[start:stop].astype(np.int64)
        self._held = np.asarray(g.weights.data[start:stop], dtype=np.float64)
        self.pieces = [Piece(kind, g.evidence_ids[r], g.evidence_labels[r]) for r in self._places]
        self.changed = frozenset({self.name})

    def variants(self, keep: NDArray[np.bool_]) -> Model:
        """The model whose users hold the evidence that is left."""
        return with_evidence(self.situation.model, self.situation.user, self.name, keep)

    def amounts(self, name: str, keep: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The weight of what is left, as it is."""
        return np.where(keep, self._held, 0.0)

    def rows(self, name: str) -> sparse.csr_array:
        """Each piece of evidence alone."""
        n, width = len(self.pieces), self.situation.model.granularities[name].weights.shape[1]
        return sparse.csr_array(
            (np.ones(n, dtype=np.float32), (np.arange(n), self._places)), shape=(n, width)
        )

    def effects(self, item: int, rival: int) -> NDArray[np.float64]:
        """Each piece's share of the lead: exact for the raw score, the scale as it is."""
        s = self.situation
        factor = s.split.factor[s.model.present.index(self.name)]
        g = s.model.granularities[self.name]
        said = sum((along(b, self._places, item, rival) for b in g.blocks), np.zeros(len(self._places)))
        return np.asarray(factor * self._held * said)


def pieces_of(situation: Situation, by: str = "events") -> Pieces:
    """What can be taken away.

    Raises
    ------
    InputError
        Nothing of that name, or this build has no such evidence.
    """
    if by not in BY:
        raise InputError(f"nothing is taken away by {by[:80]!r}: choose {', '.join(BY)}")
    return Events(situation) if by == "events" else EvidenceOf(situation, by)


def _choices(model: Model) -> str:
    kinds = {g.kind for g in model.granularities.values()}
    return ", ".join(by for by, kind in BY.items() if kind in kinds) or "another build"
