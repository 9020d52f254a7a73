"""What a report is, whatever it is about and whatever file it becomes.

A document has a head (where it comes from), its results as a JSON object, tables for spreadsheets, and
sections of blocks to read. Each kind of document is one module of :mod:`mgrec_core.export.kinds` that makes
one; each format is one module of :mod:`mgrec_core.export.formats` that writes any. A kind is extended by
another :class:`Section`; a block that no format knows yet is added here and in the three that lay it out:
``templates/document.html.j2``, ``templates/document.md.j2`` and ``pdf.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

VERSION = 1
"""Of the JSON documents: raised when a key changes its meaning or goes."""

Cell = str | float | int | None
CellKind = Literal["text", "id", "granularity", "signed", "number", "count", "share"]


@dataclass(frozen=True)
class Head:
    """Where a document comes from, and how to make it again.

    Attributes
    ----------
    workspace, dataset, build
        Name of the workspace's folder, of its data set, and of the build.
    model, model_fingerprint
        The language model, and the digest of its files.
    data_fingerprint
        Digest of what the tables hold.
    preset
        Name of the preset whose weights these are; empty where they were given one by one.
    weights, base, fusion, alpha
        As of :class:`~mgrec_core.foundation.results.Weights`; empty where no weights take part.
    date
        The day it was made, UTC, ISO 8601.
    command
        What makes it again, to be run where the workspace lies.
    """

    workspace: str
    dataset: str
    build: str
    model: str
    model_fingerprint: str
    data_fingerprint: str
    preset: str
    weights: dict[str, float]
    base: str
    fusion: str
    alpha: dict[str, float]
    date: str
    command: str

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    def lines(self) -> list[tuple[str, str]]:
        """Name and value of what is known, in words and in order."""
        weights = ", ".join(f"{g} {w:.3g}" for g, w in self.weights.items())
        shares = ", ".join(f"{g} {w:.3g}" for g, w in self.alpha.items()) if self.fusion != "score" else ""
        told = {
            "workspace": self.workspace,
            "data set": self.dataset,
            "build": self.build,
            "language model": f"{self.model} ({self.model_fingerprint[:12]})" if self.model else "",
            "data fingerprint": self.data_fingerprint[:12],
            "preset": self.preset,
            "base": self.base,
            "weights λ": weights,
            "fusion": self.fusion,
            "shares α": shares,
            "made on": self.date,
            "made with": self.command,
        }
        return [(name, value) for name, value in told.items() if value]


@dataclass(frozen=True)
class Paragraph:
    """A sentence or more; ``muted`` for what explains."""

    text: str
    muted: bool = False
    block: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Facts:
    """Names and values in few words."""

    rows: tuple[tuple[str, str], ...]
    block: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Column:
    """A table's column; the kind says how its cells are shown."""

    name: str
    kind: CellKind = "text"

    @property
    def right(self) -> bool:
        """Whether its cells stand to the right."""
        return self.kind not in ("text", "id", "granularity")


@dataclass(frozen=True)
class Table:
    """Rows of cells, one a column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    note: str = ""
    block: str = field(default="table", init=False)


@dataclass(frozen=True)
class Bar:
    """One row of a chart: positive parts go to the right of zero, negative ones to the left.

    Attributes
    ----------
    parts
        (granularity, value); a name that is none is grey.
    """

    label: str
    parts: tuple[tuple[str, float], ...]

    @property
    def total(self) -> float:
        """The sum of the parts."""
        return sum(value for _, value in self.parts)


@dataclass(frozen=True)
class Bars:
    """A chart of bars around zero.

    Attributes
    ----------
    alt
        What it shows, in words.
    unit, kind
        What is measured, and how sums are shown.
    """

    title: str
    rows: tuple[Bar, ...]
    alt: str
    unit: str = "score"
    kind: CellKind = "signed"
    block: str = field(default="bars", init=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts, each once, in order."""
        return tuple(dict.fromkeys(name for row in self.rows for name, _ in row.parts))

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the greatest sum of parts of one sign; they hold zero and are apart."""
        low = min((sum(v for _, v in row.parts if v < 0) for row in self.rows), default=0.0)
        high = max((sum(v for _, v in row.parts if v > 0) for row in self.rows), default=0.0)
        return (low, high) if high > low else (0.0, 1.0)


Block = Paragraph | Facts | Table | Bars


@dataclass(frozen=True)
class Section:
    """A part of a document to read.

    Attributes
    ----------
    key
        Stable, for programs and links: letters, digits and hyphens.
    level
        2 for a part, 3 for a part of one.
    folded
        Shown closed on a screen, and open on paper.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]
    level: int = 2
    folded: bool = False


@dataclass(frozen=True)
class Document:
    """One report.

    Attributes
    ----------
    kind
        ``user``, ``item``, ``comparison``, ``cohort``, ``evaluation`` or ``quality``: names its JSON Schema.
    names
        What it is about, for names of files: ``("user", "15")`` and so on, the workspace last.
    title, about
        Its heading and the line under it.
    data
        What makes the results as a JSON object, beside ``head``.
    sections
        What is read.
    frames
        What makes its tables, by the end of their files' names.
    """

    kind: str
    names: tuple[tuple[str, str], ...]
    title: str
    about: str
    head: Head
    data: Callable[[], dict[str, Any]]
    sections: tuple[Section, ...]
    frames: Mapping[str, Callable[[], pd.DataFrame]]

    def to_dict(self) -> dict[str, Any]:
        """As the JSON document that ``schemas/<kind>.schema.json`` describes."""
        return {"document": self.kind, "version": VERSION, "head": self.head.to_dict(), **self.data()}
