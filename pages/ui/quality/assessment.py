"""The quality document on its page: the findings, one section at a time, and the files to take away."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from mgrec_core.export import Document
from mgrec_core.export.kinds.quality import quality_document
from mgrec_core.export.provenance import Origin
from mgrec_core.export.redaction import hide_quality
from mgrec_core.figures import palette
from mgrec_core.figures.quality import quality_chart
from mgrec_core.quality import SEVERITIES, Finding, QualityReport, assess
from mgrec_core.quality.document import Column, Section, Table
from mgrec_core.quality.report import cell, is_number
from mgrec_core.workspace.folder import Workspace
from pages.ui import text
from pages.ui.address.view import View, sections
from pages.ui.imported import facts, receipt
from pages.ui.quality import remedies
from pages.ui.session import state
from pages.ui.widgets import charts, exports, headings, style
from pages.ui.widgets.controlled import controlled

_ICONS = {"high": "error", "medium": "warning", "low": "info", "note": "notes"}


def read(folder: Path) -> QualityReport:
    """Return the workspace's quality document, made once for its data, its build and the day.

    Raises
    ------
    MgrecError
        When the database cannot be read.
    """
    workspace = Workspace(folder)
    return _read(
        str(folder),
        workspace.meta()["data_fingerprint"],
        workspace.current_build,
        datetime.now(UTC).date(),
    )


@st.cache_data(max_entries=4, show_spinner="Checking the data …")
def _read(path: str, fingerprint: str, build: str | None, today: date) -> QualityReport:
    return assess(Workspace(path), today)


def show(view: View, report: QualityReport) -> None:
    """Draw the totals, the choice of section and that section."""
    counted = [(f"{sum(f.severity == s for f in report.findings):,}", _plural(s)) for s in SEVERITIES]
    headings.kpis(counted)
    _files(view, report)
    titles = {"findings": "Findings"} | {section.key: section.title for section in report.sections}
    controlled(
        st.pills,
        "Part of the report",
        sections(),
        format_func=lambda key: titles.get(key, key),
        key="quality_section",
        value=view.section,
        label_visibility="collapsed",
        on_change=_choose,
        args=(view,),
    )
    if view.section == "findings":
        _findings(view, report)
    else:
        _section(view, report.section(view.section))


def _choose(view: View) -> None:
    view.section = st.session_state["quality_section"] or view.section
    state.touch()


def _plural(severity: str) -> str:
    return "notes" if severity == "note" else f"{severity} findings"


def _files(view: View, report: QualityReport) -> None:
    workspace = Workspace(state.folder(view.workspace))

    def make(origin: Origin) -> Document:
        return quality_document(origin, hide_quality(report, origin.key) if origin.key else report)

    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        hide = exports.hide_toggle("quality_hide")
        exports.documents(
            "Report", (("quality", view.workspace),), make,
            lambda key: Origin.of_data(workspace, key=key), view.workspace, key="quality", hide=hide,
        )  # fmt: skip


def _findings(view: View, report: QualityReport) -> None:
    headings.section("Findings", "Most serious first. High: results would be wrong or misleading.")
    if not report.findings:
        st.success("Every check ran and found nothing.", icon=":material/check_circle:")
    for n, finding in enumerate(report.findings):
        label = f"**{finding.severity.capitalize()}** · {text.md(finding.title)}: {text.md(finding.number)}"
        grave = n == 0 and finding.severity in ("high", "medium")
        with st.expander(label, icon=f":material/{_ICONS[finding.severity]}:", expanded=grave):
            st.html(_words(finding))
            remedies.show(view, finding, f"remedy_{n}")


def _words(finding: Finding) -> str:
    parts = (
        ("Definition", finding.definition),
        ("What it means", finding.meaning),
        ("What to do", finding.remedy),
    )
    body = "".join(f"<p><b>{name}.</b> {text.html(words)}</p>" for name, words in parts)
    items = "".join(
        f"<li>{text.html(e.kind)} {text.html(e.id)}"
        f"{f' like {text.html(e.like)}' if e.like else ''}"
        f"{f': {text.html(e.label)}' if e.label and e.label != e.id else ''}"
        f"{f' <span class=mg-muted>({text.html(e.detail)})</span>' if e.detail else ''}</li>"
        for e in finding.examples
    )
    return body + (f"<ul>{items}</ul>" if items else "")


def _section(view: View, section: Section) -> None:
    headings.section(section.title, section.about)
    if section.absent:
        st.info(text.md(section.absent), icon=":material/info:")
    if section.numbers:
        headings.kpis([(number.text, number.label) for number in section.numbers])
    for start in range(0, len(section.charts), 2):
        columns = st.container(key=f"distributions_{start}").columns(2, gap="medium")
        for column, chart in zip(columns, section.charts[start : start + 2], strict=False):
            with column:
                charts.draw(quality_chart(chart, dark=state.is_dark()), key=f"quality_{chart.key}")
    for table in section.tables:
        more = (
            f" The first {len(table.rows):,} of {table.total:,} are shown."
            if table.total > len(table.rows)
            else ""
        )
        st.html(
            f'<h3 class="mg-h3">{text.html(table.title)}</h3>'
            f'<p class="mg-sub">{text.html(table.note + more)}</p>'
            f'<div class="mg-scroll">{_table(view, table)}</div>'
        )
    if section.key == "receipt" and not section.absent:
        receipt.show(facts.read(state.folder(view.workspace)).receipt)
    if section.numbers:
        with st.expander("Definitions", icon=":material/function:"):
            rows = "".join(
                f"<tr><td>{text.html(n.label)}</td><td>{text.html(n.definition)}</td></tr>"
                for n in section.numbers
            )
            st.html(f'<table class="mg-table"><tbody>{rows}</tbody></table>')


def _table(view: View, table: Table) -> str:
    head = "".join(
        f"<th{' class=num' if is_number(column) else ''}>{text.html(column.name)}</th>"
        for column in table.columns
    )
    rows = "".join(
        "<tr>" + "".join(_cell(view, c, v) for c, v in zip(table.columns, row, strict=True)) + "</tr>"
        for row in table.rows
    )
    return f'<table class="mg-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _cell(view: View, column: Column, value: str | int | float | None) -> str:
    said = text.html(text.shorten(cell(value, column.kind), 200))
    if column.kind == "user":
        link = urlencode({"workspace": view.workspace, "user": str(value)})
        return f'<td><a href="user?{text.html(link)}" target="_self">{said}</a></td>'
    if column.kind == "granularity":
        return f"<td>{style.swatch(str(value))}{text.html(palette.name(str(value)))}</td>"
    return f"<td{' class=num' if is_number(column) else ''}>{said}</td>"
