"""PDF files: text that can be searched, Chinese in a font that has it, charts on the page."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from mgrec_core.export import Document, fonts
from mgrec_core.export.document import Head, Paragraph, Section
from mgrec_core.export.pdf import render_pdf
from tests.export.conftest import CHINESE, Made


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def plain(text: str) -> Document:
    head = Head("w", "d", "b", "", "", "", "", {}, "", "", {}, "2026-01-31", "x")
    return Document(
        "user", (("user", "1"),), text, "", head, dict, (Section("a", text, (Paragraph(text),)),), {}
    )


def test_its_text_can_be_found(document: Document) -> None:
    found = text_of(render_pdf(document)).replace("\r\n", " ").replace("\n", " ")
    assert document.head.build in found and "Where this comes from" in found
    for section in document.sections[:2]:
        assert section.title.split(":")[0] in found


def test_chinese_is_set_in_a_font_that_has_it(made: Made) -> None:
    if fonts.fonts_for(CHINESE).missing:
        pytest.skip(f"no Chinese font here: {fonts.REMEDY}")
    content = render_pdf(made("item"))
    assert CHINESE in text_of(content)
    page = pypdfium2.PdfDocument(content)[0].render(scale=2).to_numpy()
    assert (page.min(axis=2) < 128).sum() > 2_000  # there is ink


def test_without_fonts_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_installed", dict)
    monkeypatch.delenv(fonts.VARIABLE, raising=False)
    found = text_of(render_pdf(plain(f"λ −1 {CHINESE}"))).replace("\r\n", " ")
    assert "fonts-dejavu-core" in found and "?" in found


def test_a_font_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there = fonts._installed()
    if "DejaVuSans.ttf" not in there:
        pytest.skip("no font to name")
    monkeypatch.setattr(fonts, "_installed", dict)
    monkeypatch.setenv(fonts.VARIABLE, str(there["DejaVuSans.ttf"]))
    assert not fonts.fonts_for("λΩ").missing
    monkeypatch.setenv(fonts.VARIABLE, str(tmp_path / "no.ttf"))
    assert fonts.fonts_for("λ").missing == {"λ"}


@pytest.mark.parametrize("text", ["a\x00b\x1b", "\ud800", "x" * 5_000, "👩\u200d🔬 ÿ", "\u202eabc"])
def test_no_text_is_too_odd(text: str) -> None:
    assert render_pdf(plain(text)).startswith(b"%PDF-")
