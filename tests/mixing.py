"""Hands and eyes for the live mixer in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

NewPage = Callable[..., Page]


def opened(new_page: NewPage, url: str, **how: Any) -> Page:
    """A page whose mixer is drawn and at rest."""
    page = new_page(url, **how)
    expect(page.locator(".mixer .row").first).to_be_visible()
    at_rest(page)
    return page


def at_rest(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def mixer(page: Page) -> Locator:
    return page.locator(".mixer")


def fader(page: Page, granularity: str) -> Locator:
    return page.locator(f'.mixer .channel[data-granularity="{granularity}"] .fader')


def toggle(page: Page, granularity: str, which: str) -> Locator:
    return page.locator(f'.mixer .channel[data-granularity="{granularity}"] .{which}')


def listed(page: Page) -> list[str]:
    return json.loads(mixer(page).get_attribute("data-ids") or "[]")


def confirmed(page: Page) -> None:
    """Wait until the server has answered the newest commit."""
    page.wait_for_function(
        """() => {
            const find = root => root.querySelector('.mixer') ??
                [...root.querySelectorAll('*')].map(e => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
            const {sent, confirmed} = find(document).dataset;
            return sent !== undefined && sent === confirmed;
        }"""
    )
    at_rest(page)


def set_faders(page: Page, weights: dict[str, float]) -> dict[str, Any]:
    """Move faders as a drag does, without letting go; return what the browser shows."""
    return mixer(page).evaluate(
        """(root, weights) => {
            for (const [g, w] of Object.entries(weights)) {
                const input = root.querySelector(`.channel[data-granularity="${g}"] .fader`);
                if (input.disabled) continue;
                input.value = String(w);
                input.dispatchEvent(new Event('input', {bubbles: true, composed: true}));
            }
            const {ids, scores, exact} = root.dataset;
            return {ids: JSON.parse(ids), scores: JSON.parse(scores), exact: exact === 'true'};
        }""",
        weights,
    )
