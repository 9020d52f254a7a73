"""Lists of many users at once agree with those of one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mgrec_core import Engine
from mgrec_core.export import lists as batch
from mgrec_core.export.lists import active_users, recommend, schema
from mgrec_core.foundation.results import Weights
from tests.worlds import Spent


def test_the_tables_columns(shop: Engine) -> None:
    assert schema(shop.subject()).names == [
        "user_id",
        "item_id",
        "rank",
        "score",
        *(f"contribution_{g}" for g in shop.present),
    ]


@pytest.mark.parametrize("chunk", [1, 5, 10_000])
def test_many_users_get_the_lists_that_each_gets(
    shop: Engine, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_USERS_A_TABLE", chunk)
    weights = shop.resolve({"recent": 0.4, "social": 0.9})
    users = [*active_users(shop.subject())[:40:3], "U007", "U001"]
    spent = Spent()
    table = pa.concat_tables(recommend(shop.subject(), users, 12, weights, spent))
    assert table.schema == schema(shop.subject()) and table.num_rows == len(users) * 12
    assert spent.calls[-1] == ("recommending", len(users), len(users))
    rows = table.to_pandas()
    for n, user in enumerate(users):
        part = rows[12 * n : 12 * n + 12]
        ranked = shop.rank(user, 12, weights)
        assert part["user_id"].eq(user).all() and part["rank"].tolist() == list(range(1, 13))
        assert part["item_id"].tolist() == [i.item_id for i in ranked.items]
        np.testing.assert_allclose(part["score"], [i.score for i in ranked.items], atol=1e-5)
        for g in shop.present:
            theirs = [i.contributions[g] for i in ranked.items]
            np.testing.assert_allclose(part[f"contribution_{g}"], theirs, atol=1e-5)


def test_contributions_sum_to_the_score(shop: Engine) -> None:
    weights = shop.resolve(Weights(preset="equal"))
    rows = pa.concat_tables(recommend(shop.subject(), shop.user_ids[:50], 20, weights)).to_pandas()
    parts = rows[[c for c in rows if c.startswith("contribution_")]].sum(axis=1)
    np.testing.assert_allclose(parts, rows["score"], atol=1e-5)
    assert not rows.duplicated(["user_id", "item_id"]).any()


def test_no_user_no_row(shop: Engine) -> None:
    assert list(recommend(shop.subject(), [], 5, shop.resolve())) == []


def test_k_above_the_catalogue(shop: Engine) -> None:
    table = next(recommend(shop.subject(), ["U001"], 10**6, shop.resolve()))
    assert table.num_rows == len(shop.item_ids) - len(shop.history("U001"))
