"""Scores of many users at once, in chunks that fit in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mgrec_core.data.dataset import Dataset
from mgrec_core.fusion.scale import scale_and_median
from mgrec_core.model import Model
from mgrec_core.ranking import top_k

_CHUNK_BYTES = 512 * 2**20


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


def scaled_scores(
    model: Model, rows: NDArray[np.int64]
) -> Iterator[tuple[slice, NDArray[np.float32], NDArray[np.bool_]]]:
    """c_uk·(s_k − m_uk) of the users ``rows``, a chunk at a time.

    Yields
    ------
    part, scores, unseen
        Which of ``rows``; len(part) × |I| × K; len(part) × |I|.
    """
    width = max(1, len(model.present))
    step = max(1, _CHUNK_BYTES // (model.n_items * width * 4))
    for start in range(0, len(rows), step):
        chunk = rows[start : start + step]
        scores = np.stack([g.scores(chunk) for g in model.granularities.values()], axis=2)
        unseen = np.stack([model.unseen(int(u)) for u in chunk])
        for n in range(len(chunk)):
            c, median = scale_and_median(scores[n], unseen[n])
            scores[n] = (scores[n] - median) * c
        yield slice(start, start + len(chunk)), scores, unseen


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
    for part, scores, unseen in scaled_scores(model, rows):
        for name, weights in weightings.items():
            fused = scores @ np.asarray(weights, dtype=np.float32)
            for n, row in enumerate(range(part.start, part.stop)):
                best = top_k(fused[n], k, unseen[n])
                lists[name][row, : len(best)] = best
    return lists
