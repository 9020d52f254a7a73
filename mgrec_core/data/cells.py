"""How the cells of a staging table become typed columns, in SQL, and which rules a row may break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from mgrec_core.data.rules import REJECTED, RULES

EPOCH = "1970-01-01"
SPACES = " \t\r\n\f\v\u00a0\u2007\u202f\ufeff\u200b"
EXAMPLES_KEPT = 3
LARGEST = 1e12
_COMMA = r"([-+]?\d+),(\d+)"
_BASIC = r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)"  # ISO 8601 without hyphens and colons


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
    added, and the first that holds is the row's reason. Rules in ``off`` are switched off.
    """

    off: frozenset[str] = frozenset()
    decimal_comma: bool = False
    layers: list[dict[str, str]] = field(default_factory=lambda: [{}])
    rejections: dict[str, list[str]] = field(default_factory=dict)
    repairs: dict[str, list[str]] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.decimal_comma = self.decimal_comma and "decimal_comma" not in self.off

    def add(self, name: str, expression: str, layer: int) -> None:
        """Add a column made by a SQL expression over lower layers."""
        while len(self.layers) <= layer:
            self.layers.append({})
        self.layers[layer][name] = expression

    def check(self, rule: str, condition: str) -> None:
        """Hold every row to a named rule, unless it is off; ``condition`` is true where it applies."""
        if rule in self.off:
            return
        book = self.rejections if RULES[rule].action == REJECTED else self.repairs
        book.setdefault(rule, []).append(condition)

    def text(self, name: str, column: str | None, *, required: bool = False, lower: bool = False) -> None:
        """Add a text column (layer 0), its surrounding spaces removed, NULL where empty or absent."""
        if column is None:
            self.add(name, "CAST(NULL AS VARCHAR)", 0)
            return
        lower = lower and "lower_case" not in self.off
        self.add(name, f"lower({trimmed(column)})" if lower else trimmed(column), 0)
        self.check("surrounding_spaces", spaced(column))
        if lower:
            self.check("lower_case", f"lower({column}) <> {column}")
        if required:
            self.check(f"missing_{name}", f"{name} IS NULL")

    def known(self, name: str, column: str | None, table: Literal["users", "items", "ads"]) -> None:
        """Add a boolean (layer 0): whether ``known_users``, ``known_items`` or ``known_ads`` have it."""
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
        read = name
        if unfit := self._unfit(name, number, minimum):
            read, number = number, f"CASE WHEN NOT ({unfit}) THEN {number} END"
        self.add(name, number, 1)
        self.check(f"{name}_not_a_number", f"{text} IS NOT NULL AND ({read}) IS NULL")
        self.check(f"{name}_not_finite", f"NOT isfinite({name})")
        self.check(f"{name}_too_large", f"abs({name}) > {LARGEST}")
        if minimum is not None:
            self.check(f"negative_{name}", f"{name} < {minimum}")

    def _unfit(self, name: str, number: str, minimum: float | None) -> str:
        """Return SQL for the numbers that are to be left out because the rule against them is off."""
        against = {
            f"{name}_not_finite": f"NOT isfinite({number})",
            f"{name}_too_large": f"isfinite({number}) AND abs({number}) > {LARGEST}",
            f"negative_{name}": f"{number} < {minimum}" if minimum is not None else "false",
        }
        return _any([condition for rule, condition in against.items() if rule in self.off])

    def time(self, name: str, column: str | None, *, earliest: str = EPOCH, planned: bool = False) -> None:
        """Add a UTC time (layer 5) from epoch seconds or ISO 8601; NULL where it cannot be true.

        Numbers of 1e11 and more are milliseconds, of 1e14 microseconds, of 1e17 nanoseconds.
        A ``planned`` time may lie up to 50 years in the future.
        """
        if column is None:
            self.add(name, "CAST(NULL AS TIMESTAMP)", 5)
            return
        text, number, micros, time, possible = (
            f"_{name}_{step}" for step in ("text", "number", "micros", "time", "possible")
        )
        self.text(text, column)
        self.add(number, f"try_cast({text} AS DOUBLE)", 1)
        self.add(
            micros,
            f"try_cast(round(CASE WHEN abs({number}) < 1e11 THEN {number} * 1e6"
            f" WHEN abs({number}) < 1e14 THEN {number} * 1e3 WHEN abs({number}) < 1e17 THEN {number}"
            f" ELSE {number} / 1e3 END) AS BIGINT)",
            2,
        )
        self.add(
            time,
            f"CASE WHEN {number} IS NULL AND {text} IS NOT NULL"
            f" THEN coalesce(try_cast({text} AS TIMESTAMPTZ),"
            rf" try_cast(regexp_replace({text}, '{_BASIC}', '\1-\2-\3T\4:\5:\6') AS TIMESTAMPTZ))"
            " AT TIME ZONE 'UTC'"
            f" WHEN {micros} BETWEEN 0 AND 9000000000000000 THEN make_timestamp({micros})"
            f" WHEN {micros} IS NOT NULL THEN TIMESTAMP '-infinity' END",
            3,
        )
        later = "INTERVAL 50 YEAR" if planned else "INTERVAL 1 DAY"
        self.add(
            possible,
            f"isfinite({time}) AND {time} >= TIMESTAMP {literal(earliest)}"
            f" AND {time} <= CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP) + {later}",
            4,
        )
        kept = f"isfinite({time})" if "impossible_date" in self.off else possible
        self.add(name, f"CASE WHEN {kept} THEN {time} END", 5)
        self.check("fractions_of_second", f"abs({number}) >= 1e11 AND {name} IS NOT NULL")
        self.check("bad_timestamp", f"{text} IS NOT NULL AND {time} IS NULL")
        self.check("impossible_date", f"NOT {possible}")


def _any(conditions: Sequence[str]) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)
