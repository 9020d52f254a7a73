"""The cleaning rules: each has a name, repairs or rejects, and is counted in the receipt.

A source file arrives as a staging table of text columns. :class:`Cells` says, in SQL,
how each cell becomes a typed value and which rules a row may break; :func:`judge` runs
it over the whole table at once. No row is touched in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Literal

import duckdb

if TYPE_CHECKING:
    from mgrec_core.data.importers.reading import Staged

REPAIRED = "repaired"
REJECTED = "rejected"

RULES: dict[str, tuple[str, str]] = {
    "malformed_line": (REJECTED, "the line has not the header's number of fields, or leaves a quote open"),
    "missing_user_id": (REJECTED, "there is no user_id"),
    "missing_item_id": (REJECTED, "there is no item_id"),
    "missing_friend_id": (REJECTED, "there is no friend_id"),
    "missing_head_id": (REJECTED, "there is no head_id"),
    "missing_relation": (REJECTED, "there is no relation"),
    "missing_tail_id": (REJECTED, "there is no tail_id"),
    "missing_kind": (REJECTED, "there is no kind of feedback"),
    "missing_tag": (REJECTED, "there is no tag"),
    "missing_event": (REPAIRED, "the event is not named; the file's default kind was taken"),
    "rating_not_a_number": (REJECTED, "the rating is not a number"),
    "rating_not_finite": (REJECTED, "the rating is NaN or infinite"),
    "rating_too_large": (REJECTED, "the rating is beyond 1e12, where sums lose their meaning"),
    "weight_too_large": (REJECTED, "the weight is beyond 1e12, where sums lose their meaning"),
    "missing_rating": (REJECTED, "there is no rating"),
    "missing_weight": (REJECTED, "there is no weight"),
    "weight_not_a_number": (REJECTED, "the weight is not a number"),
    "weight_not_finite": (REJECTED, "the weight is NaN or infinite"),
    "negative_weight": (REJECTED, "the weight is below 0"),
    "unknown_item": (REJECTED, "the item is not in the catalogue"),
    "unknown_user": (REJECTED, "the user has no events, friends or profile"),
    "unknown_tag": (REJECTED, "the tag's number is not in the list of tags"),
    "self_friend": (REJECTED, "a user is named as their own friend"),
    "duplicate_event": (REJECTED, "the same dated event, equal in every column, was read before"),
    "duplicate_item": (REJECTED, "the item_id was read before; the alphabetically first of its rows is kept"),
    "duplicate_user": (REJECTED, "the user_id was read before; the alphabetically first of its rows is kept"),
    "duplicate_triple": (REJECTED, "the same triple was read before; every source that gave it is kept"),
    "duplicate_friendship": (REJECTED, "the same friendship in the same direction was read before"),
    "duplicate_word": (REJECTED, "the tag's number was read before; the alphabetically first word is kept"),
    "duplicate_tag": (REJECTED, "the same user gave the same tag to the same item before"),
    "duplicate_feedback": (REJECTED, "the same feedback, equal in every column, was read before"),
    "not_a_product": (
        REJECTED,
        "the code is no product: postage, fees, discounts, samples, vouchers, manual",
    ),
    "stock_correction": (REJECTED, "the quantity is 0 or less and the invoice is no cancellation"),
    "free_line": (REJECTED, "the unit price is 0 or less: a gift or a correction, not a purchase"),
    "cancellation": (REJECTED, "the line is no purchase: it took back an earlier one of the same product"),
    "cancellation_in_part": (
        REJECTED,
        "the line took back what there was of earlier purchases; the rest was bought before the data begin",
    ),
    "cancellation_of_nothing": (
        REJECTED,
        "the line cancels a purchase that is not in the data; nothing was taken back",
    ),
    "cancelled_purchase": (
        REJECTED,
        "later cancellations of the same customer and product took all of it back",
    ),
    "partly_cancelled": (REPAIRED, "later cancellations took some of it back; the weight is what was kept"),
    "decimal_id": (REPAIRED, "an id is written as a decimal number (17850.0, 9e+05) and was made whole"),
    "upper_case": (REPAIRED, "the code was put in capitals"),
    "other_description": (REPAIRED, "the code has several descriptions; the most frequent became its title"),
    "slashed_date": (REPAIRED, "the date is written with slashes (12/31/2011 8:26) and was converted"),
    "no_quantity": (REJECTED, "the quantity is 0 or less: nothing was bought"),
    "metered_quantity": (REPAIRED, "the quantity is beyond 1000, metered like fuel; the weight is 1"),
    "days_since_1970": (REPAIRED, "the date counts days since 1970 and was converted"),
    "missing_campaign": (REJECTED, "there is no campaign"),
    "duplicate_campaign": (REJECTED, "the same campaign of the same user was read before"),
    "missing_coupon": (REJECTED, "there is no coupon"),
    "duplicate_coupon": (REJECTED, "the same product of the same coupon was read before"),
    "unlinked_coupon": (
        REPAIRED,
        "no file says which products the coupon stands for: kept as the user's attribute, not as feedback",
    ),
    "negative_label": (
        REPAIRED,
        "the label says that it did not happen; the event was kept as an impression",
    ),
    "missing_feature": (REJECTED, "there is no feature"),
    "duplicate_feature": (REJECTED, "the same features of the same id were read before"),
    "broken_entities": (REPAIRED, "the entities are no JSON list; the item is kept without them"),
    "unlabelled_impression": (
        REPAIRED,
        "the impression does not say what was clicked; its history is kept, what was shown is not",
    ),
    "duplicate_link": (
        REJECTED,
        "the entity was linked before; the alphabetically first of its items is kept",
    ),
    "updated_item": (REPAIRED, "the item was there already; what the row says otherwise replaced it"),
    "updated_user": (REPAIRED, "the user was there already; what the row says otherwise replaced it"),
    "both_directions": (REPAIRED, "the friendship is given in both directions and was kept once"),
    "surrounding_spaces": (REPAIRED, "spaces around a value were removed"),
    "decimal_comma": (REPAIRED, "the number has a decimal comma, as is usual beside semicolons"),
    "lower_case": (REPAIRED, "the name was put in lower case"),
    "not_utf8": (REPAIRED, "the file is not UTF-8; the row's text was read as Latin-1"),
    "utf16": (REPAIRED, "the file is UTF-16, not UTF-8; the row's text was converted"),
    "damaged_utf8": (REPAIRED, "characters that are not UTF-8 were replaced by U+FFFD"),
    "null_character": (REPAIRED, "NUL characters were replaced by U+FFFD"),
    "fractions_of_second": (REPAIRED, "the timestamp is in milli-, micro- or nanoseconds and was converted"),
    "bad_timestamp": (REPAIRED, "the timestamp could not be read; the row is kept undated"),
    "impossible_date": (REPAIRED, "the date is in the future or impossibly early; the row is kept undated"),
    "unknown_tail_item": (REPAIRED, "the tail's item is not in the catalogue; it was kept as an entity"),
}

EPOCH = "1970-01-01"
SPACES = " \t\r\n\f\v\u00a0\u2007\u202f\ufeff\u200b"
EXAMPLES_KEPT = 3
LARGEST = 1e12
_COMMA = r"([-+]?\d+),(\d+)"
_BASIC = r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)"  # ISO 8601 without hyphens and colons
_serial = count()


def literal(text: str) -> str:
    """Quote a text as an SQL string, for the places where no parameter can be bound."""
    return "'" + text.replace("'", "''") + "'"


def spaced(column: str) -> str:
    """Return SQL that is true where a text begins or ends with a space of some kind."""
    spaces = literal(SPACES)
    first, last = f"left({column}, 1)", f"right({column}, 1)"
    return f"({column} <> '' AND (contains({spaces}, {first}) OR contains({spaces}, {last})))"


def trimmed(column: str) -> str:
    """Return SQL for a text cell without surrounding spaces; NULL where nothing is left."""
    # trim() with a set of characters is slow, and hardly any cell needs it.
    trim = f"trim({column}, {literal(SPACES)})"
    return f"nullif(CASE WHEN {spaced(column)} THEN {trim} ELSE {column} END, '')"


@dataclass
class Cells:
    """How the cells of one file become columns, and which rules its rows are held to.

    Columns are made in layers: an expression may name the staging table's columns and those of lower
    layers, each of which is computed once. Rejecting rules are tried in the order in which they were
    added, and the first that holds is the row's reason.
    """

    layers: list[dict[str, str]] = field(default_factory=lambda: [{}])
    rejections: dict[str, list[str]] = field(default_factory=dict)
    repairs: dict[str, list[str]] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    decimal_comma: bool = False

    def add(self, name: str, expression: str, layer: int) -> None:
        """Add a column made by a SQL expression over lower layers."""
        while len(self.layers) <= layer:
            self.layers.append({})
        self.layers[layer][name] = expression

    def check(self, rule: str, condition: str) -> None:
        """Hold every row to a named rule; ``condition`` is true where the rule applies."""
        book = self.rejections if RULES[rule][0] == REJECTED else self.repairs
        book.setdefault(rule, []).append(condition)

    def text(self, name: str, column: str | None, *, required: bool = False, lower: bool = False) -> None:
        """Add a text column (layer 0), its surrounding spaces removed, NULL where empty or absent."""
        if column is None:
            self.add(name, "CAST(NULL AS VARCHAR)", 0)
            return
        self.add(name, f"lower({trimmed(column)})" if lower else trimmed(column), 0)
        self.check("surrounding_spaces", spaced(column))
        if lower:
            self.check("lower_case", f"lower({column}) <> {column}")
        if required:
            self.check(f"missing_{name}", f"{name} IS NULL")

    def known(self, name: str, column: str | None, table: Literal["users", "items"]) -> None:
        """Add a boolean (layer 0): whether the id in ``column`` is in ``known_users`` or ``known_items``."""
        if column is None:
            self.add(name, "false", 0)
            return
        key = f"{name}_key"
        self.joins.append(
            f"LEFT JOIN (SELECT {table[:-1]}_id AS {key} FROM known_{table}) ON {key} = {trimmed(column)}"
        )
        self.add(name, f"{key} IS NOT NULL", 0)

    def number(
        self, name: str, column: str | None, *, minimum: float | None = None, required: bool = False
    ) -> None:
        """Add a number (layer 1), finite and at least ``minimum``; NULL where the cell is empty."""
        if column is None:
            self.add(name, "CAST(NULL AS DOUBLE)", 1)
            return
        text = f"_{name}_text"
        self.text(text, column)
        if required:
            self.check(f"missing_{name}", f"{text} IS NULL")
        number = f"try_cast({text} AS DOUBLE)"
        if self.decimal_comma:
            self.check("decimal_comma", f"regexp_full_match({text}, '{_COMMA}')")
            number = (
                f"coalesce({number}, try_cast(regexp_replace({text}, '^{_COMMA}$', '\\1.\\2') AS DOUBLE))"
            )
        self.add(name, number, 1)
        self.check(f"{name}_not_a_number", f"{text} IS NOT NULL AND {name} IS NULL")
        self.check(f"{name}_not_finite", f"NOT isfinite({name})")
        self.check(f"{name}_too_large", f"abs({name}) > {LARGEST}")
        if minimum is not None:
            self.check(f"negative_{name}", f"{name} < {minimum}")

    def time(self, name: str, column: str | None, *, earliest: str = EPOCH) -> None:
        """Add a UTC time (layer 5) from epoch seconds or ISO 8601; NULL where it cannot be true.

        Numbers of 1e11 and more are milliseconds, of 1e14 microseconds, of 1e17 nanoseconds.
        """
        if column is None:
            self.add(name, "CAST(NULL AS TIMESTAMP)", 5)
            return
        self.text("_time_text", column)
        self.add("_number", "try_cast(_time_text AS DOUBLE)", 1)
        self.add(
            "_micros",
            "try_cast(round(CASE WHEN abs(_number) < 1e11 THEN _number * 1e6"
            " WHEN abs(_number) < 1e14 THEN _number * 1e3 WHEN abs(_number) < 1e17 THEN _number"
            " ELSE _number / 1e3 END) AS BIGINT)",
            2,
        )
        self.add(
            "_time",
            "CASE WHEN _number IS NULL AND _time_text IS NOT NULL"
            " THEN coalesce(try_cast(_time_text AS TIMESTAMPTZ),"
            rf" try_cast(regexp_replace(_time_text, '{_BASIC}', '\1-\2-\3T\4:\5:\6') AS TIMESTAMPTZ))"
            " AT TIME ZONE 'UTC'"
            " WHEN _micros BETWEEN 0 AND 9000000000000000 THEN make_timestamp(_micros)"
            " WHEN _micros IS NOT NULL THEN TIMESTAMP '-infinity' END",
            3,
        )
        self.add(
            "_possible",
            f"isfinite(_time) AND _time >= TIMESTAMP {literal(earliest)}"
            " AND _time <= CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP) + INTERVAL 1 DAY",
            4,
        )
        self.add(name, "CASE WHEN _possible THEN _time END", 5)
        self.check("fractions_of_second", f"abs(_number) >= 1e11 AND {name} IS NOT NULL")
        self.check("bad_timestamp", "_time_text IS NOT NULL AND _time IS NULL")
        self.check("impossible_date", "NOT _possible")


@dataclass(frozen=True)
class Duplicates:
    """Which rows say the same again: all but one of those equal in ``keys`` break ``rule``.

    Attributes
    ----------
    rule
        Name of the rejecting rule.
    keys
        SQL expressions over the cleaned columns and the staging table's.
    order
        SQL expressions that choose the row to keep, whatever the order of the file.
    when
        SQL condition for rows that can be duplicates at all.
    """

    rule: str
    keys: Sequence[str]
    order: Sequence[str] = ()
    when: str = "true"


@dataclass(frozen=True)
class Judged:
    """A staging table after cleaning: its columns, ``_row``, ``_rejected`` and ``_repairs``.

    Attributes
    ----------
    table
        Temporary table; rows with ``_rejected IS NULL`` are good.
    repairs
        Repairing rules; bit *i* of ``_repairs`` is set where the *i*-th applied.
    """

    table: str
    repairs: tuple[str, ...]


def judge(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    cells: Cells,
    duplicates: Duplicates | None = None,
) -> Judged:
    """Clean a staging table: type its cells and mark each row good, repaired or rejected.

    Parameters
    ----------
    connection
        Where the staging table is.
    staged
        The file as read.
    cells
        Columns to make and rules to apply.
    duplicates
        Which good rows repeat one another.

    Returns
    -------
    Judged
        The temporary table of cleaned rows, one for each row of ``staged``.
    """
    for rule, pattern in staged.conversions.items():
        for column in staged.columns.values():
            cells.check(rule, f"regexp_matches({column}, {literal(pattern)})")
    table = f"judged_{next(_serial)}"
    rows = f"{staged.table} {' '.join(cells.joins)}"
    for layer in cells.layers:
        if layer:
            columns = ", ".join(f"{expression} AS {name}" for name, expression in layer.items())
            rows = f"(SELECT *, {columns} FROM {rows})"
    whens = " ".join(f"WHEN {_any(found)} THEN {literal(rule)}" for rule, found in cells.rejections.items())
    rejected = f"CASE {whens} END" if whens else "NULL"
    bits = (
        f"CASE WHEN {_any(found)} THEN {1 << bit} ELSE 0 END"
        for bit, found in enumerate(cells.repairs.values())
    )
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT *, CAST({rejected} AS VARCHAR) AS _rejected,"
        f" {' + '.join(bits) or '0'} AS _repairs FROM {rows}"
    )
    if duplicates is not None:
        _reject_duplicates(connection, table, duplicates)
    return Judged(table, tuple(cells.repairs))


def _any(conditions: Sequence[str]) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)


def _reject_duplicates(connection: duckdb.DuckDBPyConnection, table: str, duplicates: Duplicates) -> None:
    """Mark all but one of equal rows; only rows whose hash occurs twice are compared."""
    keys = ", ".join(duplicates.keys)
    order = ", ".join([*duplicates.order, "_repairs", "_row"])
    good = f"_rejected IS NULL AND ({duplicates.when})"
    connection.execute(
        f"UPDATE {table} SET _rejected = ? WHERE _row IN (SELECT _row FROM ("
        f"SELECT _row, row_number() OVER (PARTITION BY {keys} ORDER BY {order}) AS again FROM {table}"
        f" WHERE {good} AND hash({keys}) IN"
        f" (SELECT hash({keys}) AS code FROM {table} WHERE {good} GROUP BY code HAVING count(*) > 1)"
        ") WHERE again > 1)",
        [duplicates.rule],
    )
