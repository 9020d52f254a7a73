"""How often a group sees each item: the same lists as the engine's own."""

from __future__ import annotations

import pytest

from mgrec_core import Engine
from mgrec_core.analysis.exposure import list_counts, sample_size
from mgrec_core.foundation.errors import InputError


def test_counts_are_those_of_the_ranked_lists(shop: Engine) -> None:
    users = shop.user_ids[:4]
    weights = shop.resolve({"popularity": 1.0})
    counts, n = list_counts(shop, users, weights, k=3)
    expected = dict.fromkeys(shop.item_ids, 0)
    for user in users:
        for item in shop.rank(user, 3, weights).items:
            expected[item.item_id] += 1
    assert n == 4 and dict(zip(shop.item_ids, counts.tolist(), strict=True)) == expected


def test_large_catalogues_rank_a_sample() -> None:
    assert [sample_size(n) for n in (10, 20_000, 10**7)] == [300, 100, 10]


def test_nobody_has_no_lists(shop: Engine) -> None:
    with pytest.raises(InputError, match="at least one"):
        list_counts(shop, [], shop.resolve())
