"""Neighbours: against cosines of whole vectors, fused against concatenations."""

from __future__ import annotations

import numpy as np
import pytest

from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights
from mgrec_core.model.fusion.vectors import item_profiles
from mgrec_core.model.granularities import is_prior
from mgrec_core.model.granularities.structure import dense, normalise_rows


def test_neighbours_are_the_largest_cosines_of_whole_profiles(shop: Engine) -> None:
    item = 5
    found = shop.neighbours(shop.item_ids[item], k=7)
    personal = {g for g in shop.present if not is_prior(g)}
    assert len(personal) > 3
    for g in personal:
        unit = normalise_rows(dense(item_profiles(shop.model.granularities[g]))).astype(np.float64)
        cosines = unit @ unit[item]
        cosines[item] = -np.inf
        best = np.sort(cosines)[::-1][:7]
        assert [n.cosine for n in found[g]] == pytest.approx(best, abs=1e-5)
        assert shop.item_ids[item] not in {n.item_id for n in found[g]}
        assert [n.rank for n in found[g]] == list(range(1, 8))


def test_fused_is_the_cosine_of_concatenations(shop: Engine) -> None:
    weights = shop.resolve({"recent": 0.3, "social": 0.7})
    alpha = weights.shares
    parts = [
        np.sqrt(alpha[g]) * normalise_rows(dense(item_profiles(shop.model.granularities[g])))
        for g in shop.present
        if not is_prior(g)
    ]
    unit = normalise_rows(np.hstack(parts)).astype(np.float64)
    found = shop.neighbours(shop.item_ids[11], k=9, weights=weights)["fused"]
    where = {i: n for n, i in enumerate(shop.item_ids)}
    for near in found:
        assert near.cosine == pytest.approx(unit[where[near.item_id]] @ unit[11], abs=1e-5)
    assert [n.cosine for n in found] == sorted((n.cosine for n in found), reverse=True)


def test_weights_move_the_fused_neighbours_only(shop: Engine) -> None:
    item = shop.item_ids[3]
    one = shop.neighbours(item, weights=Weights({"attribute": 1.0}, "behaviour"))
    two = shop.neighbours(item, weights=Weights({"attribute": 0.0}, "collaborative"))
    assert one.pop("fused") != two.pop("fused")
    assert one == two


def test_what_cannot_be_asked(shop: Engine) -> None:
    with pytest.raises(NotFoundError, match="unknown item 'nothing'"):
        shop.neighbours("nothing")
    with pytest.raises(InputError, match="at least 1 neighbour"):
        shop.neighbours(shop.item_ids[0], k=0)
