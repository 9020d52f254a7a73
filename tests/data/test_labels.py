"""Items of one title are told apart: by year, by an attribute, by id; nobody else's title changes."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core import Engine
from mgrec_core.analysis import graph
from mgrec_core.analysis.comparison import Side, compare
from mgrec_core.data.labels import told_apart
from mgrec_core.foundation.results import Weights
from tests.built import built
from tests.support import KONGS, write_kongs

WORD = st.text("aA1(), #", max_size=4)
COLUMNS = ["item_id", "attribute", "role", "value"]


def frame(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


@given(
    st.dictionaries(WORD, WORD, max_size=12),
    st.lists(
        st.tuples(WORD, st.sampled_from(["year", "maker", "released"]), WORD | st.just("1999"), st.booleans())
    ),
)
def test_labels_are_unique_and_only_shared_titles_change(
    titles: dict[str, str], given_values: list[tuple[str, str, str, bool]]
) -> None:
    once = {
        (item, name): (item, name, "number" if n else "list", value) for item, name, value, n in given_values
    }
    found = told_apart(titles, frame(*once.values()))
    assert list(found) == list(titles)
    assert len(set(found.values())) == len(found)
    shared = {one for one in titles.values() if list(titles.values()).count(one) > 1}
    for item, title in titles.items():
        assert found[item].startswith(title)
        assert (found[item] == title) == (title not in shared)


def test_year_then_attribute_then_id() -> None:
    years = [(item, "year", "number", said[-5:-1]) for item, said in KONGS.items()]
    assert told_apart(dict.fromkeys(KONGS, "King Kong"), frame(*years)) == KONGS
    twice = [*years, ("k4", "year", "number", "1976"), ("k2", "genre", "list", "Drama, War")]
    twice.append(("k4", "genre", "list", "Animation"))
    found = told_apart(dict.fromkeys([*KONGS, "k4", "k5"], "King Kong"), frame(*twice))
    assert found["k1"] == KONGS["k1"] and found["k2"] == "King Kong (1976, Drama, War)"
    assert found["k4"] == "King Kong (1976, Animation)" and found["k5"] == "King Kong (k5)"
    shirts = [("a", "colour", "attribute", "red"), ("b", "colour", "attribute", "blue")]
    shirts += [("a", "price", "number", "9.5"), ("b", "price", "number", "9.5")]
    assert told_apart({"a": "Shirt", "b": "Shirt"}, frame(*shirts)) == {
        "a": "Shirt (red)",
        "b": "Shirt (blue)",
    }
    prices = frame(("a", "price", "number", "9.5"), ("b", "price", "number", "8"))
    assert told_apart({"a": "Shirt", "b": "Shirt"}, prices)["a"] == "Shirt (price 9.5)"


def test_a_label_never_equals_another_items_title() -> None:
    titles = {"a": "Up", "b": "Up", "c": "Up (a)", "d": "Up (b) (b)"}
    found = told_apart(titles, frame())
    assert found["c"] == "Up (a)" and found["a"] == "Up (a) (a)" and len(set(found.values())) == 4


@pytest.fixture(scope="module")
def kongs(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A world with three films called King Kong, which some have seen and others not."""
    folder = tmp_path_factory.mktemp("kongs")
    return Engine.open(built(folder / "workspace", write_kongs(folder / "source"), "canonical").path)


def test_every_reader_of_names_tells_them_apart(kongs: Engine) -> None:
    assert {item: kongs.item_label(item) for item in KONGS} == KONGS
    assert dict(kongs.items_frame().set_index("item_id")["title"].loc[list(KONGS)]) == KONGS
    ranked = kongs.rank("u0", k=15)
    assert {i.item_id: i.title for i in ranked.items if i.item_id in KONGS} == KONGS
    assert kongs.history("u1").set_index("item_id")["title"]["k2"] == KONGS["k2"]
    why = kongs.explain("u1", "k3")
    assert why.title == KONGS["k3"]
    named = {e.id: e.label for held in why.evidence.values() for e in held}
    assert named["k2"] == KONGS["k2"]
    sides = compare(kongs, Side("u0", Weights(), "a"), Side("u7", Weights(), "b"), k=15)
    assert set(KONGS.values()) <= {i.title for i in sides.first.items}
    assert {i.title for i in sides.second.items} >= set(KONGS.values())
    with graph.graph(kongs.workspace) as connection:
        near = graph.neighbourhood(connection, "k1")
        found = graph.search(connection, "king kong")
    assert near.label == KONGS["k1"] and set(found["label"]) == set(KONGS.values())


def test_the_tables_keep_what_the_source_says(kongs: Engine) -> None:
    with kongs.workspace.reading() as connection:
        titles = connection.execute("SELECT DISTINCT title FROM v_items WHERE item_id LIKE 'k%'").fetchall()
    assert titles == [("King Kong",)]
