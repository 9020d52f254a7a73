"""Clusters of a map's points, found on the map itself and named by what sets them apart.

They are clusters of what is *seen*: two dimensions that UMAP has drawn together. For groups in the
data themselves, look at what the vectors say (neighbours, segments).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mgrec_core.analysis.profile import Features, distinctive
from mgrec_core.foundation.errors import InputError

Method = Literal["density", "kmeans"]
METHODS: tuple[str, ...] = get_args(Method)
_NAMED_BY = 2
_LEAST_LIFT = 1.15


@dataclass(frozen=True)
class Clusters:
    """Clusters of points.

    Attributes
    ----------
    labels : n
        0, 1, … by size, the biggest first; −1 outside every cluster.
    names
        One a cluster, no two alike.
    centres : C × 2
        The median point of each.
    method
        How they were found, in one sentence.
    """

    labels: NDArray[np.int64]
    names: list[str]
    centres: NDArray[np.float64]
    method: str

    def name_of_points(self) -> list[str | None]:
        """Name of each point's cluster, ``None`` outside."""
        return [self.names[label] if label >= 0 else None for label in self.labels]


def smallest_of(n: int) -> int:
    """The smallest density cluster where none is asked for: √n, between 5 and 500 points."""
    return int(np.clip(round(n**0.5), 5, 500))


def find_clusters(
    points: NDArray[np.float32],
    features: Features | None = None,
    *,
    method: str = "density",
    n_clusters: int = 8,
    smallest: int = 0,
    seed: int = 0,
) -> Clusters:
    """Cluster the points of a map and name the clusters.

    Parameters
    ----------
    points : n × 2
        Places on the map, finite.
    features
        Of the same points; without them clusters have numbers for names.
    method
        ``density``: HDBSCAN (Campello, Moulavi and Sander, 2013), which finds their number itself and
        leaves scattered points out. ``kmeans``: exactly ``n_clusters``, every point in one.
    n_clusters
        For ``kmeans``, 2 to 40; fewer where there are fewer different points.
    smallest
        For ``density``: the fewest points of a cluster, 0 for :func:`smallest_of`.
    seed
        For ``kmeans``: where it starts.

    Raises
    ------
    InputError
        An unknown method or a number outside its range.
    """
    if method not in METHODS:
        raise InputError(f"unknown clustering {method!r}: choose {' or '.join(METHODS)}")
    if not 2 <= n_clusters <= 40 or smallest < 0 or smallest == 1:
        raise InputError("clusters: ask for 2 to 40 of them, each of at least 2 points (0: chosen by size)")
    n = len(points)
    smallest = smallest or smallest_of(n)
    if method == "density":
        raw, said = _density(points, smallest)
    else:
        raw, said = _kmeans(points, n_clusters, seed)
    labels = _by_size(raw)
    count = int(labels.max(initial=-1)) + 1
    groups = labels == np.arange(count)[:, None] if count else np.zeros((0, n), dtype=bool)
    profiles = distinctive(features, groups) if features is not None else [pd.DataFrame()] * count
    centres = np.array([np.median(points[inside], axis=0) for inside in groups], np.float64).reshape(-1, 2)
    return Clusters(labels, names_of(profiles), centres, said)


def names_of(profiles: list[pd.DataFrame]) -> list[str]:
    """Name clusters by the two values with the highest z (and a lift of at least 1.15), without repeats.

    A name that would be taken gets the next value, or the cluster's number where there is none.
    """
    names: list[str] = []
    for number, profile in enumerate(profiles, start=1):
        strong = profile[profile["lift"] >= _LEAST_LIFT] if len(profile) else profile
        values = _values(strong)
        name = ", ".join(values[:_NAMED_BY]) or f"Cluster {number}"
        if name in names and len(values) > _NAMED_BY:
            name = ", ".join(values[: _NAMED_BY + 1])
        names.append(f"{name} ({number})" if name in names else name)
    return names


def _values(profile: pd.DataFrame) -> list[str]:
    """Values as they are; numbers, and yes and no, with their attribute and once an attribute."""
    found: dict[str, str] = {}
    for attribute, value in zip(profile.get("attribute", []), profile.get("value", []), strict=True):
        digits = "".join(c for c in str(value) if c not in " –.,-−")
        bare = digits.isdecimal() or str(value).casefold() in {"yes", "no", "true", "false", "m", "f"}
        found.setdefault(str(attribute) if bare else str(value), f"{attribute} {value}" if bare else value)
    return list(found.values())


def _density(points: NDArray[np.float32], smallest: int) -> tuple[NDArray[np.int64], str]:
    said = (
        f"HDBSCAN on the map's points, at least {smallest:,} points a cluster; scattered points are in none"
    )
    if len(points) < max(2 * smallest, 4) or not np.ptp(points, axis=0).any():
        return np.full(len(points), -1, dtype=np.int64), said
    from sklearn.cluster import HDBSCAN  # type: ignore[import-untyped, unused-ignore]

    found = HDBSCAN(
        min_cluster_size=smallest,
        min_samples=min(10, smallest),
        cluster_selection_method="leaf",  # UMAP's points hang together: by excess of mass one takes all
        copy=True,
    ).fit_predict(np.asarray(points, dtype=np.float64))
    return np.asarray(found, dtype=np.int64), said


def _kmeans(points: NDArray[np.float32], wanted: int, seed: int) -> tuple[NDArray[np.int64], str]:
    distinct = len(np.unique(points, axis=0))
    count = min(wanted, distinct)
    said = f"k-means on the map's points, k = {count}, the best of ten starts from seed {seed}"
    if count < 2:
        return np.full(len(points), -1, dtype=np.int64), said
    from sklearn.cluster import KMeans

    found = KMeans(n_clusters=count, n_init=10, random_state=seed).fit_predict(
        np.asarray(points, dtype=np.float64)
    )
    return np.asarray(found, dtype=np.int64), said


def _by_size(raw: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number clusters by size, equal ones by their first point; −1 stays."""
    known, first, counts = np.unique(raw, return_index=True, return_counts=True)
    real = known >= 0
    order = np.lexsort((first[real], -counts[real]))
    new = {int(old): place for place, old in enumerate(known[real][order])}
    return np.array([new.get(int(label), -1) for label in raw], dtype=np.int64)
