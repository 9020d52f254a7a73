"""Every metric there is, and metrics by their keys."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.registry import Registry
from mgrec_core.metrics.catalogue import Catalogue
from mgrec_core.metrics.metric import FromAllLists, FromHits, FromList, Hits, Lists, Metric, PerUser

METRICS: Registry[Metric] = Registry(Metric, "mgrec_core.metrics", "mgrec.metrics")
"""Metrics by name, in the order of tables."""


def definition(key: str) -> Metric:
    """The metric of a key such as ``ndcg@10`` or ``mrr``.

    Raises
    ------
    InputError
        An unknown metric.
    """
    name = key.partition("@")[0]
    if name not in METRICS:
        raise InputError(f"unknown metric {key[:40]!r}: choose {', '.join(METRICS)}, such as ndcg@10")
    return METRICS[name]


class _Accuracy(Mapping[str, FromHits]):
    def __getitem__(self, name: str) -> FromHits:
        metric = METRICS[name]
        if not isinstance(metric, FromHits):
            raise KeyError(name)
        return metric

    def __iter__(self) -> Iterator[str]:
        return (name for name, metric in METRICS.items() if isinstance(metric, FromHits))

    def __len__(self) -> int:
        return sum(1 for _ in self)


ACCURACY: Mapping[str, FromHits] = _Accuracy()
"""The metrics of accuracy among them: those that weights can be learned for."""


def metric_keys(k: int) -> tuple[str, ...]:
    """The metrics of accuracy that are reported at one cut-off."""
    return tuple(metric.key(k) for metric in ACCURACY.values())


def parse_metric(key: str, default_k: int = 10) -> tuple[str, int]:
    """Read ``ndcg@10`` (or ``mrr``, cut at ``default_k``).

    Raises
    ------
    InputError
        An unknown metric of accuracy or a cut-off that is no positive number.

    Examples
    --------
    >>> parse_metric("recall@20")
    ('recall', 20)
    """
    match = re.fullmatch(r"([a-z][a-z0-9_-]*)(?:@([0-9]{1,6}))?", key.strip().lower())
    if match is None or match[1] not in ACCURACY or match[2] == "0":
        raise InputError(
            f"unknown metric {key[:40]!r}: choose {', '.join(ACCURACY)}, with @k such as ndcg@10"
        )
    return match[1], int(match[2]) if match[2] else default_k


def hits_of(top: Lists, relevant: NDArray[np.bool_]) -> Hits:
    """Which places of the ranked lists hold a relevant item.

    Parameters
    ----------
    top : U × k
        Item positions, best first; −1 where the list is shorter.
    relevant : U × |I|
        Relevant items.

    Returns
    -------
    U × k
    """
    found: Hits = np.take_along_axis(relevant, np.maximum(top, 0), axis=1) & (top >= 0)
    return found


def user_metric(key: str, top: Lists, relevant: NDArray[np.bool_]) -> PerUser:
    """A metric of accuracy of each user, shape (U,); lists must be at least as long as the metric's k."""
    name, k = parse_metric(key, top.shape[1])
    return ACCURACY[name](hits_of(top[:, :k], relevant), relevant.sum(axis=1))


def of_all_lists(top: Lists, catalogue: Catalogue) -> dict[str, float]:
    """What belongs to all lists together, such as ``coverage@k``."""
    found = {
        metric.key(top.shape[1]): metric.compute(top, catalogue)
        for metric in METRICS.values()
        if isinstance(metric, FromAllLists)
    }
    return {key: value for key, value in found.items() if value is not None}


def of_each_list(
    top: Lists, catalogue: Catalogue, wanted: Collection[str] | None = None
) -> dict[str, PerUser]:
    """What belongs to each list beyond its hits, such as ``novelty@k``.

    Parameters
    ----------
    wanted
        Keys that are asked for: costly metrics not among them are left out; None leaves out nothing.
    """
    found = {
        metric.key(top.shape[1]): metric.compute(top, catalogue)
        for metric in METRICS.values()
        if isinstance(metric, FromList) and not (metric.costly and _is_unwanted(metric, wanted))
    }
    return {key: values for key, values in found.items() if values is not None}


def _is_unwanted(metric: Metric, wanted: Collection[str] | None) -> bool:
    return wanted is not None and all(key.partition("@")[0] != metric.name for key in wanted)


def describe(top: Lists, catalogue: Catalogue) -> dict[str, float]:
    """Every figure of a set of lists beyond hits, keyed ``coverage@k`` and so on."""
    each = of_each_list(top, catalogue)
    return of_all_lists(top, catalogue) | {key: float(values.mean()) for key, values in each.items()}
