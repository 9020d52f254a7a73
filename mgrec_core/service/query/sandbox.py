"""A connection that can read the workspace's views and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import sql_path
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import WorkspaceKey
from mgrec_core.workspace.pseudonyms import PEOPLE, Pseudonyms, names_people

THREADS = 2


def connect(workspace: Workspace, memory: str) -> duckdb.DuckDBPyConnection:
    """Open the views over the workspace's database, itself attached read-only, and lock the settings.

    The views lie in a database in memory that holds nothing else, so no table of the workspace has a
    bare name here; :mod:`mgrec_core.service.query.statement` refuses names with dots.

    Parameters
    ----------
    memory
        Most that DuckDB may hold, such as ``"1GB"``; it may not spill to files.

    Raises
    ------
    InputError
        As :meth:`Workspace.connect`.
    """
    workspace.connect().close()  # tells readably what is missing or broken
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {sql_path(workspace.database)} AS data (READ_ONLY)")
        for (name,) in connection.execute(
            """SELECT view_name FROM duckdb_views()
               WHERE database_name = 'data' AND starts_with(view_name, 'v_')"""
        ).fetchall():
            connection.execute(f'CREATE VIEW "{name}" AS SELECT * FROM data.main."{name}"')
        for setting in (
            "temp_directory=''",  # before the next, which locks it
            "enable_external_access=false",
            "python_enable_replacements=false",
            "autoinstall_known_extensions=false",
            "autoload_known_extensions=false",
            "allow_community_extensions=false",
            "allow_persistent_secrets=false",
            "max_expression_depth=200",
            f"threads={THREADS}",
            f"memory_limit='{memory}'",
            "errors_as_json=true",
            "lock_configuration=true",
        ):
            connection.execute(f"SET {setting}")
    except duckdb.Error as error:
        connection.close()
        broken = InputError("the views of this workspace cannot be read: import the source again")
        raise refusal(error, "the workspace's database", damaged=broken) from None
    return connection


def views(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """Columns and their types of every view."""
    found: dict[str, list[tuple[str, str]]] = {}
    for view, column, kind in connection.execute(
        """SELECT table_name, column_name, data_type FROM duckdb_columns()
           WHERE database_name = 'memory' AND starts_with(table_name, 'v_')
           ORDER BY table_name, column_index"""
    ).fetchall():
        found.setdefault(str(view), []).append((str(column), str(kind)))
    return found


class Hiding:
    """Pseudonyms for the ids of users in the views of a connection, so that no expression sees an id.

    What is needed of the disk, the key and the ids, is read when this is made.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
        self._connection = connection
        self._names = Pseudonyms.read(connection, WorkspaceKey(workspace.path), "data.main")
        self._names.pseudonym("")  # the key is read here

    def hide(self, used: Iterable[str]) -> None:
        """Replace views by ones that hold pseudonyms.

        Values are looked through once each, and in the database: only those that hold the first word of
        an id reach Python. Their replacements lie in tables of a schema that no bare name means.
        """
        names, run = self._names, self._connection.execute
        run("CREATE SCHEMA hidden")
        for table, values in (("tokens", names.tokens), ("whole", names.whole), ("signs", names.signs)):
            run(f"CREATE TABLE hidden.{table} AS SELECT unnest(?::VARCHAR[]) AS one", [list(values)])
        run("CREATE TABLE hidden.people (id VARCHAR, said VARCHAR)")
        run("CREATE TABLE hidden.said (id VARCHAR, said VARCHAR)")
        there = views(self._connection)
        for view in sorted(used):
            self._hide(view, [column for column, kind in there[view] if kind == "VARCHAR"])

    def _hide(self, view: str, texts: list[str]) -> None:
        if not texts:
            return
        people = [column for column in texts if column in PEOPLE]
        source = f'data.main."{view}"'
        about = next((column for column in ("attribute", "relation") if column in texts), None)
        naming: list[str] = []
        if about is not None:
            rows = self._connection.execute(f"SELECT DISTINCT {about} FROM {source}").fetchall()
            naming = [str(row[0]) for row in rows if row[0] is not None and names_people(str(row[0]))]
        told = [c for c in texts if c not in (*people, about)] if naming else []
        self._learn("people", source, people)
        if told:
            self._learn("people", source, told, f"WHERE {about} IN (SELECT unnest($1))", naming)
        self._learn("said", source, [c for c in texts if c not in people])
        replaced, joins = [], []
        for column in texts:
            said = f"source.{column}"
            if column not in people:
                joins.append(f"LEFT JOIN hidden.said {column}_said ON {column}_said.id = source.{column}")
                said = f"coalesce({column}_said.said, {said})"
            if column in people or column in told:
                joins.append(f"LEFT JOIN hidden.people {column}_one ON {column}_one.id = source.{column}")
            if column in people:
                said = f"{column}_one.said"
            elif column in told:
                one = f"coalesce({column}_one.said, {said})"
                said = f"CASE WHEN source.{about} IN ({_quoted(naming)}) THEN {one} ELSE {said} END"
            replaced.append(f"{said} AS {column}")
        self._connection.execute(
            f'CREATE OR REPLACE VIEW "{view}" AS '
            f"SELECT source.* REPLACE ({', '.join(replaced)}) FROM {source} source {' '.join(joins)}"
        )

    def _learn(
        self, table: str, source: str, columns: list[str], where: str = "", given: list[str] | None = None
    ) -> None:
        """Find the values of columns that name users, and keep what is said instead."""
        if not columns:
            return
        names = self._names
        values = f"SELECT DISTINCT unnest([{', '.join(columns)}]) AS value FROM {source} {where}"
        if table == "people":
            found = self._strings(f"{values} EXCEPT SELECT id FROM hidden.people", given)
            if where:
                found = [value for value in found if value in names.people]
            said = names.pseudonyms(found)
        else:
            found = self._strings(_HOLDING.format(values=values), given)
            said = [names.text(value) for value in found]
        self._connection.execute(
            f"INSERT INTO hidden.{table} SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])", [found, said]
        )

    def _strings(self, sql: str, given: list[str] | None) -> list[str]:
        rows = self._connection.execute(sql, [given] if given is not None else []).fetchall()
        return [str(row[0]) for row in rows if row[0] is not None]


_HOLDING = r"""
WITH held AS MATERIALIZED ({values})
SELECT value FROM (
    SELECT value FROM held SEMI JOIN hidden.whole ON value = one
    UNION
    SELECT value FROM (
        SELECT value, unnest(regexp_extract_all(value, '[\pL\pN]+')) AS token FROM held
    ) SEMI JOIN hidden.tokens ON token = one
    UNION
    SELECT value FROM held SEMI JOIN hidden.signs ON contains(value, one)
) EXCEPT SELECT id FROM hidden.said
"""
"""Values that may hold an id; the expression takes for words what Python's letters and digits are."""


def _quoted(texts: list[str]) -> str:
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
