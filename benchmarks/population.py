"""Metrics of all test users at new weights: seconds for everybody's exact lists and all their metrics.

    python benchmarks/population.py [USERS ITEMS GRANULARITIES]

Made-up scores (10,000 users × 10,000 items × 6 granularities unless said otherwise), written to a
file and memory-mapped as a workspace's score cache is. The peer does the same with numpy alone: one
product of weights and scores, then ``argpartition``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mgrec_core.evaluation.score_cache import ScoreCache
from mgrec_core.metrics import Catalogue

K, ROUNDS = 10, 5


def made_up(folder: Path, users: int, items: int, granularities: int) -> ScoreCache:
    """A score cache of random scores; 50 seen items and 10 held-out ones a user."""
    rng = np.random.default_rng(0)
    raw = np.lib.format.open_memmap(
        folder / "raw.npy", mode="w+", dtype=np.float32, shape=(users, granularities, items)
    )
    for start in range(0, users, 500):
        raw[start : start + 500] = rng.standard_normal(raw[start : start + 500].shape, dtype=np.float32)
    raw.flush()

    def pairs(each: int) -> sparse.csr_array:
        columns = rng.integers(0, items, users * each)
        rows = np.repeat(np.arange(users), each)
        return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(users, items))

    seen, relevant = pairs(50), pairs(10).toarray() > 0
    catalogue = Catalogue(
        users_of_item=np.asarray(seen.sum(axis=0)).ravel(),
        n_users=users,
        history=seen,
        vectors=rng.standard_normal((items, 384), dtype=np.float32),
        categories=sparse.csr_array(sparse.random(items, 20, density=0.1, random_state=0)),
        category="category",
    )
    shape = (users, granularities)
    return ScoreCache(
        granularities=tuple(f"g{n}" for n in range(granularities)),
        users=[str(n) for n in range(users)],
        items=[str(n) for n in range(items)],
        raw=np.load(folder / "raw.npy", mmap_mode="r"),
        scale=np.ones(shape),
        median=np.zeros(shape),
        magnitude=np.full(shape, 6.0),
        seen=seen,
        relevant=relevant,
        catalogue=catalogue,
    )


def peer(score_cache: ScoreCache, weights: list[float]) -> np.ndarray:
    """The same lists with numpy alone."""
    best = np.empty((len(score_cache.users), K), dtype=np.int64)
    for start in range(0, len(best), 200):
        stop = min(len(best), start + 200)
        scores = np.einsum("ukn,k->un", score_cache.raw[start:stop], np.array(weights, dtype=np.float32))
        for row, user in enumerate(range(start, stop)):
            scores[
                row,
                score_cache.seen.indices[score_cache.seen.indptr[user] : score_cache.seen.indptr[user + 1]],
            ] = -np.inf
        part = np.argpartition(-scores, K, axis=1)[:, :K]
        order = np.argsort(-np.take_along_axis(scores, part, axis=1), axis=1)
        best[start:stop] = np.take_along_axis(part, order, axis=1)
    return best


def main(users: int = 10_000, items: int = 10_000, granularities: int = 6) -> None:
    """Print medians of both."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        score_cache = made_up(Path(folder), users, items, granularities)
        score_cache.measure([1.0] * granularities)
        seconds: dict[str, list[float]] = {"lists": [], "lists and metrics": [], "numpy lists": []}
        for _ in range(ROUNDS):
            weights = rng.random(granularities).tolist()
            start = time.perf_counter()
            lists = score_cache.top(weights, K)
            seconds["lists"].append(time.perf_counter() - start)
            start = time.perf_counter()
            score_cache.measure(weights, K)
            seconds["lists and metrics"].append(time.perf_counter() - start)
            start = time.perf_counter()
            same = (peer(score_cache, weights) == lists).mean()
            seconds["numpy lists"].append(time.perf_counter() - start)
    print(
        f"{users:,} users × {items:,} items × {granularities} granularities, k = {K}, {ROUNDS} weight vectors"
    )
    for name, found in seconds.items():
        print(f"{name:20} {np.median(found):6.3f} s median")
    print(f"equal places {same:.6f}; numpy / score cache = ", end="")
    print(f"{np.median(seconds['numpy lists']) / np.median(seconds['lists']):.2f} (lists)")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
