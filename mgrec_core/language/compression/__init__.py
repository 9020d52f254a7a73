"""Smaller and faster models made from a model: pure functions from its files to a new folder.

Reading this package loads neither torch, nncf nor model2vec; making a variant does.
"""

from mgrec_core.language.compression.agreement import agreement
from mgrec_core.language.compression.timing import Speed, compare_speed
from mgrec_core.language.compression.variants import KINDS, USUAL, make_variant

__all__ = ["KINDS", "USUAL", "Speed", "agreement", "compare_speed", "make_variant"]
