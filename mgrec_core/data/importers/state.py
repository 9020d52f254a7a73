"""What an import knows while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from mgrec_core.data.columns.settling import Loaded
from mgrec_core.data.importers.mapping.model import Mapping
from mgrec_core.data.importers.sources.postgres import PostgresAddress
from mgrec_core.data.options import ImportOptions
from mgrec_core.data.receipt import ReceiptWriter
from mgrec_core.foundation.progress import Progress
from mgrec_core.workspace.key import WorkspaceKey


@dataclass
class RunState:
    """The state of one import; :class:`~mgrec_core.data.importers.base.Import` adds what importers do.

    Attributes
    ----------
    connection
        The new database, with its tables still empty.
    source
        Folder that is read.
    scratch
        Folder for links and converted copies, removed afterwards.
    receipt
        Collects what was accepted, repaired and rejected.
    progress
        Told the name of each file as it is read.
    options
        What the person chose.
    key
        Makes pseudonyms of identifiers.
    met
        Columns that the options name and that a file had.
    seen
        Columns that the files had.
    joined
        Differences between ids, of those that the options name, by which some were joined.
    columns
        Attribute columns as the files had them.
    separators
        Attribute name → what separates its values, of the file that is read now, where its mapping says so.
    files
        How many files the importer expects to read.
    given
        What was named as the source: the folder, a file, or a database's address.
    mapping
        How columns become canonical ones, where the caller says so.
    limit
        Rows to read of each file, for a preview; None reads all.
    strengths
        Kind of event → strength in [0, 1], where the source says so itself.
    adds
        Whether the source is added to a workspace; its database is then attached as ``earlier``.
    """

    connection: duckdb.DuckDBPyConnection
    source: Path
    scratch: Path
    receipt: ReceiptWriter
    progress: Progress
    options: ImportOptions = field(default_factory=ImportOptions)
    key: WorkspaceKey = field(default_factory=WorkspaceKey)
    met: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)
    columns: list[Loaded] = field(default_factory=list)
    separators: dict[str, str] = field(default_factory=dict)
    files: int = 1
    done: int = field(default=0)
    given: Path | PostgresAddress | None = None
    mapping: Mapping | None = None
    limit: int | None = None
    strengths: dict[str, float] = field(default_factory=dict)
    adds: bool = False

    @property
    def off(self) -> frozenset[str]:
        """Cleaning rules that are switched off."""
        return self.options.without
