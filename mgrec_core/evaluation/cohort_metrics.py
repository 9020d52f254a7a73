"""How well a cohort is served beside everybody: each metric's mean with its interval.

Cohort and rest are different users, so their difference is not paired: its 95 % interval is
d ± 1.96 · √(s²_c/n_c + s²_r/n_r) (Welch; normal approximation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError
from mgrec_core.metrics.metric import PerUser
from mgrec_core.metrics.significance import normal_interval
from mgrec_core.metrics.small_groups import MIN_GROUP


@dataclass(frozen=True)
class CohortMetric:
    """One metric of a cohort.

    Attributes
    ----------
    metric
        Key, such as ``ndcg@10``.
    value, low, high
        Mean of the cohort and its 95 % interval.
    everybody
        Mean of all users.
    difference, difference_low, difference_high
        Cohort minus all *other* users, with its 95 % interval.
    """

    metric: str
    value: float
    low: float
    high: float
    everybody: float
    difference: float
    difference_low: float
    difference_high: float

    @property
    def significant(self) -> bool:
        """The interval of the difference leaves out 0."""
        return self.difference_low > 0 or self.difference_high < 0


def cohort_metrics(per_user: Mapping[str, PerUser], inside: NDArray[np.bool_]) -> list[CohortMetric]:
    """Compare the users inside a cohort with those outside.

    Parameters
    ----------
    per_user
        Metric key → U values.
    inside : U
        Which users belong to the cohort.

    Raises
    ------
    InputError
        Fewer than five measured users are inside, or outside: such groups are not told of.
    """
    n_in, n_out = int(inside.sum()), int((~inside).sum())
    if min(n_in, n_out) < MIN_GROUP:
        side = "inside" if n_in < MIN_GROUP else "outside"
        raise InputError(
            f"suppressed: {min(n_in, n_out)} of the measured users are {side} the cohort, fewer than"
            f" {MIN_GROUP}"
        )
    found = []
    for key, values in per_user.items():
        part, rest = values[inside], values[~inside]
        low, high = normal_interval(part)
        difference = float(part.mean() - rest.mean())
        error = 1.96 * float(np.sqrt(part.var(ddof=1) / n_in + rest.var(ddof=1) / n_out))
        found.append(
            CohortMetric(
                key,
                float(part.mean()),
                low,
                high,
                float(values.mean()),
                difference,
                difference - error,
                difference + error,
            )
        )
    return found


def places_taken(top: NDArray[np.int64], members: NDArray[np.bool_]) -> PerUser:
    """Share of each user's list that goes to a cohort of items, shape (U,).

    Parameters
    ----------
    top : U × k
        Item positions, −1 for places left empty.
    members : |I|
        Which items belong to the cohort.
    """
    filled = top >= 0
    hits = members[np.where(filled, top, 0)] & filled
    share: PerUser = hits.sum(axis=1) / np.maximum(filled.sum(axis=1), 1)
    return share


def times_shown(top: NDArray[np.int64], n_items: int) -> NDArray[np.int64]:
    """How many users see each item in their list, shape (|I|,)."""
    return np.bincount(top[top >= 0], minlength=n_items).astype(np.int64)
