"""What each command does: options in, one JSON document out. One module a group of commands."""

from __future__ import annotations

from mgrec_core.commands import (
    building,
    data,
    evaluation,
    lab,
    mapping,
    query,
    ranking,
)

MODULES = (
    data,
    mapping,
    query,
    building,
    ranking,
    evaluation,
    lab,
)
"""In the order of the help; each has ``register(command)``."""
