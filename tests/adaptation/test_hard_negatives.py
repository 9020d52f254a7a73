from __future__ import annotations

import duckdb
import numpy as np

from mgrec_core.adaptation.hard_negatives import hard_negatives
from mgrec_core.data.dataset import Dataset
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.config import Config
from mgrec_core.model.model import build_model


def test_they_are_high_in_the_list_and_never_the_users_own(shop: duckdb.DuckDBPyConnection) -> None:
    data = Dataset.load(shop)
    model = build_model(data, Config(), None)
    written = np.ones(len(data.items), dtype=bool)
    written[::5] = False
    found = hard_negatives(model, {"collaborative": 1.0}, written, count=6)
    assert found.shape == (len(data.users), 6) and (found >= 0).any()
    for user, split, allowed in model.splits(
        np.arange(len(data.users)), [float(g == "collaborative") for g in model.present]
    ):
        drawn = found[user][found[user] >= 0]
        assert len(set(drawn.tolist())) == len(drawn)
        assert not set(drawn.tolist()) & set(data.seen[[user]].indices.tolist())
        assert written[drawn].all()
        best = top_k(split.contributions.sum(axis=1), 20, allowed & written)
        assert not set(drawn.tolist()) & set(best.tolist())


def test_the_same_seed_draws_the_same(shop: duckdb.DuckDBPyConnection) -> None:
    data = Dataset.load(shop)
    model = build_model(data, Config(), None)
    written = np.ones(len(data.items), dtype=bool)
    first, again, other = (
        hard_negatives(model, {"collaborative": 1.0}, written, count=4, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)
