"""All that is declared of a granularity, in its own file and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mgrec_core.foundation.config import Section
from mgrec_core.foundation.errors import InputError
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.structure import Absent, Granularity


@dataclass(frozen=True, kw_only=True)
class Control:
    """A permutation control (a placebo): data as large and as dense that say nothing about the user.

    Attributes
    ----------
    sentence
        What is permuted, a part of a sentence.
    permute
        The granularity's inputs with that permuted; the second argument is the only source of chance.
    """

    sentence: str
    permute: Callable[[Spaces, np.random.Generator], Spaces]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """For which users and items there is evidence, known before any build.

    Relations are what follows ``FROM`` in a query over the views and the tables of
    :mod:`mgrec_core.quality`: ``q_pairs`` (user_id, item_id, n_events, last_time, rating), ``q_users``,
    ``q_items``, ``q_text``, ``q_values``; items that share a user with another (``q_shared``), that have a
    usable attribute value (``q_attribute``) or a usable entity within two hops (``q_knowledge``).

    Attributes
    ----------
    counted
        What is counted: the users; the items.
    items
        Relations with an ``item_id``; the items of any of them can be ranked.
    users
        A relation with a ``user_id``; ``None``: the users with a pair on one of the items.
    remedy
        What makes it possible, or better: one sentence.
    absent
        Severity of the finding that there is no evidence at all.
    """

    counted: str
    items: tuple[str, ...]
    users: str | None = None
    remedy: str
    absent: Literal["note", "low", "medium"] = "low"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One granularity.

    Attributes
    ----------
    name
        In files, on the command line and in the address; lower case.
    order
        Where it stands in the fixed order; lower is earlier, the shipped ones stand at 10, 20, …
    build
        Makes it from the spaces, or says why the data do not allow it.
    options
        Its section of the build's options, every field with a default; ``None``: there is nothing to choose.
    weight
        λ in [0, 1] of the default preset.
    weight_for_people, weight_for_ads
        The same for ranking people and advertisements; small until somebody measures it.
    control
        Its permutation control, which certification runs.
    label
        The word the reader sees.
    colours
        On the light page and on the dark one, ``#RRGGBB``.
    pattern
        plotly's ``marker.pattern.shape`` for bars.
    symbol
        plotly's ``marker.symbol`` for points.
    held, not_held
        What it means that an item has a vector there, or none: parts of a sentence. ``{users}`` becomes
        ``3 users``.
    coverage
        What it needs and how much of that there is.
    prior
        A prior says the same of every user: it is no interest, and all items point the same way.
    """

    name: str
    order: float
    build: Callable[[Spaces], Granularity | Absent]
    options: type[Section] | None = None
    weight: float
    weight_for_people: float = 0.1
    weight_for_ads: float = 0.1
    control: Control
    label: str
    colours: tuple[str, str]
    pattern: str
    symbol: str
    held: str
    not_held: str
    coverage: Coverage
    prior: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise InputError(f"granularity {self.name!r}: a name has lower-case letters, digits and _")
        for weight in (self.weight, self.weight_for_people, self.weight_for_ads):
            if not 0 <= weight <= 1:
                raise InputError(f"granularity {self.name}: weight {weight:g} does not lie from 0 to 1")
        for colour in self.colours:
            if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
                raise InputError(f"granularity {self.name}: colour {colour!r} is not of the form #RRGGBB")
