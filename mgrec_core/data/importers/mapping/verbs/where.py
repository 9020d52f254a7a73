"""Which rows are read: ``where: [{column: Status, not_in: [cancelled]}, {column: pieces, above: 0}]``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import duckdb
from pydantic import Field, field_validator, model_validator

from mgrec_core.data.cells import literal, trimmed
from mgrec_core.data.importers.mapping.verbs.base import Name, Tell, Value, Verb, rewritten
from mgrec_core.data.staged import Staged

Values = Annotated[tuple[Value, ...], Field(min_length=1, max_length=1_000)]
_TESTS = ("equals", "not", "in", "not_in", "above", "at_least", "below", "at_most", "contains", "present")
_SIGNS = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}


class Condition(Verb):
    """What must hold of a row; of several tests all must. Case and outer spaces do not matter."""

    column: Name
    equals: Value | None = None
    not_: Annotated[Value | None, Field(alias="not")] = None
    in_: Annotated[Values | None, Field(alias="in")] = None
    not_in: Values | None = None
    above: Value | None = None
    at_least: Value | None = None
    below: Value | None = None
    at_most: Value | None = None
    contains: Value | None = None
    present: bool | None = None

    @field_validator("equals", "not_", "above", "at_least", "below", "at_most", "contains", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return value if value is None else written(value)

    @field_validator("in_", "not_in", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        return [written(one) for one in value] if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _useful(self) -> Condition:
        if not self.model_dump(exclude_none=True, exclude={"column"}):
            raise ValueError(f"say what must hold of '{self.column}': {', '.join(_TESTS)}")
        for test in _SIGNS:
            value = getattr(self, test)
            if value is not None and _number(value) is None and _time(value) is None:
                raise ValueError(f"'{value}' is neither a number nor an ISO 8601 time; {test} needs one")
        return self

    def sql(self, column: str) -> str:
        """Return SQL that is true where the condition holds, and never NULL."""
        text = f"lower({trimmed(column)})"
        parts = []
        if self.equals is not None:
            parts.append(f"{text} = {_plain(self.equals)}")
        if self.in_ is not None:
            parts.append(f"{text} IN ({', '.join(_plain(one) for one in self.in_)})")
        for values in ((self.not_,) if self.not_ is not None else (), self.not_in or ()):
            if values:
                listed = ", ".join(_plain(one) for one in values)
                parts.append(f"coalesce({text}, '') NOT IN ({listed})")
        for test, sign in _SIGNS.items():
            value = getattr(self, test)
            if value is not None:
                number = _number(value)
                if number is not None:
                    parts.append(f"try_cast({trimmed(column)} AS DOUBLE) {sign} {number!r}")
                else:
                    time = f"try_cast({trimmed(column)} AS TIMESTAMPTZ)"
                    parts.append(f"{time} {sign} TIMESTAMPTZ {literal(_time(value) or '')}")
        if self.contains is not None:
            parts.append(f"contains({text}, {_plain(self.contains)})")
        if self.present is not None:
            parts.append(f"{text} IS {'NOT ' if self.present else ''}NULL")
        return " AND ".join(f"coalesce({part}, false)" for part in parts)


def apply(
    connection: duckdb.DuckDBPyConnection, staged: Staged, given: tuple[Condition, ...], tell: Tell
) -> Staged:
    """Keep the rows of which every condition holds."""
    if not given:
        return staged
    holds = " AND ".join(f"({one.sql('file.' + staged.need(one.column))})" for one in given)
    ((before,),) = connection.execute(f"SELECT count(*) FROM {staged.table}").fetchall()
    kept = rewritten(connection, staged, {}, rest=f"WHERE {holds}")
    ((after,),) = connection.execute(f"SELECT count(*) FROM {kept.table}").fetchall()
    if before > after:
        names = ", ".join(dict.fromkeys(f"'{one.column}'" for one in given))
        tell("left out", int(before - after), f"the mapping leaves out rows by what is in {names} (where)")
    return kept


def written(value: object) -> str:
    """Return what YAML read as a number or yes and no as the text that a file has."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _plain(value: str) -> str:
    return literal(value.strip().lower())


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if number - number == 0 else None


def _time(value: str) -> str | None:
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found.isoformat() if found.tzinfo else f"{found.isoformat()}+00:00"
