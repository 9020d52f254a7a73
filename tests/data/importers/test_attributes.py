"""Attribute columns from file to views: roles told, chosen and kept; lists split; tables without titles."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.data.importers import import_source
from mgrec_core.data.options import ImportOptions
from mgrec_core.foundation.errors import InputError
from tests.data.importers.conftest import Imported

EVENTS = "user_id,item_id\n" + "".join(f"u{n % 5},i{n}\n" for n in range(24))
HEAD = "item_id,title,genres,ean,link,updated_at,summary_text,price,empty\n"
GENRES = ("Crime, War", "War, Drama", "Drama, Crime", "War")
ITEMS = HEAD + "".join(
    f'i{n},Item {n},"{GENRES[n % 4]}",{4_000_000_000_000 + 977 * n},'
    f"https://x.example.org/{n},2024-05-{n + 1:02},A book of {n} good long stories,{n + 0.5},\n"
    for n in range(24)
)
SHOP = {"interactions.csv": EVENTS, "items.csv": ITEMS}


def values(imported: Imported) -> dict[str, int]:
    return dict(imported.rows("SELECT attribute, count(DISTINCT value) FROM v_item_values GROUP BY 1"))


def roles(imported: Imported, owner: str = "item") -> dict[str, str]:
    return dict(imported.rows(f"SELECT name, role FROM v_columns WHERE owner = '{owner}'"))


def test_told_in_one_line_and_used_by_role(run) -> None:
    imported = run(SHOP)
    assert imported.told("items.csv") == [
        "7 columns: 1 list, 1 number and 1 text; 1 date, 1 URL, 1 id and 1 column without values not used as"
        " interests: updated_at, link, ean, empty; split into values: genres (at ', ')"
    ]
    assert values(imported) == {"genres": 3, "price": 5}
    text = dict(imported.rows("FROM v_item_text"))
    assert text["i0"] == "Item 0. genres: Crime, War. A book of 0 good long stories"
    relations = imported.rows("SELECT DISTINCT relation FROM kg WHERE source = 'attribute'")
    assert relations == [("has_genres",)]
    kept = imported.rows("SELECT count(*) FROM item_attributes WHERE attribute IN ('ean', 'link')")
    assert kept == [(48,)], "what is no interest stays to be read"


def test_a_person_decides(run) -> None:
    chosen = ImportOptions.of(
        roles={"EAN": "attribute", "genres": "attribute", "price": "ignore"}, separators={"link": "/"}
    )
    imported = run(SHOP, options=chosen)
    assert roles(imported)["price"] == "ignore"
    assert values(imported)["ean"] == 24
    assert values(imported)["genres"] == 4, "an attribute is not split"
    assert ("x.example.org",) in imported.rows("SELECT value FROM item_attributes WHERE attribute = 'link'")
    decided = dict(imported.rows("SELECT name, decided FROM v_columns"))
    assert decided["ean"] == "person" and decided["updated_at"] == "guess"


@pytest.mark.parametrize("named", [{"roles": {"nowhere": "id"}}, {"separators": {"title": ";"}}])
def test_a_column_that_is_no_attribute_is_refused(run, named) -> None:
    with pytest.raises(InputError, match="no file has an attribute column"):
        run(SHOP, options=ImportOptions.of(**named))


def test_roles_and_separators_hold_for_what_is_added(run, tmp_path: Path) -> None:
    first = run(SHOP, options=ImportOptions.of(roles={"ean": "attribute"}))
    more = tmp_path / "more"
    more.mkdir()
    (more / "items.csv").write_text(HEAD + 'i99,Item 99,"Crime, Drama",4000000099999,,,,3.5,\n')
    whole = tmp_path / "whole.duckdb"
    report = import_source(more, whole, earlier=first.database)
    added = Imported(report, whole)
    assert roles(added) == roles(first)
    query = "SELECT value FROM v_item_values WHERE item_id = 'i99' AND attribute <> 'price' ORDER BY 1"
    assert [value for (value,) in added.rows(query)] == ["4000000099999", "Crime", "Drama"]


def test_friends_are_offered_as_a_social_graph(run) -> None:
    users = "user_id,friends,since\n" + "".join(
        f'u{n},"u{(n + 1) % 5}, u{(n + 3) % 5}",2012-01-{n + 1:02}\n' for n in range(5)
    )
    imported = run({**SHOP, "users.csv": users})
    assert roles(imported, "user") == {"friends": "id", "since": "date"}
    line, offer = imported.told("users.csv")
    assert line == "2 columns: 1 date and 1 id not used as interests: since, friends"
    assert "social (user_id, friend_id)" in offer
    assert ("u1, u3",) in imported.rows("SELECT value FROM user_attributes"), "left whole"


def test_images_are_kept_as_images(run) -> None:
    items = "item_id,title,photos\n" + "".join(
        f"i{n},Item {n},https://x.example.org/{n}.jpg|https://x.example.org/{n}b.jpg\n" for n in range(3)
    )
    imported = run({"interactions.csv": EVENTS, "items.csv": items})
    assert imported.rows("FROM v_item_images ORDER BY ALL")[:2] == [
        ("i0", "https://x.example.org/0.jpg"), ("i0", "https://x.example.org/0b.jpg"),
    ]  # fmt: skip
    assert values(imported) == {}
    assert imported.rows("SELECT text FROM v_item_text WHERE item_id = 'i0'") == [("Item 0",)]


def test_items_without_titles_are_read(run) -> None:
    items = "item_id,brand\n" + "".join(f"i{n},{'AB'[n % 2]}\n" for n in range(24))
    imported = run({"interactions.csv": EVENTS, "items.csv": items})
    assert imported.rows("SELECT label, title FROM v_items WHERE item_id = 'i3'") == [("i3", None)]
    assert imported.rows("SELECT text FROM v_item_text WHERE item_id = 'i3'") == [("brand: B",)]
    told = imported.told("items.csv")
    assert len([line for line in told if "have no titles" in line]) == 1
    bare = run({"interactions.csv": EVENTS, "items.csv": "item_id\ni1\n"}, "bare")
    assert bare.rows("SELECT count(*) FROM v_item_text WHERE text IS NOT NULL") == [(0,)]
