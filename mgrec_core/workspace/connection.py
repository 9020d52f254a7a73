"""The tables of a workspace, opened for reading: as they are on disk now, and readably refused."""

from __future__ import annotations

from pathlib import Path

import duckdb

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import MgrecError, NotHereError, WorkspaceBrokenError
from mgrec_core.foundation.files import sql_path

#: Raised whenever the tables or views change, so that older databases are told apart.
SCHEMA_VERSION = "5"


def connect(database: Path) -> duckdb.DuckDBPyConnection:
    """Read-only connection to a database of tables and views, without looking at what it holds.

    The file is attached to a private database: connecting to it by its path would give a
    process that still holds the tables from before a new import those again. A further
    cursor has to ``USE mgrec``.

    Raises
    ------
    duckdb.Error
        It cannot be opened; :func:`database_error` says why.
    """
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {sql_path(database)} AS mgrec (READ_ONLY)")
        connection.execute("USE mgrec")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_checked(database: Path) -> duckdb.DuckDBPyConnection:
    """:func:`connect` to a database that holds an import of this version.

    Raises
    ------
    WorkspaceLockedError
        Another program has the database open for writing.
    WorkspaceBrokenError
        The database is damaged, or was imported by another version.
    """
    try:
        connection = connect(database)
    except duckdb.Error as error:
        raise database_error(database, error) from None
    try:
        facts = read_meta(connection)
    except duckdb.Error as error:
        connection.close()
        raise database_error(database, error) from None
    if "data_fingerprint" not in facts:
        connection.close()
        raise database_error(database)
    held = facts.get("schema_version", "")
    if held != SCHEMA_VERSION:
        connection.close()
        if held.isdecimal() and int(held) > int(SCHEMA_VERSION):
            raise NotHereError(
                f"{database} was imported by a newer version of mgrec: update mgrec to open it; the file "
                "is whole"
            )
        raise WorkspaceBrokenError(
            f"{database} was imported by another version of mgrec: import the source again"
        )
    return connection


def read_meta(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Facts about the import: dataset, format, source, data_fingerprint, schema_version."""
    return {str(k): str(v) for k, v in connection.execute("SELECT key, value FROM meta").fetchall()}


def read_whole(database: Path, damaged: MgrecError | None = None) -> None:
    """Read every column of every table of a database: DuckDB checks each block that it reads.

    Parameters
    ----------
    database
        The tables of a workspace, or another database of it.
    damaged
        What to raise where a block is not what was written; by default what is said of the tables.

    Raises
    ------
    MgrecError
        It cannot be read, by its cause.
    """
    try:
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH {sql_path(database)} AS looked_at (READ_ONLY)")
            tables = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'looked_at'"
            ).fetchall()
            for schema, table in tables:
                name = ".".join('"' + part.replace('"', '""') + '"' for part in ("looked_at", schema, table))
                connection.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {name}").fetchall()
    except duckdb.Error as error:
        raise (
            refusal(error, database, damaged=damaged) if damaged else database_error(database, error)
        ) from None


def database_error(database: Path, error: duckdb.Error | None = None) -> MgrecError:
    """What to tell a person when DuckDB cannot read a workspace's database."""
    broken = WorkspaceBrokenError(
        f"{database} is damaged or not a workspace database: import the source again"
    )
    return broken if error is None else refusal(error, database, damaged=broken)
