"""What the language model gives: warm, new and all items, frozen against learned, in one run.

    python benchmarks/language.py [--data FOLDER] [--sets movielens,ml-latest-small,lastfm-hetrec]
                                  [--fused] [--train 20m] [--compress] [--cache FOLDER] [--out FILE]

nDCG@10, full ranking of unseen items, every held-out item relevant, ideal = min(|R|, 10) hits; differences
with a paired bootstrap interval over users.
warm: `behaviour` alone on the outer test part of benchmarks/quality.py (the last 20 %, or a random tenth).
cold: `behaviour` alone on a tenth of the items without any of their events, ranked among all items.
fused: weights learned inside the training part, as quality.py learns them, once for each (--fused: slow);
whether `behaviour` is certified is learned once more where whole items are held out.
train: `adapt --method contrastive` (LoRA) within this time, before and after on the same pairs.
compress: the smaller models of `compress`, each against the original.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.quality import SETS  # noqa: E402
from mgrec_core.data.importers import import_source  # noqa: E402
from mgrec_core.evaluation.fold import Fold  # noqa: E402
from mgrec_core.evaluation.holdout import training_connection  # noqa: E402
from mgrec_core.evaluation.relevance import Relevance  # noqa: E402
from mgrec_core.evaluation.splits import Split, make_split  # noqa: E402
from mgrec_core.evaluation.test_users import top_lists  # noqa: E402
from mgrec_core.learning.tune import folds_of, learn  # noqa: E402
from mgrec_core.metrics import user_metric  # noqa: E402
from mgrec_core.metrics.metric import PerUser  # noqa: E402
from mgrec_core.metrics.significance import paired_bootstrap  # noqa: E402
from mgrec_core.model.config import Config  # noqa: E402

METRIC = "ndcg@10"
VARIANTS = {"frozen": {"behaviour": {"items": "text"}}, "learned": {"behaviour": {"items": "learned"}}}
ANY = Relevance.parse("any")


def of_lists(fold: Fold, weights: dict[str, float]) -> PerUser:
    """nDCG@10 of each test user under some weights."""
    lists = top_lists(
        fold.model, fold.test_users.rows, {"one": [weights.get(g, 0.0) for g in fold.model.present]}, 10
    )
    return user_metric(METRIC, lists["one"], fold.test_users.relevant)


def measure(
    source: duckdb.DuckDBPyConnection, split: Split, cold: Split, config: Config, cache: Path, fused: bool
) -> dict[str, Any]:
    """Every figure of one variant."""
    start = time.perf_counter()
    outer = Fold.prepare(source, split, None, config, cache, relevance=ANY)
    found: dict[str, Any] = {"warm": of_lists(outer, {"behaviour": 1.0})}
    new = Fold.prepare(source, cold, None, config, cache, relevance=ANY)
    found["cold"] = of_lists(new, {"behaviour": 1.0})
    if fused:
        with contextlib.closing(training_connection(source, split.test)) as training:
            inner = folds_of(training, split, None, None, config, cache, relevance=ANY)
        with contextlib.closing(training_connection(source, cold.test)) as training:
            new_items = folds_of(training, cold, None, None, config, cache, relevance=ANY)
        learned, sources, _ = learn(inner, METRIC)
        found["fused"] = of_lists(outer, learned.weights)
        found["weights"] = learned.weights
        found["certified on new items"] = learn(new_items, METRIC)[1]["behaviour"]
        found["certified"] = [name for name, one in sources.items() if one["certified"]]
    print(f"  ({time.perf_counter() - start:.0f} s)", file=sys.stderr, flush=True)
    return found


def by_commands(source: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What `adapt` and `compress` say, in a workspace of their own."""
    from mgrec_core import adapt, build, compress, import_data
    from mgrec_core.adaptation.settings import Settings

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        import_data(folder, source)
        build(folder, with_map=False)
        if options.train:
            settings = Settings(method="contrastive", budget=options.train)
            found["contrastive"] = adapt(folder, settings, switch=False)
            for part, one in found["contrastive"]["differences"].items():
                print(
                    f"  contrastive, {part}: {one['before']:.4f} → {one['after']:.4f}, "
                    f"{one['mean']:+.4f} [{one['low']:+.4f}, {one['high']:+.4f}]"
                )
        if options.compress:
            found["compressed"] = compress(folder)
            for one in found["compressed"]["variants"]:
                print(
                    f"  {one['kind']}: {one['speedup']:.2f} × texts/s, fused {one['fused']:.4f} "
                    f"({one['fused_share']:.3f} of the original's)"
                )
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--sets", default="movielens,ml-latest-small,lastfm-hetrec")
    parser.add_argument("--fused", action="store_true")
    parser.add_argument("--train", metavar="TIME", help="train by contrast within this time too")
    parser.add_argument("--compress", action="store_true", help="make smaller models too")
    parser.add_argument("--cache", type=Path, help="folder of encoded texts, kept")
    parser.add_argument("--out", type=Path, help="JSON file with the means")
    options = parser.parse_args()
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.sets.split(","):
            kind, ratio, *_ = SETS[name]
            beside = ROOT / "sample_data" / name
            database = Path(folder) / f"{name}.duckdb"
            import_source(beside if beside.is_dir() else options.data / name, database)
            with contextlib.closing(duckdb.connect(str(database), read_only=True)) as source:
                split, cold = make_split(source, kind, ratio, 0), make_split(source, "items", 0.1, 0)
                found = {
                    variant: measure(
                        source, split, cold, Config(**said), options.cache or Path(folder), options.fused
                    )
                    for variant, said in VARIANTS.items()
                }
            print(f"\n{name}: {split.n_users:,} users; new items: {cold.n_users:,} users")
            rows[name] = {}
            for part in ("warm", "cold", "fused") if options.fused else ("warm", "cold"):
                frozen, learned = (found[variant][part] for variant in VARIANTS)
                d = paired_bootstrap(learned, frozen)
                ratio = learned.mean() / max(frozen.mean(), 1e-12)
                print(
                    f"  {part:6} frozen {frozen.mean():.4f}, learned {learned.mean():.4f}, {ratio:.2f} ×, "
                    f"difference {d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}]"
                )
                rows[name][part] = {"frozen": frozen.mean(), "learned": learned.mean(), "low": d.low}
            for variant in VARIANTS if options.fused else ():
                weights = ", ".join(f"{g} {w:g}" for g, w in found[variant]["weights"].items())
                print(f"  {variant}: {weights}; certified: {', '.join(found[variant]['certified'])}")
                new = found[variant]["certified on new items"]
                said = "certified" if new["certified"] else "not certified"
                print(
                    f"  {variant}, new items: `behaviour` {said}, "
                    f"{new['mean']:+.4f} [{new['low']:+.4f}, {new['high']:+.4f}] over shuffled texts"
                )
            if options.train or options.compress:
                rows[name] |= by_commands(beside if beside.is_dir() else options.data / name, options)
            sys.stdout.flush()
    if options.out:
        options.out.write_text(json.dumps(rows, indent=2, default=float), encoding="utf-8")


if __name__ == "__main__":
    main()
