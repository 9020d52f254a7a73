"""A workspace of ten thousand users: one of them is found by typing."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import support

from tests.built import built

USERS, ITEMS = 10_000, 40


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a dashboard on users 1 to 10,000, each with three items."""
    base = tmp_path_factory.mktemp("many")
    source = base / "source"
    source.mkdir()
    rows = [f"{u},i{(u * (n + 3) + n) % ITEMS}" for u in range(1, USERS + 1) for n in range(3)]
    (source / "interactions.csv").write_text("\n".join(["user_id,item_id", *rows]), "utf-8")
    (base / "workspaces").mkdir()
    built(base / "workspaces" / "crowd", source)
    with support.serving(base / "workspaces", base / "server.log") as found:
        yield found


def test_one_of_ten_thousand_users_is_found_by_typing(many: str, new_page: Callable[..., Page]) -> None:
    page = new_page(f"{many}/user?user=1")
    expect(page.get_by_role("heading", name="User 1", exact=True)).to_be_visible()
    expect(page.locator(".mixer .row").first).to_be_visible()
    box = page.locator(".st-key-user_choice").get_by_role("combobox")
    box.click()
    box.press_sequentially("987")
    found = page.get_by_role("option")
    expect(found.filter(has_text=re.compile("^9876$"))).to_be_visible()
    box.press_sequentially("6")
    expect(found).to_have_count(1)
    box.press("Enter")
    expect(page.get_by_role("heading", name="User 9876", exact=True)).to_be_visible()
    page.wait_for_url(re.compile("user=9876"))
    expect(page.locator(".mixer .row").first).to_be_visible()
