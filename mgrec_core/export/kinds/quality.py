"""The check of a workspace's data: findings with what to do, figures, and the receipt of the import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from mgrec_core.export.document import (
    Bar,
    Bars,
    Block,
    CellKind,
    Column,
    Document,
    Facts,
    Paragraph,
    Section,
    Table,
)
from mgrec_core.foundation.text import count

if TYPE_CHECKING:
    from mgrec_core.export.provenance import Origin
    from mgrec_core.quality.document import Chart, Finding, QualityReport
    from mgrec_core.quality.document import Section as Part
    from mgrec_core.quality.document import Table as Given

_KINDS: dict[str, CellKind] = {
    "text": "text", "user": "id", "granularity": "granularity", "count": "count", "share": "share",
    "number": "number",
}  # fmt: skip
_BARS = 24


def quality_document(origin: Origin, report: QualityReport) -> Document:
    """Tell what a check of the data has found.

    Parameters
    ----------
    report
        What :func:`mgrec_core.quality.assess` answered, with pseudonyms where ``origin`` has them.
    """
    counted = ", ".join(f"{n:,} {name}" for name, n in report.counts.items())
    found = report.findings
    findings: tuple[Block, ...] = (_table(found),) if found else (Paragraph("Every check found nothing."),)
    return Document(
        kind="quality",
        names=(("quality", origin.workspace),),
        title=f"Data quality of {report.dataset}",
        about=f"{counted}; as of {report.as_of}",
        head=origin.head("--quality"),
        data=lambda: {"quality": report.model_dump(mode="json")},
        sections=(
            Section("findings", f"{count(len(found), 'finding')}, the gravest first", findings),
            *(_finding(n, one) for n, one in enumerate(found, start=1)),
            *(part for one in report.sections for part in _part(one)),
        ),
        frames={"findings": lambda: _frame(found)},
    )


def _table(findings: tuple[Finding, ...]) -> Table:
    columns = (Column("severity"), Column("finding"), Column("how much"))
    return Table(columns, tuple((one.severity, one.title, one.number) for one in findings))


def _finding(n: int, one: Finding) -> Section:
    rows = [("definition", one.definition), ("what it means", one.meaning), ("what to do", one.remedy)]
    rows += [
        (example.kind, " ".join(filter(None, (
            example.id, f"like {example.like}" if example.like else "",
            f"({example.label})" if example.label and example.label != example.id else "", example.detail,
        ))))
        for example in one.examples
    ]  # fmt: skip
    return Section(
        f"finding-{n}", f"{one.severity.capitalize()}: {one.title}", (Facts(tuple(rows)),), 3, True
    )


def _part(part: Part) -> list[Section]:
    blocks: list[Block] = [Paragraph(part.about, muted=True)]
    if part.absent:
        blocks.append(Paragraph(part.absent))
    if part.numbers:
        blocks.append(Facts(tuple((one.label, one.text) for one in part.numbers)))
    blocks += [_chart(one) for one in part.charts if one.labels]
    blocks += [_given(one) for one in part.tables]
    return [Section(part.key.replace("_", "-"), part.title, tuple(blocks))]


def _chart(chart: Chart) -> Bars:
    """Draw at most a page's bars: longer series are summed in steps, means stay out of it."""
    step = -(-len(chart.labels) // _BARS)
    rows = []
    for start in range(0, len(chart.labels), step):
        names, values = chart.labels[start : start + step], chart.values[start : start + step]
        name = names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}"
        value = sum(values) if chart.kind == "bars" else sum(values) / len(values)
        rows.append(Bar(f"{name} {chart.quantity}".strip(), (("", value),)))
    said = "" if step == 1 or chart.kind == "bars" else ", means"
    return Bars(
        chart.title,
        tuple(rows),
        alt=f"{chart.title}. {chart.note}",
        unit=f"{chart.counted}{said}",
        kind="number",
    )


def _given(table: Given) -> Table:
    note = table.note
    if table.total > len(table.rows):
        note = f"{note} The first {len(table.rows):,} of {table.total:,} are shown."
    columns = tuple(Column(one.name, _KINDS[one.kind]) for one in table.columns)
    return Table(columns, tuple(table.rows), table.title, note)


def _frame(findings: tuple[Finding, ...]) -> pd.DataFrame:
    keys = ("check", "section", "severity", "title", "value", "number", "definition", "meaning", "remedy")
    return pd.DataFrame([{key: getattr(one, key) for key in keys} for one in findings], columns=list(keys))
