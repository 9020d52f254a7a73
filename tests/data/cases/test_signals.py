"""What ratings and kinds of events of public reports say: 04, 05, 22, 23 and 28."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.data.importers.mapping.model import load
from tests.data.cases.importing import Brought, case


def test_04_watched_but_not_rated_has_no_rating(cases: Path, tmp_path: Path, imported) -> None:
    folder = "04-no-rating-sentinel"
    found = imported(f"{folder}/in", f"{folder}/mapping.yaml")
    assert load(cases / folder / "mapping.yaml").tables
    assert found.rows("SELECT value FROM no_rating") == [(-1.0,)]
    assert found.rows("SELECT count(*) FROM v_events WHERE rating = -1") == [(0,)]
    amounts = dict(
        found.rows("SELECT rating, max(amount) FROM v_events WHERE rating IN (1, 4, 9) GROUP BY 1")
    )
    assert amounts[1] < amounts[4] < 0.2 < amounts[9]
    ((unrated,),) = found.rows("SELECT DISTINCT amount FROM v_events WHERE rating IS NULL")
    assert amounts[4] < unrated < 1


def test_04_99_is_no_joke_that_everybody_likes(tmp_path: Path) -> None:
    found = Brought(case("04-no-rating-sentinel/jester-long"), tmp_path)
    assert found.rows("SELECT value FROM no_rating") == [(99.0,)]
    assert found.rows("SELECT max(rating) <= 10, min(amount) < 0 FROM v_events") == [(True, True)]
    assert "no rating" in " ".join(one.explanation for one in found.report.reasons)


def test_05_one_star_is_against(tmp_path: Path) -> None:
    found = Brought(case("05-dislikes-count-as-interest/in"), tmp_path)
    signs = found.rows(
        "SELECT rating, max(signal) < 0, bool_or(liked) FROM v_history WHERE user_id = 'hater'"
        " GROUP BY 1 ORDER BY 1"
    )
    assert signs == [(1.0, True, False), (5.0, False, True)]
    assert found.rows("SELECT count(*) FROM v_pairs WHERE user_id = 'hater'") == [(1,)]


def test_22_kinds_mean_the_same_in_every_spelling_and_unknown_ones_are_named(tmp_path: Path) -> None:
    found = Brought(case("22-event-names/in"), tmp_path)
    strength = dict(found.rows("SELECT event, strength FROM event_types"))
    assert strength["add to cart"] == strength["add_to_cart"] > strength["product viewed"] == strength["pv"]
    against = ("thumbs_down", "not_interested", "refunded", "product_returned", "unsubscribed", "swipe_left")
    assert all(strength[kind] < 0 for kind in against)
    assert strength["impressions"] == 0
    told = " ".join(one.explanation for one in found.report.reasons if one.rule == "signals")
    unknown = [kind for (kind,) in found.rows("SELECT event FROM event_types WHERE NOT known")]
    assert all(kind in told for kind in unknown)


@pytest.mark.parametrize("kind", ["thumbs_down", "Thumbs Down"])
def test_22_strengths_can_be_said_for_every_format(tmp_path: Path, kind: str) -> None:
    found = Brought(case("22-event-names/in"), tmp_path, strengths={kind: -0.25, "pv": "0.4"})
    assert dict(
        found.rows("SELECT event, strength FROM event_types WHERE event IN ('thumbs_down', 'pv')")
    ) == {
        "thumbs_down": -0.25,
        "pv": 0.4,
    }


def test_23_a_label_of_0_is_an_impression(tmp_path: Path) -> None:
    found = Brought(case("23-recbole-label/toy"), tmp_path)
    assert found.rows("SELECT role, count(*) FROM v_events GROUP BY 1 ORDER BY 1") == [
        ("shown", 155),
        ("use", 85),
    ]


def test_28_the_last_of_several_ratings_counts(tmp_path: Path) -> None:
    found = Brought(case("28-duplicates-and-repeats/in"), tmp_path)
    pairs = {
        (user, item): (rating, amount)
        for user, item, rating, amount in found.rows("SELECT user_id, item_id, rating, amount FROM v_history")
    }
    assert pairs["u1", "i1"][0] == 1 and pairs["u1", "i1"][1] < 0
    assert pairs["u2", "i3"][1] < pairs["u1", "i2"][1] < pairs["u3", "i3"][1]
    assert found.rows("SELECT count(*) FROM events WHERE user_id = 'u3' AND item_id = 'i3'") == [(1,)]
