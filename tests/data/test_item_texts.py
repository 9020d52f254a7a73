"""What the language model reads of items: templates, and what is no word."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mgrec_core.data.item_texts import item_texts
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.config import LanguageConfig
from mgrec_core.language.template import TEMPLATE, Template
from tests.worlds import World

WORLD = World(
    items=(
        ("a", "Tea", "Good. "),
        ("b", None, None),
        ("c", None, "Just words"),
        ("d", "Cup", None),
    ),
    attributes=(
        ("a", "genre", "x"),
        ("a", "genre", "w"),
        ("a", "price", "3.5"),
        ("a", "made_by", "Y"),
        ("d", "made_by", "Z"),
    ),
)


def test_the_usual_template_filled_gives_what_the_view_has() -> None:
    connection = WORLD.connect()
    usual = item_texts(connection)
    assert usual["a"] == "Tea. genre: w, x. made by: Y. Good"
    parsed = Template.parse(TEMPLATE)
    rows = connection.execute("SELECT item_id, title, attributes, description FROM v_item_parts").fetchall()
    parts = {
        item: {n: v for n, v in zip(("title", "attributes", "description"), vs, strict=True) if v}
        for item, *vs in rows
    }
    assert {item: parsed.fill(found) for item, found in parts.items()} == usual


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{title}: {description} ({genre})",
            {"a": "Tea: Good (w, x)", "b": None, "c": "Just words", "d": "Cup"},
        ),
        ("{made_by} {title}", {"a": "Y Tea", "b": None, "c": None, "d": "Z Cup"}),
        ("{description}", {"a": "Good", "b": None, "c": "Just words", "d": None}),
    ],
)
def test_other_templates(template: str, expected: dict[str, str | None]) -> None:
    connection = WORLD.connect()
    assert item_texts(connection, template) == expected
    assert item_texts(connection, template, "a") == {"a": expected["a"]}


def test_an_unknown_field_is_refused_with_the_names_of_all() -> None:
    fields = "{title}, {attributes}, {description}, {genre}, {made_by}"
    said = f"names {{colour}}, which no item has: choose among {fields}"
    with pytest.raises(InputError) as caught:
        item_texts(WORLD.connect(), "{title} {colour}")
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("template", ["", "no field", "{title", "{title!r}", "{title:>3}", "{}"])
def test_a_template_that_is_none_is_refused_with_the_options(template: str) -> None:
    with pytest.raises(ValidationError, match="template of texts"):
        LanguageConfig(template=template)


def test_what_is_no_word_is_left_out() -> None:
    world = World(
        items=(
            (
                "a",
                "Tea <b>pot</b>",
                "See https://shop.example/p?id=1 or (www.shop.example) kept: tea.pot 1984",
            ),
            ("b", "IMG_0042.jpg", "d41d8cd98f00b204e9800998ecf8427e"),
            ("c", "3 < 5 and AT&T", "123e4567-e89b-12d3-a456-426614174000 is gone"),
        ),
        attributes=(
            ("a", "note", "//cdn.example/x"),
            ("a", "note", "blue"),
            ("a", "photo", "https://x.example/front.PNG"),
            ("b", "brand", "Acme cover.webp"),
        ),
    )
    assert item_texts(world.connect()) == {
        "a": "Tea pot. note: blue. See or ( ) kept: tea.pot 1984",
        "b": "brand: Acme",
        "c": "3 < 5 and AT&T. is gone",
    }
