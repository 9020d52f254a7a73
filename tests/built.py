"""Built worlds, kept between runs and shared by workers: made once for a state of sources and data.

A world is a folder that a function fills. Its name in the cache is a hash of everything that it depends
on: the function's file, the project's packages that this file reaches by imports, the data it is made
from, the versions of what ``requirements.txt`` names. Whoever wants it gets a copy of their own, so that
nothing a test does reaches the next run.

The folder is ``.pytest_cache/worlds``, or what ``MGREC_TEST_WORLDS`` names; it holds the ``KEPT`` worlds
that were used last.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import pickle
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

from filelock import FileLock, Timeout

from mgrec_core.data.receipt import ImportReport
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "mgrec_core"
KEPT = 40
DATA, RECEIPT = "workspace", "receipt.pickle"


def place(target: Path, make: Callable[..., object], *data: Path | str) -> Path:
    """Copy the world that ``make`` fills a folder with to ``target``; made where it is not kept.

    Parameters
    ----------
    target
        Folder of the copy; must not exist.
    make
        A function of a module's top level. It is given the folder to fill and ``data``, and what it
        makes depends on its code and on ``data`` alone.
    data
        Files or folders that it reads, and words that it is told.
    """
    found = _folder() / world_key(make, *data)
    found.parent.mkdir(parents=True, exist_ok=True)
    with _lock(found):
        if not found.is_dir():
            part = found.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            make(part, *data)
            part.replace(found)
            _forget_old(found.parent, keep=found)
        os.utime(found)
        return Path(shutil.copytree(found, target))


def built(target: Path, source: Path, *kind: str) -> Workspace:
    """A workspace of its own at ``target``: the source, recognised or of a kind, imported and built."""
    return Workspace(place(target, import_and_build, source, *kind))


def imported(target: Path, source: Path) -> tuple[ImportReport, Workspace]:
    """A source's receipt, and a workspace of its own at ``target`` that holds what was imported."""
    folder = place(target, import_only, source)
    return pickle.loads((folder / RECEIPT).read_bytes()), Workspace(folder / DATA)


def import_only(folder: Path, source: Path) -> None:
    """Fill a folder with a workspace and its receipt."""
    report = import_data(Workspace.create(folder / DATA), source)
    (folder / RECEIPT).write_bytes(pickle.dumps(report))


def world_key(make: Callable[..., object], *data: Path | str) -> str:
    """The world's name in the cache."""
    code = Path(make.__code__.co_filename)  # type: ignore[attr-defined]
    told = [one if isinstance(one, str) else one.name for one in data]
    digest = hashlib.sha256(repr((sys.version, platform.machine(), _versions(), told)).encode())
    for path in (code, *sources_of(code), *(one for one in data if isinstance(one, Path))):
        for file in _files([path]):
            digest.update(f"{file.relative_to(path) if path.is_dir() else file.name}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return f"{make.__qualname__}-{digest.hexdigest()[:20]}"


@cache
def sources_of(file: Path) -> tuple[Path, ...]:
    """Packages and modules right under ``mgrec_core`` that a file reaches by imports, itself not counted.

    A package counts as a whole, with all its files: what it finds by looking into its folder is in it.
    A name of ``mgrec_core`` itself, which may be anything, counts as all of it.
    """
    core, found = ROOT / PACKAGE, {ROOT / PACKAGE / "__init__.py"}
    waiting = _reached([file])
    while waiting:
        name = waiting.pop()
        path = core / name if (core / name).is_dir() else core / f"{name}.py"
        if not path.exists():
            return (core,)
        if path not in found:
            found.add(path)
            waiting |= _reached(_files([path]))
    return tuple(sorted(found))


def _reached(files: Iterable[Path]) -> set[str]:
    """Names right under ``mgrec_core`` that files import, wherever in them."""
    found: set[str] = set()
    for file in files:
        if file.suffix != ".py":
            continue
        inside = file.relative_to(ROOT).with_suffix("").parts if file.is_relative_to(ROOT) else ()
        for node in ast.walk(ast.parse(file.read_bytes())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = ".".join([*inside[: -node.level], *filter(None, [node.module])]) if node.level else (
                    node.module or ""
                )  # fmt: skip
                names = [f"{base}.{alias.name}" for alias in node.names]
            found |= {name.split(".")[1] for name in names if name.startswith(f"{PACKAGE}.")}
    return found


def _files(paths: Iterable[Path]) -> list[Path]:
    """Files at or under paths, in one order, without what Python makes of them."""
    every = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    return sorted(file for file in every if file.is_file() and "__pycache__" not in file.parts)


@cache
def _versions() -> tuple[str, ...]:
    """Names and versions of the required libraries."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [match[0] for line in lines if (match := re.match(r"[A-Za-z0-9_.-]+", line))]
    return tuple(f"{name} {metadata.version(name)}" for name in names)


def _folder() -> Path:
    return Path(os.environ.get("MGREC_TEST_WORLDS") or ROOT / ".pytest_cache" / "worlds")


def _lock(world: Path, timeout: float = -1) -> FileLock:
    return FileLock(world.with_suffix(".lock"), timeout=timeout)


def _forget_old(folder: Path, keep: Path) -> None:
    """Remove what was not used for longest; what somebody copies at this moment stays."""
    worlds = sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
    for world in worlds[:-KEPT]:
        with contextlib.suppress(Timeout):
            if world != keep:
                with _lock(world, timeout=0):
                    shutil.rmtree(world, ignore_errors=True)


def import_and_build(folder: Path, source: Path, *kind: str) -> None:
    """Make a workspace with a build but no map."""
    workspace = Workspace.create(folder)
    import_data(workspace, source, *kind)
    build(workspace, with_map=False)
