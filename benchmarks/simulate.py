"""Simulated people who click with position bias on the lists of a learner.

A made-up world with planted truth. Every round a user meets a fresh choice of items and the list
that the learner's weights rank first. The user looks at rank r with probability r^−η and clicks on
what is looked at with a probability that grows with the item's worth to them, which is fused with
the *planted* weights. Half way the planted weights may change. Worth, clicks and choices come from
the seed alone, so that learners are compared on the same rounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mgrec_core.feedback.settings import FeedbackSettings
from mgrec_core.feedback.update import FeedbackExample, Floats, shrink, step

_CLICK = 0.3  # strength, as in the settings


@dataclass(frozen=True)
class World:
    """A planted truth.

    Attributes
    ----------
    units : U × I × K
        Scaled scores of every item for every user.
    tastes : P × U × K
        Planted shares of each user in each phase.
    rounds
        Rounds of each phase.
    length
        Items in a list.
    choice
        Items that a round chooses from.
    bias
        η of the clicks.
    """

    units: Floats
    tastes: Floats
    rounds: int
    length: int = 10
    choice: int = 60
    bias: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Course:
    """What a learner went through.

    Attributes
    ----------
    regret : T
        Of each round: nDCG of the best fixed weights of the phase minus that of the list shown.
    hindsight : T
        The same against the best *one* weights for all phases: negative where following a change pays.
    clicks
        In total.
    """

    regret: Floats
    hindsight: Floats
    clicks: int

    def mean(self, start: float, end: float) -> float:
        """Mean regret between two shares of the rounds."""
        n = len(self.regret)
        return float(self.regret[int(start * n) : int(end * n)].mean())


def make_world(
    planted: Sequence[Sequence[float]],
    *,
    users: int = 40,
    items: int = 300,
    rounds: int = 1500,
    spread: float = 0.0,
    bias: float = 1.0,
    seed: int = 0,
) -> World:
    """Draw a world.

    Parameters
    ----------
    planted : P × K
        Shares of each phase, ≥ 0.
    spread
        How far users differ from them: 0 not at all, 1 about as much as tastes can.
    """
    rng = np.random.default_rng(seed)
    truth = np.asarray(planted, dtype=np.float64)
    truth /= truth.sum(axis=1, keepdims=True)
    width = truth.shape[1]
    raw = rng.gamma(0.7, size=(users, items, width)) + 0.4 * rng.gamma(0.7, size=(users, items, 1))
    middle = np.median(raw, axis=1, keepdims=True)
    best = np.partition(raw, items - 10, axis=1)[:, -10:].mean(axis=1, keepdims=True)
    own = rng.dirichlet(np.full(width, 0.5), size=users)
    tastes = (1 - spread) * truth[:, None, :] + spread * own[None]
    return World((raw - middle) / (best - middle), tastes, rounds, bias=bias, seed=seed)


def simulate(
    world: World,
    settings: FeedbackSettings,
    best: tuple[Floats, Floats],
    start: Sequence[float] | None = None,
    *,
    per_user: str = "none",
    learn: bool = True,
) -> Course:
    """Let a learner meet the world.

    Parameters
    ----------
    settings
        Of the learner; the world's own bias is not known to it.
    best
        What :func:`best_fixed` says of the world.
    start : K
        Shares it begins with; even by default.
    per_user
        ``none``: everybody's weights only; ``own``: each user's only; ``shrunk``: each user's drawn
        to everybody's.
    learn
        False keeps the start.
    """
    width = world.units.shape[2]
    first = np.full(width, 1 / width) if start is None else np.asarray(start, dtype=np.float64)
    everybody = first / first.sum()
    own: dict[int, Floats] = {}
    counts: dict[int, int] = {}
    clicks = 0
    gains: list[float] = []
    for user, draws, units, worth in _rounds(world):
        if per_user == "own":
            shares = own.get(user, first)
        elif per_user == "shrunk":
            shares = shrink(own.get(user, everybody), everybody, counts.get(user, 0), settings)
        else:
            shares = everybody
        order = np.argsort(-(units @ shares), kind="stable")[: world.length]
        gains.append(_ndcgs(worth, (units @ shares)[:, None], world.length)[0])
        rank = np.arange(1, len(order) + 1)
        looked = draws[0, : len(order)] < rank**-world.bias
        clicked = np.flatnonzero(looked & (draws[1, : len(order)] < worth[order]))
        clicks += len(clicked)
        if not learn:
            continue
        for place in clicked:
            example = FeedbackExample(units[order], int(place), _CLICK, int(place) + 1)
            own[user] = step(own.get(user, everybody if per_user == "shrunk" else first), example, settings)
            counts[user] = counts.get(user, 0) + 1
            everybody = step(everybody, example, settings)
    achieved = np.array(gains)
    return Course(best[0] - achieved, best[1] - achieved, clicks)


def best_fixed(world: World, tries: int = 60) -> tuple[Floats, Floats]:
    """NDCG of each round under the best fixed weights in hindsight, of its phase and of all phases.

    They are looked for among the planted weights, the even ones, each granularity alone and random ones.
    """
    width = world.units.shape[2]
    rng = np.random.default_rng(world.seed + 1)
    random = rng.dirichlet(np.ones(width), size=tries)
    mean = world.tastes.mean(axis=1)
    trials = np.vstack([mean, mean.mean(axis=0)[None], np.full((1, width), 1 / width), np.eye(width), random])
    gains = np.array([_ndcgs(worth, units @ trials.T, world.length) for _, _, units, worth in _rounds(world)])
    phases = np.split(gains, len(world.tastes))
    each = np.concatenate([phase[:, phase.mean(axis=0).argmax()] for phase in phases])
    return each, gains[:, gains.mean(axis=0).argmax()]


def _rounds(world: World) -> Iterator[tuple[int, Floats, Floats, Floats]]:
    """Of each round: user, chance's draws, scaled scores and worth of the items to choose from."""
    rng = np.random.default_rng(world.seed)
    n_users, n_items, _ = world.units.shape
    for taste in world.tastes:
        for _ in range(world.rounds):
            user = int(rng.integers(n_users))
            chosen = rng.choice(n_items, size=min(world.choice, n_items), replace=False)
            draws = rng.random((2, world.length))
            units = world.units[user, chosen]
            yield user, draws, units, _worth(units @ taste[user])


def _worth(value: Floats) -> Floats:
    """Chance that an item is clicked when looked at: about a tenth of the choice is worth it."""
    z = (value - np.quantile(value, 0.9)) / (value.std() + 1e-12)
    return np.asarray(1 / (1 + np.exp(-4 * z)))


def _ndcgs(worth: Floats, scores: Floats, length: int) -> Floats:
    """Σ worth_r / log₂(r+1) over the same of the best order, for each column of scores."""
    order = np.argsort(-scores, axis=0, kind="stable")[:length]
    discount = 1 / np.log2(np.arange(2, len(order) + 2))
    ideal = np.sort(worth)[::-1][: len(order)]
    return np.asarray(discount @ worth[order] / (discount @ ideal))
