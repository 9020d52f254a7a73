"""Is a difference between two rankings more than chance? Paired over users.

Keys of a comparison: ``mean`` of the paired difference with its 95 % bootstrap interval ``low``,
``high``; ``effect``, the mean in standard deviations of the difference (Cohen's d for pairs), with
``effect_low``, ``effect_high`` from the same resamples; ``p`` of the paired permutation test;
``p_holm``, p adjusted for the number of comparisons made at once; ``significant`` when the
interval leaves out 0, p is below .05 and there are at least :data:`LEAST_USERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.chunks import slices

_CHUNK = 4_000_000

LEAST_USERS = 6
"""Fewer cannot show anything: where all five signs agree p is still 2 / 2⁵ = .0625. (And a bootstrap of
one user has an interval without width.)"""

ALPHA = 0.05
"""p from which on a difference may be chance."""


@dataclass(frozen=True)
class Difference:
    """Mean paired difference and effect size with their 95 % bootstrap intervals."""

    mean: float
    low: float
    high: float
    n_users: int
    samples: int
    effect: float = 0.0
    effect_low: float = 0.0
    effect_high: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object; ``significant`` when the interval of enough users leaves out 0."""
        enough = self.n_users >= LEAST_USERS
        return asdict(self) | {"significant": bool(enough and (self.low > 0 or self.high < 0))}


def paired_bootstrap(
    first: NDArray[np.float64], second: NDArray[np.float64], samples: int = 10_000, seed: int = 0
) -> Difference:
    """Percentile bootstrap of mean(first − second) over users (Efron & Tibshirani 1993, §13.3).

    Parameters
    ----------
    first, second : U
        A metric of the same users under two rankings.
    """
    difference = first - second
    n = len(difference)
    rng = np.random.default_rng(seed)
    means, effects = np.empty(samples), np.empty(samples)
    for part in slices(samples, n, _CHUNK):
        drawn = difference[rng.integers(0, n, (part.stop - part.start, n))]
        mean = drawn.mean(axis=1)
        means[part] = mean
        effects[part] = _effect(mean, np.einsum("sn,sn->s", drawn, drawn) / n)
    low, high = np.percentile(means, [2.5, 97.5])
    effect = _effect(difference.mean(keepdims=True), (difference**2).mean(keepdims=True))[0]
    effect_low, effect_high = np.percentile(effects, [2.5, 97.5])
    return Difference(
        float(difference.mean()),
        float(low),
        float(high),
        n,
        samples,
        float(effect),
        float(effect_low),
        float(effect_high),
    )


def _effect(mean: NDArray[np.float64], mean_square: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the standard deviation; 0 where nothing differs."""
    deviation = np.sqrt(np.maximum(mean_square - mean**2, 0.0))
    return np.asarray(np.divide(mean, deviation, out=np.zeros_like(mean), where=deviation > 1e-12))


def normal_interval(difference: NDArray[np.float64]) -> tuple[float, float]:
    """95 % interval of the mean of paired differences: mean ± 1.96 · s/√n, s with n − 1.

    For figures that follow a slider; documents give the bootstrap's.

    Parameters
    ----------
    difference : U
        One value a user.
    """
    n = len(difference)
    mean = float(difference.mean())
    error = float(difference.std(ddof=1)) / np.sqrt(n) if n > 1 else np.inf
    return mean - 1.96 * error, mean + 1.96 * error


def paired_permutation(
    first: NDArray[np.float64], second: NDArray[np.float64], samples: int = 10_000, seed: int = 0
) -> float:
    """Two-sided p of the paired permutation test: signs of the differences flipped at random.

    p = (1 + permutations with |mean| at least as large as the one seen) / (1 + samples), so it
    is never 0 (Phipson & Smyth 2010).

    Parameters
    ----------
    first, second : U
        A metric of the same users under two rankings.
    """
    difference = first - second
    difference = difference[difference != 0]  # a zero stays zero under either sign
    n = len(difference)
    if n == 0:
        return 1.0
    rng = np.random.default_rng(seed)
    seen = abs(difference.sum())
    as_large = 0
    for part in slices(samples, n, _CHUNK):
        kept = rng.integers(0, 2, (part.stop - part.start, n), dtype=np.int8) @ difference
        as_large += int((np.abs(2 * kept - difference.sum()) >= seen * (1 - 1e-12)).sum())
    return (1 + as_large) / (1 + samples)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down adjustment (1979): the family-wise error stays below the level asked for.

    Examples
    --------
    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    ordered = sorted(p_values, key=lambda name: (p_values[name], name))
    adjusted: dict[str, float] = {}
    largest = 0.0
    for place, name in enumerate(ordered):
        largest = max(largest, min(1.0, (len(ordered) - place) * p_values[name]))
        adjusted[name] = largest
    return {name: adjusted[name] for name in p_values}


def compare(
    pairs: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> dict[str, dict[str, Any]]:
    """Compare several pairs of rankings at once: interval, effect, ``p`` and ``p_holm`` of each."""
    p_values = {name: paired_permutation(first, second) for name, (first, second) in pairs.items()}
    adjusted = holm(p_values)
    found: dict[str, dict[str, Any]] = {}
    for name, pair in pairs.items():
        one = paired_bootstrap(*pair).to_dict()
        one["significant"] = one["significant"] and p_values[name] < ALPHA
        found[name] = {**one, "p": p_values[name], "p_holm": adjusted[name]}
    return found
