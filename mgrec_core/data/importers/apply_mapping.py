"""Fills the canonical tables from any source of tables, as a mapping says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mgrec_core.data.cleaning import literal
from mgrec_core.data.importers.base import Import
from mgrec_core.data.importers.mapping.model import OPTIONAL, REQUIRED, TableMapping
from mgrec_core.data.importers.mapping.model import Mapping as ColumnMapping
from mgrec_core.data.importers.mapping.names import fold
from mgrec_core.data.importers.mapping.verbs import Join, apply
from mgrec_core.data.importers.sources import Source
from mgrec_core.data.importers.tables import (
    complete_items,
    complete_users,
    load_events,
    load_feedback,
    load_items,
    load_kg,
    load_social,
    load_tags,
    load_users,
    reject_events_read_before,
    reject_read_before,
    sort_events,
)
from mgrec_core.data.receipt import READ_AS, Reason
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

_JOINED = 100_000
"""Rows of a further table that a preview reads."""

_TOLD = 8
"""Columns without a use that are told one by one."""

_MARKS = ("note", "schulnote", "schulnoten", "noten", "zensur", "gesamtnote")
"""Names, folded, of columns of marks of which in some countries 1 is the best."""

_ORDER = ("items", "users", "interactions", "social", "kg", "feedback", "tags")


def fill(run: Import, source: Source, mapping: ColumnMapping) -> None:
    """Fill every table that the mapping names.

    Parameters
    ----------
    run
        The running import.
    source
        Where the tables are.
    mapping
        How they become canonical.

    Raises
    ------
    InputError
        When a file or a column that the mapping names is not there, or nothing fills interactions; in a
        preview (``run.limit``), and in what is added to a workspace that has some, they may be missing.
    """
    if not run.adds and run.limit is None and all(one.table != "interactions" for one in mapping.tables):
        raise InputError(
            "nothing in the mapping fills interactions (who did something with which item): map a file to"
            " them, or add the source to a workspace that has some (--append)"
        )
    run.strengths.update(mapping.strengths)
    entries = sorted(fit(run, source, mapping), key=lambda one: _ORDER.index(one.table))
    used = {one.file for one in entries} | {join.file for one in entries for join in one.join}
    for name in source.tables():
        if name not in used:
            run.receipt.ignore(name, "ignored_file", "the mapping does not name it and it was not read")
    run.files = len(entries)
    completed = False
    for entry in entries:
        if not completed and _ORDER.index(entry.table) > _ORDER.index("social"):
            _complete(run)
            completed = True
        several = sum(one.file == entry.file for one in entries) > 1
        run.tell(entry.file)
        staged = source.stage(run.connection, entry.file, run.scratch, run.limit, entry.dialect)
        if several:  # the receipt adds up for each file and table
            inner = f" [{entry.explode.column}]" if entry.explode else ""
            staged = replace(staged, file=f"{entry.file}{inner} → {entry.table}")
        named = frozenset[str]().union(*(_named(one) for one in entries if one.file == entry.file))
        _load(run, run.protect(_changed(run, source, staged, entry)), entry, named)
    if not completed:
        _complete(run)


def _changed(run: Import, source: Source, staged: Staged, entry: TableMapping) -> Staged:
    """Return the file as the entry's verbs leave it."""

    def stage(file: str) -> Staged:
        # The beginning of one file says little about the beginning of another.
        limit = None if run.limit is None else max(run.limit, _JOINED)
        return source.stage(run.connection, file, run.scratch, limit)

    def tell(action: str, rows: int, sentence: str) -> None:
        run.receipt.reasons.append(Reason(staged.file, "mapping", action, rows, sentence))

    return apply(run.connection, staged, entry, stage, tell)


def _complete(run: Import) -> None:
    sort_events(run)
    complete_users(run)
    complete_items(run)


def fit(run: Import, source: Source, mapping: ColumnMapping) -> list[TableMapping]:
    """Return the entries with the names that the files have here; columns tell where a name changed."""
    here = source.tables()
    columns: dict[str, frozenset[str]] = {}
    found: list[TableMapping] = []
    for entry in mapping.tables:
        wanted = entry.file.lower()
        name = _found(here, wanted)
        if name is None:
            columns = columns or {one: columns_of(run, source, one) for one in here}
            taken = {one.file for one in found if one.table == entry.table}
            fits = [one for one in here if entry.wanted <= columns[one] and one not in taken]
            if len(fits) != 1:
                raise InputError(
                    f"the mapping wants {shorten(entry.file, 80)} for {entry.table}, which is not in"
                    f" {shorten(source.name, 80)} (it has: {shorten(', '.join(here), 160)});"
                    " name one of these in the mapping"
                )
            name = fits[0]
        found.append(entry.model_copy(update={"file": name, "join": _joins(source, here, entry)}))
    return found


def _found(here: Sequence[str], wanted: str) -> str | None:
    """Return the table that a mapping means: by its whole name, that of a sheet, or of a file with one."""
    lower = {name.lower(): name for name in here}
    plain = {name.partition(" [")[2].rstrip("]").lower(): name for name in here if " [" in name}
    alone = [name for name in here if name.partition(" [")[0].lower() == wanted and " [" in name]
    inner = wanted.partition(" [")[2].rstrip("]") or wanted
    return lower.get(wanted) or plain.get(inner) or (alone[0] if len(alone) == 1 else None)


def _joins(source: Source, here: Sequence[str], entry: TableMapping) -> tuple[Join, ...]:
    joins = []
    for one in entry.join:
        name = _found(here, one.file.lower())
        if name is None:
            raise InputError(
                f"the mapping joins {shorten(one.file, 80)} to {shorten(entry.file, 80)}, which is not in"
                f" {shorten(source.name, 80)} (it has: {shorten(', '.join(here), 160)}); name one of these"
            )
        joins.append(one.model_copy(update={"file": name, "name": one.prefix}))
    return tuple(joins)


def columns_of(run: Import, source: Source, table: str) -> frozenset[str]:
    """Return the column names of a table in lower case."""
    staged = source.stage(run.connection, table, run.scratch, 1)
    run.drop(staged)
    return frozenset(name.lower() for name in staged.columns)


def _load(run: Import, staged: Staged, entry: TableMapping, named: frozenset[str]) -> None:
    """Fill one table; ``named`` are the columns, in lower case, that any entry takes from the file."""
    columns = {name: staged.need(column) for name, column in entry.columns.items()}
    used = set(columns.values())
    others = {name: column for name, column in staged.columns.items() if column not in used}
    attributes = others
    if entry.attributes is not None:
        attributes = {name: staged.need(column) for name, column in entry.attributes.items()}
    if entry.table in ("items", "users"):
        kept = set(attributes.values())
        unused = [name for name, column in others.items() if column not in kept]
    else:
        unused = list(others)
    unfolded = entry.unfolded
    unused = [
        one
        for one in unused
        if one.lower() not in named
        and (not entry.makes(one) or (unfolded and one.lower().startswith(unfolded)))
    ]
    _tell_unused(run, staged, unused)
    made = {f"x_{name}": literal(value) for name, value in entry.constants.items()}
    if entry.timestamp != "auto":
        staged = replace(staged, time_form=entry.timestamp)
    if made:
        staged = run.derive(staged, made)
        columns.update({name.removeprefix("x_"): name for name in made})
    own = {name.lower(): separator for name, separator in entry.separator.items()}
    given = {column: name for name, column in staged.columns.items()}
    said = {
        name: own.get(name.lower()) or own.get(given.get(column, "").lower()) or entry.list_separator
        for name, column in attributes.items()
    }
    run.separators = {name: separator for name, separator in said.items() if separator != "|"}
    if entry.table == "interactions" and "rating" in entry.columns:
        _tell_marks(run, staged, entry.columns["rating"], str(columns["rating"]))
    every = {name: columns.get(name) for name in (*REQUIRED[entry.table], *OPTIONAL[entry.table])}
    _LOADERS[entry.table](run, staged, every, attributes)


def _named(entry: TableMapping) -> frozenset[str]:
    """Return the columns that an entry uses, in lower case, those too that its verbs make."""
    named = [*entry.columns.values(), *(entry.attributes or {}).values()]
    named += [one.column for one in entry.where] + [part.column for part in entry.split]
    named += [one for columns in entry.coalesce.values() for one in columns]
    return frozenset(name.lower() for name in named)


def _tell_unused(run: Import, staged: Staged, unused: Sequence[str]) -> None:
    if len(unused) <= _TOLD:
        for name in unused:
            run.receipt.ignore(
                staged.file, "ignored_column", f"the column '{name}' is not mapped and is not used"
            )
        return
    names = shorten(", ".join(f"'{name}'" for name in unused), 300)
    sentence = f"the columns {names} are not mapped and are not used"
    run.receipt.reasons.append(Reason(staged.file, "ignored_column", "ignored", len(unused), sentence))


def _tell_marks(run: Import, staged: Staged, name: str, column: str) -> None:
    """Say of marks from 1 to 6 in a column that is called so that nothing tells which end is the best."""
    if fold(name.rpartition(".")[2]) not in _MARKS:
        return
    number = f"try_cast(replace({column}, ',', '.') AS DOUBLE)"
    low, high = run.connection.execute(
        f"SELECT min({number}), max({number}) FROM {staged.table} WHERE {number} <> -1"
    ).fetchall()[0]
    if low is not None and 1 <= low < high <= 6 and (high > 5 or fold(name) != "note"):
        turned = ", ".join(f'"{mark}": {7 - mark}' for mark in range(1, 7))
        shown = shorten(name, 60)
        sentence = (
            f"the marks in '{shown}' are taken as better the higher they are; if 1 is the best, as in German"
            f" schools, turn them round in the mapping: values: {{{shown}: {{{turned}}}}}"
        )
        run.receipt.reasons.append(Reason(staged.file, "marks", READ_AS, 0, sentence))


Columns = Mapping[str, str | None]
Loader = Callable[[Import, Staged, Columns, Mapping[str, str]], int]

_LOADERS: dict[str, Loader] = {
    "interactions": lambda run, staged, columns, _: load_events(
        run, staged, columns, settle=reject_events_read_before(run), free=True
    ),
    "items": lambda run, staged, columns, attributes: load_items(
        run,
        staged,
        columns,
        attributes,
        checks=reject_read_before(run, str(columns["item_id"]), "item"),
    ),
    "users": lambda run, staged, columns, attributes: load_users(
        run,
        staged,
        str(columns["user_id"]),
        attributes,
        checks=reject_read_before(run, str(columns["user_id"]), "user"),
    ),
    "kg": lambda run, staged, columns, _: load_kg(run, staged, columns),
    "social": lambda run, staged, columns, _: load_social(run, staged, columns),
    "feedback": lambda run, staged, columns, _: load_feedback(run, staged, columns),
    "tags": lambda run, staged, columns, _: load_tags(run, staged, columns),
}
