"""The smallest change of the weights λ that lets items pass one another.

A score is linear in the weights, r_ui = Σ_k λ_k·x_ik with x_ik = c_uk·(s_k(u,i) − m_uk), so "item i stands
before item j" is one linear constraint. The change is smallest in L1, Σ_k |λ'_k − λ_k|, which moves few
sliders; λ' stays in [0, 1] and the base keeps 1. Each constraint alone is a fractional knapsack, solved in
closed form; together they are a linear program. For two items, and for the first place, the optimum is exact.
For place r the items to pass are chosen too, a mixed-integer linear program over those that are cheapest to
pass. That optimum is exact where every item left out would cost more alone, and no other item got between;
else it is an upper bound and said so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics.top_k import top_k

MARGIN = 1e-5
"""By how much one score must be above the other."""
_DIGITS = 6
_ROUNDS = 12
_CHOICES = 60
_SECONDS = 2.0


@dataclass(frozen=True)
class Mix:
    """Other weights, and what they do; recomputed by ranking under them.

    Attributes
    ----------
    weights
        Complete.
    size
        Σ_k |λ'_k − λ_k|.
    rank
        The item's place under them.
    minimal
        No smaller change does it: proven.
    """

    weights: Weights
    before: dict[str, float]
    size: float
    rank: int
    minimal: bool

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Return ``{granularity: {"from", "to"}}`` of the weights that change."""
        return {
            g: {"from": self.before[g], "to": to}
            for g, to in self.weights.values.items()
            if to != self.before[g]
        }


class Mixing:
    """Changes of the weights of one situation, about one item."""

    def __init__(self, situation: Situation, item: int) -> None:
        self.situation, self.item = situation, item
        ones = Weights(dict.fromkeys(situation.model.present, 1.0), situation.weights.base)
        self.parts = situation.engine.score_parts(situation.user_id, ones).contributions
        self.lam = situation.factors
        base = situation.model.present.index(situation.weights.base)
        self._up, self._down = 1 - self.lam, self.lam.copy()
        self._up[base] = self._down[base] = 0.0

    def swap(self, rival: int) -> Mix | None:
        """The smallest change that puts item and rival in the other order; ``None``: there is none."""
        before = self._before(self.item, rival)
        gain = self._gains(np.array([rival]), forwards=not before)
        found = self._solved(gain)
        if found is None:
            return None
        mix = self._mix(found, minimal=True)
        scores = self._scores(found)
        first, second = (rival, self.item) if before else (self.item, rival)
        return mix if scores[first] > scores[second] else None

    def leave(self, k: int) -> Mix | None:
        """A small change with which the item is not among the first k."""
        return self._move(k, forwards=False)

    def reach(self, rank: int) -> Mix | None:
        """A small change with which the item stands at this place, or before it."""
        return self._first() if rank == 1 else self._move(rank, forwards=True)

    def _first(self) -> Mix | None:
        """Before everything else: constraints are added as they are broken, so the optimum is exact."""
        passed: list[int] = []
        lam: NDArray[np.float64] | None = self.lam
        for _ in range(_ROUNDS):
            if lam is None:
                return None
            ahead = self._ahead(lam)
            if len(ahead) == 0:
                return self._mix(lam, minimal=True)
            new = [int(j) for j in ahead[:20] if int(j) not in passed]
            if not new:
                return None
            passed += new
            lam = self._solved(self._gains(np.array(passed), forwards=True))
        return None

    def _move(self, place: int, forwards: bool) -> Mix | None:
        """Pass as many items as it takes to stand at a place (forwards), or behind it."""
        s = self.situation
        others = s.unseen.copy()
        others[self.item] = False
        places = np.flatnonzero(others)
        before_it = np.array([self._before(int(j), self.item) for j in places], dtype=bool)
        rivals = places[before_it == forwards]
        m = (s.rank(self.item) - place) if forwards else (place - s.rank(self.item) + 1)
        if m <= 0 or m > len(rivals):
            return None
        costs = self._costs(self._gains(rivals, forwards))
        order = np.argsort(costs, kind="stable")
        order = order[np.isfinite(costs[order])]
        cheapest = order[:_CHOICES]
        for more in range(_ROUNDS):  # items that were not to be passed may get between
            if m + more > len(cheapest):
                return None
            lam, optimal = self._chosen(self._gains(rivals[cheapest], forwards), m + more)
            if lam is None:
                return None
            rank = s.rank(self.item, self._scores(lam))
            if (rank <= place) if forwards else (rank > place):
                size = float(np.abs(lam - self.lam).sum())
                # an item that alone costs more than this is in no smaller change
                whole = len(cheapest) == len(order) or costs[order[len(cheapest)]] > size
                return self._mix(lam, minimal=optimal and whole and more == 0)
        return None

    def _chosen(self, gains: NDArray[np.float64], m: int) -> tuple[NDArray[np.float64] | None, bool]:
        """The least change that meets m of the constraints, and whether it is the least for certain.

        A mixed-integer linear program: constraint j counts where its switch z_j is on.
        """
        n, width = len(gains), gains.shape[1]
        low, high = self.lam - self._down, self.lam + self._up
        reach = np.where(gains > 0, gains * low, gains * high).sum(axis=1)  # the least that any weights give
        wanted = 2 * MARGIN
        slack = np.maximum(wanted - reach, 0)
        rows = np.hstack([gains, -gains, -np.diag(slack)])
        count = np.concatenate([np.zeros(2 * width), np.ones(n)])
        found = milp(
            np.concatenate([np.ones(2 * width), np.zeros(n)]),
            integrality=np.concatenate([np.zeros(2 * width), np.ones(n)]),
            bounds=Bounds(0, np.concatenate([self._up, self._down, np.ones(n)])),
            constraints=[
                LinearConstraint(rows, wanted - gains @ self.lam - slack, np.inf),
                LinearConstraint(count[None], m, np.inf),
            ],
            options={"time_limit": _SECONDS, "mip_rel_gap": 1e-6},
        )
        if found.x is None:
            return None, False
        return self._rounded(found.x[:width] - found.x[width : 2 * width]), found.status == 0

    def _rounded(self, change: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(np.round(self.lam + change, _DIGITS), 0.0, 1.0)

    def _gains(self, rivals: NDArray[np.int64], forwards: bool) -> NDArray[np.float64]:
        """X of the item less x of each rival (forwards), or the other way round, J × K."""
        difference = np.asarray(self.parts[self.item] - self.parts[rivals])
        return difference if forwards else -difference

    def _costs(self, gains: NDArray[np.float64]) -> NDArray[np.float64]:
        """The least L1 change that meets each constraint alone; infinite where none does."""
        missing = MARGIN - gains @ self.lam
        room = np.where(gains > 0, self._up, self._down)
        rate = np.abs(gains)
        order = np.argsort(-rate, axis=1, kind="stable")
        rate, room = np.take_along_axis(rate, order, axis=1), np.take_along_axis(room, order, axis=1)
        cost = np.zeros(len(gains))
        for k in range(gains.shape[1]):
            use = np.divide(missing, rate[:, k], out=np.zeros_like(missing), where=rate[:, k] > 0)
            use = np.clip(use, 0, room[:, k])
            cost += use
            missing = missing - use * rate[:, k]
        return np.asarray(np.where(missing > 1e-12, np.inf, cost))

    def _solved(self, gains: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The least change that meets all constraints, rounded; ``None``: there is none."""
        n = gains.shape[1]
        found = linprog(
            np.ones(2 * n),
            A_ub=np.hstack([-gains, gains]),
            b_ub=gains @ self.lam - 2 * MARGIN,
            bounds=[(0, up) for up in self._up] + [(0, down) for down in self._down],
            method="highs",
        )
        if found.status != 0 or found.x is None:
            return None
        return self._rounded(found.x[:n] - found.x[n:])

    def _scores(self, lam: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self.parts @ lam)

    def _ahead(self, lam: NDArray[np.float64]) -> NDArray[np.int64]:
        """Unseen items before the item, best first."""
        s = self.situation
        scores = self._scores(lam)
        best = top_k(scores, s.rank(self.item, scores), s.unseen)
        return best[:-1]

    def _before(self, one: int, other: int) -> bool:
        a, b = self.situation.scores[[one, other]]
        return bool(a > b or (a == b and one < other))

    def _mix(self, lam: NDArray[np.float64], minimal: bool) -> Mix | None:
        """Rank under the new weights as every list is ranked."""
        s = self.situation
        values = dict(zip(s.model.present, lam.tolist(), strict=True))
        before = dict(zip(s.model.present, self.lam.tolist(), strict=True))
        weights = s.engine.resolve(Weights(values, s.weights.base))
        rank = Situation(s.engine, s.user_id, s.user, weights).rank(self.item)
        return Mix(weights, before, float(np.abs(lam - self.lam).sum()), rank, minimal)
