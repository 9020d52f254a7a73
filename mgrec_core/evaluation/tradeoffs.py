"""What everybody gains or pays for other weights: differences, sweeps of one weight, Pareto fronts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.evaluation.score_cache import Measured, ScoreCache
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.metrics import definition
from mgrec_core.metrics.significance import normal_interval


@dataclass(frozen=True)
class Change:
    """A metric under some weights beside the same metric under the reference.

    ``low`` and ``high`` are the 95 % interval of the difference of means, paired over users
    (normal approximation); ``None`` for figures that belong to all lists together.
    """

    metric: str
    value: float
    reference: float
    difference: float
    low: float | None
    high: float | None

    @property
    def significant(self) -> bool:
        """The interval leaves out 0."""
        return bool(self.low is not None and self.high is not None and (self.low > 0 or self.high < 0))

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self) | {"significant": self.significant}


def changes(now: Measured, reference: Measured) -> dict[str, Change]:
    """Every metric of two measurements of the same score cache."""
    found = {}
    for key, values in now.per_user.items():
        other = reference.per_user[key]
        low, high = normal_interval(values - other)
        mean, before = float(values.mean()), float(other.mean())
        found[key] = Change(key, mean, before, mean - before, low, high)
    for key, value in now.overall.items():
        before = reference.overall[key]
        found[key] = Change(key, value, before, value - before, None, None)
    return found


def sweep(
    score_cache: ScoreCache,
    weights: Mapping[str, float],
    granularity: str,
    *,
    k: int = 10,
    points: int = 11,
    progress: Progress = silent,
) -> list[dict[str, Any]]:
    """Every metric while one weight goes from 0 to 1 and the others stay.

    Parameters
    ----------
    weights
        λ by granularity: the reference that differences are taken against.
    points
        How many values, at least 2.

    Returns
    -------
    list of dict
        ``weight`` and, by metric key, the :class:`Change` against ``weights``.

    Raises
    ------
    InputError
        The granularity is not in the score cache, or there are fewer than two points.
    """
    if granularity not in score_cache.granularities:
        raise InputError(f"{granularity[:60]!r} is not among {', '.join(score_cache.granularities)}")
    if points < 2:
        raise InputError(f"a sweep of {points} points is no sweep: ask for at least 2")
    reference = score_cache.measure(_vector(score_cache, weights), k)
    rows = []
    for n, value in enumerate(np.linspace(0.0, 1.0, points)):
        progress("sweep", n, points, f"{granularity} {value:.2f}")
        found = score_cache.measure(_vector(score_cache, {**weights, granularity: float(value)}), k)
        rows.append({"weight": float(value), **changes(found, reference)})
    return rows


def pareto(
    score_cache: ScoreCache,
    x: str,
    y: str,
    *,
    named: Mapping[str, Mapping[str, float]],
    base: str,
    k: int = 10,
    samples: int = 200,
    seed: int = 0,
    progress: Progress = silent,
) -> list[dict[str, Any]]:
    """Two metrics under many weights, and which of them nothing beats in both.

    Weights are points of a scrambled Sobol sequence in [0, 1]^(K−1), the base at 1; a third of
    them is cubed, so that small weights are tried as well.

    Parameters
    ----------
    x, y
        Metric keys, such as ``ndcg@10`` and ``coverage@10``.
    named
        Presets that are measured besides, by name.

    Returns
    -------
    list of dict
        ``name`` (empty for samples), ``weights``, ``x``, ``y`` and ``front``: no other point is at
        least as good in both and better in one.

    Raises
    ------
    InputError
        An unknown metric, one without a wanted direction, or fewer than one sample.
    """
    from scipy.stats import qmc  # a third of what a first page would import; only the search needs it

    for key in (x, y):
        if definition(key).better == "none":
            raise InputError(f"{key} has no wanted direction: choose another metric for a Pareto front")
    if samples < 1:
        raise InputError(f"{samples} samples: ask for at least 1")
    others = [g for g in score_cache.granularities if g != base]
    power = int(np.ceil(np.log2(samples)))
    drawn = qmc.Sobol(max(1, len(others)), rng=np.random.default_rng(seed)).random_base2(power)[:samples]
    drawn[::3] **= 3
    tried: list[tuple[str, dict[str, float]]] = [(name, dict(w)) for name, w in named.items()]
    tried += [("", {base: 1.0, **dict(zip(others, row.tolist(), strict=False))}) for row in drawn]
    points = []
    for n, (name, weights) in enumerate(tried):
        progress("trade-offs", n, len(tried), name)
        means = score_cache.measure(_vector(score_cache, weights), k, wanted=(x, y)).means
        for key in (x, y):
            if key not in means:
                raise InputError(f"{key} is not measured here: choose among {', '.join(means)}")
        points.append({"name": name, "weights": weights, "x": means[x], "y": means[y]})
    front = _front(np.array([[p["x"], p["y"]] for p in points]), (x, y))
    return [{**point, "front": bool(best)} for point, best in zip(points, front, strict=True)]


def _vector(score_cache: ScoreCache, weights: Mapping[str, float]) -> Sequence[float]:
    return [float(weights.get(g, 0.0)) for g in score_cache.granularities]


def _front(points: NDArray[np.float64], keys: tuple[str, str]) -> NDArray[np.bool_]:
    """Which points nothing dominates."""
    good = points * [1.0 if definition(key).better == "higher" else -1.0 for key in keys]
    at_least = (good[:, None, :] >= good[None, :, :]).all(axis=2)
    better = (good[:, None, :] > good[None, :, :]).any(axis=2)
    return np.asarray(~(at_least & better).any(axis=0))
