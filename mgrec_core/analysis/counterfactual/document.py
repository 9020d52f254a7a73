"""One answer: what would have to be otherwise for an item to leave a list, or to enter it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mgrec_core.analysis.counterfactual.cost import cost_of
from mgrec_core.analysis.counterfactual.events import Events
from mgrec_core.analysis.counterfactual.evidence import pieces_of
from mgrec_core.analysis.counterfactual.mixing import Mix, Mixing
from mgrec_core.analysis.counterfactual.next_items import Next, next_items
from mgrec_core.analysis.counterfactual.pieces import Piece
from mgrec_core.analysis.counterfactual.search import smallest
from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.analysis.counterfactual.what_if import Recomputed, recompute
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.results import WeightsLike
from mgrec_core.foundation.text import shorten

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

EFFORT = 1500
"""How many histories may be recomputed to prove that a set is the smallest."""


@dataclass(frozen=True)
class Counterfactual:
    """What would have to be otherwise.

    Attributes
    ----------
    by
        What may be taken away.
    leaves
        Whether the item is in the list and would leave it; else it would enter.
    remove
        The set found; empty where there is none.
    rank_after
        The item's place without it; ``None`` where no set was found.
    minimal
        No smaller set does it: proven.
    proof
        The list as it is and without; ``None`` where no set was found.
    mix
        The change of weights that does it.
    cost
        What that change does to everybody.
    next
        Items more that would bring it in.
    """

    user_id: str
    item_id: str
    title: str
    k: int
    by: str
    leaves: bool
    rank_before: int
    remove: tuple[Piece, ...]
    rank_after: int | None
    minimal: bool
    proof: Recomputed | None
    mix: Mix | None
    cost: dict[str, Any] = field(default_factory=dict)
    next: tuple[Next, ...] = ()

    @property
    def found(self) -> bool:
        """Whether a set was found; every one that is shown was recomputed."""
        return self.rank_after is not None

    @property
    def sentences(self) -> list[str]:
        """The answer in words, one statement a sentence."""
        title = f"“{shorten(self.title, 80)}”"
        said = [
            f"{title} stands at place {self.rank_before:,} of the list of user {shorten(self.user_id, 40)}."
        ]
        goal = f"out of the first {self.k}" if self.leaves else f"among the first {self.k}"
        if self.found:
            names = ", ".join(f"“{shorten(piece.label or piece.id, 60)}”" for piece in self.remove[:5])
            more = f" and {len(self.remove) - 5} more" if len(self.remove) > 5 else ""
            least = "no smaller set does it" if self.minimal else "a smaller set may do it too"
            said.append(
                f"Without {names}{more} it would be {goal}, at place {self.rank_after:,}:"
                f" recomputed, {least}."
            )
        else:
            said.append(f"No set of {_WORDS[self.by]} was found without which it would be {goal}.")
        if self.mix is not None:
            moved = ", ".join(f"{g} {c['from']:.2f} → {c['to']:.2f}" for g, c in self.mix.to_dict().items())
            least = "the smallest change" if self.mix.minimal else "a small change"
            said.append(f"With other weights ({moved}; {least}) it would be at place {self.mix.rank:,}.")
        for one in self.next[:1]:
            names = " and ".join(f"“{shorten(piece.label, 60)}”" for piece in one.pieces)
            said.append(f"Had the user {names} next, it would be at place {one.rank:,}.")
        return said

    def to_dict(self) -> dict[str, Any]:
        """Return the document of ``counterfactual --json``."""
        return {
            "user_id": self.user_id,
            "item_id": self.item_id,
            "title": self.title,
            "k": self.k,
            "by": self.by,
            "rank_before": self.rank_before,
            "remove": [piece.to_dict() for piece in self.remove],
            "rank_after": self.rank_after,
            "found": self.found,
            "verified": self.found,
            "minimal": self.minimal,
            "weights": self.mix.to_dict() if self.mix else None,
            "weights_rank_after": self.mix.rank if self.mix else None,
            "weights_minimal": self.mix.minimal if self.mix else False,
            "weights_cost": self.cost,
            "next": [one.to_dict() for one in self.next],
            "moves": self.proof.to_dict()["moves"] if self.proof else [],
            "sentences": self.sentences,
        }


_WORDS = {
    "events": "items of the history",
    "values": "attribute values",
    "entities": "entities",
    "friends": "friends",
}


def counterfactual(
    engine: Engine,
    user_id: str,
    item_id: str,
    weights: WeightsLike = None,
    *,
    k: int = 10,
    by: str = "events",
    effort: int = EFFORT,
    further: bool = True,
) -> Counterfactual:
    """Find what would take an item out of a user's list, or bring it in: each answer is recomputed.

    Parameters
    ----------
    item_id
        An item that the user has not had.
    by
        What may be taken away: ``events`` (items of the history), ``values``, ``entities``, ``friends``.
    effort
        How many histories may be recomputed to prove that no smaller set does it.
    further
        Look for other weights, and for items more, too.

    Raises
    ------
    NotFoundError
        Unknown user, item, granularity or preset.
    InputError
        The user has had the item, ``k`` is below 1, or the build does not fit the question.
    """
    check_k(k)
    situation = Situation.of(engine, user_id, weights)
    item = situation.candidate(item_id)
    pieces = pieces_of(situation, by)
    found = smallest(pieces, item, k, effort)
    rank = situation.rank(item)
    leaves = rank <= k
    proof = recompute(situation, pieces, found.without, k) if found.rank is not None else None
    mix, cost, more = None, {}, []
    if further:
        mixing = Mixing(situation, item)
        mix = mixing.leave(k) if leaves else mixing.reach(k)
        cost = cost_of(situation, mix.weights) if mix else {}
        if not leaves:
            more = next_items(pieces if isinstance(pieces, Events) else Events(situation), item, k)
    return Counterfactual(
        user_id=user_id,
        item_id=item_id,
        title=engine.item_label(item_id),
        k=k,
        by=by,
        leaves=leaves,
        rank_before=rank,
        remove=tuple(pieces.pieces[n] for n in found.without),
        rank_after=found.rank,
        minimal=found.minimal,
        proof=proof,
        mix=mix,
        cost=cost,
        next=tuple(more),
    )
