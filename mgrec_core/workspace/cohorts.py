"""Cohorts: named sets of users or items, kept in the workspace's ``state.duckdb``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import duckdb

from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.workspace.state import StateFile

Of = Literal["users", "items"]
Origin = Literal["sql", "map", "manual"]

PREFIX = "cohort:"
"""``cohort:NAME`` is a segment of an evaluation where the cohort holds users."""

_LONGEST_NAME = 60


@dataclass(frozen=True)
class Cohort:
    """A named set of users or items.

    Attributes
    ----------
    name
        1 to 60 characters, unique in a workspace.
    of
        What its ids are.
    origin
        Where it was made: the SQL page, the map, or by hand.
    definition
        What made it: ``{"sql": …}``, or the selection on the map.
    made
        When, UTC, ISO 8601.
    size
        How many ids it has, at least 1.
    ids
        Its members in order where they were asked for, else empty.
    """

    name: str
    of: Of
    origin: Origin
    definition: dict[str, Any]
    made: str
    size: int
    ids: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object, without the members."""
        return {
            "name": self.name,
            "of": self.of,
            "origin": self.origin,
            "definition": self.definition,
            "made": self.made,
            "size": self.size,
        }


class CohortStore:
    """Cohorts of one workspace.

    Parameters
    ----------
    path
        The workspace's ``state.duckdb``; made when the first cohort is saved.
    """

    def __init__(self, path: Path) -> None:
        self._file = StateFile(path)

    def save(
        self,
        name: str,
        of: Of,
        ids: Iterable[str],
        origin: Origin,
        definition: Mapping[str, Any] | str | None = None,
        *,
        replace: bool = False,
    ) -> Cohort:
        """Keep a set under a name; ids once each, in order.

        Parameters
        ----------
        definition
            What made it, as an object or its JSON.
        replace
            Whether a cohort of that name may be overwritten.

        Raises
        ------
        InputError
            The name does not do or is taken, or the set is empty.
        """
        name = check_name(name)
        if of not in get_args(Of) or origin not in get_args(Origin):
            raise InputError(f"a cohort is of users or items, from sql, map or manual; not {of}, {origin}")
        members = sorted(set(ids))
        if not members:
            raise InputError(f"cohort {name!r} would be empty: choose at least one of the {of}")
        written = json.dumps(_read(definition), ensure_ascii=False)
        made = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        with self._file.open(read_only=False) as connection:
            if not replace and _taken(connection, name):
                raise InputError(f"there is a cohort {name!r} already: choose another name")
            connection.begin()
            _drop(connection, name)
            connection.execute(
                "INSERT INTO cohorts VALUES (?, ?, ?, ?, ?)", [name, of, origin, written, made]
            )
            connection.execute("INSERT INTO cohort_members SELECT ?, unnest(?::VARCHAR[])", [name, members])
            connection.commit()
        return Cohort(name, of, origin, json.loads(written), made.isoformat(), len(members))

    def all(self) -> list[Cohort]:
        """Every cohort by name, without its members.

        Raises
        ------
        WorkspaceBrokenError
            The state file is damaged.
        """
        rows = self._file.rows(
            "cohorts",
            """SELECT c.name, c.of, c.origin, c.definition, c.made, count(m.id)
               FROM cohorts c LEFT JOIN cohort_members m USING (name) GROUP BY ALL ORDER BY c.name""",
        )
        found = []
        for name, of, origin, definition, made, size in rows:
            try:
                read = _read(str(definition))
            except InputError:
                raise self._file.damaged() from None
            if of not in get_args(Of) or origin not in get_args(Origin) or not isinstance(made, datetime):
                raise self._file.damaged()
            found.append(Cohort(str(name), of, origin, read, made.isoformat(), int(str(size))))  # type: ignore[arg-type]
        return found

    def get(self, name: str) -> Cohort:
        """One cohort with its members.

        Raises
        ------
        NotFoundError
            There is no such cohort.
        """
        known = self.all()
        for cohort in known:
            if cohort.name == name:
                with self._file.open(read_only=True) as connection:
                    rows = connection.execute(
                        "SELECT id FROM cohort_members WHERE name = ? ORDER BY id", [name]
                    ).fetchall()
                return replace(cohort, ids=tuple(str(row[0]) for row in rows))
        raise _missing(name, [cohort.name for cohort in known])

    def rename(self, name: str, new: str) -> None:
        """Give a cohort another name.

        Raises
        ------
        NotFoundError
            There is no such cohort.
        InputError
            The new name does not do or is taken.
        """
        new = check_name(new)
        held = self.get(name)
        if new == name:
            return
        with self._file.open(read_only=False) as connection:
            if _taken(connection, new):
                raise InputError(f"there is a cohort {new!r} already: choose another name")
            connection.begin()
            connection.execute("UPDATE cohorts SET name = ? WHERE name = ?", [new, held.name])
            connection.execute("UPDATE cohort_members SET name = ? WHERE name = ?", [new, held.name])
            connection.commit()

    def delete(self, name: str) -> Cohort:
        """Delete a cohort and return it with its members, for :meth:`restore`.

        Raises
        ------
        NotFoundError
            There is no such cohort.
        """
        gone = self.get(name)
        with self._file.open(read_only=False) as connection:
            connection.begin()
            _drop(connection, name)
            connection.commit()
        return gone

    def restore(self, cohort: Cohort) -> Cohort:
        """Bring a deleted cohort back as it was.

        Raises
        ------
        InputError
            There is another of that name by now.
        """
        return self.save(cohort.name, cohort.of, cohort.ids, cohort.origin, cohort.definition)


def check_name(name: str) -> str:
    """A cohort's name without needless spaces.

    Raises
    ------
    InputError
        It is empty, too long, or has a comma or a control character in it.
    """
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or "," in name or not name.isprintable():
        raise InputError(f"a cohort needs a name of 1 to {_LONGEST_NAME} characters without a comma")
    return name


def _missing(name: str, known: list[str]) -> NotFoundError:
    among = f"choose among {', '.join(known)}" if known else "none is saved yet"
    return NotFoundError(f"there is no cohort {name[:_LONGEST_NAME]!r}: {among}")


def _read(definition: Mapping[str, Any] | str | None) -> dict[str, Any]:
    try:
        found = json.loads(definition) if isinstance(definition, str) else dict(definition or {})
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError("the definition of a cohort is a JSON object")
    return found


def _taken(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM cohorts WHERE name = ?", [name]).fetchone() is not None


def _drop(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute("DELETE FROM cohorts WHERE name = ?", [name])
    connection.execute("DELETE FROM cohort_members WHERE name = ?", [name])
