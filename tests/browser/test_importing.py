"""A file that nobody has seen before goes in: uploaded, mapped, previewed, imported, its receipt shown."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import support
from playwright.sync_api import Page, expect

from mgrec_core.workspace.folder import Workspace

NewPage = Callable[..., Page]

LOG = "wer;was;wann;Tat\n" + "".join(
    f"gast {n % 7};<img src=x onerror=alert({n % 5})>;{1 + n % 28:02d}.03.2024 1{n % 10}:00;"
    f"{('Kauf', 'Blick')[n % 2]}\n"
    for n in range(60)
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workspaces of their own: the one that is made here would be the other tests' first one."""
    base = tmp_path_factory.mktemp("importing")
    return support.copy_root(support.built_root(tmp_path_factory.getbasetemp()), base / "workspaces")


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    """A server of them."""
    with support.serving(root, root.parent / "server.log") as found:
        yield found


def test_odd_columns_are_mapped_previewed_and_imported(
    address: str, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page(f"{address}/importing")
    page.get_by_text("Upload files", exact=True).click()
    page.locator('input[type="file"]').set_input_files(
        [{"name": "odd log.csv", "mimeType": "text/csv", "buffer": LOG.encode()}]
    )
    expect(page.get_by_text("odd log.csv").first).to_be_visible()
    page.get_by_role("button", name="Inspect").click()
    choose(page, "map_0_table", "interactions")
    for column, chosen in (("user_id", "wer"), ("item_id", "was"), ("event", "Tat"), ("timestamp", "wann")):
        choose(page, f"map_0_interactions_{column}", chosen)
    page.get_by_text("How much an event says about interest").click()
    expect(page.get_by_role("spinbutton", name="blick")).to_have_value("0.50")
    page.get_by_role("button", name="Preview").click()
    # The names of kinds are put in lower case, and that is a repair.
    expect(page.get_by_text("60 read, 60 repaired, 0 rejected")).to_be_visible()
    expect(page.locator("table.mg-table").last).not_to_contain_text("bad_timestamp")
    page.get_by_role("button", name="Import and build").click()
    # A build is not what this is about: whatever it has come to, the receipt of the import is there.
    expect(page.get_by_text("Last import into odd-log")).to_be_visible()
    receipt = page.locator("table.mg-table").last
    expect(receipt).to_contain_text("odd log.csv")
    expect(receipt).to_contain_text("60")
    cancel = page.get_by_role("button", name="Cancel")
    if cancel.count():  # the build may be over by now
        cancel.first.click(timeout=5_000)


def choose(page: Page, key: str, column: str) -> None:
    """Choose an option whose text begins so: a table, or a column of the file."""
    box = page.locator(f".st-key-{key}").get_by_role("combobox")
    expect(box).to_be_visible()
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    # A list closes when the page scrolls, and the click itself scrolls to what is out of sight.
    box.scroll_into_view_if_needed()
    for _ in range(5):
        box.click()
        with contextlib.suppress(AssertionError):
            expect(box).to_have_attribute("aria-expanded", "true", timeout=2_000)
            break
    page.get_by_role("option", name=re.compile(rf"^{column}\b")).click()
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def test_reading_is_shown_and_ends_on_cancel_and_with_its_page(
    address: str, new_page: NewPage, tmp_path: Path
) -> None:
    file = sqlite3.connect(tmp_path / "slow.sqlite")
    for n in range(20):  # each is given up after seconds
        file.execute(
            f"CREATE VIEW v{n} AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
            " SELECT max(n) AS who FROM r"
        )
    file.close()
    for ending in ("cancel", "leave"):
        page = new_page(f"{address}/importing")
        page.get_by_text("Upload files", exact=True).click()
        page.locator('input[type="file"]').set_input_files(tmp_path / "slow.sqlite")
        expect(page.get_by_text("slow.sqlite").first).to_be_visible()
        page.get_by_role("button", name="Inspect").click()
        expect(page.get_by_text("Reading the first rows for")).to_be_visible()
        assert readers(address)
        if ending == "cancel":
            page.get_by_role("button", name="Cancel", exact=True).click()
            expect(page.get_by_text("Reading the first rows for")).to_have_count(0)
        else:
            page.goto("about:blank")
        for _ in range(600):  # far longer than it takes
            if not readers(address):
                break
            time.sleep(0.1)
        assert not readers(address), ending


def readers(address: str) -> list[int]:
    """Process ids of the readers that the server of this address runs."""
    port, found = address.rpartition(":")[2].encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"mgrec_core.data.confined.worker" in (folder / "cmdline").read_bytes():
                server = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()[1]
                if port in Path(f"/proc/{server}/cmdline").read_bytes():
                    found.append(int(folder.name))
    return found


def test_doubtful_dates_are_a_question_that_a_click_answers(
    address: str, root: Path, new_page: NewPage
) -> None:
    log = "who,what,when\n" + "".join(
        f"guest {n % 7},<b>thing</b> {n % 5},{1 + n % 9:02d}/{1 + n % 11:02d}/2024\n" for n in range(60)
    )
    page = new_page(f"{address}/importing")
    page.get_by_text("Upload files", exact=True).click()
    page.locator('input[type="file"]').set_input_files(
        [{"name": "visits.csv", "mimeType": "text/csv", "buffer": log.encode()}]
    )
    expect(page.get_by_text("visits.csv").first).to_be_visible()
    page.get_by_role("button", name="Inspect").click()
    question = page.locator(".st-key-question_0")
    expect(question).to_contain_text("1 February 2024")
    expect(question).to_contain_text("2 January 2024")
    page.get_by_role("button", name="Import and build").click()
    expect(page.get_by_text("Answer the question above first")).to_be_visible()
    question.get_by_role("button", name="The day comes first").click()
    expect(page.get_by_text("in its dates the day comes first")).to_be_visible()
    expect(question).to_have_count(0)
    page.get_by_role("button", name="Import and build").click()
    expect(page.get_by_text("Last import into visits")).to_be_visible()
    # The form is among what the import was started with, and the receipt has all rows dated.
    expect(page.locator("table.mg-table").last).to_contain_text("60")
    cancel = page.get_by_role("button", name="Cancel")
    if cancel.count():  # the build may be over by now
        cancel.first.click(timeout=5_000)
    with Workspace(root / "visits").reading() as connection:
        found = connection.execute(
            "SELECT max(month(timestamp)), max(day(timestamp)) FROM v_events"
        ).fetchone()
    assert found == (11, 9), "day first"
