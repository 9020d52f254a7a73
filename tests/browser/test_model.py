"""The Model page in a browser: by keyboard, on both widths, with titles that would run if they could."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import support
from playwright.sync_api import Page, expect

NewPage = Callable[..., Page]
MAIN = "document.querySelector('[data-testid=stMain]')"


def at_rest(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def test_a_template_is_typed_previewed_and_taken_back(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/model?item=i03", theme="dark")
    expect(page.locator(".mg-tokens").nth(1)).to_be_visible()
    shown = re.sub(r"\s", "", page.locator(".mg-tokens").nth(1).inner_text())
    assert shown.casefold().startswith(re.sub(r"\s", "", support.HOSTILE[3]).casefold())
    assert page.locator(".mg-tokens :is(a, b, strong, code, script, img)").count() == 0
    template = page.get_by_role("textbox", name="Template of texts")
    template.fill("{genre}: {title}")
    template.press("Enter")
    expect(page.get_by_text("This is a preview")).to_be_visible()
    page.wait_for_url(re.compile("template="))
    again = new_page(page.url)
    expect(again.get_by_role("textbox", name="Template of texts")).to_have_value("{genre}: {title}")
    page.get_by_role("button", name="Back to the template in use").click()
    expect(page.get_by_text("This is a preview")).to_have_count(0)
    assert page.evaluate("window.owned") is None


def test_rooms_fit_both_widths_and_the_table_is_taken_away(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/model")
    for room in ("Teach", "Compare", "Models"):
        page.get_by_role("radio", name=room, exact=True).or_(
            page.get_by_role("button", name=room, exact=True)
        ).click()
        page.wait_for_url(re.compile(f"room={room.lower()}"))
        for width in (1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            at_rest(page)
            assert page.evaluate(f"{MAIN}.scrollWidth <= {MAIN}.clientWidth")
    with page.expect_download() as download:
        page.get_by_role("button", name="Models as CSV").click()
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert (first["model"], first["in_use"]) == ("all-MiniLM-L6-v2", "True")
