"""Markdown: a text to read."""

from __future__ import annotations

from mgrec_core.export.document import Document
from mgrec_core.export.format import Format


def _write(document: Document) -> dict[str, str]:
    from mgrec_core.export.report import render_report

    return {".md": render_report(document, "md")}


MARKDOWN = Format(name="md", write=_write, order=3)
