"""What each command does: options in, one JSON document out. One module a group of commands."""

from __future__ import annotations

from mgrec_core.cli.main import (
    building,
    data,
    evaluation,
    feedback,
    knowledge,
    lab,
    looking,
    mapping,
    quality,
    query,
    ranking,
)

MODULES = (
    data,
    mapping,
    quality,
    knowledge,
    query,
    building,
    ranking,
    looking,
    evaluation,
    lab,
    feedback,
)
"""In the order of the help; each has ``register(command)``."""
