"""Models that write: asked for a short text of given evidence, and believed only as far as that goes."""

from mgrec_core.language.generation.generator import Generator
from mgrec_core.language.generation.grounding import Grounds, ungrounded
from mgrec_core.language.generation.loading import load_generator

__all__ = ["Generator", "Grounds", "load_generator", "ungrounded"]
