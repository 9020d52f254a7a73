"""Fills the canonical tables from cleaned staging tables: the part all formats share.

Each function takes SQL columns of a staging table for the columns of the target, cleans,
inserts the good rows in an order that does not depend on the file's, and writes the receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from mgrec_core.data.cells import is_null_word
from mgrec_core.data.cleaning import Cells, Duplicates, Judged, judge, literal, trimmed
from mgrec_core.data.importers.attributes import load_attributes, tell_untitled
from mgrec_core.data.importers.base import Import
from mgrec_core.data.importers.decimal_commas import with_points
from mgrec_core.data.importers.earlier import reject_held, tell_changes
from mgrec_core.data.importers.joins import Owner, forms_of, tell_join
from mgrec_core.data.importers.taken_back import RULE, SILENT, is_of_opinions, taken_back, with_refunds
from mgrec_core.data.knowledge.rules import DERIVED, given_triples
from mgrec_core.data.markup import has_markup, without_markup
from mgrec_core.data.staged import Staged
from mgrec_core.data.times import EARLIEST

Columns = Mapping[str, str | None]
"""Target column → SQL column of the staging table, or None where the source has none."""

Checks = Mapping[str, str]
"""Name of a further rule → SQL condition for the rows it applies to."""


_EVENT = ("user_id", "item_id", "event", "weight", "rating", "timestamp", "session_id")


def _check(cells: Cells, checks: Checks | None) -> None:
    for rule, condition in (checks or {}).items():
        cells.check(rule, condition)


def _identity(
    run: Import, cells: Cells, staged: Staged, name: str, column: str | None, owner: Owner | None = None
) -> None:
    """Add an id; where ``owner`` says whose it is, in the form that the catalogue has."""
    assert column is not None
    forms = forms_of(run, staged.table, owner, cells.bare(column)) if owner else None
    if forms:
        cells.identity(name, column, forms.table, forms.rule)
    else:
        cells.identity(name, column)


def load_events(
    run: Import,
    staged: Staged,
    columns: Columns,
    *,
    event: str | None = None,
    required: str | None = None,
    checks: Checks | None = None,
    settle: Callable[[Judged], None] | None = None,
    free: bool = False,
) -> int:
    """Fill ``events`` with the good rows of :func:`judge_events`; return how many went in."""
    judged = judge_events(
        run, staged, columns, event=event, required=required, checks=checks, settle=settle, free=free
    )
    order = ", ".join(f"{key} NULLS LAST" for key in sorted(_EVENT, key=lambda key: key != "timestamp"))
    run.connection.execute(
        "INSERT INTO events"
        f" SELECT row_number() OVER () - 1 + (SELECT count(*) FROM events), {', '.join(_EVENT)}"
        f" FROM (SELECT * FROM {judged.table} WHERE _rejected IS NULL ORDER BY {order})"
    )
    return _close(run, staged, judged, "events")


def judge_events(
    run: Import,
    staged: Staged,
    columns: Columns,
    *,
    event: str | None = None,
    required: str | None = None,
    checks: Checks | None = None,
    settle: Callable[[Judged], None] | None = None,
    free: bool = False,
) -> Judged:
    """Clean events.

    Dated rows that are equal in every column of the file are one event; undated ones are
    kept, since two purchases of one thing look just like that.

    Parameters
    ----------
    run
        The running import.
    staged
        The file; its staging table is dropped afterwards.
    columns
        Target column → SQL column.
    event
        Kind of an event that the file does not name; None takes ``rating`` where there is a
        rating and ``interaction`` elsewhere.
    required
        ``"rating"`` or ``"weight"``, if a row without it says nothing.
    checks
        Further rules: name → SQL condition over the staging table and the cleaned ids.
    settle
        Called with the cleaned rows, to judge rows by one another.
    free
        Whether nothing is known of the file's format: pieces below 0 are then such as were taken back, and
        a row without an opinion where all others have one says little.
    """
    kind, weight = columns.get("event"), columns.get("weight")
    taken = taken_back(run, staged, kind, weight) if free else None
    silent = free and kind is not None and event is None and is_of_opinions(run, staged, kind)
    cells = run.cells(staged)
    _identity(run, cells, staged, "user_id", columns["user_id"], "user")
    _identity(run, cells, staged, "item_id", columns["item_id"], "item")
    _check(cells, checks)
    cells.text("_event", kind, lower=True, value=True)
    none = literal(SILENT if silent else "interaction")
    default = literal(event) if event else f"CASE WHEN rating IS NULL THEN {none} ELSE 'rating' END"
    cells.add("event", with_refunds(f"coalesce(_event, {default})", taken), 2)
    if taken is not None:
        cells.check(RULE, taken.condition)
        weight = taken.weight
    if kind is not None:
        cells.check("missing_event", "_event IS NULL")
    cells.number("weight", weight, minimum=0, required=required == "weight")
    cells.number("rating", columns.get("rating"), required=required == "rating")
    cells.time("timestamp", columns.get("timestamp"))
    cells.text("session_id", columns.get("session_id"))
    used = {column for column in columns.values() if column}
    keys = list(_EVENT)
    extra = [column for column in staged.columns.values() if column not in used]
    again = Duplicates("duplicate_event", keys + extra, when="timestamp IS NOT NULL")
    judged = judge(run.connection, staged, cells, again)
    if settle is not None:
        settle(judged)
    reject_held(run, judged, "duplicate_event", "events", keys, when="new.timestamp IS NOT NULL")
    return judged


def load_items(
    run: Import,
    staged: Staged,
    columns: Columns,
    attributes: Mapping[str, str],
    *,
    checks: Checks | None = None,
) -> int:
    """Fill ``items`` and ``item_attributes``; of the rows of one item the first in order is kept.

    Parameters
    ----------
    run, staged, columns, checks
        See :func:`load_events`.
    attributes
        Attribute name → SQL expression over the staging table; cells that are lists are split.
    """
    cells = run.cells(staged)
    _identity(run, cells, staged, "item_id", columns["item_id"])
    _check(cells, checks)
    for name in ("title", "description"):
        _prose(run, cells, staged, name, columns.get(name))
    attributes = with_points(run, staged, cells, _without_words(cells, attributes))
    cells.check("updated_item", "false")  # told by tell_changes
    every = [f"{column} NULLS LAST" for column in staged.columns.values()]
    order = ["title NULLS LAST", "description NULLS LAST", *every]
    judged = judge(run.connection, staged, cells, Duplicates("duplicate_item", ["item_id"], order=order))
    run.connection.execute(
        "INSERT INTO items SELECT item_id, title, description"
        f" FROM {judged.table} WHERE _rejected IS NULL ORDER BY item_id"
    )
    load_attributes(run, staged, judged, "item", attributes)
    if columns.get("title") is None:
        tell_untitled(run, staged)
    tell_changes(run, judged, "item")
    return _close(run, staged, judged, "items")


def load_users(
    run: Import,
    staged: Staged,
    column: str,
    attributes: Mapping[str, str],
    *,
    checks: Checks | None = None,
) -> int:
    """Fill ``users`` and ``user_attributes``."""
    cells = run.cells(staged)
    _identity(run, cells, staged, "user_id", column)
    _check(cells, checks)
    attributes = with_points(run, staged, cells, _without_words(cells, attributes))
    cells.check("updated_user", "false")  # told by tell_changes
    every = [f"{one} NULLS LAST" for one in staged.columns.values()]
    judged = judge(run.connection, staged, cells, Duplicates("duplicate_user", ["user_id"], order=every))
    run.connection.execute(
        f"INSERT INTO users SELECT user_id FROM {judged.table} WHERE _rejected IS NULL ORDER BY user_id"
    )
    load_attributes(run, staged, judged, "user", attributes)
    tell_changes(run, judged, "user")
    return _close(run, staged, judged, "users")


def _prose(run: Import, cells: Cells, staged: Staged, name: str, column: str | None) -> None:
    """Add a text that people read: no tags in it, and no entities."""
    if column is not None and "html_text" not in run.off:
        plain = without_markup(run.connection, staged.table, column, f"_{name}")
        if plain is not None:
            cells.text(f"_{name}", column)
            cells.add(name, plain, 1)
            cells.check("html_text", has_markup(column))
            return
    cells.text(name, column)


def _without_words(cells: Cells, attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes, NULL where a cell is only a word for nothing."""
    nothing = {name: is_null_word(trimmed(expression), value=True) for name, expression in attributes.items()}
    said = dict(attributes)
    for name, found in zip(attributes, cells.ask([*nothing.values()]), strict=True):
        if found and "null_word" not in cells.off:
            cells.check("null_word", nothing[name])
            said[name] = f"CASE WHEN {nothing[name]} THEN NULL ELSE {attributes[name]} END"
    return said


def load_kg(run: Import, staged: Staged, columns: Columns, *, items_only: bool = False) -> int:
    """Fill ``kg``; a triple given several times is kept once, with all its sources.

    Parameters
    ----------
    run, staged, columns
        See :func:`load_events`. ``tail_item`` names a column with the item that the tail is, where it is one.
    items_only
        Whether the head must be an item of the catalogue and a tail that is no item is an entity
        named by its label, so that entities never collide with item ids.
    """
    cells = run.cells(staged)
    head = str(columns["head_id"])
    forms = forms_of(run, staged.table, "item", cells.bare(head))
    if forms:
        cells.identity("head_id", head, forms.table, forms.rule)
    else:
        cells.text("head_id", head, required=True)
    cells.text("relation", columns["relation"], required=True)
    if items_only:
        cells.text("_label", columns["tail_label"])
        cells.text("_item", columns.get("tail_item"))
        cells.known("_head_known", columns["head_id"], "items")
        cells.known("_tail_known", columns.get("tail_item"), "items")
        cells.add("tail_id", "CASE WHEN _tail_known THEN _item ELSE 'entity:' || _label END", 1)
        cells.add("tail_label", "coalesce(_label, tail_id)", 2)
        cells.check("missing_tail_id", "tail_id IS NULL")
        cells.check("unknown_item", "NOT _head_known")
        cells.check("unknown_tail_item", "_item IS NOT NULL AND NOT _tail_known")
    else:
        cells.text("tail_id", columns["tail_id"], required=True)
        cells.text("_label", columns.get("tail_label"))
        cells.add("tail_label", "coalesce(_label, tail_id)", 2)
    cells.text("_source", columns.get("source"))
    # A rule's name says who derived a triple; a file's own use of it is marked as the file's.
    reserved = ", ".join(literal(name) for name in DERIVED)
    own = f"CASE WHEN _source IN ({reserved}) THEN 'given: ' || _source ELSE _source END"
    cells.add("source", f"coalesce({own}, 'given')", 1)
    given = columns.get("confidence")
    cells.text("_confidence", given)
    cells.add("_number", "try_cast(_confidence AS DOUBLE)", 1)
    cells.add("confidence", "CASE WHEN _number > 0 AND _number <= 1 THEN _number ELSE 1 END", 2)
    if given is not None:
        outside = "_confidence IS NOT NULL AND NOT coalesce(_number > 0 AND _number <= 1, false)"
        cells.check("confidence_out_of_range", outside)
    judged = judge(
        run.connection,
        staged,
        cells,
        Duplicates(
            "duplicate_triple",
            ["head_id", "relation", "tail_id"],
            order=["tail_label", "source", "confidence"],
        ),
    )
    triple = ["head_id", "relation", "tail_id"]
    reject_held(run, judged, "duplicate_triple", "kg", triple, among=given_triples("held"))
    run.connection.execute(
        "INSERT INTO kg SELECT head_id, relation, tail_id, min(tail_label),"
        " string_agg(DISTINCT source, ', ' ORDER BY source), max(confidence)"
        f" FROM {judged.table} WHERE coalesce(_rejected, 'duplicate_triple') = 'duplicate_triple'"
        " GROUP BY head_id, relation, tail_id ORDER BY head_id, relation, tail_id"
    )
    if items_only and "unknown_item" in run.off:
        add_missing(run, "items", "head_id", "kg")
    return _close(run, staged, judged, "kg")


def load_social(run: Import, staged: Staged, columns: Columns) -> int:
    """Fill ``social``, each friendship once, the smaller id first, with its greatest weight."""
    cells = run.cells(staged)
    _identity(run, cells, staged, "user_id", columns["user_id"], "user")
    _identity(run, cells, staged, "friend_id", columns["friend_id"], "user")
    cells.number("weight", columns.get("weight"), minimum=0)
    cells.check("self_friend", "user_id = friend_id")
    # The reverse of a friendship is the same friendship said again; it is merged, not lost.
    cells.check("both_directions", "false")
    judged = judge(
        run.connection,
        staged,
        cells,
        Duplicates("duplicate_friendship", ["user_id", "friend_id"], order=["coalesce(weight, 1) DESC"]),
    )
    reject_held(
        run,
        judged,
        "duplicate_friendship",
        "social",
        [
            "least(new.user_id, new.friend_id) = held.user_id",
            "greatest(new.user_id, new.friend_id) = held.friend_id",
            "coalesce(new.weight, 1) <= held.weight",
        ],
    )
    bit = 1 << judged.repairs.index("both_directions")
    run.connection.execute(
        f"UPDATE {judged.table} AS reverse SET _repairs = reverse._repairs | {bit}"
        f" FROM {judged.table} AS forward WHERE reverse._rejected IS NULL AND forward._rejected IS NULL"
        " AND reverse.user_id = forward.friend_id AND reverse.friend_id = forward.user_id"
        " AND reverse.user_id > reverse.friend_id"
    )
    run.connection.execute(
        "INSERT INTO social SELECT least(user_id, friend_id) AS low, greatest(user_id, friend_id) AS high,"
        f" max(coalesce(weight, 1)) FROM {judged.table} WHERE _rejected IS NULL"
        " GROUP BY low, high ORDER BY low, high"
    )
    return _close(run, staged, judged, "social")


def load_tags(
    run: Import,
    staged: Staged,
    columns: Columns,
    *,
    checks: Checks | None = None,
    earliest: str = EARLIEST,
) -> int:
    """Fill ``tags``, in lower case, for items of the catalogue.

    Parameters
    ----------
    run, staged, columns, checks
        See :func:`load_events`.
    earliest
        First date, ISO 8601, on which a tag can have been given.
    """
    cells = run.cells(staged)
    _identity(run, cells, staged, "user_id", columns["user_id"], "user")
    _identity(run, cells, staged, "item_id", columns["item_id"], "item")
    _check(cells, checks)
    cells.text("tag", columns["tag"], required=True, lower=True, free=True)
    cells.time("timestamp", columns.get("timestamp"), earliest=earliest)
    cells.known("_item_known", columns["item_id"], "items")
    cells.check("unknown_item", "NOT _item_known")
    judged = judge(
        run.connection,
        staged,
        cells,
        Duplicates("duplicate_tag", ["user_id", "item_id", "tag"], order=["timestamp NULLS LAST"]),
    )
    same = ["new.user_id = held.user_id", "new.item_id = held.item_id", "new.tag = held.tag"]
    first = "coalesce(held.timestamp <= new.timestamp, new.timestamp IS NULL)"
    reject_held(run, judged, "duplicate_tag", "tags", [*same, first])
    run.connection.execute(
        "INSERT INTO tags SELECT user_id, item_id, tag, timestamp"
        f" FROM {judged.table} WHERE _rejected IS NULL ORDER BY user_id, item_id, tag, timestamp NULLS LAST"
    )
    if "unknown_item" in run.off:
        add_missing(run, "items", "item_id", "tags")
    return _close(run, staged, judged, "tags")


def load_feedback(run: Import, staged: Staged, columns: Columns) -> int:
    """Fill ``feedback``; the users and items must be known by then."""
    cells = run.cells(staged)
    _identity(run, cells, staged, "user_id", columns["user_id"], "user")
    _identity(run, cells, staged, "item_id", columns["item_id"], "item")
    cells.text("kind", columns["kind"], required=True, lower=True)
    cells.time("timestamp", columns.get("timestamp"))
    cells.known("_user_known", columns["user_id"], "users")
    cells.known("_item_known", columns["item_id"], "items")
    cells.check("unknown_user", "NOT _user_known")
    cells.check("unknown_item", "NOT _item_known")
    keys = ["user_id", "item_id", "kind", "timestamp"]
    judged = judge(run.connection, staged, cells, Duplicates("duplicate_feedback", keys))
    reject_held(run, judged, "duplicate_feedback", "feedback", keys)
    run.connection.execute(
        f"INSERT INTO feedback SELECT {', '.join(keys)} FROM {judged.table} WHERE _rejected IS NULL"
        " ORDER BY user_id, item_id, kind, timestamp NULLS LAST"
    )
    if "unknown_user" in run.off:
        add_missing(run, "users", "user_id", "feedback")
    if "unknown_item" in run.off:
        add_missing(run, "items", "item_id", "feedback")
    return _close(run, staged, judged, "feedback")


def reject_read_before(run: Import, column: str, owner: Literal["item", "user"]) -> dict[str, str]:
    """Return the check that an earlier file did not bring the item or user; none for the first file."""
    if not any(file.target == f"{owner}s" for file in run.receipt.files):
        return {}
    return {f"duplicate_{owner}": f"{trimmed(column)} IN (SELECT {owner}_id FROM {owner}s)"}


def reject_events_read_before(run: Import) -> Callable[[Judged], None] | None:
    """Return what rejects dated events that an earlier file brought; None for the first file."""
    if not any(file.target == "events" for file in run.receipt.files):
        return None
    keys = ("user_id", "item_id", "event", "weight", "rating", "timestamp", "session_id")

    def settle(judged: Judged) -> None:
        same = " AND ".join(f"new.{key} IS NOT DISTINCT FROM old.{key}" for key in keys)
        run.connection.execute(
            f"UPDATE {judged.table} AS new SET _rejected = 'duplicate_event'"
            f" FROM (SELECT DISTINCT {', '.join(keys)} FROM events WHERE timestamp IS NOT NULL) AS old"
            f" WHERE new._rejected IS NULL AND {same}"
        )

    return settle


def sort_events(run: Import) -> None:
    """Number the events by their order again, after several files brought some."""
    if sum(file.target == "events" for file in run.receipt.files) < 2:
        return
    run.connection.execute(
        "CREATE TEMP TABLE brought AS SELECT * EXCLUDE (event_id) FROM events;"
        " TRUNCATE events;"
        " INSERT INTO events SELECT row_number() OVER () - 1, * FROM (SELECT * FROM brought"
        " ORDER BY timestamp NULLS LAST, user_id, item_id, event, weight NULLS LAST, rating NULLS LAST,"
        " session_id NULLS LAST); DROP TABLE brought"
    )


def complete_users(run: Import, *, events: bool = True) -> None:
    """Add to ``users`` everyone who is in events (unless they are known already) or social."""
    if events:
        tell_join(run, "user", "events")
    active = "SELECT user_id FROM events UNION " if events else ""
    add_missing(
        run,
        "users",
        "user_id",
        f"({active}SELECT user_id FROM social UNION SELECT friend_id FROM social)",
    )


def complete_items(run: Import) -> None:
    """Add to ``items``, without a title, what is in events only."""
    tell_join(run, "item", "events")
    add_missing(run, "items", "item_id", "events")


def add_missing(run: Import, table: Literal["users", "items"], column: str, source: str) -> None:
    """Add to ``users`` or ``items``, and to ``implied``, the ids that only ``source`` has."""
    kind, rest = table[:-1], ", NULL, NULL" if table == "items" else ""
    run.connection.execute(
        f"INSERT INTO implied SELECT DISTINCT '{kind}', {column} FROM {source}"
        f" WHERE {column} NOT IN (SELECT {kind}_id FROM {table}) ORDER BY 2"
    )
    run.connection.execute(
        f"INSERT INTO {table} SELECT id{rest} FROM implied WHERE kind = '{kind}'"
        f" AND id NOT IN (SELECT {kind}_id FROM {table}) ORDER BY id"
    )


def _close(run: Import, staged: Staged, judged: Judged, target: str) -> int:
    run.record(staged, judged, target)
    run.drop(staged, judged)
    return run.receipt.files[-1].accepted + run.receipt.files[-1].repaired
