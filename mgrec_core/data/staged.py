"""A source file as a temporary table of text: what importers read and the cleaning rules judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten


@dataclass(frozen=True)
class Staged:
    """A source file as a temporary table of text.

    Attributes
    ----------
    file
        File name inside the source folder, for messages and the receipt.
    table
        Temporary table: ``_row`` (1, 2, … in file order) and ``c0``, ``c1`` …
    columns
        Name in the file → SQL column.
    delimiter
        What separates the fields of the file.
    lost
        Lines that could not be read at all.
    malformed
        The first few of them: (line number, content).
    conversions
        Repairing rule → regular expression of the cells it changed, when the text had to be converted.
    notes
        What was found out about how the file is written, one sentence each.
    withheld
        Columns, in lower case, that hold identifiers and are not shown; whoever needs one gets pseudonyms.
    dropped
        Columns, in lower case, that the person wants dropped.
    demanded
        Withheld columns that were needed.
    private
        Whether identifiers were found in the file.
    time_form
        How its times are written, where a mapping says so: a unit or a format of
        :mod:`mgrec_core.data.times`; empty where the column decides.
    """

    file: str
    table: str
    columns: dict[str, str]
    delimiter: str = ","
    lost: int = 0
    malformed: tuple[tuple[int, str], ...] = ()
    conversions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    demanded: set[str] = field(default_factory=set)
    private: bool = False
    time_form: str = ""

    def find(self, name: str) -> str | None:
        """Return the SQL column called ``name`` in the file (in any case), or None."""
        wanted = name.lower()
        return next((sql for given, sql in self.columns.items() if given.lower() == wanted), None)

    def need(self, name: str) -> str:
        """Return the SQL column called ``name`` in the file.

        Raises
        ------
        InputError
            When the file has no such column, or the person wants it dropped.
        """
        column = self.find(name)
        if column is None and name.lower() in self.withheld:
            self.demanded.add(name.lower())
            return self.withheld[name.lower()]
        if name.lower() in self.dropped:
            raise InputError(
                f"{self.file}: the column '{name}' cannot be dropped, the format needs it; hash it instead"
            )
        if column is None:
            found = shorten(", ".join(self.columns), 120)
            raise InputError(
                f"{self.file} has no column '{name}' (it has: {found});"
                " add it or rename the column that holds it"
            )
        return column

    def others(self, *known: str) -> dict[str, str]:
        """Return the columns whose names are not in ``known``."""
        names = {name.lower() for name in known}
        return {given: sql for given, sql in self.columns.items() if given.lower() not in names}
