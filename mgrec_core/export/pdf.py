"""A document as PDF pages: headings, tables and charts set by fpdf2, in fonts that have their characters."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from mgrec_core.export.cells import shown
from mgrec_core.export.charts import colours
from mgrec_core.export.document import Bars, Block, Document, Facts, Paragraph, Table
from mgrec_core.export.fonts import REMEDY, Fonts, fonts_for
from mgrec_core.foundation.text import count, shorten

_MUTED, _TEXT, _LINE, _PANEL = (92, 95, 107), (29, 31, 39), (200, 202, 210), (244, 245, 248)
_BODY, _WIDE = 9, 7
_NARROW = 24.0  # millimetres up to which a column is as wide as its longest cell
_ROW = 5.4  # millimetres a bar


def render_pdf(document: Document) -> bytes:
    """Set a document on A4 pages; the same document gives the same bytes.

    Characters that no font of the system has are counted in a line at the end, with what to install.
    """
    fonts = fonts_for(itertools.chain.from_iterable(_texts(document)))
    pages = _Pages(document, fonts)
    pages.add_page()
    pages.heading(document.title, 17)
    pages.say(document.about, muted=True)
    for section in document.sections:
        pages.part(section.title, 12.5 if section.level == 2 else 10)
        for block in section.blocks:
            pages.block(block)
    pages.part("Where this comes from", 12.5)
    pages.facts(tuple(document.head.lines()))
    if fonts.missing:
        lost = count(len(fonts.missing), "character")
        pages.say(f"No font of this machine has {lost} of this document: {REMEDY}.", muted=True)
    return bytes(pages.output())


class _Pages(FPDF):
    """Pages with one look, a line of origin at the foot, and the blocks of documents."""

    def __init__(self, document: Document, fonts: Fonts) -> None:
        super().__init__(format="A4")
        logging.getLogger("fontTools").setLevel(logging.ERROR)
        logging.getLogger("fpdf").setLevel(logging.ERROR)
        build = f", build {document.head.build}" if document.head.build else ""
        self._foot = f"{document.title} · {document.head.workspace}{build}"
        self._latin = fonts.text is None
        self.family = "helvetica"
        if fonts.text is not None:
            self.family = "text"
            self.add_font("text", fname=fonts.text)
            self.add_font("text", "B", fonts.bold or fonts.text)
        for n, path in enumerate(fonts.others):
            self.add_font(f"other{n}", fname=path)
        if fonts.others:
            self.set_fallback_fonts([f"other{n}" for n in range(len(fonts.others))], exact_match=False)
        self.set_title(self.fit(document.title))
        self.set_creator("mgrec")
        self.set_lang("en")
        self.set_creation_date(datetime.fromisoformat(document.head.date).replace(tzinfo=UTC))
        self.set_margins(14, 14)
        self.set_auto_page_break(True, 16)

    def fit(self, text: str) -> str:
        """Text on one line that the fonts at hand can take."""
        line = shorten(text, 4_000)
        return line.replace("−", "-").encode("latin-1", "replace").decode("latin-1") if self._latin else line

    def footer(self) -> None:
        """Say at the foot of each page what it is of."""
        self.set_y(-12)
        self.set_font(self.family, size=7)
        self.set_text_color(*_MUTED)
        self.cell(self.epw - 20, 4, self.fit(shorten(self._foot, 110)))
        self.cell(20, 4, str(self.page_no()), align=Align.R)

    def heading(self, text: str, size: float) -> None:
        """Set a heading."""
        self.set_font(self.family, "B", size)
        self.set_text_color(*_TEXT)
        self.multi_cell(
            0, size * 0.5, self.fit(shorten(text)), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align=Align.L
        )

    def part(self, text: str, size: float) -> None:
        """Set a heading that stays with what follows, and name it in the outline."""
        self.ln(3)
        if self.will_page_break(28):
            self.add_page()
        self.start_section(self.fit(shorten(text, 80)), level=0 if size > 11 else 1, strict=False)
        self.heading(text, size)
        self.ln(1)

    def say(self, text: str, *, muted: bool = False) -> None:
        """Set a paragraph."""
        self.set_font(self.family, size=_BODY)
        self.set_text_color(*(_MUTED if muted else _TEXT))
        self.multi_cell(0, 4.4, self.fit(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align=Align.L)
        self.ln(1)

    def block(self, block: Block) -> None:
        """Set any block."""
        if isinstance(block, Paragraph):
            self.say(block.text, muted=block.muted)
        elif isinstance(block, Facts):
            self.facts(block.rows)
        elif isinstance(block, Table):
            self.rows(block)
        else:
            self.bars(block)

    def facts(self, rows: tuple[tuple[str, str], ...]) -> None:
        """Set names beside their values."""
        self.set_font(self.family, size=8)
        wide = min(max((self.get_string_width(self.fit(name)) for name, _ in rows), default=0) + 4, 60)
        for name, value in rows:
            self.set_font(self.family, size=8)
            if self.will_page_break(5):
                self.add_page()
            self.set_text_color(*_MUTED)
            self.cell(wide, 4, self.fit(shorten(name, 48)))
            self.set_text_color(*_TEXT)
            self.multi_cell(0, 4, self.fit(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align=Align.L)
        self.ln(1)

    def rows(self, table: Table) -> None:
        """Set a table; its head stands again on each page."""
        if table.title or table.note:
            self.say(" ".join(filter(None, (table.title, table.note))), muted=True)
        size = _WIDE if len(table.columns) > 6 else 8
        self.set_font(self.family, size=size)
        self.set_text_color(*_TEXT)
        self.set_draw_color(*_LINE)
        self.set_fill_color(255)  # rows take the colour that was set last
        with self.table(
            col_widths=self._widths(table),
            text_align=[Align.R if column.right else Align.L for column in table.columns],
            headings_style=FontFace(emphasis="BOLD", fill_color=_PANEL),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=size * 0.5,
            padding=(0.6, 0.8),
        ) as grid:
            head = grid.row()
            for column in table.columns:
                head.cell(self.fit(column.name.replace("_", " ")))
            for values in table.rows:
                row = grid.row()
                for value, column in zip(values, table.columns, strict=True):
                    said = shown(value, column.kind)
                    row.cell(self.fit(said.replace("_", " ") if column.kind == "granularity" else said))
        self.ln(2)

    def _widths(self, table: Table) -> tuple[float, ...]:
        """Millimetres: what is no text is as wide as it is; texts share the rest by their lengths."""
        widths, texts = [0.0] * len(table.columns), dict[int, float]()
        for n, column in enumerate(table.columns):
            cells = [self.fit(shown(row[n], column.kind)) for row in table.rows[:200]]
            name = (
                max((self.get_string_width(part) for part in re.split("[_ ]", column.name)), default=0.0)
                * 1.2
            )
            longest = max((self.get_string_width(cell) for cell in cells), default=0.0)
            widths[n] = max(name, longest) + 2.4
            if widths[n] > _NARROW:
                texts[n] = min(longest, 90.0)
        left = self.epw - sum(w for n, w in enumerate(widths) if n not in texts)
        for n, wanted in texts.items():
            widths[n] = max(left * wanted / sum(texts.values()), 12.0)
        return tuple(widths)  # in proportion, where they do not sum to the page's width

    def bars(self, chart: Bars) -> None:
        """Draw bars around zero, with a legend."""
        self.say(f"{chart.title} ({chart.unit})", muted=True)
        self._legend(chart)
        low, high = chart.limits
        label, value = 62.0, 16.0
        left = self.l_margin + label + (value if any(row.total < 0 for row in chart.rows) else 1.5)
        room = self.w - self.r_margin - value - left
        for row in chart.rows:
            if self.will_page_break(_ROW):
                self.add_page()
            y = self.get_y()
            self.set_font(self.family, size=7.5)
            self.set_text_color(*_TEXT)
            self.set_xy(self.l_margin, y)
            self.cell(label - 2, _ROW, self.fit(shorten(row.label, 40)), align=Align.R)
            ends = {True: 0.0, False: 0.0}
            for name, amount in row.parts:
                start = ends[amount > 0]
                ends[amount > 0] = start + amount
                a, b = sorted(left + room * (x - low) / (high - low) for x in (start, start + amount))
                self.set_fill_color(colours(name)[0])
                self.rect(a, y + 0.8, max(b - a, 0.15), _ROW - 1.6, style="F")
            zero = left + room * -low / (high - low)
            self.set_draw_color(*_MUTED)
            self.line(zero, y, zero, y + _ROW)
            end = left + room * (ends[row.total >= 0] - low) / (high - low)
            right = row.total >= 0
            self.set_xy(end + 0.5 if right else end - value - 0.5, y)
            self.cell(
                value, _ROW, self.fit(shown(row.total, chart.kind)), align=Align.L if right else Align.R
            )
            self.set_xy(self.l_margin, y + _ROW)
        self.ln(2)

    def _legend(self, chart: Bars) -> None:
        names = [name for name in chart.names if name]
        if not names:
            return
        self.set_font(self.family, size=7.5)
        self.set_text_color(*_TEXT)
        for name in names:
            said = self.fit(name.replace("_", " "))
            if self.get_x() + self.get_string_width(said) + 9 > self.w - self.r_margin:
                self.ln(4.4)
            self.set_fill_color(colours(name)[0])
            self.rect(self.get_x() + 1, self.get_y() + 0.9, 2.6, 2.6, style="F")
            self.set_x(self.get_x() + 4.5)
            self.cell(self.get_string_width(said) + 4, 4.4, said)
        self.ln(5.5)


def _texts(document: Document) -> Iterator[str]:
    """Every text that is set."""
    yield document.title
    yield document.about
    for name, value in document.head.lines():
        yield name + value
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            if isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, Facts):
                yield from (name + value for name, value in block.rows)
            elif isinstance(block, Bars):
                yield from (row.label for row in block.rows)
                yield block.title + block.unit
            else:
                yield block.title + block.note
                yield from (column.name for column in block.columns)
                yield from (cell for row in block.rows for cell in row if isinstance(cell, str))
