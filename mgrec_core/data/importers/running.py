"""One import from beginning to end: a source of any format into a database of canonical tables."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from mgrec_core.data.importers.attributes import settle_columns
from mgrec_core.data.importers.base import Import, Importer
from mgrec_core.data.importers.detection import detect_format, detect_part
from mgrec_core.data.importers.earlier import attach
from mgrec_core.data.importers.mapping import Mapping
from mgrec_core.data.importers.registry import IMPORTERS
from mgrec_core.data.importers.rewriting import (
    added,
    sql,
    write,
    write_meta,
    written,
)
from mgrec_core.data.importers.sources import Place, as_place
from mgrec_core.data.importers.sources.postgres import PostgresAddress
from mgrec_core.data.knowledge.linking import link_names
from mgrec_core.data.knowledge.rules import derive
from mgrec_core.data.options import ImportOptions
from mgrec_core.data.receipt import READ_AS, ImportReport, Reason, ReceiptWriter, count_rows
from mgrec_core.data.signals.filling import fill_signals, told, unmet_kinds
from mgrec_core.data.signals.scale import Scale
from mgrec_core.foundation.causes import Cause, cause_of, line_of, refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.text import shorten
from mgrec_core.workspace.connection import read_whole
from mgrec_core.workspace.key import WorkspaceKey


def import_source(
    source: str | Path | PostgresAddress,
    database: Path,
    format: str | None = None,
    progress: Progress = silent,
    *,
    mapping: Mapping | None = None,
    limit: int | None = None,
    earlier: Path | None = None,
    options: ImportOptions | None = None,
    key: WorkspaceKey | None = None,
) -> ImportReport:
    """Read a source into a new database, alone or beside what a workspace holds.

    The same rows in any order give the same tables and the same ``data_fingerprint``.

    Parameters
    ----------
    source
        Folder with the files of one format, a file, or a database's address.
    database
        DuckDB file to create; nothing may be there yet, and nothing is left there on failure.
    format
        One of :data:`IMPORTERS`; None finds it from the files.
    progress
        Told each file as it is read.
    mapping
        Which column is what, for sources of no known format.
    limit
        Read about so many rows of each file only, for a preview; None reads all.
    earlier
        A workspace's database that the source is added to: the new one holds both, as if they had been
        imported at once, and the receipt of both. It is only read.
    options
        Rules to switch off and what to do with identifiers; None takes the defaults.
    key
        Makes pseudonyms of identifiers; None takes a new one, so that they fit no other import.

    Returns
    -------
    ImportReport
        What was accepted, repaired and rejected, and why; also kept in the ``import_*`` tables.

    Raises
    ------
    InputError
        When the source cannot be read, or holds neither a usable event nor an item.
    """
    if format is not None and format not in IMPORTERS:
        raise InputError(f"unknown format '{shorten(format, 40)}'; choose one of {', '.join(IMPORTERS)}")
    place = as_place(source)
    find = detect_part if earlier else detect_format
    importer = IMPORTERS["mapping" if mapping else format or find(place)]
    _check(place, importer)
    if database.exists():
        raise InputError(f"{shorten(str(database))} exists already; choose another path or remove it")
    shown = place.database if isinstance(place, PostgresAddress) else place.resolve().name
    try:
        with tempfile.TemporaryDirectory(prefix="mgrec-import-", dir=database.parent) as scratch:
            folder = place if isinstance(place, Path) else Path(scratch)
            run = _Run(folder, place, shown, mapping, limit, Path(scratch), options, key, earlier)
            return _import(run, database, importer, progress)
    except BaseException as error:
        _remove(database)
        if isinstance(error, duckdb.Error | OSError) and not isinstance(error, duckdb.InterruptException):
            if earlier is not None and cause_of(error) is Cause.DAMAGED:
                read_whole(earlier)  # what is added to may be what is damaged, and not the source
            what = f"the import of {shorten(shown)}"
            unfit = InputError(f"{what} failed ({line_of(error, 200)}); write the source again")
            raise refusal(error, what, "written", damaged=unfit, other=unfit) from error
        raise


@dataclass(frozen=True)
class _Run:
    """What an import is asked to read."""

    folder: Path
    place: Place
    shown: str
    mapping: Mapping | None
    limit: int | None
    scratch: Path
    options: ImportOptions | None
    key: WorkspaceKey | None
    earlier: Path | None


def _import(asked: _Run, database: Path, importer: Importer, progress: Progress) -> ImportReport:
    receipt = ReceiptWriter()
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(asked.scratch / "spill"),
        "autoinstall_known_extensions": "false",
        "memory_limit": "2500MB",  # beyond it DuckDB works on disk
    }
    # Beside a workspace, the source goes into a database of its own first.
    own = database if asked.earlier is None else asked.scratch / "fresh.duckdb"
    with contextlib.closing(duckdb.connect(str(own), config=config)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(sql("schema.sql"))
        kept = attach(connection, asked.earlier)
        run = Import(
            connection,
            asked.folder,
            asked.scratch,
            receipt,
            progress,
            (asked.options or ImportOptions()).beside(kept),
            asked.key or WorkspaceKey(),
            met={*kept.columns, *kept.roles, *kept.separators},
            given=asked.place,
            mapping=asked.mapping,
            limit=asked.limit,
            strengths=dict(importer.strengths),
            adds=asked.earlier is not None,
        )
        importer.fill(run)
        settle_columns(run)
        run.close()
        if asked.earlier is None:
            _require_something(connection, receipt)
        progress("import", run.files, run.files, "knowledge graph and views")
        fill_signals(connection, {**run.strengths, **run.options.strengths}, run.options.ratings)
        given = asked.options or ImportOptions()
        unmet = unmet_kinds(connection, given.strengths, added=asked.earlier is not None)
        if unmet and (asked.limit is None or all(file.read < asked.limit for file in receipt.files)):
            raise InputError(unmet[0])
        receipt.reasons += told(connection, given.ratings, unmet)
        if asked.earlier is not None:
            receipt.write(connection)
            return _add(connection, database, receipt, importer.name, run.options)
        link_names(connection, receipt)
        derive(connection)
        connection.execute(sql("views.sql"))
        receipt.write(connection)
        dataset = shorten(asked.shown, 100) or "dataset"
        report = receipt.report(connection, dataset, importer.name)
        facts = {"dataset": dataset, "format": importer.name, "source": dataset}
        write_meta(connection, facts | {"import_options": written(run.options)})
        connection.execute("CHECKPOINT")
    return report


def _add(
    connection: duckdb.DuckDBPyConnection,
    database: Path,
    receipt: ReceiptWriter,
    format: str,
    options: ImportOptions,
) -> ImportReport:
    """Write the workspace's rows and the source's together; report the source's receipt."""
    facts = dict(connection.execute("SELECT key, value FROM earlier.meta").fetchall())
    marks = "SELECT lowest, disliked, liked, highest FROM {}rating_scale"
    before = connection.execute(marks.format("earlier.")).fetchone()
    write(connection, database, added(int(facts.get("appends", 0)) + 1, options))
    with contextlib.closing(duckdb.connect(str(database))) as whole:
        after = whole.execute(marks.format("")).fetchone()
        if before != after and before and after:
            said = (
                f"with this addition all ratings, those of before too, are read on a scale"
                f" {Scale(*after)}; before {Scale(*before)}"
            )
            receipt.tell(whole, Reason("events", "signals", READ_AS, 0, said))
        return receipt.report(whole, facts.get("dataset", "dataset"), format)


def _require_something(connection: duckdb.DuckDBPyConnection, receipt: ReceiptWriter) -> None:
    """Refuse a source that has nothing usable; a catalogue beside a table of no events is fine."""
    file = next((one for one in receipt.files if one.target == "events"), None)
    if file is None:  # a preview of what is to be added to a workspace
        return
    if file.rejected < file.read or (file.read == 0 and count_rows(connection, "items")):
        return
    reasons = [one for one in receipt.reasons if one.file == file.file and one.action == "rejected"]
    if not reasons:
        raise InputError(
            f"{file.file} has a header but no rows, and there are no items; export it again with rows"
        )
    worst = max(reasons, key=lambda one: one.count)
    examples = (one for one in receipt.examples if (one.file, one.rule) == (worst.file, worst.rule))
    example = next(examples, None)
    where = f", for example row {example.row_number}: {shorten(example.content, 80)}" if example else ""
    raise InputError(
        f"{file.file}: none of {file.read} rows can be used; in {worst.count} {worst.explanation}"
        f" ({worst.rule}{where}); fix the file and import again"
    )


def _check(place: Place, importer: Importer) -> None:
    if isinstance(place, PostgresAddress):
        if not importer.from_address:
            raise InputError(f"a database is not of the format {importer.name}; leave --format out")
    elif not place.exists():
        raise InputError(f"the folder {shorten(str(place))} does not exist; check the path")
    elif not place.is_dir() and not importer.from_file:
        raise InputError(f"{shorten(str(place))} is a file; give the folder that holds it")


def _remove(database: Path) -> None:
    for path in (database, database.with_name(database.name + ".wal")):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    shutil.rmtree(database.with_name(database.name + ".tmp"), ignore_errors=True)
