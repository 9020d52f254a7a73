"""The desk around the mixer: undo and redo, A / B, locks, the theme, and ten people at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from mixing import at_rest, confirmed, fader, listed, mixer, opened, set_faders, toggle
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect

from mgrec_core import Engine
from mgrec_core.foundation.results import Weights

NewPage = Callable[..., Page]


def shown(page: Page, weights: str) -> None:
    """Wait until the address says these weights, or none when empty."""
    expect(page).to_have_url(re.compile(weights)) if weights else expect(page).not_to_have_url(
        re.compile("weights=")
    )
    at_rest(page)


def undo(page: Page) -> Locator:
    return page.get_by_role("button", name="Undo", exact=True)


def test_keys_undo_and_redo_faders_mutes_and_presets(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03&weights=recent~0.5")
    first = listed(page)
    fader(page, "recent").press("End")
    shown(page, "")
    confirmed(page)
    moved = listed(page)
    toggle(page, "attribute", "mute").click()
    shown(page, "attribute~0(&|$)")
    confirmed(page)
    fader(page, "recent").press("Control+z")  # a fader is no text field
    shown(page, "")
    expect(toggle(page, "attribute", "mute")).to_have_attribute("aria-pressed", "false")
    assert listed(page) == moved
    page.keyboard.press("Control+z")
    shown(page, "recent~0.5")
    expect(fader(page, "recent")).to_have_value("0.5")
    assert listed(page) == first
    expect(undo(page)).to_be_disabled()
    page.keyboard.press("Meta+Shift+z")
    page.keyboard.press("Meta+Shift+z")  # in quick succession
    shown(page, "attribute~0(&|$)")
    expect(fader(page, "recent")).to_have_value("1")
    undo(page).click()
    shown(page, "")
    expect(page.locator('[data-testid="stToast"]').last).to_contain_text("Undone: weights")


def test_undo_moves_a_locked_fader_and_leaves_texts_alone(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03")
    fader(page, "recent").press("Home")
    shown(page, "recent~0(&|$)")
    confirmed(page)
    toggle(page, "recent", "lock").click()
    expect(fader(page, "recent")).to_be_disabled()
    page.get_by_role("button", name="Save as preset").click()
    name = page.get_by_role("textbox", name="Name of the preset")
    name.press_sequentially("abc")
    name.press("Control+z")
    page.wait_for_timeout(400)
    assert "recent~0" in page.url, "the key belongs to the text"
    page.keyboard.press("Escape")
    undo(page).click()
    shown(page, "")
    expect(fader(page, "recent")).to_have_value("1")
    expect(toggle(page, "recent", "lock")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Redo", exact=True)).to_be_enabled()


def test_a_lock_holds_a_fader_through_reset_and_solo(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03&weights=recent~0.4_attribute~0.9")
    toggle(page, "recent", "lock").click()
    page.locator(".mixer .reset").click()
    shown(page, r"weights=recent~0\.4(&|$)")
    confirmed(page)
    toggle(page, "attribute", "solo").click()
    shown(page, "base=attribute")
    assert "recent~0.4" in page.url
    for which, label in (("mute", "Mute Recent"), ("solo", "Solo Recent"), ("lock", "Lock Recent")):
        expect(toggle(page, "recent", which)).to_have_attribute("aria-label", label)
    expect(page.locator('.mixer [role="group"][aria-label="Recent"]')).to_have_count(1)


def test_the_browsers_back_button_goes_back_in_the_views(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03")
    start = listed(page)
    fader(page, "recent").press("Home")
    shown(page, "recent~0(&|$)")
    confirmed(page)
    page.go_back()
    shown(page, "")
    expect(fader(page, "recent")).to_have_value("1")
    assert listed(page) == start
    page.go_forward()
    shown(page, "recent~0(&|$)")
    expect(fader(page, "recent")).to_have_value("0")
    undo(page).click()
    shown(page, "")
    page.get_by_role("link", name="Fusion lab").click()
    page.wait_for_url(re.compile(r"/lab\?.*user=u03"))  # its view is in the address: one place to come from
    at_rest(page)
    page.go_back()
    expect(page.locator(".mixer .row").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    shown(page, "")
    expect(fader(page, "recent")).to_have_value("1")
    assert listed(page) == start


def test_a_and_b_are_compared_and_swapped_with_a_key(address: str, new_page: NewPage, engine: Engine) -> None:
    page = opened(new_page, f"{address}/user?user=u03&weights=recent~0.1&reference=equal")
    first = listed(page)
    second = [i.item_id for i in engine.rank("u03", weights=Weights(preset="equal")).items]
    page.get_by_role("radio", name="A / B").click()
    expect(page.locator(".st-key-ab_slope .js-plotly-plot")).to_be_visible()
    kpi = page.locator(".mg-kpi", has_text="items in both lists")
    expect(kpi).to_contain_text(f"{len({*first} & {*second})} of 10")
    page.wait_for_url(re.compile("form=ab"))
    page.keyboard.press("x")
    page.wait_for_url(re.compile("preset=equal"))
    confirmed_list(page, second)
    assert "reference_weights=recent~0.1" in page.url and "reference=default" in page.url
    copy = new_page(page.url)
    expect(copy.locator(".st-key-ab_slope .js-plotly-plot")).to_be_visible()
    at_rest(copy)
    assert listed(copy) == second, "the copied link shows the same"
    page.keyboard.press("x")
    confirmed_list(page, first)


def test_a_second_click_on_a_slow_line_does_not_take_the_first_one_back(
    address: str, context: BrowserContext
) -> None:
    """It leaves with the address that the browser knows, which the first one's answer replaces."""
    page = context.new_page()
    lines: list[WebSocketRoute] = []
    asked: list[str | bytes] = []
    held: list[str | bytes] | None = None

    def connect(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        lines.append(line)
        line.on_message(lambda message: (asked.append(message), server.send(message)))
        server.on_message(lambda message: line.send(message) if held is None else held.append(message))

    def wait(condition: Callable[[], bool]) -> None:
        for _ in range(600):
            if condition():
                return
            page.wait_for_timeout(100)
        pytest.fail("waited for a message in vain")

    page.route_web_socket(re.compile("/_stcore/stream"), connect)
    page.goto(f"{address}/user?user=u03")
    expect(page.locator(".mixer .row").first).to_be_visible()
    page.wait_for_url(re.compile("workspace="))
    at_rest(page)
    held = []
    page.get_by_role("radio", name="A / B").click()
    wait(lambda: any(b"form=ab" in message for message in held or () if isinstance(message, bytes)))
    before = len(asked)
    page.locator(".st-key-list_hide label").click()
    wait(lambda: len(asked) > before)
    late, held = held, None
    for message in late:
        lines[-1].send(message)
    expect(page.locator(".st-key-ab_slope .js-plotly-plot")).to_be_visible()
    page.wait_for_url(re.compile("form=ab"))
    at_rest(page)
    expect(page.get_by_role("radio", name="A / B")).to_be_checked()
    expect(page.get_by_role("switch", name="Pseudonyms")).to_be_checked()
    page.close()


def confirmed_list(page: Page, expected: list[str]) -> None:
    expect(mixer(page)).to_have_attribute("data-ids", json.dumps(expected, separators=(",", ":")))
    at_rest(page)


def test_against_the_last_weights_a_move_starts_from_where_it_was(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03&reference=~last&weights=recent~0.9")
    before = listed(page)
    now = set_faders(page, {"recent": 0.0, "attribute": 1.0})["ids"]  # held, not let go
    changes = page.locator(".mixer .row").evaluate_all(
        "all => all.map(r => [r.style.transform, r.querySelector('.change').textContent])"
    )
    order = sorted(changes, key=lambda c: float(re.findall(r"[\d.]+", c[0])[0]))
    for rank, (item, (_, change)) in enumerate(zip(now, order, strict=True), 1):
        if item in before:
            step = before.index(item) + 1 - rank
            assert change == ("=" if not step else f"▲{step}" if step > 0 else f"▼{-step}")
        else:
            assert change.startswith("new")
    assert any(change != "=" for _, change in order)


@pytest.mark.parametrize("width", [1280, 1920])
def test_nothing_jumps_when_a_slider_is_released(address: str, new_page: NewPage, width: int) -> None:
    page = opened(new_page, f"{address}/user?user=u03&k=10", width=width)
    look = """() => [...document.querySelectorAll(`h1, .mg-kpis, .st-key-guardrails_offer, .st-key-compare,
            [data-testid="stTabs"], .st-key-list_json, [class*="st-key-mixer"]`)].map(e => {
        const {x, y, width, height} = e.getBoundingClientRect();
        return [x, y, width, height];
    })"""
    before = page.evaluate(look)
    assert len(before) > 4
    page.evaluate(
        f"""() => {{
            window.boxes = new Set();
            const look = {look}, see = () => {{
                window.boxes.add(JSON.stringify(look()));
                requestAnimationFrame(see);
            }};
            see();
        }}"""
    )
    box = fader(page, "popularity").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    confirmed(page)
    page.wait_for_timeout(300)
    assert [json.loads(b) for b in page.evaluate("[...window.boxes]")] == [before], "in no frame"


def test_a_change_of_theme_needs_no_run(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03&weights=recent~0.3")
    look = "r => [getComputedStyle(r).color, getComputedStyle(r.querySelector('.part')).backgroundColor]"
    before, ids = mixer(page).evaluate(look), listed(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator('[data-testid="stApp"]')).to_have_css("color-scheme", "dark")
    at_rest(page)
    after = mixer(page).evaluate(look)
    assert before[0] != after[0] and before[1] != after[1]
    assert listed(page) == ids
    expect(fader(page, "recent")).to_have_value("0.3")


def test_numbers_beside_bars_follow_the_theme_and_a_focused_link_is_framed(
    address: str, new_page: NewPage
) -> None:
    page = new_page(f"{address}/user?user=u00&item=i04")
    numbers = page.locator(".st-key-why .annotation-text")
    expect(numbers.first).to_be_visible()
    at_rest(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator('[data-testid="stApp"]')).to_have_css("color-scheme", "dark")
    at_rest(page)
    fills = "all => all.filter(t => getComputedStyle(t).fill !== getComputedStyle(t).color).length"
    assert numbers.evaluate_all(fills) == 0
    page.get_by_role("link", name="Overview").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="User")).to_be_focused()
    expect(page.get_by_role("link", name="User")).to_have_css("outline-style", "solid")


def test_ten_people_at_once_do_not_meet(address: str, chromium: Browser, engine: Engine) -> None:
    """Each with a session, user and weights of their own, all moving before anybody is answered."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []
    pages: list[tuple[str, float, Page]] = []
    try:
        for n in range(10):
            contexts.append(chromium.new_context())
            page = contexts[-1].new_page()
            page.set_default_timeout(60_000)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(f"{address}/user?user=u{n:02}", wait_until="commit")
            pages.append((f"u{n:02}", n / 10, page))
        for _, _, page in pages:
            expect(page.locator(".mixer .row").first).to_be_visible()
        for round_ in (0, 1):
            for _, weight, page in pages:
                value = weight if round_ == 0 else round(0.95 - weight, 2)
                fader(page, "recent").evaluate(
                    """(input, value) => { input.value = value;
                    for (const kind of ['input', 'change'])
                        input.dispatchEvent(new Event(kind, {bubbles: true, composed: true})); }""",
                    str(value),
                )
            for user, weight, page in pages:
                value = weight if round_ == 0 else round(0.95 - weight, 2)
                confirmed(page)
                assert f"user={user}" in page.url and f"recent~{value:.4g}" in page.url
                ranked = engine.rank(user, weights={"recent": value})
                assert listed(page) == [i.item_id for i in ranked.items]
                expect(page.get_by_role("heading", name=f"User {user}", exact=True)).to_be_visible()
    finally:
        for context in contexts:
            context.close()
    assert faults == []


def test_a_move_made_while_the_connection_was_lost_is_sent_again(
    address: str, context: BrowserContext, engine: Engine
) -> None:
    """The server has never heard of the move, and nothing says so; the hand's weights stand."""
    page = context.new_page()  # Streamlit says on the console that it cannot send: no fault here
    sockets: list[WebSocketRoute] = []
    cut: list[bool] = []

    def connect(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if cut:
            socket.close()
        else:
            socket.connect_to_server()

    page.route_web_socket(re.compile("/_stcore/stream"), connect)
    page.goto(f"{address}/user?user=u03")
    expect(page.locator(".mixer .row").first).to_be_visible()
    at_rest(page)
    heard = mixer(page).get_attribute("data-confirmed")
    cut.append(True)
    sockets[-1].close()
    page.wait_for_selector('[data-testid="stApp"]:not([data-test-connection-state="CONNECTED"])')
    fader(page, "recent").press("Home")
    during = listed(page)
    assert during == [i.item_id for i in engine.rank("u03", weights={"recent": 0.0}).items]
    assert mixer(page).get_attribute("data-confirmed") == heard
    cut.clear()
    page.wait_for_url(re.compile(r"recent~0(&|$)"))
    confirmed(page)
    expect(fader(page, "recent")).to_have_value("0")
    assert listed(page) == during
    page.close()
