"""The fast way for events that are typed already: a Parquet file with nothing to clean.

The ordinary way makes every cell a text, so that whatever a file contains can be told in the
receipt. Where a Parquet file has the canonical columns in fitting types, the same rules are checked
in place, and if every row keeps every one of them the rows are inserted as they are. One row that does
not sends the whole file the ordinary way: the tables and the receipt are the same either way.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from mgrec_core.data.cells import EPOCH, LARGEST, literal, spaced
from mgrec_core.data.identifiers import EMAIL, INTERNATIONAL, IPV4, recognise
from mgrec_core.data.importers.base import Import
from mgrec_core.data.importers.reading import link_to
from mgrec_core.data.importers.tables import add_missing
from mgrec_core.data.receipt import FileReceipt

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_NUMBERS = (*_WHOLE, "DOUBLE")  # a FLOAT as text is another number than as DOUBLE
_TIMES = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "INTEGER", "BIGINT")
_FITTING = {
    "user_id": ("VARCHAR", *_WHOLE),
    "item_id": ("VARCHAR", *_WHOLE),
    "event": ("VARCHAR",),
    "weight": _NUMBERS,
    "rating": _NUMBERS,
    "timestamp": _TIMES,
    "session_id": ("VARCHAR", *_WHOLE),
}
_ORDER = "timestamp, user_id, item_id, event, weight, rating, session_id"


def load_typed_events(run: Import, path: Path) -> bool:
    """Fill ``events``, ``users`` and ``items`` from a clean, typed Parquet file.

    Parameters
    ----------
    run
        The running import; its receipt is told.
    path
        The file.

    Returns
    -------
    bool
        False, and nothing changed, when the file has to go the ordinary way.
    """
    if not path.name.endswith(".parquet") or run.options.columns or run.limit is not None or run.adds:
        return False
    try:
        source = f"read_parquet({literal(str(link_to(path, run.scratch, '.parquet')))}, file_row_number=true)"
        described = run.connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except (duckdb.Error, OSError):
        return False  # the ordinary way says what is wrong
    kinds = {str(name): str(kind) for name, kind, *_ in described if name != "file_row_number"}
    if not {"user_id", "item_id"} <= {*kinds} <= {*_FITTING}:
        return False
    if any(kind not in _FITTING[name] for name, kind in kinds.items()):
        return False
    typed = f"(SELECT {_typed(kinds)}, file_row_number FROM {source})"
    try:
        rows = _clean(run, typed, kinds) if _safe(run, source, kinds) else 0
        if not rows:
            return False
        _insert(run, typed)
        if _has_duplicates(run) or not _add_ids(run):
            run.connection.execute("TRUNCATE events")
            return False
    except duckdb.ConversionException:
        run.connection.execute("TRUNCATE events")
        return False
    run.tell(path.name)
    run.receipt.files.append(FileReceipt(path.name, "events", rows, rows, 0, 0))
    return True


def _typed(kinds: dict[str, str]) -> str:
    """Return SQL for the columns of ``events``, but for ``event_id``."""
    columns = {}
    for name in ("user_id", "item_id", "session_id"):
        columns[name] = f"CAST({name if name in kinds else 'NULL'} AS VARCHAR)"
    for name in ("weight", "rating"):
        columns[name] = f"CAST({name if name in kinds else 'NULL'} AS DOUBLE)"
    default = "CASE WHEN rating IS NULL THEN 'interaction' ELSE 'rating' END" if "rating" in kinds else ""
    columns["event"] = "event" if "event" in kinds else default or "'interaction'"
    kind = kinds.get("timestamp")
    columns["timestamp"] = "CAST(NULL AS TIMESTAMP)" if kind is None else "timestamp"
    if kind in ("INTEGER", "BIGINT"):
        seconds = "timestamp BETWEEN 0 AND 9000000000"
        columns["timestamp"] = f"CASE WHEN {seconds} THEN make_timestamp(timestamp * 1000000) END"
        columns["strange"] = f"coalesce(NOT {seconds}, false)"
    elif kind == "TIMESTAMP WITH TIME ZONE":
        columns["timestamp"] = "timestamp AT TIME ZONE 'UTC'"
    columns.setdefault("strange", "false")
    return ", ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _clean(run: Import, typed: str, kinds: dict[str, str]) -> int:
    """Return the number of rows if each can go in as it is, else 0."""
    bad = ["user_id IS NULL", "item_id IS NULL", "strange"]
    if "event" in kinds:
        bad += ["event IS NULL", "event = ''", "lower(event) <> event", spaced("event")]
    if "session_id" in kinds:
        bad += ["session_id = ''", spaced("session_id")]
    for name in ("weight", "rating"):
        if name in kinds:
            bad += [f"NOT isfinite({name})", f"abs({name}) > {LARGEST}"]
    if "weight" in kinds:
        bad.append("weight < 0")
    if "timestamp" in kinds:
        bad += [
            "NOT isfinite(timestamp)",
            f"timestamp < TIMESTAMP {literal(EPOCH)}",
            "timestamp > CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP) + INTERVAL 1 DAY",
        ]
    ((rows, unfit),) = run.connection.execute(
        f"SELECT count(*), count(*) FILTER ({' OR '.join(f'({one})' for one in bad)}) FROM {typed}"
    ).fetchall()
    return 0 if unfit else int(rows)


def _safe(run: Import, source: str, kinds: dict[str, str]) -> bool:
    """Return whether sessions and event kinds hold no identifiers (ids of users and items come later)."""
    for name in ("session_id", "event"):
        if name in kinds and run.options.identifiers != "keep":
            values = run.connection.execute(
                f"SELECT DISTINCT CAST({name} AS VARCHAR) FROM {source} WHERE contains({name}, '@') LIMIT 9"
                if kinds[name] == "VARCHAR"
                else f"SELECT DISTINCT CAST({name} AS VARCHAR) FROM {source} LIMIT 1000"
            ).fetchall()
            found = [value for (value,) in values if value]
            if any("@" in value for value in found) or recognise(name, found):
                return False
    return True


def _insert(run: Import, typed: str) -> None:
    """Insert the rows in order; a log that is in order already need not be sorted."""
    columns = "user_id, item_id, event, weight, rating, timestamp, session_id"
    ((disorder, ties),) = run.connection.execute(
        "SELECT count(*) FILTER (time < before), count(*) FILTER (time = before)"
        " FROM (SELECT time, lag(time) OVER () AS before FROM"
        f" (SELECT coalesce(timestamp, TIMESTAMP 'infinity') AS time FROM {typed}))"
    ).fetchall()
    if ties and not disorder:  # only then do the other columns have a say
        ((disorder,),) = run.connection.execute(
            "SELECT count(*) FROM (SELECT place, lag(place) OVER () AS before"
            f" FROM (SELECT ({_ORDER}) AS place FROM {typed})) WHERE place < before"
        ).fetchall()
    if disorder:
        run.connection.execute(
            f"INSERT INTO events SELECT row_number() OVER () - 1, {columns}"
            f" FROM (SELECT * FROM {typed} ORDER BY {_ORDER})"
        )
    else:
        run.connection.execute(
            f"INSERT INTO events SELECT CAST(file_row_number AS BIGINT), {columns} FROM {typed}"
        )


def _has_duplicates(run: Import) -> bool:
    """Return whether dated events may be said twice: equal ones are neighbours now."""
    if "duplicate_event" in run.off:
        return False
    ((ties,),) = run.connection.execute(
        "SELECT count(*) FROM (SELECT timestamp, lag(timestamp) OVER () AS before FROM events)"
        " WHERE timestamp = before"
    ).fetchall()
    if not ties:  # one column tells that all events differ, which is cheaper than to look at all
        return False
    ((found,),) = run.connection.execute(
        "SELECT count(*) FROM (SELECT code, lag(code) OVER () AS before FROM"
        f" (SELECT hash({_ORDER}) AS code FROM events WHERE timestamp IS NOT NULL)) WHERE code = before"
    ).fetchall()
    return bool(found)


def _add_ids(run: Import) -> bool:
    """Add the events' users and items to the tables; False when one of the ids is not clean."""
    for table, forms in (("users", (EMAIL, INTERNATIONAL, IPV4)), ("items", (EMAIL, INTERNATIONAL))):
        key = f"{table[:-1]}_id"
        run.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE found_{table} AS SELECT DISTINCT {key} FROM events"
        )
        hidden = f"regexp_full_match({key}, {literal('|'.join(forms))})"
        if run.options.identifiers == "keep":
            hidden = "false"
        ((unfit,),) = run.connection.execute(
            f"SELECT count(*) FROM found_{table} WHERE {key} = '' OR {spaced(key)} OR {hidden}"
        ).fetchall()
        values = run.connection.execute(f"SELECT {key} FROM found_{table} ORDER BY hash({key}) LIMIT 1000")
        sample = [value for (value,) in values.fetchall()]
        if unfit or (run.options.identifiers != "keep" and recognise(key, sample)):
            return False
    add_missing(run, "users", "user_id", "found_users")
    add_missing(run, "items", "item_id", "found_items")
    run.connection.execute("DROP TABLE found_users; DROP TABLE found_items")
    return True
