"""What was chosen to be imported, kept for the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping
    from mgrec_core.data.importers.mapping.guess import Table
    from mgrec_core.data.importers.sources import Place
    from mgrec_core.data.preview import Preview


@dataclass
class Chosen:
    """What was chosen to be imported, kept for the session.

    Attributes
    ----------
    source
        Path or address, without a password.
    password
        Given apart; it goes to the job through its environment and is written nowhere.
    format
        The known format, or empty: then the mapping says which column is what.
    tables
        Tables with samples, where a mapping is needed.
    mapping
        The guessed or kept mapping.
    kept
        Whether the mapping was kept from an import of files with the same columns.
    problem
        Why nothing could be guessed.
    preview
        What the beginning would become, once asked for.
    previewed
        The mapping that the preview shows; with another one it is out of date.
    """

    source: str
    name: str
    password: str = ""
    format: str = ""
    tables: tuple[Table, ...] = ()
    mapping: Mapping | None = None
    kept: bool = False
    problem: str = ""
    preview: Preview | None = None
    previewed: Mapping | None = None

    @property
    def place(self) -> Place:
        """The source, with the password where there is one."""
        from mgrec_core.data.importers.sources import as_place
        from mgrec_core.data.importers.sources.postgres import PostgresAddress

        place = as_place(self.source)
        return place.with_password(self.password) if isinstance(place, PostgresAddress) else place
