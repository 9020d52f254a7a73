"""What a language model is worth for recommendation: known, new and rare items, alone and fused.

==========  =====================================================================================
warm        `behaviour` alone on the test pairs
tail        the same, of the held-out items only those outside the head (half of all pairs)
cold        `behaviour` alone on items without any of their events, ranked among all items
warm texts  as warm, with the texts' own vectors of items: nothing is fitted to histories
cold texts  as cold, in the same way
fused       all granularities on the test pairs, weights learned inside the training part
==========  =====================================================================================

The metric is nDCG@10 over the full ranking of unseen items, ideal min(|R|, 10) hits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from mgrec_core.adaptation.held_out import HeldOut
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.relevance import ANY, Relevance
from mgrec_core.evaluation.segments import head_items
from mgrec_core.evaluation.test_users import TestUsers, top_lists
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.learning.fit import fit_weights
from mgrec_core.metrics import user_metric
from mgrec_core.metrics.metric import PerUser
from mgrec_core.metrics.significance import paired_bootstrap
from mgrec_core.model.config import Config
from mgrec_core.model.model import Model

METRIC = "ndcg@10"
PARTS = ("warm", "tail", "cold", "warm texts", "cold texts", "fused")
_K = 10


@dataclass(frozen=True)
class Worth:
    """Figures of one language model, a value a test user each.

    Attributes
    ----------
    values
        nDCG@10 by part; models measured on the same :class:`HeldOut` have the same users in the same order.
    weights
        The learned weights of ``fused``, where that was measured.
    """

    values: dict[str, PerUser]
    weights: dict[str, float] = field(default_factory=dict)

    def means(self) -> dict[str, float]:
        """Mean by part."""
        return {part: float(values.mean()) for part, values in self.values.items()}


def measure(
    connection: duckdb.DuckDBPyConnection,
    held_out: HeldOut,
    model: str | None,
    config: Config,
    cache: Path,
    *,
    fused: bool = True,
    relevance: Relevance | None = None,
    progress: Progress = silent,
) -> Worth:
    """Measure a language model on what is held out.

    Parameters
    ----------
    connection
        All the data.
    model
        Name or path of the language model; ``None`` is the embedded one.
    cache
        Folder of the text cache.
    fused
        Learn weights and measure the fused list too, which takes a second build.
    relevance
        What counts as a hit; every held-out item by default.

    Raises
    ------
    InputError
        None of the held-out pairs is a hit, or no item has a text.
    """
    relevance = relevance or Relevance(ANY)

    def prepared(split: Any, of: duckdb.DuckDBPyConnection) -> Fold:
        return Fold.prepare(of, split, model, config, cache, progress, relevance)

    values: dict[str, PerUser] = {}
    weights: dict[str, float] = {}
    outer = prepared(held_out.test, connection)
    if reason := outer.model.absent.get("behaviour"):
        raise InputError(f"there is nothing to measure a language model on: {reason}")
    by_item = outer.model.granularities["behaviour"].kind == "item"
    values["warm"] = _alone(outer, outer.test_users.relevant)
    tail = outer.test_users.relevant & ~head_items(outer.data.popularity)
    if by_item:
        values["warm texts"] = _by_texts(outer)
    some = tail.any(axis=1)
    if some.any():
        values["tail"] = _alone(outer, tail)[some]
    new = prepared(held_out.new, connection)
    values["cold"] = _alone(new, new.test_users.relevant)
    if by_item:
        values["cold texts"] = _by_texts(new)
    if fused:
        with contextlib.closing(training_connection(connection, held_out.test.test)) as training:
            inner = prepared(held_out.validation, training)
        weights = fit_weights([inner], METRIC, progress=progress).weights
        values["fused"] = under(outer.model, outer.test_users, weights, outer.test_users.relevant)
    return Worth(values, weights)


def differences(after: Worth, before: Worth) -> dict[str, dict[str, Any]]:
    """Paired differences by part: ``before``, ``after``, ``mean``, ``low``, ``high``, ``n_users``."""
    found = {}
    for part in (part for part in PARTS if part in after.values and part in before.values):
        mine, former = after.values[part], before.values[part]
        difference = paired_bootstrap(mine, former)
        found[part] = {
            "before": float(former.mean()),
            "after": float(mine.mean()),
            "mean": difference.mean,
            "low": difference.low,
            "high": difference.high,
            "n_users": difference.n_users,
        }
    return found


def under(
    model: Model, test_users: TestUsers, weights: Mapping[str, float], relevant: NDArray[np.bool_]
) -> PerUser:
    """nDCG@10 of each test user under some weights."""
    by_granularity: Sequence[float] = [weights.get(name, 0.0) for name in model.present]
    lists = top_lists(model, test_users.rows, {"one": by_granularity}, _K)
    return user_metric(METRIC, lists["one"], relevant)


def _alone(fold: Fold, relevant: NDArray[np.bool_]) -> PerUser:
    return under(fold.model, fold.test_users, {"behaviour": 1.0}, relevant)


def _by_texts(fold: Fold) -> PerUser:
    """The pooled texts of a history met by the texts of items."""
    built = fold.model.granularities["behaviour"]
    assert built.language is not None and built.language_name is not None
    (block,) = built.blocks
    texts = replace(block, items=built.language, item_name=built.language_name)
    model = Model({"behaviour": replace(built, blocks=(texts,))}, {}, fold.model.seen, None)
    return under(model, fold.test_users, {"behaviour": 1.0}, fold.test_users.relevant)
