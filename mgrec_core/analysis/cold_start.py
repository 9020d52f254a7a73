"""How well an item is known: its users, its rank by popularity, and what that means at each granularity."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mgrec_core.evaluation.segments import head_items
from mgrec_core.foundation.text import count
from mgrec_core.model.granularities import find
from mgrec_core.model.granularities.structure import Granularity
from mgrec_core.model.model import Model
from mgrec_core.model.neighbours import profile_cosines

FEW = 5
"""Up to so many users an item is hardly known."""


@dataclass(frozen=True)
class Reached:
    """What one granularity knows of an item; ``meaning`` is a part of a sentence."""

    granularity: str
    held: bool
    meaning: str


@dataclass(frozen=True)
class ColdStart:
    """How well an item is known in a build.

    Attributes
    ----------
    n_users
        Users who have it.
    rank
        By users, 1 is the most used; equal items share the better rank.
    n_items
        |I|.
    part
        ``head``: among the most used items that together hold half of all pairs; ``tail``; or ``new``:
        nobody has it.
    warmth
        ``cold``: no user; ``hardly known``: at most five; ``warm``.
    at
        Each present granularity, in the fixed order.
    """

    n_users: int
    rank: int
    n_items: int
    part: str
    warmth: str
    at: tuple[Reached, ...]

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


def cold_start(model: Model, item: int) -> ColdStart:
    """Tell how well an item is known.

    Parameters
    ----------
    item
        Its position.
    """
    users = np.bincount(model.seen.indices, minlength=model.n_items).astype(np.float64)
    own = int(users[item])
    part = "new" if own == 0 else "head" if head_items(users)[item] else "tail"
    return ColdStart(
        n_users=own,
        rank=int((users > own).sum()) + 1,
        n_items=model.n_items,
        part=part,
        warmth="cold" if own == 0 else "hardly known" if own <= FEW else "warm",
        at=tuple(_reached(g, item, own) for g in model.granularities.values()),
    )


def _reached(g: Granularity, item: int, users: int) -> Reached:
    spec = find(g.name)
    held = users > 0 if spec and spec.prior else bool(profile_cosines(g, item)[1][item])
    if spec:
        words = spec.held if held else spec.not_held
    else:
        words = "it has a vector there" if held else "it has no vector"
    said = words.format(users=count(users, "user"))
    return Reached(g.name, held, said)
