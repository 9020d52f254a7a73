"""What a baseline is: how to fit it to histories, and the settings that are tried."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.registry import Registry
from mgrec_core.model.granularities.structure import Vectors

Scorer = Callable[[NDArray[np.int64]], Vectors]
"""Scores of all items for some users: rows → len(rows) × |I|."""
Fit = Callable[[sparse.csr_array, Mapping[str, Any]], Scorer]
"""Histories (U × |I|) and one of the settings → scorer."""

HISTORIES = ("binary", "interests", "strength")
"""Values of the setting ``histories``: 1 for all that was more than shown (also without the setting), 1 for
what speaks for an interest, or the strengths of the latter."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A recommender of others.

    Attributes
    ----------
    name
        Its key in documents.
    fit
        Fits it. What only it needs is imported when it is called.
    grid
        Settings that are tried, at least one; see :func:`grid`.
    one_thread
        Whether linear algebra keeps to one thread while it is fitted, so that results do not depend on
        the machine.
    order
        Its place in documents.
    """

    name: str
    fit: Fit
    grid: tuple[dict[str, Any], ...]
    one_thread: bool = False
    order: int = 100

    def __post_init__(self) -> None:
        if not self.grid:
            raise InputError(f"baseline {self.name}: its grid is empty, give at least one setting")


BASELINES: Registry[Baseline] = Registry(Baseline, "mgrec_core.evaluation.baselines", "mgrec.baselines")
"""Baselines by name."""


def grid(**options: tuple[Any, ...]) -> tuple[dict[str, Any], ...]:
    """Every combination of the options' values.

    Examples
    --------
    >>> grid(histories=("binary",), factors=(32, 64))
    ({'histories': 'binary', 'factors': 32}, {'histories': 'binary', 'factors': 64})
    """
    return tuple(dict(zip(options, values, strict=True)) for values in itertools.product(*options.values()))
