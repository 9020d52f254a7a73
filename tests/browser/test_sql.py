"""The SQL page in a browser: run, keep, cancel."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

NewPage = Callable[..., Page]


def test_run_a_query_save_a_cohort_and_cancel_a_long_one(address: str, new_page: NewPage) -> None:
    page = new_page(f"{address}/sql?workspace=shop&sql=SELECT+user_id,+n_items+FROM+v_users+LIMIT+9")
    expect(page.get_by_text("came with a link")).to_be_visible()
    page.get_by_role("button", name=re.compile("Run")).click()
    expect(page.get_by_text("9 rows in")).to_be_visible()
    page.get_by_label("Name of the cohort").fill("nine")
    page.get_by_role("button", name="Save as cohort").click()
    expect(page.get_by_text("Saved nine: 9 users.")).to_be_visible()
    page.get_by_label("Query", exact=True).fill("SELECT count(*) FROM range(100000000000) a, range(1000) b")
    page.get_by_label("Query", exact=True).press("Control+Enter")
    page.get_by_role("button", name=re.compile("Run")).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("the query was cancelled")).to_be_visible()
