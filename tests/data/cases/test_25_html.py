"""Markup in titles and descriptions."""

from __future__ import annotations

from tests.data.cases.importing import Brought, case


def test_titles_and_descriptions_are_plain_text(tmp_path) -> None:
    brought = Brought(case("25-html-emoji/in"), tmp_path)
    found = {row[0]: row[1:] for row in brought.rows("SELECT * FROM items")}
    assert found["i0"] == ("Bold & brave", "Great thing")
    assert found["i1"] == ("Rock 'n' roll \"live\"", None)
    assert found["i2"] == ("Lamp", None)
    assert found["i3"][0] == "A fine teapot with lid"
    assert found["i6"][0] == "🔥🔥🔥"
    assert "html_text" in brought.told
