"""A user without an item: what the data without its events would say, and nothing of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.data.signals.variants import UserEvents
from mgrec_core.model.granularities.structure import dense
from mgrec_core.model.without import histories_without, still_counting, without
from tests.worlds import config, full, model, model_of, world


@pytest.mark.parametrize("nth", [0, 2, 5])
@pytest.mark.parametrize("user", ["u00", "u05", "01", "日本"])
def test_the_history_is_that_of_data_without_the_items_events(user: str, nth: int) -> None:
    whole = world("full")
    data = whole.data()
    item = sorted({str(row[1]) for row in whole.events if row[0] == user})[nth]
    other = replace(whole, events=tuple(r for r in whole.events if (r[0], r[1]) != (user, item))).data()
    assert other.users == data.users and other.items == data.items
    row = data.user_index[user]
    connection = whole.connect()
    try:
        left = histories_without(UserEvents.read(connection, user), item, data.item_index)
    finally:
        connection.close()
    np.testing.assert_allclose(left.signal.toarray()[0], other.signal[[row]].toarray()[0], atol=1e-12)
    np.testing.assert_allclose(left.strength.toarray()[0], other.strength[[row]].toarray()[0], atol=1e-12)
    assert left.age is not None and other.age is not None
    np.testing.assert_allclose(left.age.toarray()[0], other.age[[row]].toarray()[0])

    built = model("full")
    found = without(built, row, data.item_index[item], left)
    assert found.n_users == 1 and found.unseen(0)[data.item_index[item]]
    for name, g in found.granularities.items():
        before = built.granularities[name]
        if g.kind == "item":
            assert item not in {g.evidence_ids[e] for e in g.weights.indices}
        if g.kind in ("friend", "everyone"):
            assert (dense(g.weights) == dense(sparse.csr_array(before.weights[[row]]))).all()


def test_with_all_items_kept_the_weights_are_the_builds() -> None:
    whole = world("full")
    data, built = whole.data(), model("full")
    connection = whole.connect()
    try:
        for user in ("u00", "u07", "a b"):
            left = histories_without(UserEvents.read(connection, user), "none of them", data.item_index)
            row = data.user_index[user]
            found = without(built, row, 0, left)
            for name, g in found.granularities.items():
                before = dense(sparse.csr_array(built.granularities[name].weights[[row]]))
                np.testing.assert_allclose(dense(g.weights), before, atol=1e-6, err_msg=name)
    finally:
        connection.close()


def test_a_history_read_as_one_text_still_counts() -> None:
    assert still_counting(model("full")) == []
    read = model_of(full(), config(behaviour={}, language={"encoding": "sequence"}))
    assert still_counting(read) == [n for n, g in read.granularities.items() if g.kind == "history"]
