"""One step of online learning: the list that was shown, what was said of it, new weights.

**Loss.** A list's items have scaled scores x_j ∈ R^K at λ = 1 and, under shares w (λ normalised to
sum 1), chances p_j = exp(w·x_j / τ) / Σ exp(w·x / τ). Feedback of strength s on item i at rank r costs

    ℓ(w) = τ · |s| · min(r^η, clip) · cross-entropy(t, p)

where t is all on item i when the feedback speaks for it, and even over the *other* items when it
speaks against it (ListNet's loss, Cao et al. 2007, as in ``learning/listwise.py``). It is convex
in w, with gradient |s| · min(r^η, clip) · (Σ p_j x_j − Σ t_j x_j).

**Position bias.** What stands at the top is looked at more, so feedback from there says less.
Weighing by 1 / P(rank r is looked at) makes the expected loss that of a list read to its end
(inverse propensity scoring: Joachims, Swaminathan and Schnabel 2017; with a listwise softmax, Ai et
al. 2018); P = r^−η is the usual power law and the clip bounds the variance.

**Steps.** ``exponentiated``: w ← w·exp(−rate·∇ℓ) / Σ (Kivinen and Warmuth 1997), then a little is
spread evenly (fixed share, Herbster and Warmuth 1998) so that weights can come back when taste
changes. ``projected``: λ ← clip(λ − rate·∇ℓ, 0, 1) with the base at 1 (Zinkevich 2003).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mgrec_core.feedback.settings import FeedbackSettings
from mgrec_core.foundation.results import Weights

Floats = NDArray[np.float64]
_LARGEST = 3.0  # of a gradient's parts before strength and rank: one odd item does not decide


@dataclass(frozen=True)
class FeedbackExample:
    """Feedback as numbers.

    Attributes
    ----------
    units : L × K
        Scaled scores x_j of the items that were shown, at least two.
    chosen
        Row of the item that the feedback is about.
    strength
        In [−1, 1]; below 0 it speaks against the item.
    rank
        Place of the item in the list, from 1; 0 when there was no list.
    """

    units: Floats
    chosen: int
    strength: float
    rank: int


def inverse_propensity(rank: int, settings: FeedbackSettings) -> float:
    """How many times feedback from this rank counts: min(rank^η, clip); 1 without a list.

    Examples
    --------
    >>> inverse_propensity(4, FeedbackSettings(position_bias=0.5))
    2.0
    """
    return float(min(max(rank, 1) ** settings.position_bias, settings.clip))


def gradient(shares: Floats, example: FeedbackExample, settings: FeedbackSettings) -> Floats:
    """∇ℓ at shares w, shape (K,)."""
    x = example.units
    z = x @ shares / settings.temperature
    p = np.exp(z - z.max())
    expected = p @ x / p.sum()
    if example.strength >= 0:
        target = x[example.chosen]
    else:
        target = (x.sum(axis=0) - x[example.chosen]) / (len(x) - 1)
    push = abs(example.strength) * inverse_propensity(example.rank, settings)
    return np.asarray(push * np.clip(expected - target, -_LARGEST, _LARGEST))


def step(shares: Floats, example: FeedbackExample, settings: FeedbackSettings, base: int = 0) -> Floats:
    """Shares after one piece of feedback, ≥ 0 with sum 1.

    Parameters
    ----------
    shares : K
        ≥ 0, sum 1.
    base
        Granularity whose λ stays 1 in ``projected`` steps.
    """
    slope = gradient(shares, example, settings)
    if settings.update == "projected":
        lam = np.clip(shares / max(shares[base], 1e-9) - settings.rate * slope, 0.0, 1.0)
        lam[base] = 1.0
        return np.asarray(lam / lam.sum())
    power = -settings.rate * slope
    moved = shares * np.exp(power - power.max())
    moved /= moved.sum()
    return np.asarray((1 - settings.share) * moved + settings.share / len(moved))


def shrink(own: Floats, everybody: Floats, n: int, settings: FeedbackSettings) -> Floats:
    """A user's shares drawn to everybody's: n/(n+κ)·own + κ/(n+κ)·everybody (James and Stein's idea).

    Parameters
    ----------
    n
        Pieces of feedback that the user has given.
    """
    trust = n / (n + settings.shrinkage) if n else 0.0
    return np.asarray(trust * own + (1 - trust) * everybody)


def taken_back(now: Floats, before: Floats, after: Floats) -> Floats:
    """Shares without an earlier step: what it multiplied them by is divided out again.

    Exact for exponentiated steps up to what was spread evenly since; steps add up in log space, so
    it does not matter how many lie between.
    """
    tiny = 1e-9
    undone = now * np.maximum(before, tiny) / np.maximum(after, tiny)
    return np.asarray(undone / undone.sum())


def to_shares(values: Mapping[str, float], present: Sequence[str]) -> Floats:
    """λ as shares α that sum to 1; even shares where all λ are 0."""
    lam = np.array([max(0.0, float(values.get(g, 0.0))) for g in present])
    return lam / lam.sum() if lam.sum() > 0 else np.full(len(present), 1 / len(present))


def to_weights(shares: Floats, present: Sequence[str]) -> Weights:
    """Shares as λ: the largest is the base and has 1, so that all lie in [0, 1].

    Examples
    --------
    >>> found = to_weights(np.array([0.2, 0.8]), ("behaviour", "recent"))
    >>> found.values, found.base
    ({'behaviour': 0.25, 'recent': 1.0}, 'recent')
    """
    best = int(shares.argmax())
    lam = np.round(shares / shares[best], 6)
    return Weights(dict(zip(present, lam.tolist(), strict=True)), present[best])
