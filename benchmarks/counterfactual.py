"""Counterfactuals: are they true, how small are they, how long do they take; against removal in random order.

    python benchmarks/counterfactual.py --workspace DIR [--cases 1000] [--k 10]

A case is a random user and a random item of the first k. *valid*: the events of the set are deleted from a
copy of the user's rows, the views say what is left, and the list ranked from it has the item no more among
the first k. *random order* takes one event after the other until the item is gone (the median of three
orders), the way that needs no model of the effect. *deletion R²* is predicted against recomputed effect of
taking one piece away: of evidence on the score with the scale as it is (exact, since scores are sums); of
evidence and of events on the lead over the last place with scales, lengths and ages anew.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import duckdb
import numpy as np

from mgrec_core.analysis.counterfactual.events import Events
from mgrec_core.analysis.counterfactual.evidence import pieces_of
from mgrec_core.analysis.counterfactual.search import smallest
from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.analysis.counterfactual.trials import Trials
from mgrec_core.data.dataset import sparse_matrix
from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.files import sql_path
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.granularities.histories import Histories
from mgrec_core.model.variants import with_histories


def main() -> int:
    """Measure and print; exit 1 where a set is not valid."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workspace", required=True)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--effort", type=int, default=1500)
    parser.add_argument("--peers", type=int, default=100, help="cases that random order is tried on")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    engine = Engine.open(options.workspace)
    rng = np.random.default_rng(options.seed)
    seconds, busy, sizes, minimal, valid, missed = [], [], [], [], 0, 0
    peers: list[tuple[int, float, float]] = []
    tables = Tables(engine)
    for case in range(options.cases):
        if case and case % 100 == 0:
            print(f"{case} cases, median {statistics.median(seconds):.4f} s", file=sys.stderr, flush=True)
        user = engine.user_ids[rng.integers(len(engine.user_ids))]
        rows = engine.rank(user, options.k).items
        item = rows[rng.integers(len(rows))].item_id
        start, spent = time.perf_counter(), time.process_time()
        situation = Situation.of(engine, user)
        events = Events(situation)
        place = situation.candidate(item)
        found = smallest(events, place, options.k, options.effort)
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - spent)
        if found.rank is None:
            missed += 1
            continue
        sizes.append(len(found.without))
        minimal.append(found.minimal)
        gone = [events.pieces[n].id for n in found.without]
        valid += tables.rank(situation, gone, place) > options.k
        if case < options.peers:
            peers.append((len(found.without), *in_random_order(situation, place, options.k, rng)))
    n = len(sizes)
    print(f"{options.cases} cases, k = {options.k}: {n} sets found, {missed} not found")
    print(f"valid                {valid} of {n} = {valid / max(n, 1):.2%}")
    print(f"size                 median {statistics.median(sizes):g}, {dict(sorted(Counter(sizes).items()))}")
    print(f"proven smallest      {np.mean(minimal):.1%}; of those found first, the others are upper bounds")
    for name, values in (("seconds", seconds), ("processor seconds", busy)):
        q = np.quantile(values, [0.5, 0.9, 0.99])
        print(f"{name:<20} median {q[0]:.4f}, 90 % {q[1]:.4f}, 99 % {q[2]:.4f}")
    own, theirs, took = (np.array(x) for x in zip(*peers, strict=True))
    ratio = np.median(theirs / own)
    print(
        f"random order         median size {np.median(theirs):g} against {np.median(own):g} in {len(peers)}"
        f" cases (each {ratio:.1f} × as large), {np.median(took):.4f} s a case"
    )
    for name, value in deletions(engine, rng, options.k).items():
        print(f"deletion R²          {value:.6f}  {name}")
    return 0 if valid == n else 1


class Tables:
    """The workspace's tables in memory, where events can be deleted and the views asked again."""

    def __init__(self, engine: Engine) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"ATTACH {sql_path(engine.workspace.database)} AS source (READ_ONLY)")
        for name in ("schema.sql", "views.sql"):
            path = Path(sys.modules["mgrec_core.data"].__path__[0]) / name
            self.connection.execute(path.read_text(encoding="utf-8"))
        for table in ("event_types", "rating_scale", "no_rating"):
            self.connection.execute(f"INSERT INTO {table} FROM source.{table}")

    def rank(self, situation: Situation, gone: list[str], item: int) -> int:
        """An item's place in the list from the tables without some items' events."""
        run = self.connection.execute
        run("DELETE FROM events")
        run(
            "INSERT INTO events FROM source.events WHERE user_id = ? AND NOT list_contains(?, item_id)",
            [situation.user_id, gone],
        )
        import pandas as pd

        u, i = pd.Index([situation.user_id]), pd.Index(situation.engine.item_ids)
        rows = run("SELECT user_id, item_id, signal FROM v_history").df()
        ages = run("SELECT user_id, item_id, age + 1 AS age FROM v_recency").df()
        liked = rows[rows["signal"] > 0]
        model = with_histories(
            situation.model,
            situation.user,
            Histories(
                sparse_matrix(u, i, rows["user_id"], rows["item_id"], rows["signal"]),
                sparse_matrix(u, i, liked["user_id"], liked["item_id"], liked["signal"]),
                sparse_matrix(u, i, ages["user_id"], ages["item_id"], ages["age"]),
            ),
        )
        return situation.rank(item, situation.scores_of(model, 0))


def in_random_order(situation: Situation, item: int, k: int, rng: np.random.Generator) -> tuple[float, float]:
    """How many events are gone before the item is, in random orders; and the seconds that it took."""
    start = time.perf_counter()
    trials = Trials(Events(situation), item, k)
    n, found = len(trials.pieces.pieces), []
    for _ in range(3):
        order = rng.permutation(n).tolist()
        size = next((s for s in range(1, n + 1) if trials.does(tuple(sorted(order[:s])))), n)
        found.append(size)
    return statistics.median(found), (time.perf_counter() - start) / 3


def deletions(engine: Engine, rng: np.random.Generator, k: int, cases: int = 60) -> dict[str, float]:
    """Predicted against recomputed effects, as R² about the line of equality."""
    sums: dict[str, list[tuple[float, float]]] = {}
    for _ in range(cases):
        user = engine.user_ids[rng.integers(len(engine.user_ids))]
        situation = Situation.of(engine, user)
        best = top_k(situation.scores, k + 1, situation.unseen)
        item, edge = int(best[rng.integers(k)]), int(best[-1])
        why = engine.explain(user, engine.item_ids[item])
        for by in ("events", "values", "entities"):
            pieces = pieces_of(situation, by)
            if not pieces.pieces:
                continue
            predicted = pieces.effects(item, edge)
            some = rng.permutation(len(pieces.pieces))[:8]
            for n in some:
                model = pieces.variants(pieces.mask([int(n)]))
                scores = situation.scores_of(model, 0)
                lead = situation.scores[item] - situation.scores[edge]
                anew = lead - (scores[item] - scores[edge])
                sums.setdefault(f"{by}, on the lead, everything anew", []).append((predicted[n], anew))
                if by == "events":
                    continue
                name = next(g for g in model.granularities if g in pieces.changed)
                at = situation.model.present.index(name)
                raw = model.granularities[name].scores(np.array([0]))[0, item]
                fall = (float(situation.split.raw[item, at]) - float(raw)) * situation.split.factor[at]
                said = {e.id: e.value for e in why.evidence[name]}
                sums.setdefault(f"{by}, on the score, the scale as it is", []).append(
                    (said.get(pieces.pieces[n].id, 0.0), fall)
                )
    return {name: r_squared(np.array(pairs)) for name, pairs in sorted(sums.items())}


def r_squared(pairs: np.ndarray) -> float:
    """1 − Σ(recomputed − predicted)² / Σ(recomputed − mean)²."""
    predicted, found = pairs.T
    spread = ((found - found.mean()) ** 2).sum()
    return float(1 - ((found - predicted) ** 2).sum() / spread) if spread > 0 else 1.0


if __name__ == "__main__":
    sys.exit(main())
