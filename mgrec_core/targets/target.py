"""What a file declares that adds a kind of thing to recommend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np

from mgrec_core.model.model import Model
from mgrec_core.targets.held_out import HeldOut
from mgrec_core.targets.holdings import Holdings
from mgrec_core.targets.ranker import Ranker


@dataclass(frozen=True)
class Target:
    """One kind of thing to recommend.

    Attributes
    ----------
    name
        What ``--target`` calls it.
    defaults
        Gives the documented λ by part; its keys are all parts that there may be.
    open
        The ranker over an open database, the model built from it, its histories and friends, and
        the moment from which targets must be to be had.
    split
        Chooses what is held out: database, kind of split, test ratio, seed.
    order
        Its place among the others.
    """

    name: str
    defaults: Callable[[], Mapping[str, float]]
    open: Callable[[duckdb.DuckDBPyConnection, Model, Holdings, np.datetime64 | None], Ranker]
    split: Callable[[duckdb.DuckDBPyConnection, str | None, float, int], HeldOut]
    order: float = 100
