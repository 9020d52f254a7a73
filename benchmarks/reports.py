"""How long reports take: one user's in each format, an item's explanation, and the lists of many users.

    python benchmarks/reports.py [--workspace DIR] [--users 1000]

Without a workspace the MovieLens sample is imported and built first. What is asked for is printed beside
what was measured: an explanation in 20 ms, one report in HTML in 1 s, a thousand of them in 5 minutes on two
cores; seconds of CPU are those of this process, whatever else the machine does.
The peer, in the same run, is the ranked list alone: what a report costs on top of what it tells.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mgrec_core import Engine, Weights  # noqa: E402
from mgrec_core.export import FORMATS  # noqa: E402
from mgrec_core.export.kinds.item import item_document  # noqa: E402
from mgrec_core.export.kinds.user import user_document  # noqa: E402
from mgrec_core.export.lists import active_users  # noqa: E402
from mgrec_core.export.many import write_many  # noqa: E402
from mgrec_core.export.provenance import Origin  # noqa: E402
from mgrec_core.export.writing import formats_of  # noqa: E402
from mgrec_core.operations.building import build  # noqa: E402
from mgrec_core.operations.importing import import_data  # noqa: E402
from mgrec_core.workspace.folder import Workspace  # noqa: E402


def timed(work: Callable[[], object], times: int) -> str:
    """Median and 95th percentile of a piece of work, in milliseconds."""
    work()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        took.append(1_000 * (time.perf_counter() - start))
    return f"{statistics.median(took):8.1f} ms  (p95 {sorted(took)[int(0.95 * (times - 1))]:.1f})"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--workspace", type=Path)
    options.add_argument("--users", type=int, default=1_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = given.workspace or Path(folder) / "movielens"
        if given.workspace is None:
            import_data(Workspace.create(place), ROOT / "sample_data" / "movielens")
            build(place, with_map=False)
        engine = Engine.open(place)
        origin = Origin.of(engine, Weights())
        users = active_users(engine.subject())
        turn = itertools.cycle(users)
        print(f"{len(users):,} users, {len(engine.item_ids):,} items, {', '.join(engine.present)}")
        print(f"ranked list alone        {timed(lambda: engine.rank(next(turn)), 40)}")
        item = engine.rank(users[0]).items[0].item_id
        print(f"explain an item          {timed(lambda: engine.explain(next(turn), item), 40)}  asked: 20")
        print(f"  the user known         {timed(lambda: engine.explain(users[0], item), 40)}  asked: 20")
        for name, form in FORMATS.items():
            work = timed(lambda form=form: form.write(user_document(origin, next(turn))), 15)
            print(f"a user's report as {name:8}{work}{'  asked: 1,000' if name == 'html' else ''}")
        made = timed(lambda: FORMATS["html"].write(item_document(origin, next(turn), item)), 15)
        print(f"an item's report as html {made}")
        many = list(itertools.islice(itertools.cycle(users), given.users))
        start, busy = time.perf_counter(), time.process_time()
        written = 0
        for n, part in enumerate([many[m : m + len(users)] for m in range(0, len(many), len(users))]):
            told = write_many(origin, part, Path(folder) / f"reports-{n}", formats_of(["html"]))
            written += int(told["written"])
        took = time.perf_counter() - start
        cpu = time.process_time() - busy
        print(f"{written:,} reports in html    {took:8.1f} s   ({cpu:.0f} s CPU)  asked: {0.3 * written:.0f}")


if __name__ == "__main__":
    main()
