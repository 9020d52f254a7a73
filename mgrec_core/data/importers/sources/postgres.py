"""Tables of a PostgreSQL database: one read-only snapshot, as Arrow, each cell as text.

DuckDB's own extension for this has to be downloaded for each version of DuckDB, which this program
never does; the ADBC driver is a package like any other and needs no server-side rights but SELECT.
The address may hold a password: it is in no message, receipt, log or file of the workspace.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import duckdb

from mgrec_core.data.importers.sources.base import labelled, quoted
from mgrec_core.data.importers.sources.databases import stage_arrow
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

_SCHEMES = ("postgres://", "postgresql://")
_PATIENCE = "10"  # seconds to wait for a server
_serial = itertools.count()
_LISTED = """
SELECT n.nspname, c.relname, n.nspname = ANY (current_schemas(false)),
       array_to_string(array_agg(a.attname::text ORDER BY a.attnum), chr(1)),
       array_to_string(array_agg(
           CASE WHEN t.typcategory = 'A' THEN 'array' ELSE t.typname::text END ORDER BY a.attnum), chr(1))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
GROUP BY n.nspname, c.relname ORDER BY n.nspname, c.relname
"""


@dataclass(frozen=True)
class PostgresAddress:
    """A ``postgres://`` address; its text form shows no password.

    Attributes
    ----------
    url
        The whole address, with the password if it was given there.
    """

    url: str = field(repr=False)

    @property
    def database(self) -> str:
        """Name of the database, which is the name of the data."""
        return unquote(urlsplit(self.url).path.strip("/")) or "postgres"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must not be shown."""
        parts = urlsplit(self.url)
        asked = [value for key, value in parse_qsl(parts.query) if "pass" in key.lower()]
        raw = re.search(r"^[^:]+://[^@/]*?:(.*)@", self.url)
        found = [parts.password or "", unquote(parts.password or ""), raw.group(1) if raw else "", *asked]
        # An @ that is not written %40 makes the rest of the password look like a part of the host.
        found += [one for text in found for one in text.split("@") if len(one) > 3]
        return tuple(sorted({one for one in found if one}, key=len, reverse=True))

    def hide(self, text: str) -> str:
        """Return a message without anything secret."""
        for secret in (self.url, *self.secrets):
            text = text.replace(secret, "…")
        return text

    def without_password(self) -> tuple[str, str]:
        """Return the address without its password, and the password."""
        parts = urlsplit(self.url)
        if parts.password is None:
            return self.url, ""
        host = parts.netloc.rpartition("@")[2]
        user = parts.netloc.rpartition("@")[0].split(":")[0]
        return urlunsplit(parts._replace(netloc=f"{user}@{host}")), unquote(parts.password)

    def with_password(self, password: str) -> PostgresAddress:
        """Return the address with another password; an empty one changes nothing."""
        if not password:
            return self
        parts = urlsplit(self.without_password()[0])
        user, _, host = parts.netloc.rpartition("@")
        return PostgresAddress(urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}")))

    def __str__(self) -> str:
        return f"postgres database {self.database}"


def is_postgres(text: str) -> bool:
    """Tell whether this is a PostgreSQL address rather than a path."""
    return text.strip().lower().startswith(_SCHEMES)


class PostgresSource:
    """The tables and views that the user of the address may read."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self.name = address.database
        import adbc_driver_manager
        import adbc_driver_postgresql.dbapi as driver

        self._failure: type[Exception] = adbc_driver_manager.Error
        try:
            self._server = driver.connect(_patient(address.url), autocommit=True)
        except (self._failure, ValueError) as error:
            raise InputError(
                f"the {address} cannot be reached ({self._reason(error)}); check host, port, name and user,"
                " and put the password into PGPASSWORD or ~/.pgpass"
            ) from None
        try:
            self._execute("SET DateStyle = 'ISO, YMD'")
            self._execute("SET TimeZone = 'UTC'")
            self._execute("SET bytea_output = 'escape'")
            self._execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            rows = self._execute(_LISTED).fetchall()
        except self._failure as error:
            self.close()
            raise InputError(f"the {address} cannot be listed ({self._reason(error)})") from None
        self._tables: dict[str, tuple[str, str, list[str], list[str]]] = {}
        for schema, table, near, names, kinds in rows:
            shown = table if near else f"{schema}.{table}"
            self._tables[labelled(self.name, shown)] = (schema, table, names.split("\1"), kinds.split("\1"))

    def _execute(self, sql: str) -> Any:
        cursor = self._server.cursor()
        cursor.execute(sql)
        return cursor

    def _reason(self, error: Exception) -> str:
        line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return shorten(self._address.hide(re.sub(r"^\w+: (\[libpq\] )?", "", line)), 160)

    def tables(self) -> tuple[str, ...]:
        """Return tables and views; those outside the search path have their schema in front."""
        return tuple(self._tables)

    def stage(
        self, connection: duckdb.DuckDBPyConnection, table: str, scratch: Path, limit: int | None = None
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
        except (self._failure, duckdb.Error) as error:
            raise InputError(
                f"{shorten(table)} cannot be read ({self._reason(error)}); check that the user may select"
                " from it and that the server is still up"
            ) from None

    def close(self) -> None:
        """See :class:`Source`."""
        with contextlib.suppress(self._failure):
            self._server.close()


def _patient(url: str) -> str:
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit(
        parts._replace(query=urlencode({"connect_timeout": _PATIENCE, "application_name": "mgrec"} | asked))
    )


def _text(column: str, kind: str) -> str:
    """Return PostgreSQL's SQL for a cell as text: lists joined by ``|``, 5.00 as 5."""
    if kind == "array":
        return f"array_to_string({column}, '|')"
    return f"trim_scale({column})::text" if kind == "numeric" else f"{column}::text"
