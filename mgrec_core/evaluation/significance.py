"""Is a difference between two rankings more than chance? Paired over users."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Difference:
    """Mean paired difference with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    n_users: int
    samples: int

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object; ``significant`` when the interval leaves out 0."""
        return asdict(self) | {"significant": bool(self.low > 0 or self.high < 0)}


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
    means = np.empty(samples)
    step = max(1, 4_000_000 // max(n, 1))
    for start in range(0, samples, step):
        size = min(step, samples - start)
        means[start : start + size] = difference[rng.integers(0, n, (size, n))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Difference(float(difference.mean()), float(low), float(high), n, samples)
