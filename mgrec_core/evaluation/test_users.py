"""Scores of many users at once, in chunks that fit in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mgrec_core.data.dataset import Dataset
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.model import Model


@dataclass(frozen=True)
class Population:
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

    @classmethod
    def of(cls, data: Dataset, test: pd.DataFrame) -> Population:
        """Look up the held-out pairs."""
        users = test["user_id"].map(data.user_index).to_numpy(dtype=np.int64)
        items = test["item_id"].map(data.item_index).to_numpy(dtype=np.int64)
        rows, place = np.unique(users, return_inverse=True)
        relevant = np.zeros((len(rows), len(data.items)), dtype=bool)
        relevant[place, items] = True
        return cls(rows.astype(np.int64), relevant)


def top_lists(
    model: Model, rows: NDArray[np.int64], weightings: Mapping[str, Sequence[float]], k: int
) -> dict[str, NDArray[np.int64]]:
    """Top-k lists of all users under several weightings, in one pass over the scores.

    Returns
    -------
    dict of U × k
        Item positions, −1 where fewer items are unseen.
    """
    lists = {name: np.full((len(rows), k), -1, dtype=np.int64) for name in weightings}
    matrix = np.array(list(weightings.values())).T
    for place, (_, split, unseen) in enumerate(model.splits(rows, np.ones(len(model.present)))):
        fused = split.contributions @ matrix
        for name, scores in zip(weightings, fused.T, strict=True):
            best = top_k(scores, k, unseen)
            lists[name][place, : len(best)] = best
    return lists
