"""One user's events without some of the items: what the views say of tables without them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.data.signals.variants import UserEvents
from tests.worlds import WORLDS, World, world

_KINDS = ("rating", "purchase", "click", "like", "dislike", "impression", "return")


@st.composite
def histories(draw: st.DrawFn) -> tuple[World, str, set[str]]:
    """Events of two users, a rule for repeated opinions, and items that had never been there."""
    events = []
    for user in ("u", "v"):
        for item in draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=14)):
            kind = draw(st.sampled_from(_KINDS))
            rating = draw(st.sampled_from((None, 1.0, 2.0, 2.5, 3.0, 4.0, 5.0))) if kind != "like" else None
            weight = draw(st.sampled_from((None, 0.5, 3.0)))
            day = draw(st.integers(0, 5))
            stamp = None if day == 0 else f"2025-01-0{day}"
            events.append((user, item, kind, weight, rating, stamp, None))
    # enough ratings of others for a scale
    events += [("w", f"x{n}", "rating", None, float(1 + n % 5), "2025-01-01", None) for n in range(30)]
    gone = draw(st.sets(st.sampled_from("abcdefgh")))
    return World(events=tuple(events)), draw(st.sampled_from(("last", "first", "mean"))), gone


@given(histories())
@settings(max_examples=120, deadline=None)
def test_what_is_left_says_what_the_views_say_of_it(case: tuple[World, str, set[str]]) -> None:
    given_world, repeats, gone = case
    connection = given_world.connect()
    connection.execute("UPDATE rating_scale SET repeats = ?", [repeats])
    events = UserEvents.read(connection, "u")
    gone = gone & set(events.items)  # what was only shown is in no history: it cannot be taken out of one
    keep = np.array([[i not in gone for i in events.items], [True] * len(events.items)], dtype=bool)
    signals, ages = events.signals(keep), events.ages(keep)
    for row, without in ((1, set()), (0, gone)):
        if without:
            connection.execute(
                "DELETE FROM events WHERE user_id = 'u' AND list_contains(?, item_id)", [sorted(without)]
            )
        said = dict(
            connection.execute("SELECT item_id, signal FROM v_history WHERE user_id = 'u'").fetchall()
        )
        places = dict(
            connection.execute("SELECT item_id, age + 1 FROM v_recency WHERE user_id = 'u'").fetchall()
        )
        assert set(said) == {i for i, kept in zip(events.items, keep[row], strict=True) if kept}
        for n, item in enumerate(events.items):
            assert signals[row, n] == pytest.approx(said.get(item, 0.0), abs=1e-12)
            assert ages[row, n] == pytest.approx(places.get(item, 0.0), abs=1e-12)
    connection.close()


@pytest.mark.parametrize("name", WORLDS)
def test_every_user_is_read_as_the_data_set_reads_them(name: str) -> None:
    connection, data = world(name).connect(), world(name).data()
    for user, row in data.user_index.items():
        events = UserEvents.read(connection, user)
        keep = np.ones((1, len(events.items)), dtype=bool)
        columns = [data.item_index[i] for i in events.items]
        np.testing.assert_allclose(
            events.signals(keep)[0], data.signal[[row]].toarray()[0][columns], atol=1e-12
        )
        if data.age is not None:
            np.testing.assert_allclose(
                events.ages(keep)[0], data.age[[row]].toarray()[0][columns], atol=1e-12
            )
    connection.close()
