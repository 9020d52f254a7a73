"""Metrics of ranked lists: seconds for every metric of accuracy, against ranx in the same run.

    python benchmarks/metrics.py [USERS K ITEMS]

Made-up lists (5,000 users × top 100 of 10,000 items unless said otherwise, 20 relevant items a
user). Both are given what they work on: ours the lists as item positions and the relevant items as
a mask, ranx its own ``Qrels`` and ``Run``, built outside the time and already compiled. MAP is
left out of the comparison of values: ranx divides by |R|, mgrec by min(|R|, k).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import ranx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mgrec_core.metrics import ACCURACY, hits_of

ROUNDS, RELEVANT = 5, 20
THEIRS = {"hitrate": "hit_rate"}


def main(users: int = 5_000, k: int = 100, items: int = 10_000) -> None:
    """Print medians of both, the ratio, and the largest difference of any user's metric."""
    rng = np.random.default_rng(0)
    top = np.argsort(rng.random((users, items), dtype=np.float32), axis=1)[:, :k].astype(np.int64)
    relevant = np.zeros((users, items), dtype=bool)
    np.put_along_axis(relevant, rng.integers(0, items, (users, RELEVANT)), True, axis=1)
    # Some of each user's relevant items are in the list, or there would be nothing to measure.
    places = rng.integers(0, k, (users, 5))
    np.put_along_axis(relevant, np.take_along_axis(top, places, axis=1), True, axis=1)
    # Names of one length: ranx returns users in the order of their names.
    qrels = ranx.Qrels({f"u{u:09}": {f"i{i}": 1 for i in np.flatnonzero(relevant[u])} for u in range(users)})
    run = ranx.Run({f"u{u:09}": {f"i{i}": float(k - n) for n, i in enumerate(top[u])} for u in range(users)})
    theirs = [f"{THEIRS.get(name, name)}@{k}" for name in ACCURACY]

    def ours() -> dict[str, np.ndarray]:
        hits, n_relevant = hits_of(top, relevant), relevant.sum(axis=1)
        return {name: metric(hits, n_relevant) for name, metric in ACCURACY.items()}

    def peer() -> dict[str, np.ndarray]:
        found = ranx.evaluate(qrels, run, theirs, return_mean=False, make_comparable=False)
        return {name: np.asarray(found[their]) for name, their in zip(ACCURACY, theirs, strict=True)}

    worst = _worst(ours(), peer())  # compiles what ranx compiles
    seconds = {name: _median(work) for name, work in (("mgrec", ours), ("ranx", peer))}
    print(f"{users:,} users × top {k}, {len(ACCURACY)} metrics, {ROUNDS} rounds")
    for name, median in seconds.items():
        print(f"{name:6} {median * 1e3:8.1f} ms median")
    print(f"ranx / mgrec = {seconds['ranx'] / seconds['mgrec']:.2f}; largest difference {worst:.1e}")


def _worst(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> float:
    return max(float(np.abs(ours[n] - theirs[n]).max()) for n in ACCURACY if n != "map")


def _median(work: Callable[[], object]) -> float:
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return float(np.median(found))


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
