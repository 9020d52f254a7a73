"""A real browser draws the figures: hostile text is text, nothing runs, nothing is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import plotly
import pytest
from playwright.sync_api import Browser, Page

from mgrec_core.figures import contribution_bars, evidence_bars, waterfall
from mgrec_core.figures.text import shorten
from mgrec_core.foundation.explanation import Explanation
from mgrec_core.foundation.results import RankedList


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 760, "height": 900})
    yield opened
    opened.close()


def test_hostile_titles_are_drawn_as_text(
    page: Page, ranked: Callable[..., RankedList], hostile: tuple[str, ...], tmp_path: Path
) -> None:
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    figure = contribution_bars(ranked(len(hostile)))
    script = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    document = tmp_path / "figure.html"
    body = figure.to_html(full_html=False, include_plotlyjs=False, config={"responsive": True})
    document.write_text(f"<meta charset='utf-8'><body><script>{script}</script>{body}", encoding="utf-8")
    page.goto(document.as_uri())
    page.wait_for_selector(".barlayer .point")
    drawn = page.evaluate("[...document.querySelectorAll('.ytick text')].map(t => t.textContent)")
    for row, (text, title) in enumerate(zip(drawn, hostile, strict=True)):
        shown = text.replace("\u2068", "").replace("\u2069", "").replace("\xa0", " ")
        assert shown == f"{row + 1}  {shorten(title or f'id{row}')}"
    edges = page.evaluate(
        """() => { const box = document.querySelector('.main-svg').getBoundingClientRect();
        const texts = '.ytick text, .xtick text, .legendtext, .gtitle, .gtitle-subtitle';
        return [...document.querySelectorAll(texts)]
            .map(t => [t.textContent, t.getBoundingClientRect()])
            .filter(([, b]) => b.left < box.left - 1 || b.right > box.right + 1 || b.top < box.top - 1
                               || b.bottom > box.bottom + 1).map(([text]) => text) }"""
    )
    assert edges == [], "no label leaves the figure"
    page.locator(".barlayer .point").first.hover(force=True)
    page.wait_for_selector(".hoverlayer .hovertext")
    assert page.locator("svg a, img, svg script, svg foreignObject").count() == 0
    assert troubles == []


@pytest.mark.parametrize("draw", ["evidence", "waterfall"])
def test_no_number_runs_into_the_name_of_its_row(
    chromium: Browser, explained: Callable[..., Explanation], tmp_path: Path, draw: str
) -> None:
    explanation = explained(9)
    down = {g: -abs(value) for g, value in explanation.contributions.items()}
    explanation = replace(explanation, contributions=down, score=sum(down.values()))
    figure = evidence_bars(explanation, "behaviour") if draw == "evidence" else waterfall(explanation)
    script = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    document = tmp_path / "figure.html"
    body = figure.to_html(full_html=False, include_plotlyjs=False, config={"responsive": True})
    document.write_text(f"<meta charset='utf-8'><body><script>{script}</script>{body}", encoding="utf-8")
    narrow = chromium.new_page(viewport={"width": 480, "height": 700})
    narrow.goto(document.as_uri())
    narrow.wait_for_selector(".barlayer .point")
    over = narrow.evaluate(
        """() => { const boxes = s => [...document.querySelectorAll(s)]
              .map(t => [t.textContent, t.getBoundingClientRect()]);
        const names = boxes('.ytick text'), numbers = boxes('.annotation-text, .bartext');
        const edge = document.querySelector('.main-svg').getBoundingClientRect().right;
        return [numbers.length, numbers.filter(([, n]) => n.right > edge || names.some(([, m]) =>
            n.left < m.right && m.left < n.right && n.top < m.bottom && m.top < n.bottom))
            .map(([text]) => text)] }"""
    )
    narrow.close()
    assert over == [len(figure.layout.yaxis.ticktext), []]
