"""SQL over the views for analysts: read-only, confined, with limits and cancel."""

from mgrec_core.service.query.running import Answer, Limits, Query, run
from mgrec_core.service.query.turns import Turn

__all__ = ["Answer", "Limits", "Query", "Turn", "run"]
