"""Baselines: their published formulas, tuned without the test pairs, seen items never ranked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.evaluation.baselines import BASELINES, rank, run_baselines, tuning
from mgrec_core.evaluation.baselines.als import fit_als
from mgrec_core.evaluation.baselines.ease import fit_ease
from mgrec_core.evaluation.baselines.item_knn import fit_item_knn
from mgrec_core.evaluation.test_users import TestUsers
from tests import worlds


def histories(n_users: int, n_items: int, seed: int = 0) -> sparse.csr_array:
    rng = np.random.default_rng(seed)
    return sparse.csr_array((rng.random((n_users, n_items)) < 0.3).astype(np.float64))


@pytest.mark.parametrize("shape", [(40, 12), (12, 40)])
def test_ease_is_steck_2019_written_out(shape: tuple[int, int]) -> None:
    x = histories(*shape)
    gram = (x.T @ x).toarray()
    ridge = 0.05 * np.linalg.eigvalsh((x.T @ x).toarray())[-1]
    p = np.linalg.inv(gram + ridge * np.eye(len(gram)))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    rows = np.arange(shape[0])
    found = fit_ease(x, {"regularisation": 0.05})(rows)
    unseen = x.toarray() == 0
    np.testing.assert_allclose(found[unseen], (x @ b)[unseen], atol=1e-4)


def test_item_knn_is_the_sum_of_cosines() -> None:
    x = histories(30, 10)
    dense = x.toarray()
    unit = dense / np.linalg.norm(dense, axis=0)
    found = fit_item_knn(x, {"similarity": "cosine", "neighbours": 10})(np.arange(30))
    np.testing.assert_allclose(found, dense @ (unit.T @ unit), rtol=1e-4)


def test_als_finds_two_kinds_of_users_and_is_the_same_every_time() -> None:
    x = np.kron(np.eye(2), np.ones((10, 6)))
    x[np.arange(20), np.arange(20) % 6 + 6 * (np.arange(20) // 10)] = 0
    options = {"factors": 4, "regularisation": 0.1, "confidence": 10.0}
    first, second = (fit_als(sparse.csr_array(x), options)(np.arange(20)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first[:10, :6].mean() > first[:10, 6:].mean() + 0.5


def test_seen_items_are_never_ranked() -> None:
    seen = histories(15, 9, seed=2)
    top = rank(lambda rows: np.ones((len(rows), 9), dtype=np.float32), seen, np.arange(15), 9)
    for u in range(15):
        unseen = np.flatnonzero(seen[[u]].toarray()[0] == 0)
        assert top[u][top[u] >= 0].tolist() == unseen.tolist()
        assert (top[u][len(unseen) :] == -1).all()


def test_tuning_takes_the_best_of_the_grid_and_never_sees_the_test_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = worlds.world("full").data()
    rows = np.arange(10)
    rng = np.random.default_rng(0)
    inner = TestUsers(rows, rng.random((10, len(data.items))) < 0.2)
    small = {"als": BASELINES["als"], "ease": BASELINES["ease"]}
    small["als"] = replace(BASELINES["als"], grid=BASELINES["als"].grid[:3])
    monkeypatch.setattr(tuning, "BASELINES", small)
    found, other = (
        run_baselines(data, TestUsers(rows, relevant), data, inner, 5, names=("als", "ease"))
        for relevant in (inner.relevant, ~inner.relevant)
    )
    for name in small:
        assert found[name].settings == other[name].settings
        assert found[name].validation == other[name].validation
        np.testing.assert_array_equal(found[name].top, other[name].top)
    tried = [tuning._lists(small["ease"], settings, data, inner, 5) for settings in small["ease"].grid]
    from mgrec_core.metrics import user_metric

    best = max(float(user_metric("ndcg@5", top, inner.relevant).mean()) for top in tried)
    assert found["ease"].validation == best
