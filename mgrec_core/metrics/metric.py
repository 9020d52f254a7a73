"""What a metric is: its name and formula, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mgrec_core.metrics.catalogue import Catalogue

Hits = NDArray[np.bool_]
Counts = NDArray[np.int64]
Lists = NDArray[np.int64]
PerUser = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric, declared once: everything that is shown or asked of it comes from here.

    Declare one of the three kinds below.

    Attributes
    ----------
    name
        In lower case, the part of its key before the ``@``.
    title
        For tables and axes.
    formula
        How it is computed from a list cut at k, with R the held-out items of a user.
    better
        Which direction is wanted; ``none`` where neither is.
    unit
        Of the number; empty for shares and indices.
    cut
        Whether its key says the k (``ndcg@10``) or not (``mrr``).
    costly
        Whether it is left out where many lists are tried and nobody asked for it.
    headline
        Whether it is shown where there is room for a few.
    order
        Its place in tables.
    """

    name: str
    title: str
    formula: str
    better: Literal["higher", "lower", "none"] = "higher"
    unit: str = ""
    cut: bool = True
    costly: bool = False
    headline: bool = False
    order: int = 100

    def key(self, k: int) -> str:
        """Its key in documents, for lists cut at ``k``."""
        return f"{self.name}@{k}" if self.cut else self.name


@dataclass(frozen=True, kw_only=True)
class FromHits(Metric):
    """Accuracy: one number a user, from the places of a list that are hits (U × k) and |R| (U)."""

    compute: Callable[[Hits, Counts], PerUser]

    def __call__(self, hits: Hits, n_relevant: Counts) -> PerUser:
        """The metric of each user."""
        return self.compute(hits, n_relevant)


@dataclass(frozen=True, kw_only=True)
class FromList(Metric):
    """One number a user, from the lists (U × k, −1 where one is shorter) and the training part.

    ``None`` where the catalogue lacks what it needs.
    """

    compute: Callable[[Lists, Catalogue], PerUser | None]


@dataclass(frozen=True, kw_only=True)
class FromAllLists(Metric):
    """One number for all lists together, from them and the training part; ``None`` as above."""

    compute: Callable[[Lists, Catalogue], float | None]
