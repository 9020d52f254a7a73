"""How the cells of a staging table become typed columns, in SQL, and which rules a row may break."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mgrec_core.data.rules import REJECTED, RULES
from mgrec_core.data.times import AUTO, EARLIEST, Form, read

SPACES = " \t\r\n\f\v\u00a0\u2007\u202f\ufeff\u200b"
EXAMPLES_KEPT = 3
LARGEST = 1e12
_COMMA = r"([-+]?\d+),(\d+)"
NULL_WORDS = (
    "null", "nan", "none", "n/a", "#n/a", "#na", "\\n", "undefined", "<na>", "nat", "(not set)", "(none)",
    "(null)", "<null>", "[null]", "-nan", "#null!", "#value!", "#ref!", "(blank)",
)  # fmt: skip
"""What programs write for nothing, in lower case: a cell that is only one of them says nothing."""
NO_VALUE = ("无", "暂无", "未评分", "没有", "keine angabe", "k.a.", "k. a.", "sin datos", "non renseigné")
"""What people write for no value, in lower case; things and users may be called so."""
_LONGEST_WORD = max(len(word.encode()) for word in (*NULL_WORDS, *NO_VALUE))
_LOST = r"\d\.\d+[eE]\+?\d{1,3}|\d[eE]\+\d{2,3}|\d{16,}\.0+"
_WHOLE = 2**53


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


def unwrapped(column: str) -> str:
    """Return SQL for a trimmed text cell, without the formula (="000") that keeps a spreadsheet's zeros."""
    text = trimmed(column)
    formula = f"nullif(regexp_extract({column}, '=\"(.*)\"', 1), '')"
    return f"CASE WHEN {is_formula(column)} THEN {formula} ELSE {text} END"


def is_formula(column: str) -> str:
    """Return SQL that is true where a cell is a text written as a formula, such as ="000"."""
    return f"({column} >= '=' AND {column} < '>' AND regexp_full_match({column}, '=\"[^\"]*\"'))"


def is_null_word(text: str, *, id: bool = False, value: bool = False) -> str:
    """Return SQL that is true where a text without surrounding spaces is only a word for nothing.

    ``NA`` is one too, but among attributes it may be Namibia or North America: there it is a value. What
    people write for no value (:data:`NO_VALUE`) is one where the text can be no name.
    """
    words = ", ".join(map(literal, (*NULL_WORDS, *(NO_VALUE if value else ()))))
    more = f" OR {text} = 'NA'" if id else ""
    return f"(strlen({text}) <= {_LONGEST_WORD} AND (lower({text}) IN ({words}){more}))"


def saying(column: str, *, value: bool = False) -> str:
    """Return SQL for a trimmed text cell; NULL where it is only a word for nothing, ``NA`` too.

    A ``value`` is no name, see :func:`is_null_word`.
    """
    text = trimmed(column)
    return f"CASE WHEN {is_null_word(text, id=True, value=value)} THEN NULL ELSE {text} END"


def is_lossy(text: str) -> str:
    """Return SQL that is true where an id's last digits are lost, so that different ones are written alike.

    A spreadsheet shows 4006381333001 as 4.00638E+12; a floating-point number holds no odd integer
    beyond 2^53.
    """
    number = f"try_cast({text} AS DOUBLE)"
    return (
        f"((contains({text}, '.') OR contains({text}, '+')) AND regexp_full_match({text}, '{_LOST}')"
        f" AND {number} >= CASE WHEN regexp_matches({text}, '[eE]') THEN 1e11 ELSE {_WHOLE} END)"
    )


@dataclass
class Cells:
    """How the cells of one file become columns, and which rules its rows are held to.

    Columns are made in layers: an expression may name the staging table's columns and those of lower
    layers, each of which is computed once. Rejecting rules are tried in the order in which they were
    added, and the first that holds is the row's reason. Rules in ``off`` are switched off. ``decide``
    returns the form of a column of times (its name in SQL, SQL for its texts), ``ask`` whether conditions
    hold in any row: what no cell of a column needs is not done to every one. ``times`` are the columns of
    times that were made, each with the one that it is made from.
    """

    off: frozenset[str] = frozenset()
    decimal_comma: bool = False
    decide: Callable[[str, str], Form] = lambda column, text: AUTO
    ask: Callable[[Sequence[str]], Sequence[bool]] = lambda conditions: [True] * len(conditions)
    times: list[tuple[str, str]] = field(default_factory=list)
    layers: list[dict[str, str]] = field(default_factory=lambda: [{}])
    rejections: dict[str, list[str]] = field(default_factory=dict)
    repairs: dict[str, list[str]] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    bares: dict[str, str] = field(default_factory=dict)

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

    def text(
        self,
        name: str,
        column: str | None,
        *,
        required: bool = False,
        lower: bool = False,
        id: bool = True,
        free: bool = False,
        value: bool = False,
    ) -> None:
        """Add a text column (layer 0), its surrounding spaces removed, NULL where it says nothing.

        A ``free`` text is somebody's own words, of which "none" is one; a ``value`` is no name.
        """
        if column is None:
            self.add(name, "CAST(NULL AS VARCHAR)", 0)
            return
        lower = lower and "lower_case" not in self.off
        bare = self.bare(column)
        word = is_null_word(bare, id=id, value=value)
        nothing = not free and any(self.ask([word]))
        said, rule = bare, "null_id" if required else "null_word"
        if nothing and rule not in self.off:
            said = f"CASE WHEN {word} THEN NULL ELSE {bare} END"
        self.add(name, f"lower({said})" if lower else said, 0)
        if lower:
            self.check("lower_case", f"{name} IS NOT NULL AND lower({column}) <> {column}")
        if nothing:
            # The rule against such an id goes before the one against none.
            self.check(rule, word)
        if required:
            self.check(f"missing_{name}", f"{name} IS NULL")

    def bare(self, column: str) -> str:
        """Return SQL for a cell's text without what a spreadsheet or a careless hand puts around it."""
        if column not in self.bares:
            spaces, formula = self.ask([spaced(column), is_formula(column)])
            bare = trimmed(column) if spaces else f"nullif({column}, '')"
            if spaces:
                self.check("surrounding_spaces", spaced(column))
            if formula and "formula" not in self.off:
                self.check("formula", is_formula(column))
                bare = unwrapped(column)
            self.bares[column] = bare
        return self.bares[column]

    def identity(self, name: str, column: str, forms: str | None = None, rule: str = "joined_id") -> None:
        """Add an id (layer 0), required.

        Parameters
        ----------
        name, column
            As for :meth:`text`.
        forms
            Table ``written``, ``held``: ids that the catalogue holds in another form.
        rule
            The repairing rule for those.
        """
        self.text(name, column, required=True)
        lossy = is_lossy(self.bare(column))
        if any(self.ask([lossy])):
            self.check("lossy_id", lossy)
        if forms is not None:
            self.joins.append(
                f"LEFT JOIN (SELECT written AS {forms}_written, held AS {forms}_held FROM {forms})"
                f" ON {forms}_written = {self.bare(column)}"
            )
            self.layers[0][name] = f"coalesce({forms}_held, {self.layers[0][name]})"
            self.check(rule, f"{forms}_held IS NOT NULL")

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
        self.text(text, column, value=True)
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

    def time(self, name: str, column: str | None, *, earliest: str = EARLIEST, planned: bool = False) -> None:
        """Add a UTC time (layer 5) in the form that its column has; NULL where it cannot be true.

        Numbers of 1e11 and more are milliseconds, of 1e14 microseconds, of 1e17 nanoseconds; see
        :mod:`mgrec_core.data.times`. A ``planned`` time may lie up to 50 years in the future.
        """
        if column is None:
            self.add(name, "CAST(NULL AS TIMESTAMP)", 5)
            return
        text, number, given, time, possible = (
            f"_{name}_{step}" for step in ("text", "number", "given", "time", "possible")
        )
        self.text(text, column, value=True)
        self.add(number, f"try_cast({text} AS DOUBLE)", 1)
        none = f"({number} = 0 OR starts_with({text}, '0000-00-00'))"
        self.add(given, f"CASE WHEN {none} THEN NULL ELSE {text} END", 2)
        form = self.decide(column, self.layers[0][text])
        self.add(
            time, read(given, f"CASE WHEN {given} IS NOT NULL THEN {number} END", form, planned=planned), 3
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
        self.check(
            "fractions_of_second",
            f"abs({number}) >= 1e11 AND {name} IS NOT NULL"
            f" AND NOT regexp_full_match({text}, '(19[89]|20|21)\\d{{9,11}}')",
        )
        self.check("zero_timestamp", none)
        self.check("bad_timestamp", f"{given} IS NOT NULL AND {time} IS NULL")
        self.check("impossible_date", f"NOT {possible}")
        self.times.append((name, column))


def _any(conditions: Sequence[str]) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)
