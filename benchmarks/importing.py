"""Import of many generated events from Parquet, against a plain ``CREATE TABLE AS`` in the same run.

    python benchmarks/importing.py [--events 10000000] [--order time|shuffled] [--repeat 3] [--dirty]

``--dirty`` gives one event in a hundred a space too much, so that it has to be cleaned. Each run is a
process of its own, and so is the generator: a child's peak memory (``ru_maxrss``) begins at its parent's.
Prints both times, their ratio and the peak memory. Aims: at most twice the time, below 4 GiB.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

_MEASURE = """
import json, resource, sys, time
source, target, kind = sys.argv[1:]
if kind == "import":
    from pathlib import Path
    from mgrec_core.data.importers import import_source
    start = time.perf_counter(), time.process_time()
    import_source(Path(source), Path(target))
else:
    import duckdb
    start = time.perf_counter(), time.process_time()
    with duckdb.connect(target) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"CREATE TABLE events AS FROM read_parquet('{source}/interactions.parquet')")
        connection.execute("CHECKPOINT")
wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"wall": wall, "cpu": cpu, "peak_gib": peak}))
"""


def generate(path: Path, events: int, order: str, dirty: bool = False) -> None:
    """Write events of 200,000 users and 50,000 items, both skewed, one every three seconds."""
    place = "ORDER BY hash(i)" if order == "shuffled" else ""
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            f"""COPY (SELECT
                'u' || CAST(floor(200000 * pow(hash(i, 1) / 18446744073709551616, 2)) AS INT) AS user_id,
                'i' || CAST(floor(50000 * pow(hash(i, 2) / 18446744073709551616, 3)) AS INT) AS item_id,
                CASE WHEN {dirty} AND i % 100 = 7 THEN 'click ' WHEN hash(i, 3) % 10 = 0 THEN 'purchase'
                    WHEN hash(i, 3) % 10 < 3 THEN 'cart'
                    ELSE 'click' END AS event,
                make_timestamp((1700000000 + 3 * i + CAST(hash(i, 4) % 3 AS BIGINT)) * 1000000) AS timestamp
                FROM range({events}) t(i) {place}) TO '{path}' (FORMAT parquet)"""
        )


def measure(kind: str, source: Path, target: Path) -> dict[str, float]:
    """Run one side in a process of its own."""
    found = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(source), str(target), kind],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parent.parent,
    )
    target.unlink()
    return dict(json.loads(found.stdout.splitlines()[-1]))


def main() -> None:
    """Measure in turn and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--order", choices=("time", "shuffled"), default="time")
    parser.add_argument("--dirty", action="store_true", help="one row in a hundred needs cleaning")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {"plain": [], "import": []}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.mkdir()
        written = (source / "interactions.parquet", options.events, options.order, options.dirty)
        writer = multiprocessing.get_context("spawn").Process(target=generate, args=written)
        writer.start()
        writer.join()
        for _ in range(options.repeat):
            for kind, runs in found.items():
                runs.append(measure(kind, source, Path(folder) / "x.duckdb"))
                print(f"{kind:7}", {key: round(value, 2) for key, value in runs[-1].items()}, flush=True)
                time.sleep(0.5)
    for unit in ("wall", "cpu"):
        ratios = [i[unit] / p[unit] for i, p in zip(found["import"], found["plain"], strict=True)]
        print(
            f"{options.events:,} events, {options.order}: import / plain CREATE TABLE AS, {unit}"
            f" {statistics.median(ratios):.2f} (of {', '.join(f'{one:.2f}' for one in ratios)})"
        )
    print(f"peak memory of the import {max(run['peak_gib'] for run in found['import']):.2f} GiB")


if __name__ == "__main__":
    main()
