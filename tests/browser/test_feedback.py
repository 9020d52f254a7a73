"""Thumbs and locks in the live mixer: pressed, taken back, kept over a reload, in two sessions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from mgrec_core.feedback.log import FeedbackLog
from mgrec_core.workspace.folder import Workspace

NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def log(address: str, tmp_path_factory: pytest.TempPathFactory) -> FeedbackLog:
    """The log of the workspace that the server shows."""
    root = tmp_path_factory.getbasetemp() / "servercurrent" / "workspaces"
    return FeedbackLog(Workspace(root / "shop").state)


def opened(new_page: NewPage, url: str, **how: Any) -> Page:
    page = new_page(url, **how)
    expect(page.locator(".mixer .row").first).to_be_visible()
    at_rest(page)
    return page


def at_rest(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def listed(page: Page) -> list[str]:
    return json.loads(page.locator(".mixer").get_attribute("data-ids") or "[]")


def thumb(page: Page, title: str, kind: str = "Like") -> Locator:
    return page.locator(".mixer").get_by_role("button", name=f"{kind} {title}", exact=True)


def titles(page: Page) -> list[str]:
    return page.locator(".mixer .row .title").all_text_contents()


def until(log: FeedbackLog, user: str, expected: dict[str, str], page: Page) -> None:
    """Wait until the log holds what was pressed."""
    for _ in range(200):
        if log.thumbs(user) == expected:
            return
        page.wait_for_timeout(50)
    assert log.thumbs(user) == expected


def test_thumbs_are_kept_with_list_and_weights(address: str, new_page: NewPage, log: FeedbackLog) -> None:
    page = opened(new_page, f"{address}/user?user=u09&weights=recent~0.5")
    shown, names = listed(page), titles(page)
    like = thumb(page, names[3])
    expect(like).to_have_attribute("aria-pressed", "false")
    like.focus()
    page.keyboard.press("Enter")
    expect(like).to_have_attribute("aria-pressed", "true")
    until(log, "u09", {shown[3]: "like"}, page)
    at_rest(page)
    (row,) = log.of_user("u09")
    assert (row.rank, list(row.shown), row.weights["recent"], row.origin) == (4, shown, 0.5, "page")
    assert listed(page) == shown, "a thumb moves learned weights, not the list"

    page.reload()
    expect(page.locator(".mixer .row").first).to_be_visible()
    expect(thumb(page, names[3])).to_have_attribute("aria-pressed", "true")
    other = opened(new_page, f"{address}/user?user=u09")
    expect(thumb(other, names[3])).to_have_attribute("aria-pressed", "true")
    # Two in quick succession: neither is lost.
    thumb(other, names[0], "Dislike").click()
    thumb(other, names[3]).click()
    until(log, "u09", {shown[0]: "dislike"}, other)
    page.reload()
    expect(thumb(page, names[0], "Dislike")).to_have_attribute("aria-pressed", "true")
    thumb(page, names[0], "Dislike").press("Space")
    until(log, "u09", {}, page)


def test_the_panel_shows_what_was_said(address: str, new_page: NewPage, log: FeedbackLog) -> None:
    page = opened(new_page, f"{address}/user?user=u11")
    shown, names = listed(page), titles(page)
    thumb(page, names[-1]).click()
    until(log, "u11", {shown[-1]: "like"}, page)
    at_rest(page)
    page.get_by_role("tab", name="Feedback").click()
    expect(page.get_by_text("1 piece so far.", exact=False)).to_be_visible()
    page.get_by_role("button", name="Apply personal weights").click()
    page.wait_for_url(re.compile("personal=1"))
    page.get_by_role("tab", name="Ranked list").click()
    expect(page.locator(".mixer .row").first).to_be_visible()


def test_a_locked_fader_stays(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03&weights=recent~0.4_popularity~0.7")
    channel = page.locator('.mixer .channel[data-granularity="recent"]')
    lock = channel.get_by_role("button", name="Lock Recent")
    lock.focus()
    page.keyboard.press("Space")
    expect(lock).to_have_attribute("aria-pressed", "true")
    expect(channel.locator(".fader")).to_be_disabled()
    page.locator(".mixer .reset").click()
    page.wait_for_url(lambda url: "recent~0.4" in url and "popularity" not in url)
    expect(channel.locator(".fader")).to_have_value("0.4")
    page.get_by_role("button", name="Solo Attribute").click()
    page.wait_for_url(re.compile("base=attribute"))
    expect(channel.locator(".value")).to_have_text("0.40")
    page.get_by_role("button", name="Solo Attribute").click()
    expect(page).not_to_have_url(re.compile("base="))
    lock.click()
    page.locator(".mixer .reset").click()
    expect(page).not_to_have_url(re.compile("weights="))


def test_hostile_titles_are_texts_on_thumbs_too(address: str, new_page: NewPage, log: FeedbackLog) -> None:
    page = opened(new_page, f"{address}/user?user=u05&k=100")
    hostile = [t for t in titles(page) if "<" in t]
    assert hostile, "the shop has a hostile title"
    thumb(page, hostile[0]).click()
    expect(thumb(page, hostile[0])).to_have_attribute("aria-pressed", "true")
    at_rest(page)
    page.get_by_role("tab", name="Feedback").click()
    expect(page.get_by_text("1 piece so far.", exact=False)).to_be_visible()
    assert page.locator("img[src='x']").count() == 0
