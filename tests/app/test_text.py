"""Text from data stays text; the examples in the documentation of these modules hold."""

from __future__ import annotations

import doctest

import pytest
import support

from pages.ui import text
from pages.ui.address import view


@pytest.mark.parametrize("module", [text, view])
def test_examples(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0 and result.failed == 0


@pytest.mark.parametrize("title", support.HOSTILE)
def test_markdown_has_nothing_to_interpret(title: str) -> None:
    safe = text.md(title)
    for character in "<>[]()$*_`:":
        assert safe.count(character) == safe.count("\\" + character)
    assert safe.replace("\\", "").replace("\u2060", "") == title.replace("\\", "")
