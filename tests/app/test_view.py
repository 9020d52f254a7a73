"""The address: what a link says, and what happens to links that say nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.evaluation.splits import SPLITS
from mgrec_core.model.fusion.weights import FUSION_MODES
from mgrec_core.model.granularities import GRANULARITIES
from pages.ui.address.page import page
from pages.ui.address.view import View, from_query, is_name, to_query

WEIGHTS = st.dictionaries(
    st.sampled_from(GRANULARITIES), st.floats(0, 1).map(lambda w: float(f"{w:.4g}")), max_size=7
)


def test_what_was_drawn_on_a_map_is_in_no_link_and_stays_on_its_map() -> None:
    view = View(of="items", picked=("items:1", "items:2"))
    assert "picked" not in to_query(view, page("map").keys)
    assert from_query({"of": "items", "picked": "items:9", "colour": "town"}, view) == []
    assert view.picked == ("items:1", "items:2"), "back on the map"
    from_query({"of": "users"}, view)
    assert view.picked == ()
    view = View(picked=("users:1",))
    from_query({"cohort": "mine"}, view)
    assert view.picked == ()


@settings(deadline=None)  # the first example imports the palette
@given(
    user=st.text(max_size=40),
    item=st.text(max_size=40),
    weights=WEIGHTS,
    alpha=st.none() | WEIGHTS,
    k=st.integers(1, 1000),
    base=st.sampled_from(("", *GRANULARITIES)),
)
def test_a_link_restores_the_view(
    user: str, item: str, weights: dict[str, float], alpha: dict[str, float] | None, k: int, base: str
) -> None:
    view = View("shop", user, item, "learned", base, weights, "vector", alpha or None, k)
    restored = View()
    assert from_query(to_query(view, page("user").keys), restored) == []
    assert restored == view


def test_a_map_link_restores_the_map() -> None:
    view = View("shop", of="items", space="recent", colour="genre", neighbours=30, min_dist=0.25, seed=7)
    restored = View()
    assert from_query(to_query(view, page("map").keys), restored) == []
    assert restored == view


def test_links_to_an_item_and_to_a_comparison_restore_them() -> None:
    view = View("shop", item="i&1", k=20, look="Audience", near="social", groups="cohort:a b")
    restored = View()
    assert from_query(to_query(view, page("item").keys), restored) == []
    assert restored == view
    view = View("shop", "u1", versus="presets", second="u2", left="equal", right="my own")
    assert from_query(to_query(view, page("compare").keys), restored) == []
    assert restored == view
    view = View("shop", "u1", hide=True)
    assert from_query(to_query(view, page("user").keys), restored) == [] and restored.hide


def test_weights_of_parts_with_underscores_are_restored() -> None:
    view = View(
        "shop", people={"adamic_adar": 0.3, "degree": 1e-05, "fused_vector": 1.0}, people_base="history"
    )
    restored = View()
    assert from_query(to_query(view, page("people").keys), restored) == []
    assert restored == view
    view = View("shop", ads={"ad_attribute": 0.25, "reach": 0.0}, on="2025-02-28")
    assert from_query(to_query(view, page("ads").keys), restored) == []
    assert restored == view


@pytest.mark.parametrize(("name", "values"), [("split", SPLITS), ("fusion", FUSION_MODES)])
def test_links_take_what_the_engine_takes(name: str, values: tuple[str, ...]) -> None:
    assert len(values) >= 3
    for value in values:
        view = View()
        assert from_query({name: value}, view) == [] and getattr(view, name) == value


def test_defaults_leave_no_trace_in_the_address() -> None:
    assert to_query(View(), (*page("user").keys, *page("map").keys)) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", "0"),
        ("k", "ten"),
        ("k", "9" * 40),
        ("weights", "recent~2"),
        ("weights", "recent~nan"),
        ("weights", "recent"),
        ("weights", "astrology~0.5"),
        ("base", "nonsense"),
        ("fusion", "nuclear"),
        ("workspace", "../../etc"),
        ("of", "cats"),
        ("min_dist", "-1"),
        ("user", "u" * 501),
        ("people", "smell~0.5"),
        ("ads", "reach~2"),
        ("ads_base", "smell"),
        ("on", "soon"),
    ],
)
def test_a_wrong_value_gives_a_sentence_and_the_default(name: str, value: str) -> None:
    view = View()
    problems = from_query({name: value}, view)
    assert len(problems) == 1
    assert f"“{name}”" in problems[0] and problems[0].endswith(".")
    assert view == View()


def test_unknown_parameters_are_ignored() -> None:
    view = View()
    assert from_query({"utm_source": "mail", "user": "u1"}, view) == []
    assert view.user == "u1"


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x" * 65, "a b", "a\n"])
def test_a_workspace_name_is_never_a_path(name: str) -> None:
    assert not is_name(name)
