"""Panels on disk: made once for a build and a split, opened memory-mapped by every page.

``<workspace>/score caches/<id>/`` holds the arrays and ``score cache.json``; the id follows from the build
and the split's exact pairs, so a score cache never describes anything but them. Panels are derived
data: deleting the folder loses nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ValidationError
from scipy import sparse

from mgrec_core.evaluation.catalogue import catalogue_of
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.relevance import LIKED, Relevance
from mgrec_core.evaluation.score_cache import ScoreCache, even_sample, fill_scores
from mgrec_core.evaluation.split_store import choose_split
from mgrec_core.evaluation.splits import Split
from mgrec_core.foundation.arrays import DAMAGE, checked_csr
from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError
from mgrec_core.foundation.files import replacing, write_text
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.metrics import Catalogue
from mgrec_core.model.config import Config
from mgrec_core.workspace.digests import damaged, digests_of_folder

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

RECORD = "panel.json"
KEPT = 4
"""Panels kept of one build, newest first."""

MOST_BYTES = 4 * 2**30
"""Above this a score cache holds an even sample of the test users."""

_FORMAT = 2


class ScoreCacheRecord(BaseModel):
    """What a score cache describes.

    ``n_test_users`` counts all users with held-out items; ``n_users`` those in the score cache, fewer
    only where all would not fit in :data:`MOST_BYTES`.
    """

    id: str
    format: int
    build: str
    split: dict[str, Any]
    relevant: dict[str, Any]
    granularities: list[str]
    n_users: int
    n_test_users: int
    n_items: int
    n_active_users: int
    category: str | None
    files: dict[str, int] = {}
    digests: dict[str, str] = {}


def prepare(
    engine: Engine,
    *,
    split: str = "last",
    test_ratio: float = 0.2,
    seed: int = 0,
    test_count: int = 1,
    relevant: str = LIKED,
    at: str | None = None,
    progress: Progress = silent,
) -> ScoreCacheRecord:
    """Build on the training part, score every test user, and keep the score cache in the workspace.

    Nothing is done when the same score cache is there already.

    Raises
    ------
    InputError
        A split that the data do not allow.
    """
    workspace = engine.workspace
    with contextlib.closing(workspace.connect()) as connection:
        progress("panel", 0, 3, "split")
        chosen = choose_split(workspace.path, connection, split, test_ratio, seed, test_count, at)
        relevance = Relevance.parse(relevant)
        identity = _identity(engine.build, chosen, relevance)
        folder = workspace.path / "panels" / identity
        with contextlib.suppress(WorkspaceBrokenError, NotFoundError):
            return read_record(folder)
        progress("panel", 1, 3, "build on the training part")
        config = Config.of_build(engine.manifest.config)
        source, cache = engine.model_source, workspace.path / "cache"
        fold = Fold.prepare(connection, chosen, source, config, cache, progress, relevance)
    folder.parent.mkdir(exist_ok=True)
    with replacing(folder) as staged:
        staged.mkdir()
        record = _write(fold, engine.build, identity, staged, progress)
    _forget_old(folder.parent, engine.build)
    return record


def score_caches_of(path: Path, build: str) -> list[ScoreCacheRecord]:
    """Whole score caches of one build, newest first."""
    root = path / "panels"
    if not root.is_dir():
        return []
    found = []
    for folder in sorted(root.iterdir(), key=lambda f: f.stat().st_mtime_ns, reverse=True):
        with contextlib.suppress(WorkspaceBrokenError, NotFoundError):
            record = read_record(folder)
            if record.build == build:
                found.append(record)
    return found


def open_score_cache(path: Path, record: ScoreCacheRecord) -> ScoreCache:
    """Open a score cache without reading its scores into memory.

    Parameters
    ----------
    path
        The workspace's folder.

    Raises
    ------
    WorkspaceBrokenError
        A file is missing or makes no sense: prepare the score cache again.
    """
    folder = path / "panels" / record.id
    try:

        def load(name: str) -> Any:
            return np.load(folder / f"{name}.npy", mmap_mode="r" if name == "raw" else None)

        def load_sparse(name: str) -> sparse.csr_array:
            with np.load(folder / f"{name}.npz", allow_pickle=False) as parts:
                rows, columns = parts["shape"].tolist()
                return checked_csr(parts["data"], parts["indices"], parts["indptr"], (rows, columns))

        catalogue = Catalogue(
            users_of_item=load("users_of_item"),
            n_users=record.n_active_users,
            history=load_sparse("history"),
            vectors=load("vectors") if "vectors.npy" in record.files else None,
            categories=load_sparse("categories") if record.category is not None else None,
            category=record.category,
        )
        return ScoreCache(
            granularities=tuple(record.granularities),
            users=(folder / "users.txt").read_text(encoding="utf-8").split("\0"),
            items=(folder / "items.txt").read_text(encoding="utf-8").split("\0"),
            raw=load("raw"),
            scale=load("scale"),
            median=load("median"),
            magnitude=load("magnitude"),
            seen=load_sparse("seen"),
            relevant=load_sparse("relevant").toarray(),
            catalogue=catalogue,
        )
    except DAMAGE as error:
        broken = WorkspaceBrokenError(
            f"score cache {record.id} cannot be read ({type(error).__name__}): prepare it again"
        )
        known = cause_of(error) is not Cause.ABSENT
        raise (refusal(error, folder, damaged=broken, other=broken) if known else broken) from None


def keep_front(path: Path, record: ScoreCacheRecord, document: dict[str, Any]) -> None:
    """Keep a Pareto document beside its score cache, the newest of each pair of metrics."""
    target = path / "panels" / record.id / _front_name(document["x"], document["y"], document["k"])
    write_text(target, json.dumps(document))


def kept_front(path: Path, record: ScoreCacheRecord, x: str, y: str, k: int) -> dict[str, Any] | None:
    """The Pareto document of two metrics that was kept last, ``None`` when there is none."""
    try:
        found = json.loads((path / "panels" / record.id / _front_name(x, y, k)).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("panel") == record.id else None


def _front_name(x: str, y: str, k: int) -> str:
    return f"pareto-{hashlib.sha256(f'{x} {y} {k}'.encode()).hexdigest()[:12]}.json"


def read_record(folder: Path, *, anew: bool = False) -> ScoreCacheRecord:
    """Read and check what a score cache describes.

    Parameters
    ----------
    anew
        Read every file, also where it has not changed since it was last found whole.

    Raises
    ------
    NotFoundError
        There is no score cache.
    WorkspaceBrokenError
        It is damaged or was written by another version.
    """
    if not (folder / RECORD).is_file():
        raise NotFoundError(f"there is no score cache {folder.name}: prepare one first")
    try:
        record = ScoreCacheRecord.model_validate_json((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        broken = WorkspaceBrokenError(f"{folder / RECORD} is not a score cache's record: prepare it again")
        raise refusal(error, folder / RECORD, damaged=broken, other=broken) from None
    sizes = {name: (folder / name).stat().st_size for name in record.files if (folder / name).is_file()}
    whole = record.format == _FORMAT and sizes == record.files and record.id == folder.name
    if not whole or damaged(folder, record.digests, anew=anew):
        raise WorkspaceBrokenError(
            f"score cache {folder.name} is damaged or of another version: prepare it again"
        )
    return record


def _identity(build: str, split: Split, relevance: Relevance) -> str:
    text = f"{_FORMAT}\n{build}\n{split.to_dict()}\n{relevance.name}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(fold: Fold, build: str, identity: str, folder: Path, progress: Progress) -> ScoreCacheRecord:
    model, test_users = fold.model, fold.test_users
    width, n_items = len(model.present), model.n_items
    if width == 0:
        raise InputError("no granularity is present on the training part: there is nothing to compare")
    room = max(1, MOST_BYTES // (width * n_items * 4))
    n_test = len(test_users.rows)
    kept = even_sample(n_test, room)
    rows = test_users.rows[kept]
    raw = np.lib.format.open_memmap(
        folder / "raw.npy", mode="w+", dtype=np.float32, shape=(len(rows), width, n_items)
    )
    with (folder / "raw.npy").open("r+b") as file:
        # A disk that fills while a map is written ends the process by a signal; here it is an error.
        os.posix_fallocate(file.fileno(), 0, file.seek(0, os.SEEK_END))
    scale, median, magnitude = fill_scores(model, rows, raw, progress=progress)
    raw.flush()
    del raw
    catalogue = catalogue_of(fold.data, model.shared, rows)
    arrays = {
        "scale": scale,
        "median": median,
        "magnitude": magnitude,
        "users_of_item": catalogue.users_of_item,
    }
    if catalogue.vectors is not None:
        arrays["vectors"] = np.asarray(catalogue.vectors, dtype=np.float32)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    matrices = {
        "seen": model.seen[rows],
        "history": catalogue.history,
        "relevant": sparse.csr_array(test_users.relevant[kept]),
    }
    if catalogue.categories is not None:
        matrices["categories"] = catalogue.categories
    for name, matrix in matrices.items():
        sparse.save_npz(folder / f"{name}.npz", sparse.csr_array(matrix), compressed=False)
    users = [fold.data.users[row] for row in rows]
    (folder / "users.txt").write_text("\0".join(users), encoding="utf-8")
    (folder / "items.txt").write_text("\0".join(fold.data.items), encoding="utf-8")
    record = ScoreCacheRecord(
        id=identity,
        format=_FORMAT,
        build=build,
        split=fold.split.to_dict(),
        relevant=fold.relevant,
        granularities=list(model.present),
        n_users=len(rows),
        n_test_users=n_test,
        n_items=n_items,
        n_active_users=catalogue.n_users,
        category=catalogue.category,
        files={path.name: path.stat().st_size for path in sorted(folder.iterdir())},
        digests=digests_of_folder(folder),
    )
    (folder / RECORD).write_text(record.model_dump_json(indent=2), encoding="utf-8")
    return record


def _forget_old(root: Path, build: str) -> None:
    """Drop score caches of other builds, and all but the newest few of this one."""
    kept = {record.id for record in score_caches_of(root.parent, build)[:KEPT]}
    for folder in root.iterdir():
        if folder.is_dir() and folder.name not in kept and folder.suffix != ".part":
            shutil.rmtree(folder, ignore_errors=True)
