"""Links between items from histories and from vectors."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from mgrec_core.data.knowledge.links import cooccurrence, neighbours

OPTIONS = {"support": 5, "per_item": 10, "shrinkage": 10.0, "threshold": 0.1}


def test_planted_groups_are_found() -> None:
    """Twelve groups of five items that users take together, and a crowd of chance pairs."""
    rng = np.random.default_rng(4)
    users, groups, size = 400, 12, 5
    dense = rng.random((users, groups * size)) < 0.05
    for u in range(users):
        for g in rng.choice(groups, 2, replace=False):
            dense[u, g * size : (g + 1) * size] |= rng.random(size) < 0.7
    links = cooccurrence(sparse.csr_array(dense.astype(float)), **OPTIONS).tocoo()
    same = links.row // size == links.col // size
    order = np.argsort(-links.data)
    planted = groups * size * (size - 1)
    assert same[order[:planted]].mean() > 0.98, "precision of the surest"
    assert same.sum() == planted, "recall"
    assert links.data.min() > 0 and links.data.max() <= 1
    # What is surer is truer: that is what a confidence is for.
    assert links.data[same].mean() > 2 * links.data[~same].mean()


def test_support_and_chance() -> None:
    rows = np.zeros((10, 3))
    rows[:4, :2] = 1  # 4 users have both: below the support
    rows[:, 2] = 1  # everybody has it: no more than chance
    assert cooccurrence(sparse.csr_array(rows), **OPTIONS).nnz == 0
    assert cooccurrence(sparse.csr_array((0, 3)), **OPTIONS).shape == (3, 3)


def test_neighbours_are_mutual_and_near() -> None:
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(20, 32))
    vectors = np.repeat(centres, 3, axis=0) + 0.2 * rng.normal(size=(60, 32))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    vectors[7] = 0
    links = neighbours(vectors, per_item=2, threshold=0.5).tocoo()
    assert (links.row // 3 == links.col // 3).mean() == 1.0
    assert 7 not in links.row and links.nnz == 20 * 6 - 4
    np.testing.assert_array_equal(links.toarray(), links.toarray().T)


def test_neighbours_of_nothing() -> None:
    for n in (0, 1):
        assert neighbours(np.ones((n, 4), dtype=np.float32), per_item=5, threshold=0.1).shape == (n, n)
