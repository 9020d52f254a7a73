"""How many steps a budget of time allows, measured on the machine that it will be spent on."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable

import torch

from mgrec_core.adaptation.training import Plan
from mgrec_core.foundation.errors import InputError

_UNITS = {"s": 1, "m": 60, "h": 3600, "": 60}
_LOOKS = 8
_LOOKING = 0.15
"""Share of the budget that validations may take."""
_SPARE = 0.95
_CHECKPOINT = 60.0
"""Seconds between two checkpoints, about."""
_CHECKPOINTS = 20
"""Checkpoints of a training whose steps are told."""


def seconds_of(budget: str) -> float:
    """Read a budget of time such as ``20m``, ``90s``, ``1.5h`` or a number of minutes.

    Raises
    ------
    InputError
        It is none, or no time at all.

    Examples
    --------
    >>> seconds_of("20m"), seconds_of("1.5h"), seconds_of("2")
    (1200.0, 5400.0, 120.0)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)(?:in|ec|r)?s?\s*", budget.lower())
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if seconds <= 0:
        raise InputError(f"--budget {budget[:20]!r} is no time: write 20m, 90s or 1h")
    return seconds


def plan_for(
    seconds: float,
    steps: int | None,
    step: Callable[[], object],
    validate: Callable[[], float] | None,
    patience: int = 4,
) -> Plan:
    """Plan a training by timing a step and a validation.

    Parameters
    ----------
    seconds
        The budget.
    steps
        How many steps were asked for; ``None`` fills the budget.
    step
        Does everything of a step but move weights.
    validate
        Validates.
    patience
        As in the plan.
    """
    before = None
    looking = 0.0
    if validate is not None:
        start = time.monotonic()
        before = validate()
        looking = time.monotonic() - start
    looks = 0 if validate is None else max(1, min(_LOOKS, int(_LOOKING * seconds / max(looking, 1e-3))))
    each = _timed(step)
    if steps is None:
        steps = max(10, int(_SPARE * (seconds - looks * looking) / max(each, 1e-4)))
        save_every = max(1, min(steps, int(_CHECKPOINT / max(each, 1e-4))))
    else:  # the same on every machine
        looks = min(_LOOKS, steps) if looks else 0
        save_every = math.ceil(steps / _CHECKPOINTS)
    look_every = math.ceil(steps / looks) if looks else 0
    return Plan(steps, look_every, save_every, seconds, before, patience)


def _timed(step: Callable[[], object]) -> float:
    """Seconds of a step; the first is slower and does not count. Chance is left as it was."""
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        step()
        start = time.monotonic()
        step()
        step()
        return (time.monotonic() - start) / 2
