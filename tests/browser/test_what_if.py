"""Unticking a history in a real browser: the list moves, one click and undo bring it back."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from mgrec_core import Engine
from mgrec_core.analysis.counterfactual import what_if

USER = "u03"
ROW, EDGE = 33, 8
"""Pixels: a row's height, and how far from the table's left there is a cell but no tick."""


def untick(page: Page, row: int, without: int) -> None:
    """Take the tick from a row of the history, as the keyboard does it, until so many items do not count.

    The table is a canvas that says nothing of when it is drawn: what is pressed before that is lost.
    """
    said = page.get_by_text(f"The list without {without} item")
    for _ in range(5):
        box = page.get_by_test_id("stDataFrame").first.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + EDGE, box["y"] + ROW * (row + 1.5))
        page.keyboard.press("Enter")
        with contextlib.suppress(AssertionError):
            expect(said).to_be_visible(timeout=15_000)
            return
    expect(said).to_be_visible()


def test_unticking_moves_the_list_and_undo_brings_it_back(
    address: str, new_page: Callable[..., Page], engine: Engine
) -> None:
    page = new_page(f"{address}/user?workspace=shop&user={USER}", width=1600, height=1000)
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("Untick what is not to count")).to_be_visible()
    page.get_by_test_id("stDataFrame").first.wait_for()
    history = engine.history(USER)["item_id"].tolist()
    for n, row in enumerate((0, 2), start=1):
        untick(page, row, n)
    gone = [history[0], history[2]]
    assert {"u03", *gone} == set(re.findall(r"[ui]\d\d", page.url.split("without=")[1]))
    expected = what_if(engine, USER, gone, k=10)
    first = expected.after.items[0].title
    cells = page.locator(".mg-table tbody tr").first
    expect(cells).to_contain_text(first[:20])
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("The list without 1 item")).to_be_visible()
    page.get_by_role("button", name="Count everything again").click()
    expect(page.get_by_text(re.compile(r"The list without \d"))).to_have_count(0)
    assert "without" not in page.url
    untick(page, 1, 1)
    assert history[1] in page.url
