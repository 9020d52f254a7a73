"""The quality document: one frozen result that the page, the HTML file and the JSON file share.

Every text may hold words from the data, so whoever shows it has to escape it. Shares are in [0, 1].
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mgrec_core.data import receipt as imported
from mgrec_core.data.receipt import FileReceipt, Reason

Severity = Literal["high", "medium", "low", "note"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "note")
"""From what makes results wrong (high) to what is only worth knowing (note)."""

Cell = str | int | float | None


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FindingExample(_Frozen):
    """A user, an item or a value that a finding is about, and where it is alike, another one."""

    kind: Literal["user", "item", "value"]
    id: str
    like: str = ""
    label: str = ""
    detail: str = ""


class Finding(_Frozen):
    """One thing about the data that an analyst should know.

    Attributes
    ----------
    check
        Name of the rule that found it; stable, for programs.
    section
        Key of the :class:`Section` that has the figures.
    severity
        ``high`` results would be wrong or misleading; ``medium`` a part of users or items is
        badly served; ``low`` a small part is; ``note`` worth knowing.
    value, number
        The number as such and as a sentence fragment with its unit and base.
    definition, meaning, remedy
        How the number is computed, what it means, what to do.
    column
        The attribute that it is about, where it is about one.
    """

    check: str
    section: str
    severity: Severity
    title: str
    value: float
    number: str
    definition: str
    meaning: str
    remedy: str
    examples: tuple[FindingExample, ...] = ()
    column: str = ""


class Number(_Frozen):
    """A statistic with its definition; ``value`` is ``None`` where it is not defined."""

    key: str
    label: str
    value: float | int | None
    text: str
    definition: str


class Chart(_Frozen):
    """A small figure: one value a class or period, drawn as bars or as a line.

    Attributes
    ----------
    quantity, counted
        What the labels and the values are, with units.
    reference, reference_name
        A second line to compare with, as long as ``values``, or nothing.
    """

    key: str
    title: str
    note: str
    quantity: str
    counted: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    kind: Literal["bars", "line"] = "bars"
    reference: tuple[float, ...] = ()
    reference_name: str = ""


class Column(_Frozen):
    """A table's column; the kind says how its cells are shown."""

    name: str
    kind: Literal["text", "count", "share", "number", "user", "granularity"] = "text"


class Table(_Frozen):
    """Rows of cells; ``total`` is how many rows there are in all when only the first are shown."""

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int


class Section(_Frozen):
    """One side of the data: numbers, charts and tables, or the sentence why there are none."""

    key: str
    title: str
    about: str
    absent: str = ""
    numbers: tuple[Number, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


class Receipt(_Frozen):
    """What the import read, accepted, repaired and rejected, and why, with example rows."""

    files: tuple[FileReceipt, ...] = ()
    reasons: tuple[Reason, ...] = ()
    examples: tuple[imported.ExampleRow, ...] = ()


class QualityReport(_Frozen):
    """Everything that is known of a workspace's data.

    Attributes
    ----------
    data_fingerprint
        Equal data give equal documents, but for ``as_of``.
    as_of
        The day that "in the future" is measured from.
    findings
        Sorted by severity, within one by section.
    """

    dataset: str
    format: str
    data_fingerprint: str
    as_of: date
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]
    receipt: Receipt

    def section(self, key: str) -> Section:
        """Return one section by its key."""
        return next(section for section in self.sections if section.key == key)


Part = tuple[Section, tuple[Finding, ...]]
"""What each check returns: the section with the figures, and the findings."""
