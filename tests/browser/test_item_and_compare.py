"""The Item page and the Compare page in a browser: going on, linking, swapping, taking away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import support
from playwright.sync_api import Page, expect

NewPage = Callable[..., Page]
MAIN = "document.querySelector('[data-testid=stMain]')"


def at_rest(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def click_middle(page: Page, selector: str) -> None:
    """Click the widest of some shapes: a bar of 0 is nowhere to be hit."""
    expect(page.locator(selector).last).to_be_attached()
    at_rest(page)
    widths = page.locator(selector).evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    shape = page.locator(selector).nth(widths.index(max(widths)))
    shape.scroll_into_view_if_needed()
    box = shape.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_from_neighbour_to_neighbour_to_the_audience(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/item?item=i01&near=attribute")
    expect(page.locator(".mg-h1")).to_have_text(support.HOSTILE[1])
    assert page.evaluate("window.owned") is None
    click_middle(page, ".st-key-near_attribute .bars .point path")
    page.wait_for_url(re.compile(r"item=i\d\d"))
    expect(page.locator(".mg-h1")).not_to_have_text(support.HOSTILE[1])
    page.get_by_role("button", name="Audience", exact=True).or_(
        page.get_by_role("radio", name="Audience", exact=True)
    ).click()
    expect(page.get_by_text(re.compile(r"of 40 users see it in their top 10"))).to_be_visible()
    expect(page.locator(".st-key-audience_segments .main-svg").first).to_be_visible()
    page.wait_for_url(re.compile("look=Audience"))
    at_rest(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Audience as JSON").click()
    document = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert document["n_users"] == 40 and document["build"] and document["k"] == 10
    for width in (1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        at_rest(page)
        assert page.evaluate(f"{MAIN}.scrollWidth <= {MAIN}.clientWidth")


def test_a_node_of_the_graph_leads_on(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/item?item=i09&look=Knowledge+graph")
    expect(page.locator(".st-key-item_network .main-svg").first).to_be_visible()
    at_rest(page)
    page.locator(".st-key-item_network .scatterlayer .trace .points path").first.click(force=True)
    page.wait_for_url(re.compile("/knowledge|item=(?!i09)"))
    expect(page.locator(".mg-h1")).to_be_visible()


def test_two_users_swapped_and_linked(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/compare?user=u03&second=u07", theme="dark", width=1920)
    heading = page.locator(".mg-sub").first
    expect(heading).to_contain_text("User u03 (A) and user u07 (B)")
    expect(page.locator(".st-key-compare_differences .main-svg").first).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="Swap A and B").click()
    page.wait_for_url(re.compile("user=u07.*second=u03"))
    expect(heading).to_contain_text("User u07 (A) and user u03 (B)")
    copied = new_page(page.url)
    expect(copied.locator(".mg-sub").first).to_contain_text("User u07 (A) and user u03 (B)")
    expect(copied.locator(".st-key-compare_slope .main-svg").first).to_be_visible()
    at_rest(copied)
    assert copied.evaluate(f"{MAIN}.scrollWidth <= {MAIN}.clientWidth")
    click_middle(copied, ".st-key-compare_differences .bars .point path")
    copied.wait_for_url(re.compile(r"/item\?.*item=i\d\d"))


CONTRAST = """selector => [...document.querySelectorAll(selector)].map(e => {
  const numbers = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = c => c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  let opacity = 1, behind = null;
  for (let n = e; n; n = n.parentElement) {
    const style = getComputedStyle(n), [r, g, b, a = 1] = numbers(style.backgroundColor);
    opacity *= +style.opacity;
    if (!behind && a === 1) behind = [r, g, b];
  }
  const own = numbers(getComputedStyle(e).color), alpha = (own[3] ?? 1) * opacity;
  const seen = behind.map((v, i) => own[i] * alpha + v * (1 - alpha));
  const [high, low] = [light(seen), light(behind)].sort((x, y) => y - x);
  return (high + .05) / (low + .05);
})"""


def test_captions_and_primary_buttons_reach_aa(address: str, new_page: NewPage) -> None:
    for theme in ("light", "dark"):
        page = new_page(f"{address}/sql", theme=theme)
        expect(page.get_by_role("button", name="Run")).to_be_visible()
        at_rest(page)
        captions = page.evaluate(CONTRAST, '[data-testid="stCaptionContainer"] p')
        buttons = page.evaluate(CONTRAST, '[data-testid="stBaseButton-primary"] :is(p, kbd)')
        assert captions and buttons
        assert min(*captions, *buttons) >= 4.5, theme
