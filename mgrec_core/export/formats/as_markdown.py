"""Markdown: a text to read."""

from __future__ import annotations

from mgrec_core.export.format import Format, UserResults


def _write(results: UserResults) -> dict[str, str]:
    from mgrec_core.export.report import render_report

    return {".md": render_report(results.document, "md")}


MARKDOWN = Format(name="md", write=_write, order=3)
