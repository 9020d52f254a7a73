"""Words for nothing in ids, titles, attributes and kinds."""

from __future__ import annotations

from tests.data.cases.importing import Brought, case


def test_a_word_for_nothing_is_no_user_no_item_and_no_title(tmp_path) -> None:
    brought = Brought(case("02-null-words/in"), tmp_path)
    assert brought.rows("SELECT user_id, item_id, event FROM events ORDER BY 1") == [
        ("0", "i1", "view"),
        ("u1", "i1", "purchase"),
        ("u2", "i2", "purchase"),
    ]
    assert brought.rows("SELECT * FROM items ORDER BY 1") == [
        ("i1", None, None),
        ("i2", "Blue mug", None),
        ("i3", None, None),
    ]
    assert brought.rows("SELECT * FROM item_attributes") == [("i2", "price", "9.5")]
    assert {"null_id", "null_word"} <= brought.told.keys()
