"""How a workspace changes as a whole: aside and switched to, added to, forgotten from, tidied."""

from mgrec_core.lifecycle.aside import ASIDE, tidy
from mgrec_core.lifecycle.forget import forget, resume

__all__ = ["ASIDE", "forget", "resume", "tidy"]
