"""Waiting for the state of a page under the dashboard's own policy."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Error, Page

PATIENCE = 60
"""Seconds until a state that has not come is a failure."""


def until(page: Page, script: str, arg: Any = None) -> None:
    """Wait until JavaScript is true in the page.

    ``Page.wait_for_function`` would evaluate the script from a timer in the page, which the policy refuses
    as it refuses everybody's ``eval``.
    """
    deadline = time.monotonic() + PATIENCE
    while not _is_true(page, script, arg):
        assert time.monotonic() < deadline, f"never true: {script}"
        page.wait_for_timeout(20)


def _is_true(page: Page, script: str, arg: Any) -> bool:
    try:
        return bool(page.evaluate(script, arg))
    except Error as error:
        if "context was destroyed" in error.message:  # the page is on its way to another address
            return False
        raise
