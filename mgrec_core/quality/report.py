"""The quality document as a file: HTML that stands alone, or JSON.

The HTML has no script and fetches nothing; its charts are SVG drawn by the template (plotly's own
script would make every file 4 MB). Texts are escaped by the template engine.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import write_text
from mgrec_core.quality.document import Cell, Column, QualityReport
from mgrec_core.quality.wording import percent

SUFFIXES = (".html", ".json")


def as_json(report: QualityReport) -> str:
    """Return the document as JSON."""
    return report.model_dump_json(indent=2)


def as_html(report: QualityReport) -> str:
    """Return the document as a page that stands alone, light or dark as the reader's system."""
    environment = Environment(
        loader=PackageLoader("mgrec_core.quality", "templates"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    template = environment.get_template("quality.html.j2")
    return template.render(report=report, cell=cell, is_number=is_number)


def check_path(path: Path) -> None:
    """Raise :class:`InputError` unless the name's ending says HTML or JSON."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"--out {path} ends in neither .html nor .json: give one of these endings")


def write(report: QualityReport, path: Path) -> None:
    """Write the document as what the path's ending says; a file is there whole or not at all.

    Raises
    ------
    InputError
        Another ending, or a path that cannot be written.
    """
    check_path(path)
    text = as_html(report) if path.suffix.lower() == ".html" else as_json(report)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text, errors="replace")
    except OSError as error:
        raise refusal(error, f"--out {path}", "written", choose="choose another --out") from None


def is_number(column: Column) -> bool:
    """Tell whether a column's cells stand to the right."""
    return column.kind in ("count", "share", "number")


def cell(value: Cell, kind: str) -> str:
    """A table's cell as text.

    Examples
    --------
    >>> cell(0.5, "share"), cell(1234, "count"), cell(None, "count")
    ('50 %', '1,234', '–')
    """
    if value is None:
        return "–"
    if kind == "share" and isinstance(value, int | float):
        return percent(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.3g}" if isinstance(value, float) else str(value)
