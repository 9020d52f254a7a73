"""Fills the canonical tables from any source of tables, as a mapping says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from mgrec_core.data.cleaning import literal, trimmed
from mgrec_core.data.importers.base import Import
from mgrec_core.data.importers.mapping.model import OPTIONAL, REQUIRED, UNITS, TableMapping
from mgrec_core.data.importers.mapping.model import Mapping as ColumnMapping
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
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

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
    used = {one.file for one in entries}
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
        staged = source.stage(run.connection, entry.file, run.scratch, run.limit)
        if several:  # the receipt adds up for each file and table
            staged = replace(staged, file=f"{entry.file} → {entry.table}")
        _load(run, run.protect(staged), entry)
    if not completed:
        _complete(run)


def _complete(run: Import) -> None:
    sort_events(run)
    complete_users(run)
    complete_items(run)


def fit(run: Import, source: Source, mapping: ColumnMapping) -> list[TableMapping]:
    """Return the entries with the names that the files have here; columns tell where a name changed."""
    here = source.tables()
    lower = {name.lower(): name for name in here}
    plain = {name.partition(" [")[2].rstrip("]").lower(): name for name in here if " [" in name}
    single = {name.partition(" [")[0].lower(): name for name in here if " [" in name}
    columns: dict[str, frozenset[str]] = {}
    found: list[TableMapping] = []
    for entry in mapping.tables:
        wanted = entry.file.lower()
        inner = wanted.partition(" [")[2].rstrip("]") or wanted
        name = lower.get(wanted) or plain.get(inner)
        if name is None and sum(one.partition(" [")[0].lower() == wanted for one in here) == 1:
            name = single.get(wanted)
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
        found.append(entry.model_copy(update={"file": name}))
    return found


def columns_of(run: Import, source: Source, table: str) -> frozenset[str]:
    """Return the column names of a table in lower case."""
    staged = source.stage(run.connection, table, run.scratch, 1)
    run.drop(staged)
    return frozenset(name.lower() for name in staged.columns)


def _load(run: Import, staged: Staged, entry: TableMapping) -> None:
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
    for name in unused:
        run.receipt.ignore(
            staged.file, "ignored_column", f"the column '{name}' is not mapped and is not used"
        )
    made = {f"x_{name}": literal(value) for name, value in entry.constants.items()}
    if "timestamp" in columns and entry.timestamp != "auto":
        made["x_timestamp"] = _time(columns["timestamp"], entry.timestamp)
    if made:
        staged = run.derive(staged, made)
        columns.update({name.removeprefix("x_"): name for name in made})
    run.separators = dict.fromkeys(attributes, entry.list_separator) if entry.list_separator != "|" else {}
    every = {name: columns.get(name) for name in (*REQUIRED[entry.table], *OPTIONAL[entry.table])}
    _LOADERS[entry.table](run, staged, every, attributes)


def _time(column: str, form: str) -> str:
    """Return SQL for a time as text that every reader of times understands."""
    text = trimmed(column)
    if form in UNITS:
        seconds = f"try_cast({text} AS DOUBLE) * {UNITS[form]!r}"
        stamp = (
            f"strftime(try(make_timestamp(CAST(round({seconds} * 1e6) AS BIGINT))), '%Y-%m-%dT%H:%M:%S.%fZ')"
        )
        return f"coalesce({stamp}, {column})"
    return f"coalesce(CAST(try(try_strptime({text}, {literal(form)})) AS VARCHAR), {column})"


Columns = Mapping[str, str | None]
Loader = Callable[[Import, Staged, Columns, Mapping[str, str]], int]

_LOADERS: dict[str, Loader] = {
    "interactions": lambda run, staged, columns, _: load_events(
        run, staged, columns, settle=reject_events_read_before(run)
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
