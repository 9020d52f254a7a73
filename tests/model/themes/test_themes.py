"""Themes are a partition of the evidence: their vectors sum to the user's, their shares to 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.foundation.themes import Theme
from mgrec_core.model.granularities.structure import Granularity, dense
from mgrec_core.model.model import Model
from mgrec_core.model.themes import Grouping, Halves, halves_of, signs_of, themes_of
from mgrec_core.model.themes.grouping import MOST
from tests.worlds import WORLDS, World, model, model_of


def day(n: int) -> str:
    return f"2025-{1 + n // 28:02}-{1 + n % 28:02}"


def ids(found: Model) -> list[str]:
    return [f"i{n:03}" for n in range(found.n_items)]


def of(
    found: Model, g: Granularity, user: int, titles: list[str] | None = None
) -> tuple[Grouping, tuple[Theme, ...]]:
    names = ids(found)
    return themes_of(found, g, user, names, signs_of(found, titles or names), halves_of(found, user))


def check(found: Model, g: Granularity, user: int) -> None:
    grouping, themes = of(found, g, user)
    z = dense(g.user_vectors(np.array([user])))[0].astype(float)
    assert len(themes) <= MOST
    if not themes:
        assert not grouping.shares.any()
        return
    assert len(themes) == grouping.n_groups
    assert sum(theme.share for theme in themes) == pytest.approx(1.0, abs=1e-6)
    assert [t.share for t in themes] == sorted((t.share for t in themes), reverse=True)
    assert len({theme.name for theme in themes}) == len(themes) and all(theme.name for theme in themes)
    held = [one for theme in themes for one in theme.evidence]
    assert sorted(held) == sorted(g.evidence_ids[row] for row in grouping.rows)
    total = np.zeros_like(z)
    for n in range(grouping.n_groups):
        weights = g.weights[[user]].astype(float).toarray()
        inside = np.zeros(weights.shape[1], dtype=bool)
        inside[grouping.rows[grouping.group == n]] = True
        part = replace(g, weights=type(g.weights)(np.where(inside, weights, 0.0)))
        own = dense(part.user_vectors(np.array([0])))[0].astype(float)
        assert own @ z == pytest.approx(themes[n].share * (z @ z), abs=1e-5 * max(1.0, z @ z))
        total += own
    np.testing.assert_allclose(total, z, atol=1e-5 * max(1e-9, np.abs(z).max()))


@pytest.mark.parametrize("name", WORLDS)
def test_vectors_sum_to_the_users_and_shares_to_one(name: str) -> None:
    found = model(name)
    for g in found.granularities.values():
        if g.kind != "everyone":
            for user in range(0, found.n_users, 2):
                check(found, g, user)


@given(
    st.lists(
        st.tuples(st.integers(0, 39), st.floats(-1, 1)), min_size=0, max_size=40, unique_by=lambda p: p[0]
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_weights(held: list[tuple[int, float]]) -> None:
    found = model("full")
    for name in ("behaviour", "collaborative"):
        g = found.granularities[name]
        weights = np.zeros(g.weights.shape)
        for row, weight in held:
            weights[0, row] = round(weight, 3)
        check(found, replace(g, weights=type(g.weights)(weights)), 0)


def test_the_same_evidence_gives_the_same_themes() -> None:
    found = model("full")
    for g in found.granularities.values():
        if g.kind != "everyone":
            assert of(found, g, 5)[1] == of(found, g, 5)[1]


def planted() -> World:
    """Two halves of a catalogue that nobody mixes but `both`, who had horror first and then comedies."""
    kinds = {f"h{n:02}": "horror" for n in range(12)} | {f"c{n:02}": "comedy" for n in range(12)}
    kinds |= {f"x{n:02}": "drama" for n in range(24)}
    events: list[tuple[object, ...]] = []
    for u in range(12):
        mine = [
            i for n, i in enumerate(kinds) if kinds[i] == ("horror", "comedy", "drama")[u % 3] and (n + u) % 4
        ]
        events += [(f"u{u:02}", i, "purchase", None, None, day(n), None) for n, i in enumerate(mine)]
    both = [f"h{n:02}" for n in range(8)] + [f"c{n:02}" for n in range(8)]
    events += [("both", i, "purchase", None, None, day(20 + n), None) for n, i in enumerate(both)]
    return World(
        events=tuple(events),
        items=tuple((i, f"The {kind} number {i}", None) for i, kind in kinds.items()),
        attributes=tuple((i, "genre", kind) for i, kind in kinds.items()),
    )


def test_planted_interests_are_found_named_and_have_a_trend() -> None:
    world = planted()
    found, data = model_of(world), world.data()
    user = data.users.index("both")
    g = found.granularities["collaborative"]
    _, themes = themes_of(found, g, user, data.items, signs_of(found, data.labels), halves_of(found, user), 3)
    for theme in themes:
        kind = theme.evidence[0][0]
        assert all(one[0] == kind for one in theme.evidence)
        assert theme.name.startswith({"h": "horror", "c": "comedy"}[kind])
        assert len(theme.items) <= 3 and set(theme.items) <= set(theme.evidence)
        assert theme.apart[0].share == pytest.approx(1.0) and theme.apart[0].catalogue == pytest.approx(0.25)
        assert theme.trend is not None and (theme.trend > 0) == (kind == "c")
    assert {theme.evidence[0][0] for theme in themes} == {"h", "c"}


def test_halves_follow_time_and_need_some() -> None:
    world = planted()
    found, data = model_of(world), world.data()
    halves = halves_of(found, data.users.index("both"))
    assert isinstance(halves, Halves)
    assert {data.items[i][0] for i in halves.recent} == {"c"} and len(halves.recent) == 8
    undated = replace(world, events=tuple((*row[:5], None, None) for row in world.events))
    assert halves_of(model_of(undated), 0) is None
    at_once = replace(world, events=tuple((*row[:5], day(0), None) for row in world.events))
    assert halves_of(model_of(at_once), 0) is None


def test_without_attributes_words_name_and_without_words_a_title() -> None:
    plain = replace(planted(), attributes=())
    found, data = model_of(plain), plain.data()
    g, user = found.granularities["collaborative"], data.users.index("both")
    _, themes = themes_of(found, g, user, data.items, signs_of(found, data.labels), None)
    assert {theme.name.split(",")[0] for theme in themes} >= {"horror", "comedy"}
    assert all(one.kind == "word" for theme in themes for one in theme.apart)
    assert all(theme.trend is None for theme in themes)
    _, themes = themes_of(found, g, user, data.items, signs_of(found, data.items), None)
    assert all(theme.name.startswith(theme.titles[0]) and not theme.apart for theme in themes)


def test_little_evidence_is_one_theme_and_dislikes_are_against() -> None:
    world = planted()
    rated = [("few", f"h{n:02}", "rating", None, 5.0, day(n), None) for n in range(2)]
    rated += [("few", f"c{n:02}", "rating", None, 5.0, day(n), None) for n in range(2)]
    rated += [("hates", f"h{n:02}", "rating", None, 1.0, day(n), None) for n in range(5)]
    world = replace(world, events=(*world.events, *rated))
    found, data = model_of(world), world.data()
    g, names = found.granularities["behaviour"], data.labels
    few = themes_of(found, g, data.users.index("few"), data.items, signs_of(found, names))[1]
    assert len(few) == 1 and few[0].share == pytest.approx(1.0)
    hates = themes_of(found, g, data.users.index("hates"), data.items, signs_of(found, names))[1]
    assert hates[0].against and hates[0].phrase == f"against {hates[0].name}"
    assert "horror" in hates[0].name and hates[0].trend is None


def test_friends_and_their_ids_are_in_no_name() -> None:
    found = model("full")
    g = found.granularities["social"]
    for user in range(found.n_users):
        for theme in of(found, g, user)[1]:
            assert not any(friend in theme.name.split(", ") for friend in theme.evidence)
