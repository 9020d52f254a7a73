"""A thousand hostile files: what becomes of each, in how much time and memory.

``python -m benchmarks.hostile [SHARE] [--json FILE]``; each file is taken as an upload is: looked at
with its zip files unpacked, and every second one previewed. Exit code 1 when one harms more than its reader.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mgrec_core.data.confined import Reading, looking, previewing
from mgrec_core.foundation.errors import MgrecError
from tests.data.confined.attacks import KINDS, every

PATIENCE = 5.0  # seconds after which a reader must be gone
ROOM = 50 << 20  # bytes by which the asker may grow


def resident() -> int:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def peak(pid: int, found: list[int]) -> None:
    """Follow the memory of a process until it is gone; bytes."""
    with contextlib.suppress(OSError, StopIteration, ProcessLookupError):
        while True:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            found[0] = max(found[0], int(next(x for x in lines if x.startswith("VmHWM")).split()[1]) << 10)
            time.sleep(0.05)


def read(reading: Reading[Any], told: dict[str, Any]) -> Any:
    """Take the result of a reading and note how it went."""
    most = [0]
    watch = threading.Thread(target=peak, args=(reading.pid, most))
    watch.start()
    try:
        return reading.result()
    except MgrecError as error:
        told["sentence"] = str(error)
        said = str(error)
        told["outcome"] = (
            "ended the reader"
            if "ended the process" in said
            else "timed out"
            if "was not read within" in said
            else "refused"
        )
        return None
    finally:
        told["seconds"] = max(told["seconds"], reading.seconds)
        late = time.monotonic() + PATIENCE
        while Path(f"/proc/{reading.pid}").exists() and time.monotonic() < late:
            time.sleep(0.02)
        told["stays"] = told["stays"] or Path(f"/proc/{reading.pid}").exists()
        watch.join()
        told["memory"] = max(told["memory"], most[0])


def make(kind: str, seed: int, folder: Path) -> None:
    """Write one input, in a process of its own: its memory is none of the asker's."""
    KINDS[kind][0](random.Random(f"{kind} {seed}"), folder)


def attempt(kind: str, seed: int, makers: ProcessPoolExecutor) -> dict[str, Any]:
    """Make one input, look at it and preview it."""
    told: dict[str, Any] = {"kind": kind, "seed": seed, "outcome": "read", "sentence": "", "seconds": 0.0}
    told |= {"memory": 0, "stays": False, "fault": ""}
    base = Path(tempfile.mkdtemp(prefix="mgrec-hostile-"))
    folder = base / "given"
    folder.mkdir()
    try:
        makers.submit(make, kind, seed, folder).result()
        told["files"] = sorted(repr(one.name)[:60] for one in folder.iterdir())[:3]
        looked = read(looking(folder, "given", [], unpack=True), told)
        if looked is not None:
            told["problem"] = looked.problem
            told["unread"] = looked.unread
            if seed % 2 == 0 and (looked.mapping or looked.format):
                read(previewing(folder, looked.mapping, None if looked.mapping else looked.format), told)
    except Exception as error:
        told["fault"] = f"{type(error).__name__}: {error}"[:300]
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return told


def main() -> int:
    """Run a share of all, print the table; 1 where something but a reader was harmed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("share", nargs="?", type=float, default=1.0)
    parser.add_argument("--kind", default="")
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    chosen = [(kind, seed) for kind, seed, _ in every(given.share) if given.kind in kind]
    random.Random(0).shuffle(chosen)
    chosen = chosen[given.first :]
    before, results = resident(), []
    apart = multiprocessing.get_context("spawn")
    with (
        ThreadPoolExecutor(given.at_once) as pool,
        ProcessPoolExecutor(given.at_once, mp_context=apart, max_tasks_per_child=20) as makers,
        contextlib.ExitStack() as out,
    ):
        lines = out.enter_context(given.json.open("w")) if given.json else None
        for told in pool.map(lambda one: attempt(*one, makers), chosen):
            results.append(told)
            if lines:
                lines.write(json.dumps(told) + "\n")
                lines.flush()
    grown = resident() - before
    table: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in results:
        table[one["kind"]].append(one)
    print(
        "| kind | read | refused | ended the reader | timed out | worst s | worst MB |\n" + "|---" * 7 + "|"
    )
    for kind, ones in sorted(table.items()):
        counts = [
            sum(x["outcome"] == o for x in ones) for o in ("read", "refused", "ended the reader", "timed out")
        ]
        worst = f"{max(x['seconds'] for x in ones):.1f} | {max(x['memory'] for x in ones) >> 20}"
        print(f"| {kind} | {' | '.join(map(str, counts))} | {worst} |")
    bad = [
        x for x in results
        if x["fault"] or x["stays"] or "\n" in x["sentence"] or "Traceback" in x["sentence"]
    ]  # fmt: skip
    print(
        f"\n{len(results)} inputs; the asker grew by {grown >> 20} MB; {len(bad)} harmed more than the reader"
    )
    for one in bad:
        print(one)
    return int(bool(bad) or grown > ROOM)


if __name__ == "__main__":
    sys.exit(main())
