"""Adding the newest events to a workspace against importing and building everything anew.

    python benchmarks/appending.py [--share 0.01]

The MovieLens sample. One workspace holds all but the newest events and is built; those are then
added with `--append`, which updates the build. The peer is the way without it: import everything
into a fresh workspace and build. Both end with the same build, which is checked.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mgrec_core.operations.building import build  # noqa: E402
from mgrec_core.operations.importing import import_data  # noqa: E402
from mgrec_core.operations.updating import update  # noqa: E402
from mgrec_core.workspace.folder import Workspace  # noqa: E402

SOURCE = ROOT / "sample_data" / "movielens"


def parts(folder: Path, share: float) -> tuple[Path, Path, int]:
    """The sample without its newest events, and a folder with these alone."""
    old, new = folder / "old", folder / "new"
    shutil.copytree(SOURCE, old)
    new.mkdir()
    (events,) = SOURCE.glob("interactions*")
    (old / events.name).unlink()
    rows = duckdb.sql(f"SELECT * FROM read_csv('{events}', all_varchar = true) ORDER BY timestamp::BIGINT")
    total = rows.shape[0]
    added = max(1, round(total * share))
    rows.limit(total - added).write_csv(str(old / "interactions.csv"))
    rows.limit(added, total - added).write_csv(str(new / "interactions.csv"))
    return old, new, added


def main() -> None:
    """Print seconds of both ways and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--share", type=float, default=0.01, help="share of the events that is new")
    share = parser.parse_args().share
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old, new, added = parts(folder, share)
        grown = Workspace.create(folder / "grown")
        import_data(grown, old)
        build(grown, with_map=False)
        start = time.perf_counter()
        import_data(grown, new, append=True)
        imported = time.perf_counter() - start
        done = update(grown)
        append = time.perf_counter() - start

        fresh = Workspace.create(folder / "fresh")
        start = time.perf_counter()
        import_data(fresh, SOURCE)
        fresh_import = time.perf_counter() - start
        build(fresh, with_map=False)
        full = time.perf_counter() - start
        same = grown.current_build == fresh.current_build
    print(f"{added:,} new events ({share:.0%}) of the MovieLens sample; the same build: {same}")
    print(f"kept: {', '.join(done['kept']) if done else 'everything'}")
    print(f"append {imported:6.2f} s + update {append - imported:6.2f} s = {append:6.2f} s")
    print(f"import {fresh_import:6.2f} s + build  {full - fresh_import:6.2f} s = {full:6.2f} s")
    print(f"all anew / append = {full / append:.1f}")


if __name__ == "__main__":
    main()
