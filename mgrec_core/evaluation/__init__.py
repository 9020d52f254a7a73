"""Offline evaluation: splits, metrics, significance."""

from mgrec_core.evaluation.metrics import METRICS, parse_metric, user_metric
from mgrec_core.evaluation.splits import SPLITS, Split, make_split

__all__ = ["METRICS", "SPLITS", "Split", "make_split", "parse_metric", "user_metric"]
