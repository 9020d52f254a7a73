"""What can be taken away from a user, and the scores without it, of many variants at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.foundation.errors import NotFoundError
from mgrec_core.model.granularities.structure import Block, Granularity, dense
from mgrec_core.model.model import Model
from mgrec_core.model.scale import scales
from mgrec_core.model.variants import raw_of_variants

BY = {"events": "item", "values": "attribute", "entities": "entity", "friends": "friend"}
"""What may be asked for, and the kind of evidence that it is."""
_FEW = 64
_CELLS = 2**23
"""Most numbers of a matrix of pieces and items."""


@dataclass(frozen=True)
class Piece:
    """One thing that can be taken away; of kind ``item``: all events with this item."""

    kind: str
    id: str
    label: str

    def to_dict(self) -> dict[str, Any]:
        """Return ``kind``, ``id`` and ``label``."""
        return {"kind": self.kind, "id": self.id, "label": self.label}


class Pieces(ABC):
    """n things that can be taken away from one user.

    Attributes
    ----------
    by
        One of :data:`BY`.
    pieces
        In the order of every mask over them.
    changed
        Granularities whose weights change with them.
    """

    by: str
    pieces: list[Piece]
    changed: frozenset[str]
    situation: Situation
    _asked = 0

    @abstractmethod
    def variants(self, keep: NDArray[np.bool_]) -> Model:
        """The model whose users are the variants; ``keep`` is N × n."""

    @abstractmethod
    def amounts(self, name: str, keep: NDArray[np.bool_]) -> NDArray[np.float64]:
        """How much each piece counts at a granularity in every variant, N × n."""

    @abstractmethod
    def rows(self, name: str) -> sparse.csr_array:
        """What each piece says of the evidence of a granularity where it counts 1, n × |E_k|."""

    @abstractmethod
    def effects(self, item: int, rival: int) -> NDArray[np.float64]:
        """How much the item's lead over the rival would shrink without each piece, to a first order."""

    def raw(self, keep: NDArray[np.bool_]) -> dict[str, NDArray[np.float32]]:
        """Raw scores of every variant, N × unseen items, at each granularity that changes and counts.

        The first few variants are scored as users are. For more of them each piece's share is computed once,
        of which they are sums; unless there are so many pieces that these would not fit into memory.
        """
        s, names = self.situation, self.counting
        self._asked += len(keep)
        if self._asked <= _FEW or len(self.pieces) * int(s.unseen.sum()) > _CELLS:
            found = raw_of_variants(self.variants(keep), names)
            return {name: scores[:, s.unseen] for name, scores in found.items()}
        return {name: self.amounts(name, keep).astype(np.float32) @ self._share(name) for name in names}

    def _share(self, name: str) -> NDArray[np.float32]:
        """Raw scores of each piece alone, n × unseen items."""
        if name not in self._shares:
            g = replace(self.situation.model.granularities[name], weights=self.rows(name))
            self._shares[name] = np.asarray(sum(self._block(g, b) for b in g.blocks))
        return self._shares[name]

    def _block(self, g: Granularity, block: Block) -> NDArray[np.float32]:
        """Raw scores in one space; granularities that share it and read the history alike, once."""
        key = (id(block.evidence), id(block.items), g.from_history is None or g.from_history.values is None)
        if key not in self._spaces:
            one = replace(g, blocks=(replace(block, scale=1.0),))
            self._spaces[key] = one.scores(slice(None))[:, self.situation.unseen]
        return self._spaces[key] * np.float32(block.scale)

    @cached_property
    def _shares(self) -> dict[str, NDArray[np.float32]]:
        return {}

    @cached_property
    def _spaces(self) -> dict[tuple[int, int, bool], NDArray[np.float32]]:
        return {}

    @property
    def counting(self) -> list[str]:
        """Granularities that change with the pieces and have a weight."""
        s = self.situation
        return [g for g, w in zip(s.model.present, s.factors, strict=True) if w > 0 and g in self.changed]

    @cached_property
    def fixed(self) -> NDArray[np.float64]:
        """What the granularities that do not change add to the scores, shape (unseen items,)."""
        s = self.situation
        split, same = s.split, [name not in self.changed for name in s.model.present]
        return np.asarray(split.contributions[s.unseen][:, same].sum(axis=1))

    def scores(self, keep: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Scores of every variant, scales computed anew, N × unseen items."""
        s = self.situation
        total = np.repeat(self.fixed[None], len(keep), axis=0)
        for name, raw in self.raw(keep).items():
            c, median = scales(raw)
            total += (raw - median[:, None]) * (s.factors[s.model.present.index(name)] * c)[:, None]
        return total

    def mask(self, without: Sequence[int]) -> NDArray[np.bool_]:
        """All pieces but some, 1 × n."""
        keep = np.ones((1, len(self.pieces)), dtype=bool)
        keep[0, list(without)] = False
        return keep

    def places(self, ids: Sequence[str]) -> list[int]:
        """Where these are among the pieces.

        Raises
        ------
        NotFoundError
            The user has no such piece.
        """
        known = {piece.id: n for n, piece in enumerate(self.pieces)}
        missing = [one for one in ids if one not in known]
        if missing:
            what = {"events": "history", "values": "attribute values", "entities": "entities"}
            raise NotFoundError(
                f"{str(missing[0])[:80]!r} is not among the {what.get(self.by, self.by)} of user "
                f"{self.situation.user_id[:80]!r}: choose ids that stand there"
            )
        return [known[one] for one in ids]


def along(block: Block, rows: NDArray[np.int64], item: int, rival: int) -> NDArray[np.float64]:
    """x_e · (a_item − a_rival) of some rows of evidence."""
    ends = dense(block.items[[item, rival]]).astype(np.float64)
    return np.asarray(block.evidence[rows] @ (ends[0] - ends[1])) * block.scale
