"""The live mixer: the list answers a hand at once, the server confirms, texts stay texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import support
from mixing import at_rest, confirmed, fader, listed, mixer, opened, set_faders, toggle
from playwright.sync_api import Page, expect

from mgrec_core import Engine
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.fusion.candidates import find_candidates
from mgrec_core.model.scale import scale_and_median
from pages.ui.user import mixer as mixer_ui
from pages.ui.user.mixer import payload

NewPage = Callable[..., Page]
SCRIPTS = support.ROOT / "pages" / "ui" / "user" / "mixer"


def rows(page: Page) -> list[str]:
    """Titles from top to bottom as the eye meets them, once no row is on its way any more."""
    mixer(page).evaluate(
        "root => Promise.allSettled(root.getAnimations({ subtree: true }).map(one => one.finished))"
    )
    found = page.locator(".mixer .row").evaluate_all(
        "all => all.map(r => [r.getBoundingClientRect().top, r.querySelector('.title').textContent])"
    )
    return [title for _, title in sorted(found)]


def test_a_drag_reorders_before_release_and_commits_on_it(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03&k=10")
    before, url = listed(page), page.url
    box = fader(page, "popularity").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.1 + 5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    page.mouse.move(box["x"] + box["width"] * 0.99, y, steps=5)
    during = listed(page)
    assert during != before, "the list answers while the fader is held"
    assert page.url == url, "nothing is committed before release"
    top = mixer(page).bounding_box()
    page.mouse.up()
    page.wait_for_url(re.compile("weights=popularity~"))
    confirmed(page)
    assert listed(page) == during
    assert mixer(page).bounding_box() == top, "nothing jumped"
    copied = page.url
    assert listed(opened(new_page, copied)) == during, "the copied link shows the same list"


def test_what_is_shown_is_what_the_engine_ranks(address: str, new_page: NewPage, engine: Engine) -> None:
    page = opened(new_page, f"{address}/user?user=u07&k=20")
    rng = np.random.default_rng(11)
    base = engine.active_preset().base
    for _ in range(200):
        weights = {g: float(np.round(rng.random() * (rng.random() < 0.8), 2)) for g in engine.present}
        shown = set_faders(page, weights)
        ranked = engine.rank("u07", k=20, weights=Weights(weights, base))
        assert shown["exact"]
        assert shown["ids"] == [item.item_id for item in ranked.items]
        np.testing.assert_allclose(shown["scores"], [item.score for item in ranked.items], atol=1e-5)


def test_the_browser_says_exact_only_when_it_is(new_page: NewPage) -> None:
    """Large catalogue, few candidates: the script's own functions against the full ranking."""
    rng = np.random.default_rng(2)
    raw = rng.gamma(0.1, size=(6000, 7)).astype(np.float32)
    raw[1::2] = np.round(raw[1::2], 1)  # ties
    unseen = rng.random(6000) < 0.9
    scale, median = scale_and_median(raw, unseen)
    found = find_candidates(raw, scale, median, unseen, limit=800)
    ids = [str(p) for p in found.positions]
    message = payload.pack(found, ids, ids, {}, granularities=[{}] * 7, k=20)
    tries = rng.random((50, 7)) * (rng.random((50, 7)) < 0.6)
    tries[np.arange(50), np.arange(50) % 7] = 1.0
    script = (SCRIPTS / "ranking.js").read_text("utf-8")
    shown = new_page("about:blank").evaluate(
        f"""([bytes, tries]) => {{
            {script}
            const message = readMessage(Uint8Array.from(bytes));
            return tries.map(weights => {{
                const chosen = best(scoreAll(message, weights), message.k);
                return {{ids: chosen.map(i => message.ids[i]), scores: chosen.map(i => message.scores[i]),
                         exact: isExact(message, weights, chosen)}};
            }});
        }}""",
        [list(message), tries.tolist()],
    )
    said = [one["exact"] for one in shown]
    assert 5 < sum(said) < 50, "some lists are certain and some are not"
    for weights, one in zip(tries, shown, strict=True):
        scores = ((raw.astype(np.float64) - median) * (weights * scale)).sum(axis=1)
        assert one["exact"] == found.top(weights, 20)[1]
        if one["exact"]:
            expected = top_k(scores, 20, unseen)
            assert one["ids"] == [str(p) for p in expected]
            assert one["scores"] == scores[expected].tolist(), "to the last bit"


def test_keyboard_steps_and_commits(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03&weights=recent~0.5")
    recent = fader(page, "recent")
    for keys, value in (
        (["ArrowRight"], "0.51"), (["Shift+ArrowLeft", "Shift+ArrowDown"], "0.31"),
        (["End"], "1"), (["Shift+ArrowUp"], "1"), (["Home"], "0"), (["ArrowUp", "Shift+ArrowRight"], "0.11"),
    ):  # fmt: skip
        for key in keys:
            recent.press(key)
        expect(recent).to_have_value(value)
    page.wait_for_url(re.compile(r"recent~0\.11"))
    confirmed(page)
    expect(recent).to_be_focused()
    expect(recent).to_have_value("0.11")
    assert "0.11" in (recent.get_attribute("aria-valuetext") or "")


def test_mute_solo_and_reset(address: str, new_page: NewPage, engine: Engine) -> None:
    page = opened(new_page, f"{address}/user?user=u03")
    start, base = listed(page), engine.active_preset().base
    toggle(page, "recent", "mute").click()
    page.wait_for_url(re.compile("weights=recent~0(&|$)"))
    confirmed(page)
    expect(fader(page, "recent")).to_have_value("1")  # the fader waits where it was
    assert listed(page) == [i.item_id for i in engine.rank("u03", weights={"recent": 0.0}).items]
    toggle(page, "recent", "mute").click()
    expect(page).not_to_have_url(re.compile("weights="))
    confirmed(page)
    assert listed(page) == start
    expect(toggle(page, base, "mute")).to_be_disabled()

    toggle(page, "attribute", "solo").click()
    page.wait_for_url(re.compile("base=attribute"))
    confirmed(page)
    none = dict.fromkeys(engine.present, 0.0)
    alone = engine.rank("u03", weights=Weights(none, "attribute"))
    assert listed(page) == [i.item_id for i in alone.items]
    expect(toggle(page, "attribute", "solo")).to_have_attribute("aria-pressed", "true")
    toggle(page, "attribute", "solo").click()
    expect(page).not_to_have_url(re.compile("base="))
    confirmed(page)
    assert listed(page) == start

    fader(page, "popularity").press("End")
    page.wait_for_url(re.compile("popularity~1"))
    page.locator(".mixer .reset").click()
    expect(page).not_to_have_url(re.compile("weights="))
    confirmed(page)
    assert listed(page) == start
    expect(page.locator(".mixer .reset")).to_be_disabled()


def test_a_row_opens_its_explanation_and_the_desk_stays(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03", width=1920)
    toggle(page, "recent", "mute").click()
    confirmed(page)
    mixer(page).evaluate("root => { window.mixerBefore = root; }")
    second = listed(page)[1]
    page.locator('.mixer .open[aria-label^="2. "]').click()
    page.wait_for_url(re.compile(f"item={second}"))
    expect(page.locator(".st-key-why")).to_contain_text("The sums check")
    at_rest(page)
    assert mixer(page).evaluate("root => root === window.mixerBefore"), "the same element, not a new one"
    expect(toggle(page, "recent", "mute")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Close the explanation").click()
    expect(page.locator(".st-key-why")).to_have_count(0)
    assert mixer(page).evaluate("root => root === window.mixerBefore")


def test_a_rerun_leaves_the_hand_alone(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03")
    fader(page, "attribute").press("End")
    box = fader(page, "recent").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.79, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, y, steps=3)
    held = fader(page, "recent").input_value()
    page.wait_for_url(re.compile("attribute~1"))  # the server answers the key while the fader is held
    at_rest(page)
    assert fader(page, "recent").input_value() == held
    page.mouse.move(box["x"] + box["width"] * 0.2, y, steps=3)
    assert fader(page, "recent").input_value() < held, "the drag goes on"
    page.mouse.up()
    page.wait_for_url(re.compile(r"recent~0\.\d"))
    confirmed(page)
    expect(fader(page, "attribute")).to_have_value("1")


def test_a_preset_chosen_elsewhere_moves_the_faders(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03&weights=recent~0.25")
    expect(fader(page, "recent")).to_have_value("0.25")
    page.get_by_role("combobox", name="Preset").click()
    page.get_by_role("option", name="equal").click()
    expect(fader(page, "recent")).to_have_value("1")
    expect(page.locator(".mixer .status")).to_contain_text("the same as under the preset equal")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_hostile_titles_are_text(address: str, new_page: NewPage, theme: str) -> None:
    page = opened(new_page, f"{address}/user?user=u00&k=100", theme=theme)
    shown = rows(page)
    hostile = [title for title in support.HOSTILE if title in shown]
    assert len(hostile) >= 2
    assert page.locator(".mixer img, .mixer script, .mixer a").count() == 0
    assert page.evaluate("window.owned") is None
    dark = page.locator(".mixer").evaluate("r => getComputedStyle(r.querySelector('.part')).backgroundColor")
    assert dark == ("rgb(61, 147, 214)" if theme == "dark" else "rgb(0, 101, 158)")


def test_other_fusion_modes_keep_the_sliders(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/user?user=u03&fusion=concat")
    expect(page.locator(".st-key-lambda_recent")).to_be_visible()
    expect(page.locator(".mixer")).to_have_count(0)


def test_the_table_keeps_the_faders(address: str, new_page: NewPage) -> None:
    page = opened(new_page, f"{address}/user?user=u03")
    page.get_by_role("radio", name="Table").click()
    expect(page.locator(".st-key-ranked_table")).to_be_visible()
    expect(page.locator(".mixer .row").first).to_be_hidden()
    fader(page, "recent").press("Home")
    page.wait_for_url(re.compile("recent~0"))
    confirmed(page)


def test_a_message_taken_back_late_does_not_clear_the_place(new_page: NewPage, engine: Engine) -> None:
    """While its module loads, Streamlit takes the first of two messages back after it drew the second."""
    found, present = engine.candidates("u03", limit=20), list(engine.present)
    ids = [engine.item_ids[p] for p in found.positions]
    preset = engine.presets()["default"]
    message = payload.pack(
        found, ids, ids, {}, user="u03", granularities=payload.granularities(present),
        weights=[preset.weights[g] for g in present], base=present.index(preset.base),
        preset=payload.preset_of(preset, present), reference="", moving=False, restored=0, k=5, open="",
        confirmed=[], number=0, session="one", list=True, thumbs={}, thumbed=0,
    )  # fmt: skip
    script = "\n".join((SCRIPTS / name).read_text("utf-8") for name in mixer_ui.SCRIPTS)
    drawn = new_page("about:blank").evaluate(
        """async ([script, bytes]) => {
            const url = URL.createObjectURL(new Blob([script], {type: 'text/javascript'}));
            const draw = (await import(url)).default;
            const how = {data: Uint8Array.from(bytes), parentElement: document.body, setTriggerValue() {}};
            const [first, second] = [draw(how), draw(how)];
            const rows = () => document.querySelectorAll('.mixer .row').length;
            const seen = [rows()];
            first(); seen.push(rows());
            second(); seen.push(rows());
            return seen;
        }""",
        [script, list(message)],
    )
    assert drawn == [5, 5, 0]


def test_nothing_in_the_scripts_reads_markup_or_the_network() -> None:
    text = "".join(Path(p).read_text("utf-8") for p in sorted(SCRIPTS.glob("*.[jc]s*")))
    assert len(text) > 10_000, "the scripts are found"
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|eval\(|fetch\(|https?:|@import", text)
