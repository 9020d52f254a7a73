"""The fast way for events that are typed already: a Parquet file with little to clean.

The ordinary way makes every cell a text, so that whatever a file contains can be told in the
receipt. Where a Parquet file has the canonical columns in fitting types, the same rules are checked
in place: rows that keep every one of them are inserted as they are, and only the others are made text
and cleaned. The tables and the receipt are the same as if all had gone the ordinary way, which is
where a file goes that has identifiers in it, or more than :data:`MOST` rows to clean.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from mgrec_core.data.cells import LARGEST, is_formula, is_lossy, is_null_word, literal, spaced, trimmed
from mgrec_core.data.cleaning import Judged
from mgrec_core.data.identifiers import EMAIL, INTERNATIONAL, IPV4, recognise
from mgrec_core.data.importers.base import Import
from mgrec_core.data.importers.joins import meets_by_decimals, tell_join
from mgrec_core.data.importers.reading import link_to, stage_rows
from mgrec_core.data.importers.tables import add_missing, judge_events
from mgrec_core.data.receipt import FileReceipt, count_rows
from mgrec_core.data.staged import Staged
from mgrec_core.data.times import EARLIEST
from mgrec_core.foundation.causes import Cause, cause_of

MOST = 0.2
"""Share of a file's rows beyond which cleaning some of them apart saves nothing."""

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
_KEYS = ("user_id", "item_id", "event", "weight", "rating", "timestamp", "session_id")
_COLUMNS = ", ".join(_KEYS)
_BY_TIME = "timestamp"
_ORDER = "timestamp, user_id, item_id, event, weight, rating, session_id"
_CODE = f"hash({_ORDER})"


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
    chosen = run.options.columns or run.options.time_form or run.options.join_ids
    if not path.name.endswith(".parquet") or chosen or run.limit is not None or run.adds:
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
        unfit = _unfit(run, source, typed, kinds)
        return unfit is not None and _load(run, path, source, typed, unfit, kinds)
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:  # a damaged file, or a value that is not of its type: as above
        if cause_of(error) is Cause.FULL:
            raise
        run.connection.execute("TRUNCATE events")
        return False


def _load(
    run: Import, path: Path, source: str, typed: str, conditions: list[str], kinds: dict[str, str]
) -> bool:
    """Insert the rows, those that meet a condition (SQL) after cleaning; False where that saves nothing."""
    unfit = " OR ".join(conditions)
    rows = count_rows(run.connection, typed)
    dirty = _count(run, typed, unfit) if _any(run, typed, conditions) else 0
    order, again = _order_and_repetition(run, typed)
    while True:
        if again and "duplicate_event" not in run.off:
            _find_repeated(run, typed)
            unfit = f"({unfit}) OR coalesce({_CODE} IN (SELECT code FROM repeated), false)"
            dirty = _count(run, typed, unfit)
        others = run.off - {"duplicate_event"}  # a rule that is off may leave no mark on a row
        if not rows or dirty > MOST * rows or (dirty and others):
            return False
        judged = _clean_apart(run, path.name, source, typed, unfit) if dirty else None
        sorting = order or (_ORDER if dirty else "")
        _insert(run, typed, unfit, judged[1] if judged else None, sorting, {*kinds})
        ties, repeated = _neighbours(run)
        if (repeated and not again and "duplicate_event" not in run.off) or (ties and order == _BY_TIME):
            # The sample had missed them: rare, and the only time that the work is done twice.
            again, order = again or bool(repeated), _ORDER
            run.connection.execute("TRUNCATE events")
            if judged:
                run.drop(*judged)
            continue
        break
    run.tell(path.name)
    told = FileReceipt(path.name, "events", rows, rows, 0, 0)
    if judged:
        run.record(*judged, "events")
        run.drop(*judged)
        told = run.receipt.files[-1]
        clean = rows - dirty
        run.receipt.files[-1] = replace(told, read=told.read + clean, accepted=told.accepted + clean)
    else:
        run.receipt.files.append(told)
    changed = sum(count_rows(run.connection, f"unfit_{table}") for table in ("users", "items"))
    _add_ids(run, anew=bool(told.rejected or changed))
    return True


def _any(run: Import, typed: str, conditions: list[str]) -> bool:
    """Return whether a row meets any: one by one, a file's statistics answer most of them unread."""
    return any(
        run.connection.execute(f"SELECT 1 FROM {typed} WHERE {one} LIMIT 1").fetchall() for one in conditions
    )


def _count(run: Import, typed: str, unfit: str) -> int:
    ((count,),) = run.connection.execute(f"SELECT count(*) FROM {typed} WHERE {unfit}").fetchall()
    return int(count)


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
        seconds = "timestamp BETWEEN 100000000 AND 9000000000"  # smaller numbers are no seconds
        columns["timestamp"] = f"CASE WHEN {seconds} THEN make_timestamp(timestamp * 1000000) END"
        columns["strange"] = f"coalesce(NOT {seconds}, false)"
        columns["small"] = f"coalesce(NOT {seconds} AND timestamp <> 0, false)"
    elif kind == "TIMESTAMP WITH TIME ZONE":
        columns["timestamp"] = "timestamp AT TIME ZONE 'UTC'"
    columns.setdefault("strange", "false")
    return ", ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _unfit(run: Import, source: str, typed: str, kinds: dict[str, str]) -> list[str] | None:
    """Return SQL conditions of rows to be cleaned; None where identifiers are to be looked for in all."""
    # What such numbers mean their whole column says: the ordinary way looks at it.
    if kinds.get("timestamp") in ("INTEGER", "BIGINT") and _any(run, typed, ["small"]):
        return None
    bad = ["strange"]
    for name in ("event", "session_id"):
        if name in kinds and not _safe(run, source, name):
            return None
    for table, forms in (("users", (EMAIL, INTERNATIONAL, IPV4)), ("items", (EMAIL, INTERNATIONAL))):
        key = f"{table[:-1]}_id"
        run.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE found_{table} AS SELECT DISTINCT {key} FROM {typed}"
        )
        if run.options.identifiers != "keep":
            hidden = f"regexp_full_match({trimmed(key)}, {literal('|'.join(forms))})"
            ((found,),) = run.connection.execute(
                f"SELECT count(*) FILTER ({hidden}) FROM found_{table}"
            ).fetchall()
            if found or recognise(key, _sample(run, f"SELECT {key} AS value FROM found_{table}")):
                return None
        if meets_by_decimals(run, "user" if table == "users" else "item", f"found_{table}"):
            return None
        bad.append(f"{key} IS NULL")
        run.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE unfit_{table} AS SELECT {key} FROM found_{table}"
            f" WHERE {key} = '' OR {spaced(key)} OR {_worthless(run, key)}"
        )
        if count_rows(run.connection, f"unfit_{table}"):
            bad.append(f"{key} IN (FROM unfit_{table})")
    if "event" in kinds:  # few kinds: they are looked at once each
        said = run.connection.execute(
            f"SELECT value FROM found_event WHERE value = '' OR lower(value) <> value OR {spaced('value')}"
            f" OR {is_formula('value')} OR {is_null_word('value', id=True, value=True)}"
        ).fetchall()
        bad.append("event IS NULL")
        if said:
            bad.append(f"event IN ({', '.join(literal(value) for (value,) in said)})")
    if "session_id" in kinds:
        said = run.connection.execute(
            f"SELECT value FROM found_session_id WHERE {is_formula('value')}"
            f" OR {is_null_word('value', id=True)}"
        ).fetchall()
        run.connection.execute("DROP TABLE found_session_id")
        bad += ["session_id = ''", spaced("session_id")]
        if said:
            bad.append(f"session_id IN ({', '.join(literal(value) for (value,) in said)})")
    for name in ("weight", "rating"):
        if name in kinds:
            bad += [f"NOT isfinite({name})", f"abs({name}) > {LARGEST}"]
    if "weight" in kinds:
        bad.append("weight < 0")
    if "timestamp" in kinds:
        bad += [
            "NOT isfinite(timestamp)",
            f"timestamp < TIMESTAMP {literal(EARLIEST)}",
            "timestamp > CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP) + INTERVAL 1 DAY",
        ]
    return [f"coalesce({one}, false)" for one in bad]


def _worthless(run: Import, key: str) -> str:
    """Return SQL for ids that the ordinary way takes out of a formula, or for none at all."""
    found = {"null_id": is_null_word(key, id=True), "formula": is_formula(key), "lossy_id": is_lossy(key)}
    return " OR ".join(condition for rule, condition in found.items() if rule not in run.off) or "false"


def _sample(run: Import, values: str) -> list[str]:
    """Return up to 1,000 distinct values, chosen by their hash."""
    rows = run.connection.execute(
        f"SELECT DISTINCT {trimmed('value')} AS clean FROM (SELECT DISTINCT value FROM ({values}))"
        " WHERE clean IS NOT NULL ORDER BY hash(clean) LIMIT 1000"
    )
    return [value for (value,) in rows.fetchall()]


def _safe(run: Import, source: str, name: str) -> bool:
    """Note the distinct sessions or kinds of events; tell whether none is an identifier."""
    values = f"SELECT DISTINCT CAST({name} AS VARCHAR) AS value FROM {source}"
    run.connection.execute(f"CREATE OR REPLACE TEMP TABLE found_{name} AS {values}")
    if run.options.identifiers == "keep":
        return True
    ((found,),) = run.connection.execute(
        f"SELECT count(*) FROM found_{name} WHERE contains(value, '@') OR contains(value, '+')"
    ).fetchall()
    return not found and recognise(name, _sample(run, f"FROM found_{name}")) is None


def _order_and_repetition(run: Import, typed: str) -> tuple[str, bool]:
    """Return the order that the rows need ("" for their own), and whether some say the same again.

    The second, and whether times are equal at all, is told from one of 64 *times*, with all of its
    events: what it misses, the stored rows show.
    """
    ((disorder, ties),) = run.connection.execute(
        "SELECT count(*) FILTER (time < before), count(*) FILTER (time = before)"
        " FROM (SELECT time, lag(time) OVER () AS before FROM"
        f" (SELECT coalesce(timestamp, TIMESTAMP 'infinity') AS time FROM {typed}))"
    ).fetchall()
    if not disorder and not ties:
        return "", False
    some = f"FROM {typed} WHERE coalesce(hash(timestamp) % 64 = 0, true) GROUP BY timestamp"
    ((equal,),) = run.connection.execute(
        f"SELECT coalesce(max(n), 0) > 1 FROM (SELECT count(*) AS n {some})"
    ).fetchall()
    if disorder and not equal:  # told by one column
        return _BY_TIME, False
    ((again,),) = run.connection.execute(
        "SELECT coalesce(max(n - kinds) FILTER (timestamp IS NOT NULL), 0) > 0 FROM"
        f" (SELECT timestamp, count(*) AS n, count(DISTINCT {_CODE}) AS kinds {some})"
    ).fetchall()
    if not disorder:  # only then do the other columns have a say
        ((disorder,),) = run.connection.execute(
            "SELECT count(*) FROM (SELECT place, lag(place) OVER () AS before"
            f" FROM (SELECT ({_ORDER}) AS place FROM {typed})) WHERE place < before"
        ).fetchall()
        return _ORDER if disorder else "", bool(again)
    return _ORDER, bool(again)


def _find_repeated(run: Import, typed: str) -> None:
    """Note the codes of dated rows that say the same again: all of them are judged, by one another."""
    run.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT {_CODE} AS code FROM {typed}"
        " WHERE timestamp IS NOT NULL GROUP BY code HAVING count(*) > 1"
    )


def _clean_apart(run: Import, file: str, source: str, typed: str, unfit: str) -> tuple[Staged, Judged]:
    """Clean the rows that are not fit to go in as they are, as the ordinary way does."""
    run.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE dirty AS SELECT file_row_number FROM {typed} WHERE {unfit}"
    )
    staged = stage_rows(run.connection, file, f"(FROM {source} SEMI JOIN dirty USING (file_row_number))")
    columns = dict(staged.columns)
    number = columns.pop("file_row_number")
    run.connection.execute(f"UPDATE {staged.table} SET _row = CAST({number} AS BIGINT) + 1")
    staged = replace(staged, columns=columns)

    def settle(judged: Judged) -> None:
        if "duplicate_event" in run.off:
            return
        same = " AND ".join(f"new.{key} IS NOT DISTINCT FROM held.{key}" for key in _KEYS)
        run.connection.execute(
            f"UPDATE {judged.table} SET _rejected = 'duplicate_event' WHERE _row IN (SELECT new._row"
            f" FROM (FROM {judged.table} WHERE _rejected IS NULL AND timestamp IS NOT NULL) AS new"
            f" SEMI JOIN (SELECT {_COLUMNS} FROM {typed} WHERE NOT ({unfit})"
            f" AND timestamp IN (SELECT timestamp FROM {judged.table})) AS held ON {same})"
        )

    return staged, judge_events(run, staged, {key: staged.find(key) for key in _KEYS}, settle=settle)


def _insert(run: Import, typed: str, unfit: str, judged: Judged | None, order: str, given: set[str]) -> None:
    """Insert the rows, numbered in order; those of a log that is in order have their numbers already.

    A row's place in the table, which was empty, is its number: a window function that counts would
    run on one processor, and take twice as long as to sort and to insert. Columns that the file has not
    are not ``given`` to the sort.
    """
    number, rows = "CAST(file_row_number AS BIGINT)", typed
    if judged:
        rows = (
            f"(SELECT {_COLUMNS} FROM {typed} WHERE NOT ({unfit})"
            f" UNION ALL SELECT {_COLUMNS} FROM {judged.table} WHERE _rejected IS NULL)"
        )
    if not order:
        run.connection.execute(f"INSERT INTO events SELECT {number}, {_COLUMNS} FROM {rows}")
        return
    kept = ", ".join(key for key in _KEYS if key in given or key == "event")
    every = ", ".join(key if key in given or key == "event" else "NULL" for key in _KEYS)
    order = ", ".join(key for key in order.split(", ") if key in kept.split(", "))
    run.connection.execute(
        f"INSERT INTO events SELECT 0, {every} FROM (SELECT {kept} FROM {rows} ORDER BY {order})"
    )
    run.connection.execute("UPDATE events SET event_id = rowid - (SELECT min(rowid) FROM events)")


def _neighbours(run: Import) -> tuple[int, int]:
    """Return how many stored rows have the time of the row before, and are dated and equal to it."""
    ((ties,),) = run.connection.execute(
        "SELECT count(*) FROM (SELECT timestamp, lag(timestamp) OVER () AS before FROM events)"
        " WHERE timestamp IS NOT DISTINCT FROM before AND before IS NOT NULL OR timestamp IS NULL"
    ).fetchall()
    if not ties:  # one column tells that all events differ, which is cheaper than to look at all
        return 0, 0
    ((found,),) = run.connection.execute(
        "SELECT count(*) FROM (SELECT code, lag(code) OVER () AS before FROM"
        f" (SELECT {_CODE} AS code FROM events WHERE timestamp IS NOT NULL)) WHERE code = before"
    ).fetchall()
    return int(ties), int(found)


def _add_ids(run: Import, *, anew: bool) -> None:
    """Add the events' users and items to the tables; ``anew`` where not all that the file has went in."""
    for table in ("users", "items"):
        key = f"{table[:-1]}_id"
        if anew:
            run.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE found_{table} AS SELECT DISTINCT {key} FROM events"
            )
    tell_join(run, "user", "found_users")
    tell_join(run, "item", "found_items")
    add_missing(run, "users", "user_id", "found_users")
    add_missing(run, "items", "item_id", "found_items")
    run.connection.execute("DROP TABLE found_users; DROP TABLE found_items")
