"""The items of a history as what can be taken away, each with all its events."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.analysis.counterfactual.pieces import Piece, Pieces, along
from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.foundation.errors import InputError
from mgrec_core.model.granularities.histories import FromHistory, Histories
from mgrec_core.model.model import Model
from mgrec_core.model.variants import with_histories

_SAME = 1e-5
_OF_OTHERS = ("friend", "everyone")
"""Kinds of evidence that a user has whatever the history."""


class Events(Pieces):
    """The items of a history, each with all its events."""

    by = "events"
    _last: tuple[NDArray[np.bool_], Histories] | None = None

    def __init__(self, situation: Situation) -> None:
        engine, model = situation.engine, situation.model
        self.situation = situation
        self.events = engine.user_events(situation.user_id)
        self._columns = np.array(
            [engine.item_position(i) if engine.knows_item(i) else -1 for i in self.events.items],
            dtype=np.int64,
        )
        self.pieces = [
            Piece("item", i, engine.item_label(i) if engine.knows_item(i) else i) for i in self.events.items
        ]
        self.changed = frozenset(name for name, g in model.granularities.items() if g.from_history)
        self._own = self.histories(self.mask(()))
        self._check()

    def histories(self, keep: NDArray[np.bool_], added: NDArray[np.int64] | None = None) -> Histories:
        """The histories of the variants.

        Parameters
        ----------
        keep : N × n
        added : N × m
            Rows of items that come on top, all at one moment after everything else, each as strong as the
            strongest of the history; what the others say stays.
        """
        signal, age = self.events.signals(keep), self.events.ages(keep)
        columns = self._columns
        if added is not None:
            extra = added.shape[1]
            age = np.where(age > 0, age + extra, 0.0)
            age = np.hstack([age, np.full(added.shape, (extra + 1) / 2)])
            signal = np.hstack([signal, np.ones(added.shape)])
            places = np.hstack([np.broadcast_to(columns, keep.shape), added])
        else:
            places = np.broadcast_to(columns, keep.shape)
        n_items = self.situation.model.n_items
        said = _csr(places, signal, n_items)
        return Histories(said, _csr(places, np.maximum(signal, 0), n_items), _csr(places, age, n_items))

    def variants(self, keep: NDArray[np.bool_]) -> Model:
        """The model whose users are the histories that are left."""
        return with_histories(self.situation.model, self.situation.user, self.histories(keep))

    def amounts(self, name: str, keep: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What is left of each item's weight, by the length of what is left together."""
        how = self._how(name)
        held = np.asarray(how.held(self._compact(keep)).toarray())
        held[:, self._columns < 0] = 0.0
        if how.values is not None:
            length = np.sqrt(np.maximum(((held @ self._gram(name)) * held).sum(axis=1), 0.0))
            held = np.divide(held, length[:, None], out=np.zeros_like(held), where=length[:, None] > 0)
        return held

    def _compact(self, keep: NDArray[np.bool_]) -> Histories:
        """The histories with a column for each piece instead of each item; those asked for last are kept."""
        if self._last is None or self._last[0] is not keep:
            n = keep.shape[1]
            places = np.broadcast_to(np.arange(n), keep.shape)
            signal, age = self.events.signals(keep), self.events.ages(keep)
            said, liked = _csr(places, signal, n), _csr(places, np.maximum(signal, 0), n)
            self._last = keep, Histories(said, liked, _csr(places, age, n))
        return self._last[1]

    def _how(self, name: str) -> FromHistory:
        how = self.situation.model.granularities[name].from_history
        if how is None:
            raise ValueError(f"{name} does not follow from the history")
        return how

    def _gram(self, name: str) -> NDArray[np.float64]:
        if name not in self._grams:
            rows = self.rows(name)
            self._grams[name] = np.asarray((rows @ rows.T).toarray(), dtype=np.float64)
        return self._grams[name]

    @cached_property
    def _grams(self) -> dict[str, NDArray[np.float64]]:
        return {}

    def rows(self, name: str) -> sparse.csr_array:
        """What each item of the history says where it counts 1."""
        g, n = self.situation.model.granularities[name], len(self.pieces)
        here = np.flatnonzero(self._columns >= 0)
        # in single precision, or the evidence's vectors would be copied to double
        items = sparse.csr_array(
            (np.ones(len(here), dtype=np.float32), (here, self._columns[here])),
            shape=(n, self.situation.model.n_items),
        )
        return (
            items
            if g.from_history is None or g.from_history.values is None
            else items @ g.from_history.values
        )

    def effects(self, item: int, rival: int) -> NDArray[np.float64]:
        """Each event's share of the lead, with lengths, scales and the ages of the others as they are."""
        here = self._columns >= 0
        rows, total = self._columns[here], np.zeros(len(self.pieces))
        for name, said in self._leads(item, rival, rows).items():
            held = self._how(name).held(self._own)[[0]].toarray()[0]
            total[here] += held[rows] * said
        return total

    def leads(self, item: int, rival: int) -> NDArray[np.float64]:
        """How much every item would add to the lead, had it a strength of 1, shape (|I|,)."""
        every = np.arange(self.situation.model.n_items)
        return np.asarray(sum(self._leads(item, rival, every).values(), np.zeros(len(every))))

    def _leads(self, item: int, rival: int, rows: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """λ_k·c_uk times what some items say for one item rather than another, by granularity."""
        s = self.situation
        found = {}
        for (name, g), factor in zip(s.model.granularities.items(), s.split.factor, strict=True):
            if factor == 0 or g.from_history is None:
                continue
            values = g.from_history.values
            if values is None:
                said = sum((along(b, rows, item, rival) for b in g.blocks), np.zeros(len(rows)))
            else:
                pooled = np.asarray((g.from_history.held(self._own) @ values).toarray()[0])
                length = max(float(np.sqrt((pooled**2).sum())), 1e-12)
                every = np.arange(len(g.evidence_ids))
                lead = sum((along(b, every, item, rival) for b in g.blocks), np.zeros(len(every)))
                said = np.asarray(values[rows] @ lead) / length
            found[name] = factor * said
        return found

    def _unknown(self, name: str, kind: str) -> str:
        if not self.changed:
            return "this build is older than such questions: build again"
        if kind == "history":
            why = "reads a history as one text (encoding: sequence), which cannot be read without an event"
            return f"{name} {why}: give it weight 0, or build with encoding: pooled"
        return f"{name} does not say how its weights follow from a history: give it weight 0"

    def _check(self) -> None:
        """Hold what the tables say against what the build weighed.

        Raises
        ------
        InputError
            The build reads histories in another way, or the tables have changed since.
        """
        s = self.situation
        for (name, g), factor in zip(s.model.granularities.items(), s.factors, strict=True):
            if g.from_history is None:
                if factor > 0 and g.kind not in _OF_OTHERS:
                    raise InputError(self._unknown(name, g.kind))
                continue
            difference = abs(g.from_history.weights(self._own) - g.weights[[s.user]])
            if difference.nnz and difference.max() > _SAME:
                raise InputError("the tables have changed since this build was made: build again")


def _csr(places: NDArray[np.int64], values: NDArray[np.float64], n_items: int) -> sparse.csr_array:
    """Rows of a history as a matrix; zeros and unknown items are left out."""
    there = (values != 0) & (places >= 0)
    counts = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    found = sparse.csr_array((values[there], places[there], counts), shape=(len(values), n_items))
    found.sort_indices()
    return found
