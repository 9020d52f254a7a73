"""What of a workspace is damaged, missing or not its own, and what mends it. Nothing is ever changed.

Every file that the workspace knows is read whole: a digest that was remembered, and a killed command that
would be finished by opening the folder, are left as they are.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from mgrec_core.data.importers.mapping.model import load as load_mapping
from mgrec_core.engine.presets import PresetStore
from mgrec_core.evaluation.experiments import ExperimentLog
from mgrec_core.evaluation.score_cache_files import open_score_cache, read_record
from mgrec_core.evaluation.split_store import load_split
from mgrec_core.feedback.log import FeedbackLog
from mgrec_core.feedback.settings import FeedbackSettings
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import (
    InputError,
    MgrecError,
    NoMemoryError,
    NoRoomError,
    NotFoundError,
    NotHereError,
    WorkspaceLockedError,
)
from mgrec_core.language import TextCache
from mgrec_core.language.model_files import find_model
from mgrec_core.model.granularities import names
from mgrec_core.model.store import load_model
from mgrec_core.operations.staging import STAGING
from mgrec_core.operations.stored_build import options_of
from mgrec_core.operations.traces import MANAGED
from mgrec_core.projection.store import load as load_projection
from mgrec_core.workspace import models
from mgrec_core.workspace.cohorts import CohortStore
from mgrec_core.workspace.connection import connect_checked, read_whole
from mgrec_core.workspace.digests import CHECKED, damaged
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.jobs import jobs_of
from mgrec_core.workspace.key import KEY_FILE, is_key
from mgrec_core.workspace.manifest import MANIFEST, Manifest, parse_manifest
from mgrec_core.workspace.state import StateFile
from mgrec_core.workspace.unfinished import NOTE

State = Literal["damaged", "missing", "unread", "leftover", "foreign", "unsealed"]

#: States of files that make a workspace less than whole.
BROKEN: tuple[State, ...] = ("damaged", "missing", "unread")


@dataclass(frozen=True)
class Finding:
    """One file or folder that is not as it should be.

    Attributes
    ----------
    file
        Its path within the workspace.
    state
        ``damaged`` or ``missing``; ``unread``: another program holds it, it may not be read here or memory
        is short; ``leftover`` of a killed command,
        or of one that writes at this moment; ``foreign``: not the workspace's; ``unsealed``: of a version
        that wrote no digests, so that nothing tells whether it is as it was written.
    what
        What is wrong with it.
    mend
        The command that mends it.
    """

    file: str
    state: State
    what: str
    mend: str


def examine(folder: str | Path) -> dict[str, Any]:
    """Look through a workspace.

    Returns
    -------
    dict
        ``workspace``, ``whole`` (nothing is damaged, missing or unread), ``builds`` with how each was checked
        (``digests``, or ``bounds`` for one of an earlier version), and ``findings``, one dict each
        (:class:`Finding`).

    Raises
    ------
    NotFoundError
        There is no such folder.
    InputError
        It is a file, or a folder with other things in it and nothing of a workspace.
    """
    doctor = _Doctor(Path(folder))
    if doctor.path.is_file():
        raise InputError(f"workspace {folder} is a file: give the folder of a workspace")
    if not doctor.path.is_dir():
        raise NotFoundError(f"workspace {folder} does not exist: check the path")
    doctor.refuse_foreign()
    found = sorted(doctor.findings(), key=lambda f: (f.state not in BROKEN, f.file))
    return {
        "workspace": str(folder),
        "whole": all(finding.state not in BROKEN for finding in found),
        "builds": doctor.checked_by,
        "findings": [asdict(finding) for finding in found],
    }


class _Doctor:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.workspace = Workspace(path)
        self.checked_by: dict[str, str] = {}
        self.own = {*MANAGED, ".lock", NOTE, CHECKED, StateFile(self.workspace.state).noted.name}

    def refuse_foreign(self) -> None:
        """Whoever is told to move their own files away, or to import beside them, has given a wrong path."""
        there = {path.name for path in self.path.iterdir()}
        if there and not there & (self.own | {STAGING}):
            raise InputError(
                f"{self.path} is no workspace, nothing in it is mgrec's: check the path, or make one in a "
                "new folder with `python -m mgrec_core import SOURCE --workspace DIR`"
            )

    def findings(self) -> Iterator[Finding]:
        for part in (
            *(self._top, self._tables, self._state, self._builds, self._projections, self._score_caches),
            *(self._splits, self._texts, self._models, self._small),
        ):
            yield from part()

    def _command(self, arguments: str) -> str:
        name, _, rest = arguments.partition(" ")
        return f"python -m mgrec_core {name} --workspace {self.path}{' ' + rest if rest else ''}"

    def _finding(self, path: Path, state: State, what: object, mend: str) -> Finding:
        said = " ".join(str(what).split())
        return Finding(path.relative_to(self.path).as_posix(), state, said, mend)

    def _tried(self, path: Path, look: Callable[[], object], mend: str) -> Iterator[Finding]:
        """Nothing, or what reading a file is refused with."""
        try:
            look()
        except WorkspaceLockedError as error:
            yield self._finding(path, "unread", error, "close the other program and look again")
        except (MgrecError, OSError, MemoryError) as error:
            told = error if isinstance(error, MgrecError) else refusal(error, path)
            if isinstance(told, NotHereError | NoMemoryError | NoRoomError):
                yield self._finding(path, "unread", told, "see to that and look again: the file may be whole")
            else:
                yield self._finding(path, "damaged", told, mend)

    def _top(self) -> Iterator[Finding]:
        for path in sorted(self.path.iterdir()):
            if path.name == NOTE:
                what = "a killed `forget` has not been finished"
                yield self._finding(path, "damaged", what, self._command("info"))
            elif path.name == STAGING or path.suffix == ".part" or ".part" in path.suffixes:
                yield self._leftover(path)
            elif path.name not in self.own:
                yield self._foreign(path)

    def _leftover(self, path: Path) -> Finding:
        what = "left by a killed command, unless one writes at this moment"
        return self._finding(
            path, "leftover", what, f"{self._command('build')} (any writing command removes it)"
        )

    def _foreign(self, path: Path) -> Finding:
        return self._finding(path, "foreign", "no file of the workspace", "move it away if it is not yours")

    def _strange(self, folder: str, pattern: str) -> Iterator[Finding]:
        """Files of a folder that do not match, nested ones not looked at."""
        root = self.path / folder
        for path in sorted(root.iterdir()) if root.is_dir() else ():
            if path.suffix in (".part", ".tmp"):
                yield self._leftover(path)
            elif not path.match(pattern):
                yield self._foreign(path)

    # Tables and state

    def _tables(self) -> Iterator[Finding]:
        database, mend = self.workspace.database, self._command("import SOURCE")
        if not database.is_file():
            yield self._finding(database, "missing", "no data are imported", mend)
            return

        def look() -> None:
            connect_checked(database).close()
            read_whole(database)

        yield from self._tried(database, look, mend)

    def _state(self) -> Iterator[Finding]:
        state, held = self.workspace.state, StateFile(self.workspace.state)
        beside = [path for path in (held.journal, held.noted) if path.exists()]
        if not state.is_file():
            if beside:
                what = "presets, cohorts, feedback and experiments were there and are gone"
                away = " && ".join(f"mv {path} {path}.old" for path in beside)
                way_out = f"put back a copy of it, or `{away}` to begin again without them"
                yield self._finding(state, "missing", what, way_out)
            return
        away = " && ".join(f"mv {path} {path}.damaged" for path in (state, *beside))
        mend = (
            f"put back a copy of it, or `{away}` to go on without the presets, cohorts, feedback and "
            "experiments in it"
        )

        def look() -> None:
            read_whole(state, held.damaged())
            CohortStore(state).all()
            PresetStore(state).all(names())
            FeedbackLog(state).all()
            ExperimentLog(state).all()

        yield from self._tried(state, look, mend)

    # Builds

    def _builds(self) -> Iterator[Finding]:
        vectors, current = self.workspace.vectors, self.workspace.current_build
        if not vectors.is_dir():
            return
        if current is None and any(path.is_dir() for path in vectors.iterdir()):
            path = vectors / "CURRENT"
            state: State = "damaged" if path.exists() else "missing"
            yield self._finding(path, state, "it names no build that is there", self._command("build"))
        for path in sorted(vectors.iterdir()):
            if ".part" in path.suffixes:
                yield self._leftover(path)
            elif path.is_dir():
                yield from self._build(path, current=path.name == current)
            elif path.name != "CURRENT":
                yield self._foreign(path)

    def _build(self, folder: Path, *, current: bool) -> Iterator[Finding]:
        mend = f"rm -r {folder} (the build before, which is not in use)"
        if current:
            mend = self._command("build")
        try:
            manifest = parse_manifest(folder)
        except InputError as error:
            yield self._finding(folder / MANIFEST, "damaged", error, mend)
            return
        if current:
            mend = self._command(f"build{_options(manifest)}")
        self.checked_by[folder.name] = "digests" if manifest.digests else "bounds"
        whole = True
        for path in sorted(folder.iterdir()):
            if path.name != MANIFEST and path.name not in manifest.files:
                yield self._foreign(path)
        if not manifest.digests:
            what = (
                "an earlier version made this build without digests: damage inside its files goes unnoticed"
            )
            yield self._finding(folder / MANIFEST, "unsealed", what, mend)
        wrong = set(damaged(folder, manifest.digests, anew=True))
        for name, size in manifest.files.items():
            path = folder / name
            if not path.is_file():
                whole = False
                yield self._finding(path, "missing", "the manifest names it", mend)
            elif path.stat().st_size != size or name in wrong:
                whole = False
                yield self._finding(path, "damaged", "it is not what the build wrote", mend)
        if whole:
            yield from self._tried(folder, lambda: load_model(folder, manifest), mend)

    # What is made from builds

    def _projections(self) -> Iterator[Finding]:
        mend = self._command("project")
        for path in sorted((self.path / "projections").glob("*.parquet")):
            if load_projection(path) is None:
                what = "a map that cannot be read"
                yield self._finding(path, "damaged", what, f"rm {path}, then {mend} or the Map page")
        yield from self._strange("projections", "*.parquet")

    def _score_caches(self) -> Iterator[Finding]:
        root = self.path / "panels"
        for folder in sorted(root.iterdir()) if root.is_dir() else ():
            if folder.suffix == ".part":
                yield self._leftover(folder)
            elif folder.is_dir():
                mend = f"rm -r {folder}, then {self._command('panel')}"
                yield from self._tried(folder, partial(self._open_score_cache, folder), mend)
            else:
                yield self._foreign(folder)

    def _open_score_cache(self, folder: Path) -> None:
        open_score_cache(self.path, read_record(folder, anew=True))

    def _splits(self) -> Iterator[Finding]:
        for path in sorted((self.path / "splits").glob("*.parquet")):
            mend = f"rm {path}, then {self._command('evaluate')}"
            yield from self._tried(path, partial(load_split, self.path, path.stem), mend)
        yield from self._strange("splits", "*.parquet")

    def _texts(self) -> Iterator[Finding]:
        for path in TextCache(self.path / "cache").damaged():
            what = "vectors of texts that are not what was written"
            yield self._finding(path, "damaged", what, f"rm {path}, then {self._command('build')}")

    def _models(self) -> Iterator[Finding]:
        root = self.path / models.FOLDER
        whole = {record.name for record in models.models_of(self.path)}
        for folder in sorted(root.iterdir()) if root.is_dir() else ():
            if folder.name in (".lock", models.PROJECTION) or (folder / models.TRAINING).is_dir():
                continue
            if folder.suffix == ".part":
                yield self._leftover(folder)
            elif not folder.is_dir():
                yield self._foreign(folder)
            elif folder.name not in whole:
                what = "no model with a record of how it was made"
                mend = f"rm -r {folder}, then {self._command('adapt')} or {self._command('compress')}"
                yield self._finding(folder, "damaged", what, mend)
            else:
                yield from self._tried(folder, partial(find_model, str(folder / "model")), f"rm -r {folder}")

    # Small files

    def _small(self) -> Iterator[Finding]:
        key = self.path / KEY_FILE
        if key.exists() and not is_key(key):
            mend = f"restore it, or mv {key} {key}.damaged for new pseudonyms"
            yield self._finding(key, "damaged", "no key for pseudonyms", mend)
        for path in sorted((self.path / "mappings").glob("*.yaml")):
            mend = f"{self._command('mapping')} SOURCE --out {path}"
            yield from self._tried(path, partial(load_mapping, path), mend)
        yield from self._strange("mappings", "*.yaml")
        settings = self.path / "feedback.yaml"
        yield from self._tried(settings, lambda: FeedbackSettings.of(self.path), f"correct or rm {settings}")
        known = {job.folder for job in jobs_of(self.path)}
        jobs = self.path / "jobs"
        for path in sorted(jobs.iterdir()) if jobs.is_dir() else ():
            if path.is_dir() and path not in known:
                yield self._finding(path, "damaged", "no record of a job", f"rm -r {path}")


def _options(manifest: Manifest) -> str:
    """Options of the command that makes a build like this one."""
    from mgrec_core.model.config import Config

    model = f" --model {shlex.quote(manifest.model_asked)}" if manifest.model_asked else ""
    config = Config.of_build(manifest.config)
    if config.language.send_texts_to:
        model += " --send-texts"
    plain = options_of(config) == options_of(Config())
    return model + ("" if plain else " --config FILE (with the options of the build before)")
