"""What an analyst does: open, move a weight, follow a link, open an item, take a file away."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import support
from playwright.sync_api import Page, expect

from mgrec_core.service import jobs

NewPage = Callable[..., Page]


LABELS = "[...document.querySelectorAll('.st-key-ranked_bars .ytick text')].map(t => t.textContent)"


def rows(page: Page) -> list[str]:
    """Labels of the ranked list's rows, once it is drawn and the page is at rest."""
    expect(page.locator(".st-key-ranked_bars .ytick text").first).to_be_visible()
    at_rest(page)
    return page.evaluate(LABELS)


def at_rest(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def test_a_weight_moved_by_keyboard_changes_list_and_link(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/user?user=u03&k=10&fusion=concat")
    before = rows(page)
    for granularity, key in (("popularity", "End"), ("recent", "Home"), ("attribute", "Home")):
        page.locator(f".st-key-lambda_{granularity}").get_by_role("slider").press(key)
    page.wait_for_url(re.compile("attribute~0"))
    page.wait_for_function(f"before => JSON.stringify({LABELS}) !== JSON.stringify(before)", arg=before)
    after = rows(page)
    assert after != before
    assert any("▲" in row or "▼" in row for row in after)
    copied = page.url
    assert rows(new_page(copied)) == after, "the copied link shows the same list"


def test_a_link_opens_an_item_and_its_evidence(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/user?user=u00&item=i04&weights=recent~0.25&fusion=concat")
    why = page.locator(".st-key-why")
    expect(why).to_contain_text(support.HOSTILE[4])
    expect(why).to_contain_text("The sums check")
    expect(page.locator(".st-key-lambda_recent")).to_contain_text("0.25")
    page.get_by_role("button", name="Close the explanation").click()
    expect(why).to_have_count(0)
    expect(page).not_to_have_url(re.compile("item="))


def test_a_click_on_a_bar_opens_the_item(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/user?user=u03&fusion=concat")
    rows(page)
    box = page.locator(".st-key-ranked_bars .bars .point path").nth(40).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile("item=i"))
    expect(page.locator(".st-key-why")).to_be_visible()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_hostile_titles_show_as_text_and_do_not_run(address: str, new_page: NewPage, number: int) -> None:
    page = new_page(f"{address}/user?user=u01&item=i{number:02}")
    expect(page.locator(".st-key-why h2")).to_have_text(support.HOSTILE[number])
    at_rest(page)
    assert page.evaluate("window.owned") is None
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.locator("img[src='x']").count() == 0


def test_files_say_where_they_come_from(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/user?user=u03&k=5&weights=recent~0.25&item=i07&fusion=concat")
    shown = rows(page)
    page.get_by_role("button", name="Other files").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="List as JSON").click()
    document = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert download.value.suggested_filename == "user-u03_shop.json"
    ranked, head = document["ranked"], document["head"]
    assert (ranked["user_id"], ranked["k"], head["weights"]["recent"]) == ("u03", 5, 0.25)
    assert head["build"] and head["workspace"] == "shop"
    assert len(ranked["items"]) == len(shown) == 5
    for item in ranked["items"]:
        assert abs(sum(item["contributions"].values()) - item["score"]) < 1e-5
    with page.expect_download() as download:
        page.get_by_role("button", name="List as CSV").click()
    with zipfile.ZipFile(download.value.path()) as pack:
        text = {name: pack.read(name).decode() for name in pack.namelist()}
    lines = list(csv.DictReader(text["user-u03_shop-ranked.csv"].splitlines()))
    assert [line["item_id"] for line in lines] == [item["item_id"] for item in ranked["items"]]
    assert head["build"] in text["user-u03_shop-about.csv"]
    page.keyboard.press("Escape")
    for name, start in (("PDF", b"%PDF-"), ("HTML", b"<!doctype html>")):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Explanation as {name}").click()
        assert download.value.suggested_filename == f"item-i07_user-u03_shop.{name.lower()}"
        assert Path(download.value.path()).read_bytes().startswith(start)
    page.get_by_role("button", name="Other files").last.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Explanation as JSON").click()
    why = json.loads(Path(download.value.path()).read_text("utf-8"))["explanation"]
    for granularity, contribution in why["contributions"].items():
        total = sum(e["value"] for e in why["evidence"][granularity]) + why["baseline"][granularity]
        assert abs(total - contribution) < 1e-5


def test_back_returns_to_the_user_before(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/user?user=u03")
    expect(page.locator(".mixer .row").first).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="Next user").click()
    page.wait_for_url(re.compile("user=u04"))
    expect(page.locator(".mg-h1")).to_have_text("User u04")
    at_rest(page)
    page.go_back()
    expect(page.locator(".mg-h1")).to_have_text("User u03")
    expect(page).to_have_url(re.compile("user=u03"))


def test_pages_keep_user_and_weights(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/user?user=u05&weights=recent~0.25")
    expect(page.locator(".mixer .row").first).to_be_visible()
    at_rest(page)
    page.get_by_role("link", name="Overview").click()
    expect(page.locator(".mg-h1")).to_have_text("Overview")
    page.get_by_role("link", name="User").click()
    expect(page.locator(".mg-h1")).to_have_text("User u05")
    expect(page.locator('.channel[data-granularity="recent"] .fader')).to_have_value("0.25")
    expect(page).to_have_url(re.compile("weights=recent~0.25"))


@pytest.mark.parametrize("path", ["", "user?user=u03&item=i00"])
def test_nothing_overflows(address: str, new_page: NewPage, path: str) -> None:
    page = new_page(f"{address}/{path}")
    main = "document.querySelector('[data-testid=stMain]')"
    background = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(f"({background} !== 'rgb(255, 255, 255)') === {str(theme == 'dark').lower()}")
        for width in (1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
            at_rest(page)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")


def test_the_map_is_computed_beside_the_page_and_opens_a_user(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/map")
    expect(page.locator(".mg-h1")).to_have_text("Map")
    expect(page.locator(".st-key-map .js-plotly-plot")).to_be_visible(timeout=150_000)
    at_rest(page)
    page.wait_for_function(
        "document.querySelector('.st-key-map .js-plotly-plot')?._fullLayout?.xaxis?._length > 0"
    )
    where = page.evaluate(
        """() => {
            const plot = document.querySelector('.st-key-map .js-plotly-plot');
            const trace = plot._fullData.find(t => t.customdata && t.x.length);
            const box = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout;
            return {x: box.left + xaxis._offset + xaxis.l2p(trace.x[0]),
                    y: box.top + yaxis._offset + yaxis.l2p(trace.y[0]), id: String(trace.customdata[0])};
        }"""
    )
    page.mouse.move(where["x"] - 3, where["y"])
    page.mouse.move(where["x"], where["y"])
    page.mouse.click(where["x"], where["y"])
    page.wait_for_url(re.compile("/user"))
    expect(page.locator(".mg-h1")).to_have_text(re.compile(r"User u\d\d"))


def test_a_fresh_machine_shows_progress_survives_reload_and_cancels(
    tmp_path: Path, new_page: NewPage
) -> None:
    root = tmp_path / "workspaces"
    with support.serving(root, tmp_path / "server.log") as address:
        page = new_page(address)
        score_cache = page.locator('[class*="st-key-job_"]')
        expect(score_cache).to_contain_text("elapsed")
        page.reload()
        expect(score_cache).to_contain_text("elapsed")
        page.get_by_role("link", name="User").click()
        expect(page.get_by_text("This page opens by itself")).to_be_visible()
        expect(score_cache).to_contain_text("elapsed")
        score_cache.get_by_role("button", name="Cancel").click()
        expect(score_cache).to_have_count(0)
        page.get_by_role("link", name="Overview").first.click()
        expect(page.get_by_text("was cancelled")).to_be_visible()
        assert jobs.running(root / "movielens") is None
        assert not (root / "movielens" / "vectors" / "CURRENT").exists()
        page.close()  # before its server goes, which it would report


def test_a_score_unfolds_to_its_evidence_and_interests_to_what_sets_them_apart(
    address: str, new_page: NewPage
) -> None:
    page = new_page(f"{address}/user?user=u01&item=i00&fusion=concat")
    page.get_by_text("From the score down to the evidence").click()
    tree = page.locator(".mg-tree")
    expect(tree).to_be_visible()
    strongest = tree.locator("> details[open]")
    expect(strongest).to_have_count(1)
    strongest.locator("details > summary").first.click()
    expect(strongest.locator("details[open] li").first).to_be_visible()
    page.get_by_role("tab", name="Interests").click()
    page.get_by_text("What sets them apart, and the evidence").first.click()
    expect(page.get_by_text("What its items have (all items: in brackets)").first).to_be_visible()
    at_rest(page)
    assert page.evaluate("window.owned") is None
    assert page.locator("img[src='x']").count() == 0
