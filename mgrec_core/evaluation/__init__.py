"""Offline evaluation: splits, models trained on the training part, comparisons."""

from mgrec_core.evaluation.splits import SPLITS, Split, make_split

__all__ = ["SPLITS", "Split", "make_split"]
