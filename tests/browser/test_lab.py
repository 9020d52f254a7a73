"""The Fusion lab in a browser: metrics follow a slider, a point is applied, presets come and go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

NewPage = Callable[..., Page]
LONG = 120_000
"""Milliseconds that a background run of the small shop may take on a busy machine."""


def at_rest(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def figures(page: Page) -> list[str]:
    """What the strip of metrics shows."""
    metrics = page.get_by_test_id("stMetricValue")
    expect(metrics).to_have_count(4, timeout=LONG)
    at_rest(page)
    return metrics.all_inner_texts()


def open_tab(page: Page, name: str) -> None:
    page.locator(".st-key-lab_tab").get_by_text(name, exact=True).click()
    page.wait_for_url(re.compile(f"lab={name}"))
    at_rest(page)


def test_metrics_points_presets_and_cancelling(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/lab")  # the first visit prepares the test users by itself
    before = figures(page)
    below = page.get_by_test_id("stDataFrame")
    box = below.bounding_box()
    page.locator(".st-key-lambda_recent").get_by_role("slider").press("Home")
    page.wait_for_url(re.compile("weights=recent~0"))
    page.wait_for_function(
        "before => [...document.querySelectorAll('[data-testid=stMetricValue]')].map(e => e.innerText)"
        ".join() !== before.join()",
        arg=before,
    )
    at_rest(page)
    assert below.bounding_box() == box, "nothing moved when the slider was released"

    open_tab(page, "Trade-offs")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("button", name="Apply this point").click(timeout=LONG)
    page.wait_for_url(re.compile(r"weights=(?!recent~0(&|$))"))
    at_rest(page)
    applied = page.url

    page.get_by_role("button", name="Save as preset").click()
    page.get_by_label("Name of the preset").fill("from the front")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile("preset=from"))
    assert "weights=" in applied and "weights=" not in page.url

    open_tab(page, "Presets")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export presets").click()
    path = Path(download.value.path())
    text = path.read_text("utf-8")
    assert "from the front" in text and json.loads(text)
    moved = path.with_name("presets.json")
    moved.write_text(text.replace("from the front", "from a file"), "utf-8")
    page.locator("input[type=file]").set_input_files(moved)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text(re.compile("Imported: .*from a file"))).to_be_visible()
    at_rest(page)

    page.get_by_role("button", name="Learn the weights").click()
    job = page.locator(".st-key-job_tune")
    expect(job).to_contain_text("elapsed")
    job.get_by_role("button", name="Cancel").click()
    expect(job).to_have_count(0)
    expect(page.get_by_role("button", name="Learn the weights")).to_be_visible()
