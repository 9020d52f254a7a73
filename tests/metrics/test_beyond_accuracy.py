"""Figures beyond accuracy equal their definitions written out, and metrics equal ranx'."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mgrec_core.evaluation.catalogue import catalogue_of
from mgrec_core.metrics import ACCURACY, describe, user_metric
from mgrec_core.metrics.calibration import calibration
from mgrec_core.metrics.coverage import coverage, gini
from mgrec_core.metrics.diversity import diversity
from mgrec_core.metrics.novelty import novelty
from mgrec_core.metrics.popularity import popularity_lift
from tests import worlds

N_ITEMS, N_USERS, K = 30, 12, 5


def lists(seed: int) -> np.ndarray:
    """Lists of distinct items, some shorter than k, one empty."""
    rng = np.random.default_rng(seed)
    top = np.stack([rng.permutation(N_ITEMS)[:K] for _ in range(N_USERS)])
    top[0, 3:] = -1
    top[1, 1:] = -1
    top[2] = -1
    return top


def history(seed: int) -> sparse.csr_array:
    rng = np.random.default_rng(seed + 1)
    return sparse.csr_array(rng.random((N_USERS, N_ITEMS)) * (rng.random((N_USERS, N_ITEMS)) < 0.3))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_figures_equal_their_definitions_written_out(seed: int) -> None:
    top, held = lists(seed), history(seed)
    users = np.bincount(held.indices, minlength=N_ITEMS)
    vectors = np.random.default_rng(seed).normal(size=(N_ITEMS, 4)).astype(np.float32)
    vectors[0] = 0
    surprise = novelty(top, users, N_USERS)
    lift = popularity_lift(top, users, held)
    variety = diversity(top, vectors)
    for u in range(N_USERS):
        items = [int(i) for i in top[u] if i >= 0]
        bits = [-math.log2(max(users[i], 1) / N_USERS) for i in items]
        assert surprise[u] == pytest.approx(np.mean(bits) if bits else 0)
        own = [users[i] for i in held[[u]].indices]
        if own and items:
            assert lift[u] == pytest.approx(np.mean([users[i] for i in items]) / np.mean(own) - 1)
        cosines = [_cosine(vectors[a], vectors[b]) for a, b in itertools.combinations(items, 2)]
        assert variety[u] == pytest.approx(1 - np.mean(cosines) if cosines else 0, abs=1e-5)
    flat = [int(i) for i in top.ravel() if i >= 0]
    times = [flat.count(i) for i in range(N_ITEMS)]
    assert coverage(top, N_ITEMS) == len(set(flat)) / N_ITEMS
    by_pairs = sum(abs(a - b) for a in times for b in times) / (2 * N_ITEMS * sum(times))
    assert gini(top, N_ITEMS) == pytest.approx(by_pairs)


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length else 0.0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_calibration_is_the_divergence_written_out(seed: int) -> None:
    top, held = lists(seed), history(seed)
    kinds = np.random.default_rng(seed).integers(0, 4, N_ITEMS)
    categories = sparse.csr_array(np.eye(4)[kinds])
    found = calibration(top, held, categories)
    for u in range(N_USERS):
        items = [int(i) for i in top[u] if i >= 0]
        row = held[[u]].toarray()[0]
        if not items or not row.sum():
            assert found[u] == 0
            continue
        p = [row[kinds == c].sum() / row.sum() for c in range(4)]
        q = [sum(kinds[i] == c for i in items) / len(items) for c in range(4)]
        expected = sum(a * math.log(a / (0.99 * b + 0.01 * a)) for a, b in zip(p, q, strict=True) if a > 0)
        assert found[u] == pytest.approx(expected)


def test_known_extremes() -> None:
    same = np.zeros((4, 1), dtype=np.int64)
    assert gini(same, 10) == pytest.approx(0.9)
    assert gini(np.full((2, 2), -1), 10) == 0
    assert diversity(np.array([[0, 1]]), np.eye(2, dtype=np.float32))[0] == 1
    assert diversity(np.array([[0, 1]]), np.ones((2, 3), dtype=np.float32))[0] < 1e-6
    assert novelty(np.array([[0]]), np.array([1.0]), 1024)[0] == 10
    own = sparse.csr_array(np.array([[1.0, 0, 0]]))
    assert calibration(np.array([[1]]), own, sparse.csr_array(np.ones((3, 1))))[0] == pytest.approx(0)


def test_what_a_world_lacks_is_left_out() -> None:
    data = worlds.world("full").data()
    rows = np.arange(3)
    whole = catalogue_of(data, worlds.model("full").shared, rows)
    assert whole.category == "category"
    top = np.array([[0, 1], [2, 3], [4, -1]])
    assert {"coverage@2", "diversity@2", "calibration@2", "popularity@2"} <= set(describe(top, whole))
    bare = catalogue_of(worlds.world("nothing but events").data(), None, rows)
    assert set(describe(top, bare)) & {"diversity@2", "calibration@2"} == set()


THEIRS = {"hitrate": "hit_rate"}
"""Names of metrics that ranx calls something else."""


def ranked_and_relevant(k: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(k)
    n_users, n_items = 60, 80
    top = np.stack([rng.permutation(n_items)[:20] for _ in range(n_users)])
    relevant = rng.random((n_users, n_items)) < 0.15
    relevant[np.arange(n_users), rng.integers(0, n_items, n_users)] = True
    return top, relevant


@pytest.fixture(scope="module")
def ranx() -> dict[str, list[float]]:
    """An established library's figures of every user; uncompiled, for compiling it takes a minute."""
    asked = {}
    for k in (1, 5, 20):
        top, relevant = ranked_and_relevant(k)
        users = range(len(top))
        asked[k] = (
            {f"q{u:02}": {f"d{i}": 1 for i in np.flatnonzero(relevant[u])} for u in users},
            {f"q{u:02}": {f"d{i}": 1.0 - r / 100 for r, i in enumerate(top[u])} for u in users},
            [f"{THEIRS.get(name, name)}@{k}" for name in ACCURACY],
        )
    code = (
        "import json, ranx, sys\n"
        "found = {}\n"
        "for relevant, top, metrics in json.load(sys.stdin).values():\n"
        "    both = ranx.Qrels(relevant), ranx.Run(top)\n"
        "    found |= {m: list(ranx.evaluate(*both, m, return_mean=False)) for m in metrics}\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(asked), env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("k", [1, 5, 20])
def test_accuracy_equals_ranx(k: int, ranx: dict[str, list[float]]) -> None:
    """The same numbers as an established library, user by user."""
    top, relevant = ranked_and_relevant(k)
    for name in ACCURACY:
        ours = user_metric(f"{name}@{k}", top, relevant)
        found = np.asarray(ranx[f"{THEIRS.get(name, name)}@{k}"])
        if name == "map":  # ranx divides by |R|, ours by min(|R|, k), the most that can be hit
            size = relevant.sum(axis=1)
            found = found * size / np.minimum(size, k)
        np.testing.assert_allclose(found, ours, atol=1e-9, err_msg=name)
