"""PDF: pages to print and to file."""

from __future__ import annotations

from mgrec_core.export.document import Document
from mgrec_core.export.format import Format


def _write(document: Document) -> dict[str, bytes]:
    from mgrec_core.export.pdf import render_pdf

    return {".pdf": render_pdf(document)}


PDF = Format(name="pdf", write=_write, order=5)
