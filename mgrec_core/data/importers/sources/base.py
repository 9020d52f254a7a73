"""What every source of tables offers, be it a folder of files or a database."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import duckdb

from mgrec_core.data.importers.dialect import Dialect
from mgrec_core.data.staged import Staged


class Source(Protocol):
    """Tables under names that the receipt, mappings and messages use."""

    name: str
    """What the source is called: never a path, never an address."""

    def tables(self) -> tuple[str, ...]:
        """Return the names of what can be read, in order."""

    def stage(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        scratch: Path,
        limit: int | None = None,
        dialect: Dialect | None = None,
    ) -> Staged:
        """Read one of :meth:`tables` into a staging table of text columns.

        Parameters
        ----------
        connection
            Where the staging table is made.
        table
            One of :meth:`tables`.
        scratch
            Existing folder for links and copies.
        limit
            Read only so many rows, for a preview; None reads all.
        dialect
            What is known about how a text file is written; nothing else has one.

        Raises
        ------
        InputError
            When it cannot be read; one sentence with the way out.
        """

    def close(self) -> None:
        """Let go of connections and files."""


def labelled(file: str, table: str) -> str:
    """Return the name of a table or sheet inside a file.

    Examples
    --------
    >>> labelled("shop.sqlite", "orders")
    'shop.sqlite [orders]'
    """
    return f"{file} [{table}]"


def quoted(name: str) -> str:
    """Return an identifier for SQL, whatever it holds.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'
