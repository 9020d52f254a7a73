"""A connection that can read the workspace's views and nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import sql_path
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import WorkspaceKey

THREADS = 2
_PEOPLE = ("user_id", "friend_id")


def connect(workspace: Workspace, memory: str, pseudonymise: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the views over the workspace's database, itself attached read-only, and lock the settings.

    The views lie in a database in memory that holds nothing else, so no table of the workspace has a
    bare name here; :mod:`mgrec_core.service.query.statement` refuses names with dots.

    Parameters
    ----------
    memory
        Most that DuckDB may hold, such as ``"1GB"``; it may not spill to files.
    pseudonymise
        Give users' pseudonyms for their ids in every view, so that no expression sees an id.

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
        if pseudonymise:
            _hide_people(connection, workspace.path)
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


def _hide_people(connection: duckdb.DuckDBPyConnection, workspace: Path) -> None:
    """Put pseudonyms for ids into every view that has a column of users."""
    ids = [str(row[0]) for row in connection.execute("SELECT user_id FROM data.main.users").fetchall()]
    connection.execute("CREATE TABLE people (id VARCHAR, pseudonym VARCHAR)")
    connection.execute(
        "INSERT INTO people SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
        [ids, WorkspaceKey(workspace).pseudonyms(ids)],
    )
    for view, columns in views(connection).items():
        people = [name for name, _ in columns if name in _PEOPLE]
        if not people:
            continue
        inner = connection.execute(
            "SELECT sql FROM duckdb_views() WHERE database_name = 'memory' AND view_name = ?", [view]
        ).fetchone()
        assert inner is not None
        source = str(inner[0]).partition(" AS ")[2].rstrip("; \n")
        names = ", ".join(f"{name}_person.pseudonym AS {name}" for name in people)
        joins = " ".join(
            f"LEFT JOIN people {name}_person ON {name}_person.id = source.{name}" for name in people
        )
        connection.execute(
            f"CREATE OR REPLACE VIEW {view} AS "
            f"SELECT source.* REPLACE ({names}) FROM ({source}) source {joins}"
        )
