"""The verbs of a mapping: what becomes of a file's rows and columns before they fill a table.

They work in the order of :class:`Verbs`, in SQL on the staging table; each is a small module with the
part of a mapping that asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import duckdb
from pydantic import BaseModel, ConfigDict, Field, field_validator

from mgrec_core.data.importers.mapping.verbs import columns, explode, join, missing, reshape, where
from mgrec_core.data.importers.mapping.verbs.base import Name, Tell, Value
from mgrec_core.data.importers.mapping.verbs.columns import Carry, Split
from mgrec_core.data.importers.mapping.verbs.explode import Explode
from mgrec_core.data.importers.mapping.verbs.join import Join
from mgrec_core.data.importers.mapping.verbs.reshape import Pivot, Unpivot
from mgrec_core.data.importers.mapping.verbs.where import Condition, written
from mgrec_core.data.staged import Staged

__all__ = ["Carry", "Condition", "Explode", "Join", "Pivot", "Split", "Unpivot", "Verbs", "apply"]


class Verbs(BaseModel):
    """What a mapping's entry may ask for, in the order in which it is done."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    carry: Carry | None = None
    """Lines that head those below them: see :mod:`.columns`."""
    missing: Annotated[dict[Name, tuple[Value, ...]], Field(max_length=500)] = {}
    """Column, pattern or ``*`` → values that mean none: see :mod:`.missing`."""
    explode: Explode | None = None
    """A list in a cell that becomes rows: see :mod:`.explode`."""
    join: Annotated[tuple[Join, ...], Field(max_length=10)] = ()
    """Other tables whose columns are added: see :mod:`.join`."""
    split: Annotated[tuple[Split, ...], Field(max_length=50)] = ()
    """Columns that are taken apart: see :mod:`.columns`."""
    values: Annotated[dict[Name, dict[Value, Value]], Field(max_length=50)] = {}
    """Column → what its values are in other words."""
    coalesce: Annotated[dict[Name, tuple[Name, ...]], Field(max_length=50)] = {}
    """New column → columns of which it has the first that is not empty."""
    unpivot: Unpivot | None = None
    """Columns that become rows: see :mod:`.reshape`."""
    pivot: Pivot | None = None
    """Rows that become columns: see :mod:`.reshape`."""
    where: Annotated[tuple[Condition, ...], Field(max_length=100)] = ()
    """What must hold of the rows that are read: see :mod:`.where`."""

    @field_validator("missing", mode="before")
    @classmethod
    def _anywhere(cls, value: object) -> object:
        """A list without columns means all of them."""
        given = value if isinstance(value, dict) else {"*": value}
        return {
            str(name): tuple(written(one) for one in (found if isinstance(found, list | tuple) else [found]))
            for name, found in given.items()
        }

    @field_validator("values", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {
            str(name): {written(old): written(new) for old, new in words.items()}
            if isinstance(words, dict)
            else words
            for name, words in value.items()
        }

    @field_validator("coalesce", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {str(name): (one,) if isinstance(one, str) else one for name, one in value.items()}

    @field_validator("explode", mode="before")
    @classmethod
    def _column(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) else value

    @field_validator("join", "split", "where", mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        return (value,) if isinstance(value, dict) else value

    @property
    def made(self) -> frozenset[str]:
        """Columns that verbs make, in lower case; of objects and tables what stands before theirs."""
        names: list[str] = [*self.coalesce]
        names += [self.carry.name] if self.carry else []
        names += [name for one in self.split for name in one.into]
        if self.unpivot:
            names += [
                self.unpivot.name,
                self.unpivot.value,
                *([self.unpivot.row] if self.unpivot.row else []),
            ]
        names += [f"{one.prefix}." for one in self.join]
        names += [f"{self.explode.column}."] if self.explode else []
        return frozenset(name.lower() for name in names)

    def makes(self, name: str) -> bool:
        """Tell whether a column may be one that a verb makes."""
        lower = name.lower()
        return self.pivot is not None or any(
            lower == one or (one.endswith(".") and lower.startswith(one)) for one in self.made
        )

    def written(self) -> dict[str, Any]:
        """Return what is asked for as plain values, as YAML has it."""
        return self.model_dump(
            mode="json", by_alias=True, exclude_defaults=True, include={*Verbs.model_fields}
        )


def apply(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    given: Verbs,
    stage: Callable[[str], Staged],
    tell: Tell,
) -> Staged:
    """Return the file as the verbs leave it.

    Parameters
    ----------
    connection
        Where the staging table is.
    staged
        The file; its table is dropped where a verb makes another.
    given
        The verbs.
    stage
        Reads another table of the source.
    tell
        Told what rows were concerned, for the receipt.

    Raises
    ------
    InputError
        When a column or table that a verb names is not there.
    """
    if given.carry:
        staged = columns.carry(connection, staged, given.carry)
    if given.missing:
        staged = missing.apply(connection, staged, given.missing)
    if given.explode:
        staged = explode.apply(connection, staged, given.explode)
    for one in given.join:
        staged = join.apply(connection, staged, stage(one.file), one, tell)
    for part in given.split:
        staged = columns.split(connection, staged, part)
    if given.values:
        staged = columns.values(connection, staged, given.values)
    if given.coalesce:
        staged = columns.coalesce(connection, staged, given.coalesce)
    if given.unpivot:
        staged = reshape.unpivot(connection, staged, given.unpivot)
    if given.pivot:
        staged = reshape.pivot(connection, staged, given.pivot)
    return where.apply(connection, staged, given.where, tell)
