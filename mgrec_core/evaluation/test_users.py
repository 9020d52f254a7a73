"""Ranked lists of many users, their accuracy, and whether the fused list is better than the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.data.dataset import Dataset
from mgrec_core.foundation.chunks import slices
from mgrec_core.metrics import metric_keys, user_metric
from mgrec_core.metrics.metric import PerUser
from mgrec_core.metrics.significance import compare
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.scoring import Scored

Lists = NDArray[np.int64]
_CELLS = 60_000_000


@dataclass(frozen=True)
class TestUsers:
    """Test users of a model with their relevant items.

    Attributes
    ----------
    rows : U
        Positions of the users with test items.
    relevant : U × |I|
        Held-out items.
    """

    rows: NDArray[np.int64]
    relevant: NDArray[np.bool_]
    __test__: ClassVar[bool] = False  # pytest takes a class of this name for one of its own

    @classmethod
    def of(cls, data: Dataset, test: pd.DataFrame) -> TestUsers:
        """Look up the held-out pairs."""
        users = test["user_id"].map(data.user_index).to_numpy(dtype=np.int64)
        items = test["item_id"].map(data.item_index).to_numpy(dtype=np.int64)
        rows, place = np.unique(users, return_inverse=True)
        relevant = np.zeros((len(rows), len(data.items)), dtype=bool)
        relevant[place, items] = True
        return cls(rows.astype(np.int64), relevant)


def top_lists(
    subject: Scored,
    rows: NDArray[np.int64],
    weightings: Mapping[str, Sequence[float]],
    k: int,
    seed: int | None = None,
) -> dict[str, Lists]:
    """Top-k lists of many users under several weightings, in one pass over the scores.

    Parameters
    ----------
    subject
        A model for its items, or any other subject.
    seed
        With it, a list in random order besides, as ``random``.

    Returns
    -------
    dict of U × k
        Positions of targets, −1 where a user has fewer candidates.
    """
    names = (*weightings, *(("random",) if seed is not None else ()))
    lists = {name: np.full((len(rows), k), -1, dtype=np.int64) for name in names}
    rng = np.random.default_rng(seed)
    matrix = np.array(list(weightings.values())).T
    for place, (_, split, allowed) in enumerate(subject.splits(rows, np.ones(len(matrix)))):
        scores = list((split.contributions @ matrix).T)
        if seed is not None:
            scores.append(rng.random(len(allowed)))
        for name, column in zip(names, scores, strict=True):
            best = top_k(column, k, allowed)
            lists[name][place, : len(best)] = best
    return lists


def accuracy(top: Lists, relevant: NDArray[np.bool_] | sparse.csr_array, k: int) -> dict[str, PerUser]:
    """Every metric of accuracy of each user.

    Parameters
    ----------
    top : U × k
        Ranked lists.
    relevant : U × N
        Held-out targets; sparse ones are unpacked some users at a time.
    """
    found: dict[str, list[PerUser]] = {key: [] for key in metric_keys(k)}
    for part in slices(len(top), relevant.shape[1], _CELLS):
        held = relevant[part]
        dense = np.asarray(held.toarray() > 0 if sparse.issparse(held) else held)
        for key, values in found.items():
            values.append(user_metric(key, top[part], dense))
    return {key: np.concatenate(values) if values else np.zeros(0) for key, values in found.items()}


def against_fused(values: Mapping[str, Mapping[str, PerUser]], main: str) -> dict[str, dict[str, Any]]:
    """Compare ``fused`` with every other list on one metric, Holm over all of them."""
    fused = values["fused"][main]
    compared = compare({name: (fused, v[main]) for name, v in values.items() if name != "fused"})
    return {f"fused − {name}": {"metric": main, **found} for name, found in compared.items()}
