"""Tables of a PostgreSQL database: one read-only snapshot, as Arrow, each cell as text.

DuckDB's own extension for this has to be downloaded for each version of DuckDB, which this program
never does; the ADBC driver is a package like any other and needs no server-side rights but SELECT.
The address may hold a password: it is in no message, receipt, log or file of the workspace. Nor is
anything that the server says about a failure: it may be no server, or somebody else's.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from mgrec_core.data.importers.dialect import Dialect
from mgrec_core.data.importers.sources.address import PostgresAddress, is_postgres
from mgrec_core.data.importers.sources.base import labelled, quoted
from mgrec_core.data.importers.sources.databases import stage_arrow
from mgrec_core.data.importers.sources.libpq import connection_string
from mgrec_core.data.importers.sources.reasons import reason
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

__all__ = ["PostgresAddress", "PostgresSource", "is_postgres"]

_LISTED = """
SELECT n.nspname, c.relname, n.nspname = ANY (current_schemas(false)),
       array_agg(a.attname::text ORDER BY a.attnum),
       array_agg(CASE WHEN t.typcategory = 'A' THEN 'array' ELSE t.typname::text END ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
GROUP BY n.nspname, c.relname ORDER BY n.nspname, c.relname
"""


class PostgresSource:
    """The tables and views that the user of the address may read."""

    def __init__(self, address: PostgresAddress) -> None:
        self.name = address.database
        import adbc_driver_manager
        import adbc_driver_postgresql.dbapi as driver

        shown = shorten(str(address))
        self._failure: type[Exception] = adbc_driver_manager.Error
        try:
            self._server = driver.connect(connection_string(address), autocommit=True)
        except (self._failure, ValueError) as error:
            raise InputError(
                f"the {shown} cannot be reached ({reason(error)}); check host, port, name and user, and put"
                " the password into ~/.pgpass with this host's name, or into PGPASSWORD with PGHOST beside it"
            ) from None
        try:
            self._execute("SET DateStyle = 'ISO, YMD'")
            self._execute("SET TimeZone = 'UTC'")
            self._execute("SET bytea_output = 'escape'")
            self._execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            self._tables = self._listed()
        except (self._failure, pa.ArrowException, ValueError, TypeError) as error:
            self.close()
            raise InputError(
                f"the {shown} cannot be listed ({reason(error)}); check that it is a PostgreSQL server"
            ) from None

    def _listed(self) -> dict[str, tuple[str, str, list[str], list[str]]]:
        found = {}
        for schema, table, near, names, kinds in self._execute(_LISTED).fetchall():
            # A server that is none may answer with anything.
            if len(names) != len(kinds) or not all(
                isinstance(one, str) for one in (schema, table, *names, *kinds)
            ):
                raise TypeError("no listing")
            label = labelled(self.name, table if near else f"{schema}.{table}")
            found[label] = (schema, table, list(names), list(kinds))
        return found

    def _execute(self, sql: str) -> Any:
        cursor = self._server.cursor()
        cursor.execute(sql)
        return cursor

    def tables(self) -> tuple[str, ...]:
        """Return tables and views; those outside the search path have their schema in front."""
        return tuple(self._tables)

    def stage(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        scratch: Path,
        limit: int | None = None,
        dialect: Dialect | None = None,
    ) -> Staged:
        """See :class:`Source`."""
        schema, name, columns, kinds = self._tables[table]
        texts = ", ".join(
            f"{_text(quoted(c), kind)} AS {quoted(c)}" for c, kind in zip(columns, kinds, strict=True)
        )
        sql = f"SELECT {texts} FROM {quoted(schema)}.{quoted(name)}"
        try:
            with contextlib.closing(self._execute(sql if limit is None else f"{sql} LIMIT {limit}")) as rows:
                return stage_arrow(connection, table, rows.fetch_record_batch())
        except (MemoryError, duckdb.OutOfMemoryException, duckdb.InterruptException):
            raise
        except (self._failure, pa.ArrowException, duckdb.Error, ValueError) as error:
            raise InputError(
                f"{shorten(table)} cannot be read ({reason(error)}); check that the user may select"
                " from it and that the server is still up"
            ) from None

    def close(self) -> None:
        """See :class:`Source`."""
        with contextlib.suppress(self._failure):
            self._server.close()


def _text(column: str, kind: str) -> str:
    """Return PostgreSQL's SQL for a cell as text: lists joined by ``|``, 5.00 as 5."""
    if kind == "array":
        return f"array_to_string({column}, '|')"
    return f"trim_scale({column})::text" if kind == "numeric" else f"{column}::text"
