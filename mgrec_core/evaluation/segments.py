"""Who is served how well: a metric by groups of users or items, with intervals and the gap.

==============  ===========================================================================
activity        terciles of the training history's length: low, middle, high
taste           terciles of the history's share of head items: niche, mixed, mainstream
cold-users      at most five training items, or more
items           the held-out items: head, tail, or new (no training user)
any attribute   users by its value; numbers with many values in terciles
cohort:NAME     the users of a saved cohort against everybody else
==============  ===========================================================================

Head items are the most used ones that together hold half of all training pairs. In ``items``
a user's metric counts the held-out items of the group alone, so a user can be in several groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.evaluation.test_users import TestUsers
from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.errors import InputError
from mgrec_core.metrics import user_metric
from mgrec_core.metrics.significance import LEAST_USERS
from mgrec_core.metrics.small_groups import MIN_GROUP, suppressed
from mgrec_core.workspace.cohorts import PREFIX, CohortStore

BUILT_IN = ("activity", "taste", "cold-users", "items")
OTHERS = "everybody else"
_COLD = 5
_MOST_GROUPS = 12


class Histories(Protocol):
    """What segments need to know of the training part; a ``Dataset`` is one."""

    @property
    def users(self) -> list[str]:
        """Ids."""

    @property
    def strength(self) -> sparse.csr_array:
        """|U| × |I|, stored entries are the histories."""

    @property
    def popularity(self) -> NDArray[np.float64]:
        """Training users of each item."""


@dataclass(frozen=True)
class Segmentation:
    """A metric of each user in each group: U × G, NaN where a user is not in a group."""

    name: str
    groups: list[str]
    values: NDArray[np.float64]

    def to_dict(self, samples: int = 10_000, min_group: int = MIN_GROUP) -> dict[str, Any]:
        """Table with ``n``, ``mean``, ``low``, ``high`` of each group, and the widest gap.

        Groups of fewer than ``min_group`` users are named without figures, and so is the smallest
        other one where the total would give them away (:func:`mgrec_core.metrics.small_groups.suppressed`).

        Users are resampled (10,000 bootstrap samples); the gap is that between the groups with
        the highest and the lowest mean.
        """
        there = ~np.isnan(self.values)
        values = np.where(there, self.values, 0.0)
        n_users = len(values)
        rng = np.random.default_rng(0)
        means = np.full((samples, len(self.groups)), np.nan)
        for part in slices(samples, n_users, 2_000_000):
            size = part.stop - part.start
            drawn = rng.multinomial(n_users, np.full(n_users, 1 / n_users), size).astype(np.float64)
            total = drawn @ there
            means[part] = np.divide(drawn @ values, total, out=np.full(total.shape, np.nan), where=total > 0)
        low, high = np.nanpercentile(means, [2.5, 97.5], axis=0)
        mean = values.sum(axis=0) / there.sum(axis=0)
        hidden = suppressed(there.sum(axis=0).tolist(), min_group)
        rows: list[dict[str, Any]] = [
            {"group": group, "n": None, "suppressed": f"suppressed (< {min_group} users)"}
            if hidden[g]
            else {
                "group": group,
                "n": int(there[:, g].sum()),
                "mean": float(mean[g]),
                "low": float(low[g]),
                "high": float(high[g]),
            }
            for g, group in enumerate(self.groups)
        ]
        found: dict[str, Any] = {"groups": rows}
        if hidden.count(False) > 1:
            mean[hidden] = np.nan
            best, worst = int(np.nanargmax(mean)), int(np.nanargmin(mean))
            gap_low, gap_high = np.nanpercentile(means[:, best] - means[:, worst], [2.5, 97.5])
            found["gap"] = {
                "best": self.groups[best],
                "worst": self.groups[worst],
                "mean": float(mean[best] - mean[worst]),
                "low": float(gap_low),
                "high": float(gap_high),
                "significant": bool(gap_low > 0 and there[:, [best, worst]].sum(axis=0).min() >= LEAST_USERS),
            }
        return found


def attributes(connection: duckdb.DuckDBPyConnection) -> dict[str, pd.Series]:
    """Every user attribute: user id → value (the first in order where there are several)."""
    rows = connection.execute(
        "SELECT user_id, attribute, min(value) AS value FROM v_user_attributes GROUP BY ALL ORDER BY ALL"
    ).df()
    return {str(name): part.set_index("user_id")["value"] for name, part in rows.groupby("attribute")}


def cohort(state: Path, name: str) -> pd.Series:
    """The members of the cohort in ``cohort:NAME``: user id → its name.

    Raises
    ------
    InputError
        There is no such cohort, or it is one of items.
    """
    found = CohortStore(state).get(name.removeprefix(PREFIX))
    if found.of != "users":
        raise InputError(f"cohort {found.name!r} holds items: a segment needs a cohort of users")
    return pd.Series(found.name, index=list(found.ids), dtype=object)


def unknown(name: str, user_attributes: Mapping[str, pd.Series]) -> InputError:
    """What to raise for a segment that there is not."""
    known = ", ".join([*BUILT_IN, *sorted(user_attributes), f"{PREFIX}NAME"])
    return InputError(f"unknown segment {name[:60]!r}: choose among {known}")


def segment(
    name: str,
    metric: str,
    top: NDArray[np.int64],
    data: Histories,
    test_users: TestUsers,
    user_attributes: Mapping[str, pd.Series],
) -> Segmentation:
    """A metric by the groups of one segment.

    Parameters
    ----------
    name
        One of :data:`BUILT_IN`, a user attribute or ``cohort:NAME``.
    metric
        Such as ``ndcg@10``.
    top : U × k
        Ranked lists of the test users.

    Raises
    ------
    InputError
        An unknown segment, or one that no evaluated user falls into.
    """
    if name == "items":
        return _items(metric, top, data, test_users)
    labels, order = user_groups(name, data, test_users.rows, user_attributes)
    values = user_metric(metric, top, test_users.relevant)
    table = np.full((len(values), len(order)), np.nan)
    for g, group in enumerate(order):
        inside = labels == group
        table[inside, g] = values[inside]
    return Segmentation(name, order, table)


def user_groups(
    name: str, data: Histories, rows: NDArray[np.int64], user_attributes: Mapping[str, pd.Series]
) -> tuple[NDArray[np.object_], list[str]]:
    """Which group of one segment each user is in.

    Parameters
    ----------
    name
        As in :func:`segment`, but for ``items``.
    rows : U
        Positions of the users.

    Returns
    -------
    labels, groups
        A group's name for each user, ``None`` where a user is in none; and the groups in order, at
        most twelve: of more the smallest are one, “other”.

    Raises
    ------
    InputError
        An unknown segment, or one that none of the users falls into.
    """
    order: tuple[str, ...] = ()
    if name == "activity":
        order = ("low", "middle", "high")
        labels = _terciles(_lengths(data, rows), order)
    elif name == "taste":
        order = ("niche", "mixed", "mainstream")
        labels = _terciles(_head_share(data, rows), order)
    elif name == "cold-users":
        few = _lengths(data, rows) <= _COLD
        labels = np.where(few, f"at most {_COLD} items", f"more than {_COLD} items").astype(object)
        if not few.any():
            raise InputError(
                f"segment cold-users has no users: every evaluated user has more than {_COLD} training items"
            )
    elif name.startswith(PREFIX) and name in user_attributes:
        chosen = user_attributes[name].reindex([data.users[row] for row in rows])
        if chosen.isna().all():
            raise InputError(f"segment {name} has no users: none of the evaluated ones is in the cohort")
        labels = chosen.fillna(OTHERS).to_numpy(dtype=object)
        order = (name.removeprefix(PREFIX), OTHERS)
    elif name in user_attributes:
        ids = [data.users[row] for row in rows]
        labels, order = _banded(user_attributes[name].reindex(ids).to_numpy(dtype=object))
    else:
        raise unknown(name, user_attributes)
    return _grouped(name, labels, order)


def _grouped(
    name: str, labels: NDArray[np.object_], order: tuple[str, ...]
) -> tuple[NDArray[np.object_], list[str]]:
    groups = [g for g in dict.fromkeys(labels.tolist()) if g is not None]
    if not groups:
        raise InputError(f"segment {name} has no users: no evaluated user has a value of it")
    counts = {g: int((labels == g).sum()) for g in groups}
    ordered = [g for g in order if g in counts] or sorted(groups)
    if len(ordered) > _MOST_GROUPS:
        kept = sorted(sorted(ordered, key=lambda g: -counts[g])[: _MOST_GROUPS - 1])
        labels = np.array([g if g is None or g in kept else "other" for g in labels], dtype=object)
        ordered = [*kept, "other"]
    return labels, ordered


def _items(metric: str, top: NDArray[np.int64], data: Histories, test_users: TestUsers) -> Segmentation:
    head = head_items(data.popularity)
    new = data.popularity == 0
    table, groups = [], []
    for group, mask in (("head", head), ("tail", ~head & ~new), ("new", new)):
        relevant = test_users.relevant & mask
        inside = relevant.any(axis=1)
        if inside.any():
            table.append(np.where(inside, user_metric(metric, top, relevant), np.nan))
            groups.append(group)
    return Segmentation("items", groups, np.stack(table, axis=1))


def head_items(popularity: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The most used items that together hold half of the training pairs, shape (|I|,)."""
    order = np.argsort(-popularity, kind="stable")
    before = np.cumsum(popularity[order]) - popularity[order]
    head = np.zeros(len(order), dtype=bool)
    head[order] = (before < popularity.sum() / 2) & (popularity[order] > 0)
    return head


def _lengths(data: Histories, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.diff(data.strength.indptr)[rows].astype(np.float64)


def _head_share(data: Histories, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    held = (data.strength[rows] > 0).astype(np.float64)
    return np.asarray(held @ head_items(data.popularity).astype(np.float64)) / np.maximum(
        _lengths(data, rows), 1
    )


def _terciles(numbers: NDArray[np.float64], names: tuple[str, ...]) -> NDArray[np.object_]:
    """Three groups of about equal size; equal numbers are in one group, so one may be empty."""
    low, high = np.quantile(numbers, [1 / 3, 2 / 3])
    which = (numbers > low).astype(int) + (numbers > high)
    return np.asarray(np.array(names, dtype=object)[which])


def _banded(values: NDArray[np.object_]) -> tuple[NDArray[np.object_], tuple[str, ...]]:
    """Values as they are; numbers with many values as three bands, named by their limits, in order."""
    known = pd.notna(values)
    labels = np.array([str(v) if k else None for v, k in zip(values, known, strict=True)], dtype=object)
    numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=np.float64)
    if not known.any() or np.isnan(numbers[known]).any() or len(set(labels[known])) <= _MOST_GROUPS:
        return labels, ()
    bands = _terciles(numbers[known], ("0", "1", "2"))
    order = []
    for band in ("0", "1", "2"):
        inside = numbers[known][bands == band]
        if len(inside):
            order.append(f"{inside.min():g} – {inside.max():g}")
            labels[np.flatnonzero(known)[bands == band]] = order[-1]
    return labels, tuple(order)
