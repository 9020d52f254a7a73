"""What every importer shares: the running import, and the interface of a format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from mgrec_core.data.cleaning import EXAMPLES_KEPT, REJECTED, RULES, Cells, Judged, trimmed
from mgrec_core.data.identifiers import mask
from mgrec_core.data.importers.identifiers import needed_after_all, protect
from mgrec_core.data.importers.joins import tell_idle
from mgrec_core.data.importers.reading import stage
from mgrec_core.data.importers.state import RunState
from mgrec_core.data.importers.wording import whole_id
from mgrec_core.data.questions import dates
from mgrec_core.data.receipt import FIRST_ROWS, READ_AS, ExampleRow, FileReceipt, Reason, Rows, count_rows
from mgrec_core.data.staged import Staged
from mgrec_core.data.times import Form, survey
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import nearest, shorten


class Importer(ABC):
    """Reads one format of source into the canonical tables; declared once, found by its registry.

    A subclass sets the attributes and both methods; an instance at the top level of its module is the
    declaration. Cleaning rules of its own stand in a tuple of
    :class:`~mgrec_core.data.rules.Rule` beside it.
    """

    name: ClassVar[str]
    """What ``--format`` calls it."""

    looks_for: ClassVar[str]
    """Files that tell the format, for messages."""

    order: ClassVar[int] = 100
    """Its turn when a source's format is looked for."""

    from_file: ClassVar[bool] = False
    """Whether the source can be a single file."""

    from_address: ClassVar[bool] = False
    """Whether the source can be the address of a database."""

    strengths: ClassVar[Mapping[str, float]] = {}
    """Kind of event → how much it says about interest, 0 to 1; others have the usual strengths."""

    @abstractmethod
    def recognises(self, source: Path) -> bool:
        """Return whether the folder or file is of this format."""

    def recognises_part(self, source: Path) -> bool:
        """Return whether the folder may be added to a workspace, though it lacks events."""
        return False

    @abstractmethod
    def fill(self, run: Import) -> None:
        """Fill the canonical tables from the source; raise InputError where that cannot be."""


@dataclass
class Import(RunState):
    """One import while it runs: reads, judges and records the files of a source."""

    def cells(self, staged: Staged | None = None) -> Cells:
        """Return the cleaning of a file, with no columns yet and without the rules that are off."""
        if staged is None:
            return Cells(self.off)
        file = staged
        return Cells(
            self.off,
            decimal_comma=file.delimiter == ";",
            decide=lambda column, text: self._form(file, column, text),
            ask=lambda conditions: self._any(file, conditions),
        )

    def _any(self, staged: Staged, conditions: Sequence[str]) -> Sequence[bool]:
        """Tell for each condition (SQL) whether it holds in any row of a file."""
        if not conditions:
            return ()
        asked = ", ".join(f"coalesce(bool_or({one}), false)" for one in conditions)
        return self.connection.execute(f"SELECT {asked} FROM {staged.table}").fetchone() or ()

    def _form(self, staged: Staged, column: str, text: str) -> Form:
        """Decide how a column's times are written; the receipt tells what a value alone does not say."""
        name = next((known for known, sql in staged.columns.items() if sql == column), "")
        rows = count_rows(self.connection, staged.table)
        found = survey(
            self.connection,
            staged.table,
            text,
            where=f"{staged.file}, {shorten(name, 60) or 'timestamp'}",
            # Columns that an importer made are ISO 8601 already.
            named=(staged.time_form or self.options.time_form) if name else "",
            asks=self.limit is not None,
        )
        for doubt in found.doubts:
            whole = self.limit is None or rows < self.limit
            self.receipt.questions.append(dates(staged.file, shorten(name, 60), doubt, whole=whole))
        for told in found.told:
            text = f"the column '{shorten(name, 60) or 'timestamp'}' was read so: {told}"
            self.receipt.reasons.append(Reason(staged.file, "time_form", READ_AS, rows, text))
        return found.form

    def whole_id(self, column: str) -> str:
        """Return SQL for an id: :func:`~mgrec_core.data.importers.wording.whole_id`, unless that is off."""
        return trimmed(column) if "decimal_id" in self.off else whole_id(column)

    def find(self, stem: str, *suffixes: str) -> Path | None:
        """Return the folder's file called ``stem`` with one of ``suffixes``, or None.

        Raises
        ------
        InputError
            When there are several, since only one of them can be meant.
        """
        return find(self.source, stem, *suffixes)

    def need(self, stem: str, *suffixes: str) -> Path:
        """Return the folder's file called ``stem`` with one of ``suffixes``.

        Raises
        ------
        InputError
            When there is none.
        """
        path = self.find(stem, *suffixes)
        if path is None:
            names = " or ".join(stem + suffix for suffix in suffixes)
            raise InputError(f"{names} is missing from the folder {shorten(self.source.name)}; put it there")
        return path

    def stage(
        self, path: Path, *, delimiter: str | None = None, quoted: bool = True, names: Sequence[str] = ()
    ) -> Staged:
        """Read a file into a staging table without identifiers.

        See :func:`~mgrec_core.data.importers.reading.stage` and :meth:`protect`.
        """
        self.tell(path.name)
        staged = stage(
            self.connection,
            path,
            self.scratch,
            delimiter=delimiter,
            quoted=quoted,
            names=names,
            limit=self.limit,
        )
        return self.protect(staged)

    def protect(self, staged: Staged) -> Staged:
        """Take identifiers out: see :func:`~mgrec_core.data.importers.identifiers.protect`."""
        self.receipt.reasons += [
            Reason(staged.file, "file_form", READ_AS, 0, shorten(note, 300)) for note in staged.notes
        ]
        self.seen.update(staged.columns)
        safe = protect(self, staged)
        if self.limit is not None:
            listed = ", ".join(safe.columns.values())
            query = f"SELECT {listed} FROM {safe.table} ORDER BY _row LIMIT {FIRST_ROWS}"
            cells = self.connection.execute(query).fetchall() if listed else []
            self.receipt.first.append(Rows.of(safe.file, list(safe.columns), cells))
        return safe

    def tell(self, file: str) -> None:
        """Say that a file or table is being read now."""
        self.progress("import", self.done, self.files, file)
        self.done += 1

    def derive(self, staged: Staged, columns: Mapping[str, str], joins: str = "") -> Staged:
        """Return the file with further columns, made by SQL from its own; its first table is dropped.

        Parameters
        ----------
        staged
            The file as read; in SQL it is called ``file``.
        columns
            Name → SQL expression. These are no columns of the file: the receipt does not show them.
        joins
            SQL that joins further tables, each with at most one row for a row of the file.
        """
        table = f"{staged.table}x"
        made = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
        self.connection.execute(
            f"CREATE TEMP TABLE {table} AS SELECT file.*, {made} FROM {staged.table} AS file {joins}"
        )
        self.drop(staged)
        return replace(staged, table=table)

    def record(self, staged: Staged, judged: Judged, target: str) -> None:
        """Write into the receipt what became of the rows of a file, then drop its staging table."""
        lost = staged.lost
        needed_after_all(self, staged)
        marks = ", ".join(
            f"count(*) FILTER (WHERE _rejected IS NULL AND _repairs & {1 << bit} <> 0)"
            for bit in range(len(judged.repairs))
        )
        (row,) = self.connection.execute(
            "SELECT count(*), count(_rejected), count(*) FILTER (WHERE _rejected IS NULL AND _repairs <> 0)"
            f"{', ' if marks else ''}{marks} FROM {judged.table}"
        ).fetchall()
        read, rejected, repaired, *repairs = (int(value) for value in row)
        accepted = read - rejected - repaired
        self.receipt.files.append(
            FileReceipt(staged.file, target, read + lost, accepted, repaired, rejected + lost)
        )
        counts = dict(
            self.connection.execute(
                f"SELECT _rejected, count(*) FROM {judged.table} WHERE _rejected IS NOT NULL GROUP BY ALL"
            ).fetchall()
        )
        if lost:
            counts["malformed_line"] = lost
            for line, content in staged.malformed:
                text = "(not shown: the file holds identifiers)" if staged.private else mask(content)
                self.receipt.examples.append(ExampleRow(staged.file, "malformed_line", line, shorten(text)))
        for rule in [rule for rule in RULES if rule in counts]:
            self.receipt.reasons.append(
                Reason(staged.file, rule, REJECTED, counts[rule], RULES[rule].explanation)
            )
            if rule != "malformed_line":
                self._examples(staged, judged, rule, f"_rejected = '{rule}'")
        for bit, (rule, number) in enumerate(zip(judged.repairs, repairs, strict=True)):
            if number:
                told = RULES[rule]
                self.receipt.reasons.append(Reason(staged.file, rule, told.action, number, told.explanation))
                self._examples(staged, judged, rule, f"_rejected IS NULL AND _repairs & {1 << bit} <> 0")

    def _examples(self, staged: Staged, judged: Judged, rule: str, condition: str) -> None:
        cells = ", ".join(f"coalesce({column}, '')" for column in staged.columns.values())
        rows = self.connection.execute(
            f"SELECT _row, concat_ws(' · ', {cells}) FROM {judged.table} WHERE {condition}"
            f" ORDER BY _row LIMIT {EXAMPLES_KEPT}"
        ).fetchall()
        for number, content in rows:
            self.receipt.examples.append(ExampleRow(staged.file, rule, int(number), shorten(mask(content))))

    def drop(self, staged: Staged, *judged: Judged) -> None:
        """Drop temporary tables, so that a large import does not hold them all at once."""
        for table in (staged.table, *(one.table for one in judged)):
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")

    def close(self) -> None:
        """Write the choices into the receipt, and which of them did nothing.

        Raises
        ------
        InputError
            When a column that the person named is in no file.
        """
        for rule in sorted(self.off):
            self.receipt.reasons.append(
                Reason("every file", rule, "switched off", 0, str(RULES[rule].instead))
            )
        for name in self.options.columns:
            if name not in self.met:
                raise InputError(
                    f"no file has a column '{shorten(name, 60)}': correct the name or leave it out;"
                    f" {nearest(name, self.seen, 'the columns are')}"
                )
        tell_idle(self)

    def ignore_columns(self, staged: Staged, *known: str) -> None:
        """Note in the receipt every column that has no place in the canonical tables."""
        for name in staged.others(*known):
            explanation = f"the column '{name}' has no place here and is not used"
            self.receipt.ignore(staged.file, "ignored_column", explanation)

    def ignore_files(self, suffixes: tuple[str, ...], known: Collection[str], explanation: str) -> None:
        """Note every file with one of ``suffixes`` that is not read, so that a misspelt name is noticed."""
        for path in sorted(self.source.iterdir()):
            if path.name.endswith(suffixes) and path.name not in known:
                self.receipt.ignore(path.name, "ignored_file", explanation)


def find(source: Path, stem: str, *suffixes: str) -> Path | None:
    """Return the file of ``source`` called ``stem`` plus one of ``suffixes``, or None.

    Raises
    ------
    InputError
        When there are several.
    """
    found = [source / (stem + suffix) for suffix in suffixes if (source / (stem + suffix)).is_file()]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise InputError(f"the folder {shorten(source.name)} holds {names}; keep only one of them")
    return found[0] if found else None
