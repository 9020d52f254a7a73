"""The targets besides items, by name; a new one is a file of this package with a ``TARGET``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.registry import Registry
from mgrec_core.targets.holdings import Holdings
from mgrec_core.targets.ranker import Ranker
from mgrec_core.targets.target import Target
from mgrec_core.targets.weights import learned

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

TARGETS: Registry[Target] = Registry(Target, "mgrec_core.targets", "mgrec.targets")
"""Targets by name."""


def target_of(name: str) -> Target:
    """The declaration of a target.

    Raises
    ------
    InputError
        There is none of that name.
    """
    if name not in TARGETS:
        raise InputError(f"unknown target {name!r}: choose {', '.join(('items', *TARGETS))}")
    return TARGETS[name]


def open_ranker(engine: Engine, name: str) -> Ranker:
    """Return the ranker of ``users`` or ``ads`` of an engine's build, with the learned weights.

    Raises
    ------
    InputError
        Another target.
    """
    target = target_of(name)
    labels = [engine.item_label(i) for i in engine.item_ids]
    with contextlib.closing(engine.workspace.connect()) as connection:
        held = Holdings.load(connection, engine.user_ids, engine.item_ids, labels)
        found = target.open(connection, engine.model, held, None)
    if stored := learned(engine.workspace.state, name):
        found.use(stored)
    return found
