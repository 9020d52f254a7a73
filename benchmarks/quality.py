"""Accuracy on real data against strong baselines of the same run.

    python benchmarks/quality.py [--data FOLDER] [--sets ml-latest-small,lastfm-hetrec]
                                 [--seeds 0,1,2] [--baselines ease,ease-scaled] [--out FILE]

nDCG@10, full ranking of unseen items, every held-out item relevant, ideal = min(|R|, 10) hits.
ml-latest-small: the last 20 % of each user's ratings. lastfm-hetrec: random 8:1:1 by user (test
a tenth of each user's artists, a tenth of the rest for validation), median over seeds. Events,
tags and feedback of test pairs are dropped before anything is computed. Weights λ and the
baselines' settings are chosen on the same validation pairs inside the training part, then the
baselines are fitted to the whole training part. The build's options are the defaults everywhere.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mgrec_core.data.importers import import_source  # noqa: E402
from mgrec_core.evaluation.baselines import run_baselines  # noqa: E402
from mgrec_core.evaluation.fold import Fold  # noqa: E402
from mgrec_core.evaluation.holdout import training_connection  # noqa: E402
from mgrec_core.evaluation.relevance import Relevance  # noqa: E402
from mgrec_core.evaluation.splits import make_split  # noqa: E402
from mgrec_core.evaluation.test_users import top_lists  # noqa: E402
from mgrec_core.learning.fit import fit_weights  # noqa: E402
from mgrec_core.learning.tune import folds_of, learn  # noqa: E402
from mgrec_core.metrics import user_metric  # noqa: E402
from mgrec_core.metrics.significance import paired_bootstrap  # noqa: E402
from mgrec_core.model.config import Config  # noqa: E402
from mgrec_core.model.granularities import default_weights  # noqa: E402

#: split, share held out, seeds, the peer, wanted ratio to it, wanted nDCG@10
SETS: dict[str, tuple[str, float, tuple[int, ...], str, float, float]] = {
    "ml-latest-small": ("last", 0.2, (0,), "ease", 1.10, 0.0),
    "lastfm-hetrec": ("random", 0.1, (0, 1, 2), "ease-scaled", 1.06, 0.2068),
    "movielens": ("last", 0.2, (0,), "ease", 1.0, 0.0),
    "marketplace": ("last", 0.2, (0,), "ease", 1.0, 0.0),
    "online-retail": ("last", 0.2, (0,), "ease", 1.0, 0.0),
    "complete-journey": ("last", 0.2, (0,), "ease", 1.0, 0.0),
}
METRIC = "ndcg@10"


def measure(
    database: Path, cache: Path, kind: str, ratio: float, seed: int, names: tuple[str, ...], relevant: str
) -> dict[str, Any]:
    """One split of one data set: nDCG@10 of each user under every model."""
    start = time.perf_counter()
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(contextlib.closing(duckdb.connect(str(database), read_only=True)))
        split = make_split(source, kind, ratio, seed)
        training = stack.enter_context(contextlib.closing(training_connection(source, split.test)))
        relevance = Relevance.parse(relevant)
        inner = folds_of(training, split, None, None, Config(), cache, relevance=relevance)
        outer = Fold.prepare(source, split, None, Config(), cache, relevance=relevance)
    learned, sources, _ = learn(inner, METRIC)
    all_kept = fit_weights(inner, METRIC)
    fitted = run_baselines(outer.data, outer.test_users, inner[0].data, inner[0].test_users, 10, names=names)
    model = outer.model
    weightings = {g: [float(g == other) for other in model.present] for g in model.present}
    weightings["default"] = list(default_weights(model.present).values())
    weightings["equal"] = [1.0] * len(model.present)
    weightings["learned"] = [learned.weights.get(g, 0.0) for g in model.present]
    weightings["all kept"] = [all_kept.weights.get(g, 0.0) for g in model.present]
    lists = top_lists(model, outer.test_users.rows, weightings, 10)
    lists |= {name: found.top for name, found in fitted.items()}
    return {
        "split": split.to_dict(),
        "present": model.present,
        "weights": learned.weights,
        "certified": [name for name, source in sources.items() if source["certified"]],
        "settings": {name: found.settings for name, found in fitted.items()},
        "values": {name: user_metric(METRIC, top, outer.test_users.relevant) for name, top in lists.items()},
        "seconds": time.perf_counter() - start,
    }


def report(name: str, seed: int, found: dict[str, Any], peers: list[str]) -> dict[str, Any]:
    """Print one split's table; return what the summary needs."""
    values = found["values"]
    means = {model: float(v.mean()) for model, v in values.items()}
    split = found["split"]
    print(
        f"\n{name}, {split['kind']} split, {split['test_ratio']:.0%} held out, seed {seed}: "
        f"{split['n_users']:,} users, {split['n_pairs']:,} pairs ({found['seconds']:.0f} s)"
    )
    for model, mean in means.items():
        print(f"  {model:14} {mean:.4f}")
    print("  learned weights:", ", ".join(f"{g} {w:g}" for g, w in found["weights"].items()))
    print("  certified:", ", ".join(found["certified"]) or "none")
    for peer, settings in found["settings"].items():
        print(f"  {peer} settings:", ", ".join(f"{option} {value}" for option, value in settings.items()))
    single = max(found["present"], key=lambda g: means[g])
    row: dict[str, Any] = {"seed": seed, "means": means, "weights": found["weights"], "against": {}}
    for other in dict.fromkeys([*peers, single]):
        d = paired_bootstrap(values["learned"], values[other])
        ratio = means["learned"] / max(means[other], 1e-12)
        row["against"][other] = {"ratio": ratio, "mean": d.mean, "low": d.low, "high": d.high}
        print(f"  learned − {other}: {d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}], ratio {ratio:.3f}")
    return row


def main() -> None:
    """Measure and print what must be reached beside what was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--sets", default="ml-latest-small,lastfm-hetrec")
    parser.add_argument("--seeds", help="seeds of random splits, such as 0,1,2")
    parser.add_argument("--baselines", default="ease,ease-scaled")
    parser.add_argument("--relevant", default="any", help="any, liked or rating>=X: what counts as a hit")
    parser.add_argument("--cache", type=Path, help="folder of encoded texts, kept")
    parser.add_argument("--out", type=Path, help="JSON file with every figure")
    options = parser.parse_args()
    names = tuple(options.baselines.split(","))
    rows: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.sets.split(","):
            kind, ratio, seeds, *_ = SETS[name]
            beside = ROOT / "sample_data" / name
            database = Path(folder) / f"{name}.duckdb"
            import_source(beside if beside.is_dir() else options.data / name, database)
            if kind == "random" and options.seeds:
                seeds = tuple(int(s) for s in options.seeds.split(","))
            for seed in seeds:
                found = measure(
                    database, options.cache or Path(folder), kind, ratio, seed, names, options.relevant
                )
                rows.setdefault(name, []).append(report(name, seed, found, list(names)))
                sys.stdout.flush()
    print("\nmust reach (median over seeds)")
    for name, measured in rows.items():
        *_, peer, wanted, floor = SETS[name]
        if peer not in names:
            continue
        fused = statistics.median(r["means"]["learned"] for r in measured)
        against = [r["against"][peer] for r in measured]
        middle = sorted(against, key=lambda a: a["ratio"])[len(against) // 2]
        ratio = float(np.median([a["ratio"] for a in against]))
        reached = ratio >= wanted and fused > floor and middle["low"] > 0
        above = f" and above {floor:.4f}" if floor else ""
        print(
            f"  {name}: fused nDCG@10 {fused:.4f}, {ratio:.3f} × {peer} (wanted {wanted:.2f} ×{above}), "
            f"difference {middle['mean']:+.4f} [{middle['low']:+.4f}, {middle['high']:+.4f}] "
            f"at the median seed: {'reached' if reached else 'NOT reached'}"
        )
        behind = [
            f"{other} (seed {r['seed']})"
            for r in measured
            for other, a in r["against"].items()
            if a["high"] < 0
        ]
        print(f"    significantly below: {', '.join(behind) or 'no single granularity, no baseline run'}")
    if options.out:
        options.out.write_text(json.dumps(rows, indent=2, default=float), encoding="utf-8")


if __name__ == "__main__":
    main()
