"""HTML: a page that stands alone, no script, nothing fetched."""

from __future__ import annotations

from mgrec_core.export.document import Document
from mgrec_core.export.format import Format


def _write(document: Document) -> dict[str, str]:
    from mgrec_core.export.report import render_report

    return {".html": render_report(document, "html")}


HTML = Format(name="html", write=_write, order=2)
