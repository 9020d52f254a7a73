"""The SQL page in a browser: run, keep, cancel."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Download, Page, expect

NewPage = Callable[..., Page]

DRAWN = """() => [...document.querySelectorAll('[data-testid=stDataFrame] canvas')].some(c => {
  if (c.width < 300 || c.height < 100) return false;
  const pixels = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  const colours = new Set();
  for (let at = 0; at < pixels.length; at += 4) colours.add(pixels[at] << 8 | pixels[at + 1]);
  return colours.size > 8;  // words are drawn, with their soft edges
})"""


def rows(download: Download) -> list[str]:
    """Rows of a downloaded CSV file, without its quotes."""
    return Path(download.path()).read_text("utf-8").replace('"', "").split()


def test_run_a_query_save_a_cohort_and_cancel_a_long_one(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/sql?workspace=shop&sql=SELECT+user_id,+n_items+FROM+v_users+LIMIT+9")
    expect(page.get_by_text("came with a link")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    query = page.get_by_label("Query", exact=True)
    query.press("Control+Enter")
    expect(page.get_by_text(re.compile(r"9 rows in [\d.]+ s, from Run to the answer"))).to_be_visible()
    page.wait_for_function(DRAWN)
    frame = page.get_by_test_id("stDataFrame").bounding_box()
    column = page.get_by_test_id("stTextArea").bounding_box()
    assert frame and column and abs(frame["width"] - column["width"]) < 2
    page.get_by_label("Name of the cohort").fill("nine")
    page.get_by_role("button", name="Save as cohort").click()
    expect(page.get_by_text("Saved nine: 9 users.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name="CSV").first.click()
    assert rows(download.value)[0] == "user_id,n_items"
    page.reload()  # the answer is gone, the cohort is there
    page.get_by_text("nine · 9 users").click()
    held = []
    for name in ("CSV", "CSV with pseudonyms"):
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        with page.expect_download() as download:
            page.get_by_test_id("stDownloadButton").get_by_role("button", name=re.compile(f"{name}$")).click()
        held.append(rows(download.value))
        page.locator("label", has_text="Pseudonyms for users").last.click()
    assert held[0][0] == held[1][0] == "user_id" and len(held[0]) == len(held[1]) == 10
    assert all(name.startswith("u") for name in held[0][1:])
    assert all(name.startswith("p_") for name in held[1][1:])
    query.fill("SELECT count(*) FROM range(100000000000) a, range(1000) b")
    query.press("Control+Enter")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("the query was cancelled")).to_be_visible()
