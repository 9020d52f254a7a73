"""Variants of one user: unchanged they score as the user, and together as one by one."""

from __future__ import annotations

import numpy as np
import pytest

from mgrec_core.model.granularities.histories import Histories
from mgrec_core.model.variants import raw_of_variants, with_evidence, with_histories
from tests.worlds import WORLDS, model, world


@pytest.mark.parametrize("name", WORLDS)
def test_an_unchanged_history_scores_as_the_user(name: str) -> None:
    data, found = world(name).data(), model(name)
    if not found.present:
        return
    for user in range(0, len(data.users), 5):
        one = Histories(
            data.signal[[user, user]],
            data.strength[[user, user]],
            None if data.age is None else data.age[[user, user]],
        )
        changed = with_histories(found, user, one)
        assert changed.n_users == 2
        np.testing.assert_array_equal(changed.unseen(1), found.unseen(user))
        np.testing.assert_allclose(changed.raw(1), found.raw(user), rtol=1e-5, atol=1e-6)
        together = raw_of_variants(changed, changed.present)
        for n, g in enumerate(changed.present):
            np.testing.assert_allclose(together[g][0], found.raw(user)[:, n], rtol=1e-5, atol=1e-6)


def test_evidence_that_is_left_keeps_its_weight() -> None:
    found = model("full")
    for name, g in found.granularities.items():
        user = 0
        n = int(g.weights.indptr[user + 1] - g.weights.indptr[user])
        keep = np.ones((3, n), dtype=bool)
        keep[1, 0] = False
        keep[2] = False
        changed = with_evidence(found, user, name, keep).granularities[name].weights.toarray()
        own = g.weights[[user]].toarray()[0]
        np.testing.assert_array_equal(changed[0], own)
        assert (changed[1] != own).sum() == 1 and not changed[2].any()
