"""The map by mouse: a lasso becomes a cohort, is saved and coloured by; the search flies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import support
from playwright.sync_api import Page, expect

from mgrec_core import Engine
from mgrec_core.evaluation.score_cache_files import prepare
from mgrec_core.projection import ProjectionSettings, cache_path
from mgrec_core.workspace.cohorts import CohortStore

NewPage = Callable[..., Page]
PLOT = "document.querySelector('.st-key-map .js-plotly-plot')"
BAD = support.HOSTILE[0]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with a score cache, a genre with a hostile name, and a map of four groups of ten users."""
    base = tmp_path_factory.mktemp("map")
    found = support.copy_root(support.built_root(tmp_path_factory.getbasetemp()), base / "workspaces")
    shop = found / "shop"
    prepare(Engine.open(shop))
    with duckdb.connect(str(shop / "mgrec.duckdb")) as connection:
        tables = connection.execute(
            "SELECT table_catalog, table_schema FROM information_schema.tables"
            " WHERE table_name = 'item_attributes'"
        ).fetchall()
        for catalogue, schema in tables:
            connection.execute(
                f'UPDATE "{catalogue}"."{schema}".item_attributes SET value = ? WHERE value = ?', [BAD, "tea"]
            )
    engine = Engine.open(shop)
    settings = ProjectionSettings(weights=engine.resolve().values)
    path = cache_path(shop, engine.build, settings)
    path.parent.mkdir(exist_ok=True)
    corners = np.array([[0, 0], [10, 0], [10, 10], [0, 10]])
    numbers = np.array([int(u[1:]) for u in engine.user_ids])
    points = (corners[numbers % 4] + np.random.default_rng(0).uniform(-1, 1, (len(numbers), 2))).astype("f4")
    pd.DataFrame({"id": engine.user_ids, "x": points[:, 0], "y": points[:, 1]}).to_parquet(path, index=False)
    return found


@pytest.fixture(scope="module")
def map_address(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with support.serving(root, tmp_path_factory.mktemp("log") / "server.log") as found:
        yield found


def at_rest(page: Page) -> None:
    page.wait_for_function(f"{PLOT}?._fullLayout?.xaxis?._length > 0")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def pixels(page: Page, *places: tuple[float, float]) -> list[tuple[float, float]]:
    """Where places of the map are on the screen."""
    return [
        (found["x"], found["y"])
        for found in page.evaluate(
            f"""places => places.map(([x, y]) => {{
                const box = {PLOT}.getBoundingClientRect(), {{xaxis, yaxis}} = {PLOT}._fullLayout;
                return {{x: box.left + xaxis._offset + xaxis.d2p(x),
                         y: box.top + yaxis._offset + yaxis.d2p(y)}};
            }})""",
            [list(p) for p in places],
        )
    ]


def draw(page: Page, tool: str, *corners: tuple[float, float]) -> None:
    """Choose a tool and draw with the mouse through places of the map, from one that is inside it."""
    page.locator(f'.st-key-map .modebar-btn[data-val="{tool}"]').click()
    first, *rest = pixels(page, *corners)
    page.mouse.move(*first)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()


def kept(page: Page) -> list[str]:
    """Keys of the points that the chart does not grey."""
    return sorted(
        page.evaluate(
            f"""() => {PLOT}._fullData.filter(t => t.type === 'scattergl' && t.selectedpoints)
                .flatMap(t => t.selectedpoints.map(i => String(t.customdata[i])))"""
        )
    )


def members(rest: int) -> list[str]:
    return [f"u{n:02}" for n in range(rest, support.USERS, 4)]


def test_a_lasso_becomes_a_cohort_with_metrics_and_is_coloured_by(
    map_address: str, new_page: NewPage, root: Path
) -> None:
    page = new_page(f"{map_address}/map?clusters=kmeans&centres=4&colour=cluster")
    at_rest(page)
    expect(page.locator(".st-key-map .annotation").filter(has_text="<img src=x").first).to_be_visible()
    draw(page, "lasso", (3, 3), (3, -3), (-3, -3), (-3, 3), (3, 3))
    score_cache = page.locator(".st-key-map_and_cohort")
    expect(score_cache).to_contain_text("25.0%")
    expect(score_cache).to_contain_text("of 40 on the map")
    assert kept(page) == [f"users:{u}" for u in members(0)], "the browser greys the rest at once"
    expect(page.get_by_text("10 of 10 members measured")).to_be_visible()
    expect(page.locator('[data-testid="stDataFrame"]')).to_have_count(2)
    # Another colour is another chart to Streamlit: what was drawn around has to live on.
    page.locator(".st-key-map_colour input").click()
    page.get_by_role("option", name="Town").click()
    page.wait_for_url(re.compile("colour=town"))
    page.wait_for_function(f"{PLOT}?._fullData?.some(t => String(t.name).startsWith('Bonn'))")
    at_rest(page)
    assert kept(page) == [f"users:{u}" for u in members(0)]
    name = f"tea {BAD}"
    page.locator(".st-key-map_cohort_name input").fill(name)
    page.get_by_role("button", name="Save cohort").click()
    expect(score_cache).to_contain_text("Saved cohort tea")
    assert list(CohortStore(root / "shop" / "state.duckdb").get(name).ids) == members(0)
    page.wait_for_url(re.compile("cohort="))
    linked = page.url
    page.locator(".st-key-map_colour_by button").first.click()
    expect(score_cache).to_contain_text("Nothing is selected")
    page.wait_for_function(f"{PLOT}?._fullData?.some(t => String(t.name).includes('everybody else'))")
    other = new_page(linked)
    at_rest(other)
    assert kept(other) == [f"users:{u}" for u in members(0)], "a copied link shows the cohort"


def test_a_box_is_cleared_and_undone_with_keys(map_address: str, new_page: NewPage) -> None:
    page = new_page(f"{map_address}/map?centres=4")
    at_rest(page)
    score_cache = page.locator(".st-key-map_and_cohort")

    def has_the_box() -> None:
        expect(score_cache).to_contain_text("of 40 on the map")
        expect(score_cache).to_contain_text("25.0%")
        page.wait_for_function(f"{PLOT}?._fullData?.some(t => t.selectedpoints?.length)")
        assert kept(page) == [f"users:{u}" for u in members(2)]

    def has_nothing() -> None:
        expect(score_cache).to_contain_text("Nothing is selected")
        page.wait_for_function(f"!{PLOT}?._fullData?.some(t => t.selectedpoints)")

    draw(page, "select", (7, 7), (14, 14))
    has_the_box()
    page.locator(".st-key-map_clear button").first.click()
    has_nothing()
    page.keyboard.press("Control+z")
    has_the_box()
    page.keyboard.press("Control+z")  # what was drawn by hand goes too
    has_nothing()
    page.keyboard.press("Control+Shift+z")
    has_the_box()


def test_the_search_flies_to_a_point_and_marks_it(map_address: str, new_page: NewPage) -> None:
    page = new_page(f"{map_address}/map?centres=4")
    at_rest(page)
    page.locator(".st-key-find_users input").click()
    page.keyboard.type("u07")
    page.get_by_role("option", name="u07").click()
    page.wait_for_url(re.compile("find=users"))
    page.wait_for_function(
        f"""() => {{
            const plot = {PLOT};
            if (!plot?._fullLayout?.xaxis?._length) return false;
            const {{yaxis, annotations}} = plot._fullLayout, [low, high] = yaxis.range;
            return high - low < 4 && low > 7 && annotations.some(a => a.text.includes('u07'));
        }}"""
    )
    page.locator(".st-key-map_whole button").first.click()
    page.wait_for_function(
        f"{PLOT}?._fullLayout?.yaxis?.range?.[1] - {PLOT}?._fullLayout?.yaxis?.range?.[0] > 9"
    )


def spread(page: Page) -> tuple[float, float]:
    """Where the map's part on the screen begins and ends, from left to right."""
    left, right = page.evaluate(f"{PLOT}._fullLayout.xaxis.range")
    return round(left, 3), round(right, 3)


def watched(page: Page) -> None:
    """Wait until the map is drawn and its moves are listened to."""
    at_rest(page)
    page.wait_for_function(f"{PLOT}.dataset.watched === 'true'")


def test_another_colour_stays_where_somebody_has_zoomed_to(map_address: str, new_page: NewPage) -> None:
    page = new_page(f"{map_address}/map?centres=4&colour=cluster")
    watched(page)
    whole = spread(page)
    page.mouse.move(*pixels(page, (0, 0))[0])
    for _ in range(3):
        page.mouse.wheel(0, -200)
    page.wait_for_function(f"{PLOT}._fullLayout.xaxis.range[1] < {whole[1] * 0.9}")
    page.wait_for_timeout(800)  # the pause after which the server is told
    at_rest(page)
    near = spread(page)
    page.locator(".st-key-map_colour input").click()
    page.get_by_role("option", name="Town").click()
    page.wait_for_function(f"{PLOT}?._fullData?.some(t => String(t.name).startsWith('Bonn'))")
    at_rest(page)
    left, right = spread(page)
    assert right - left == pytest.approx(near[1] - near[0], rel=0.1)
    assert right - left < 0.9 * (whole[1] - whole[0])
    page.get_by_role("link", name="User", exact=True).click()
    expect(page.locator(".mixer .row").first).to_be_visible()
    page.get_by_role("link", name="Map", exact=True).click()
    watched(page)
    left, right = spread(page)
    assert right - left == pytest.approx(near[1] - near[0], rel=0.1), "back from another page"
    page.mouse.dblclick(*pixels(page, (0, 0))[0])
    page.wait_for_function(f"{PLOT}._fullLayout.xaxis.range[1] > {whole[1] * 0.95}")
    page.wait_for_timeout(800)
    at_rest(page)
    page.locator(".st-key-map_colour input").click()
    page.get_by_role("option", name="Cluster", exact=True).click()
    page.wait_for_function(f"{PLOT}?._fullData?.some(t => String(t.name).includes('bikes'))")
    at_rest(page)
    left, right = spread(page)  # its legend is another: the same part may be a little wider
    assert right - left == pytest.approx(whole[1] - whole[0], rel=0.15), "the whole map again"


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1920, "dark")])
def test_nothing_overflows(map_address: str, new_page: NewPage, width: int, theme: str) -> None:
    page = new_page(f"{map_address}/map?centres=4&colour=cluster", width=width, theme=theme)
    at_rest(page)
    draw(page, "select", (7, 3), (14, -4))
    expect(page.get_by_text("10 of 10 members measured")).to_be_visible()
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
    tools = page.evaluate(f"{PLOT}.querySelector('.modebar').getBoundingClientRect().bottom")
    legend = page.evaluate(f"{PLOT}.querySelector('.legend').getBoundingClientRect().top")
    assert tools <= legend + 1, "the tools lie above the legend"
