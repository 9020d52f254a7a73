"""Limits that learned weights must keep, such as “coverage not below .1”."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from mgrec_core.evaluation.score_cache import ScoreCache
from mgrec_core.foundation.errors import InputError
from mgrec_core.metrics import definition

_TRIED = 128


@dataclass(frozen=True)
class Constraint:
    """A metric's limit.

    Attributes
    ----------
    metric
        Any that a score cache measures, such as ``coverage@10``.
    limit
        Its least value, or its largest where ``at_least`` is False.
    """

    metric: str
    limit: float
    at_least: bool = True

    @classmethod
    def read(cls, text: str, *, at_least: bool) -> Constraint:
        """Read ``coverage@10=0.1``.

        Raises
        ------
        InputError
            It is not a metric, an equals sign and a number, or the metric does not exist.
        """
        option = "--at-least" if at_least else "--at-most"
        metric, _, number = text.partition("=")
        definition(metric.strip())
        try:
            limit = float(number)
            if not np.isfinite(limit):
                raise ValueError
        except ValueError:
            raise InputError(f"{option} {text[:60]!r} is not like coverage@10=0.1") from None
        return cls(metric.strip(), limit, at_least)

    def kept_by(self, value: float) -> bool:
        """Whether a value keeps the limit, to rounding."""
        slack = 1e-9 * max(1.0, abs(self.limit))
        return value >= self.limit - slack if self.at_least else value <= self.limit + slack

    def __str__(self) -> str:
        return f"{self.metric} {'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True)
class Limits:
    """Several constraints on one score cache."""

    score_cache: ScoreCache
    constraints: tuple[Constraint, ...]
    k: int

    def __post_init__(self) -> None:
        """Refuse metrics that the score cache does not measure at this k."""
        if self.constraints:
            known = self.values(np.ones(len(self.score_cache.granularities)))
            for constraint in self.constraints:
                if constraint.metric not in known:
                    raise InputError(
                        f"{constraint.metric} is not measured here: choose among {', '.join(known)}"
                    )

    def values(self, weights: NDArray[np.float64]) -> dict[str, float]:
        """All metrics under weights."""
        wanted = [c.metric for c in self.constraints]
        return self.score_cache.measure(weights.tolist(), self.k, wanted=wanted).means

    def kept_by(self, weights: NDArray[np.float64]) -> bool:
        """Whether all constraints hold under weights."""
        if not self.constraints:
            return True
        found = self.values(weights)
        return all(c.kept_by(found[c.metric]) for c in self.constraints)

    def inside(
        self, wanted: Sequence[NDArray[np.float64]], free: NDArray[np.bool_]
    ) -> list[NDArray[np.float64]]:
        """Weights that keep all constraints: those ``wanted`` that do, else samples of the box.

        Parameters
        ----------
        free : K
            Granularities that may have a weight.

        Raises
        ------
        InputError
            None of the weights tried keeps them; the sentence says how far they went.
        """
        found = [w for w in wanted if self.kept_by(w)]
        if found:
            return found
        drawn = qmc.Sobol(len(free), rng=np.random.default_rng(0)).random(_TRIED) * free
        drawn[::3] **= 3
        tried = [w / w.max() for w in [*drawn, *np.eye(len(free))[free]] if w.max() > 0]
        found = [w for w in tried if self.kept_by(w)]
        if found:
            return found
        first = self.constraints[0]
        values = [self.values(w)[first.metric] for w in tried[:: max(1, len(tried) // 32)]]
        reached = max(values) if first.at_least else min(values)
        raise InputError(
            f"no weights tried keep {' and '.join(str(c) for c in self.constraints)}: "
            f"{first.metric} reached {reached:.4g} at best; loosen the limit"
        )
