"""Metrics: arrays in, numbers out. A metric is one declaration in a module of this package.

A new one needs a file such as this, in this package or behind an entry point of ``mgrec.metrics``::

    from mgrec_core.metrics import FromHits

    TOP_HIT = FromHits(
        name="tophit",
        title="Top hit",
        formula="1 where the first item is a hit",
        compute=lambda hits, n_relevant: hits[:, 0].astype(float),
    )
"""

from mgrec_core.metrics.catalogue import Catalogue
from mgrec_core.metrics.metric import FromAllLists, FromHits, FromList, Metric
from mgrec_core.metrics.registry import (
    ACCURACY,
    METRICS,
    definition,
    describe,
    hits_of,
    metric_keys,
    of_all_lists,
    of_each_list,
    parse_metric,
    user_metric,
)

__all__ = [
    "ACCURACY",
    "METRICS",
    "Catalogue",
    "FromAllLists",
    "FromHits",
    "FromList",
    "Metric",
    "definition",
    "describe",
    "hits_of",
    "metric_keys",
    "of_all_lists",
    "of_each_list",
    "parse_metric",
    "user_metric",
]
