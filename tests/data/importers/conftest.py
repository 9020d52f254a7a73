"""Small source folders of each format, written by the test, and what their import leaves."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mgrec_core.data.importers import import_source
from mgrec_core.data.options import ImportOptions
from mgrec_core.data.receipt import ImportReport
from mgrec_core.foundation.errors import InputError
from mgrec_core.workspace.key import WorkspaceKey
from tests import built

Files = dict[str, str | bytes]


class Imported:
    """An import and what it left behind."""

    def __init__(self, report: ImportReport, database: Path) -> None:
        self.report = report
        self.database = database

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    @property
    def fingerprint(self) -> str:
        return str(self.rows("SELECT value FROM meta WHERE key = 'data_fingerprint'")[0][0])

    def reasons(self, file: str) -> dict[str, int]:
        reasons = [one for one in self.report.reasons if one.file == file]
        return {one.rule: one.count for one in reasons if one.action != "read as"}

    def told(self, file: str) -> list[str]:
        """What the receipt says its columns were taken for."""
        return [
            one.explanation for one in self.report.reasons if one.file == file and one.action == "read as"
        ]

    def file(self, name: str) -> tuple[int, int, int, int]:
        one = next(one for one in self.report.files if one.file == name)
        return one.read, one.accepted, one.repaired, one.rejected


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of files."""

    def write_files(files: Files, name: str = "shop") -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        for file, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (folder / file).write_bytes(data)
        return folder

    return write_files


@pytest.fixture
def run(tmp_path: Path, write: Callable[..., Path]) -> Callable[..., Imported]:
    """Write a folder of files, or take one, and import it; the receipt must add up."""

    def run_import(
        files: Files | Path,
        name: str = "shop",
        format: str | None = None,
        options: ImportOptions | None = None,
        key: WorkspaceKey | None = None,
    ) -> Imported:
        folder = files if isinstance(files, Path) else write(files, name)
        database = tmp_path / f"{len(list(tmp_path.iterdir()))}.duckdb"
        report = import_source(folder, database, format, options=options, key=key)
        for one in report.files:
            assert one.accepted + one.repaired + one.rejected == one.read, one
            rejected = sum(r.count for r in report.reasons if r.file == one.file and r.action == "rejected")
            assert rejected == one.rejected, one
        return Imported(report, database)

    return run_import


@pytest.fixture(scope="session")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Imported]:
    """The import of a real data set, made once."""

    @cache
    def get(name: str) -> Imported:
        report, workspace = built.imported(tmp_path_factory.mktemp("real") / name, shared_data / name)
        return Imported(report, workspace.database)

    return get


@pytest.fixture
def refuse(tmp_path: Path, write: Callable[..., Path]) -> Callable[..., str]:
    """Import what cannot be imported and return the sentence; nothing may be left behind."""

    def refuse_import(files: Files | Path, format: str | None = None, name: str = "shop") -> str:
        folder = files if isinstance(files, Path) else write(files, name)
        place = tmp_path / "target"
        place.mkdir(exist_ok=True)
        with pytest.raises(InputError) as caught:
            import_source(folder, place / "new.duckdb", format)
        assert list(place.iterdir()) == []
        message = str(caught.value)
        assert "\n" not in message and "Traceback" not in message
        return message

    return refuse_import
