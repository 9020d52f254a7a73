"""The groups of commands, in the order of the help; each has ``register(command)``."""

from __future__ import annotations

from mgrec_core.cli import (
    adapting,
    building,
    counterfactual,
    data,
    evaluation,
    exporting,
    feedback,
    inspect,
    knowledge,
    lab,
    language,
    mapping,
    quality,
    query,
    ranking,
    words,
)

MODULES = (
    data,
    mapping,
    quality,
    knowledge,
    query,
    building,
    language,
    adapting,
    ranking,
    exporting,
    inspect,
    counterfactual,
    words,
    evaluation,
    lab,
    feedback,
)
