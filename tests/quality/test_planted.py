"""What is planted in a clean world is found; in the clean world nothing is."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from mgrec_core.quality.document import Finding, QualityReport
from tests.quality.conftest import DAYS, ITEMS, KINDS, START, USERS, assess_world, event
from tests.worlds import Row, World

Checked = Callable[..., dict[str, Finding]]
ITEM_IDS = [f"i{i:03}" for i in range(ITEMS)]


def test_a_clean_world_has_no_finding(clean_report: QualityReport) -> None:
    assert clean_report.findings == ()
    rows = clean_report.section("granularities").tables[0].rows
    assert [row[1] for row in rows] == ["yes"] * 7
    assert all(row[2] == 1 for row in rows if row[0] != "social")


BOTS: dict[str, Callable[[], list[Row]]] = {
    "rate": lambda: [event("bot", ITEM_IDS[n % 60], START + timedelta(seconds=31 * n)) for n in range(110)],
    "burst": lambda: [event("bot", ITEM_IDS[n], START + timedelta(days=3)) for n in range(25)],
    "regularity": lambda: [
        event("bot", ITEM_IDS[n], START + timedelta(minutes=97 * n, seconds=n % 3)) for n in range(30)
    ],
    "round_the_clock": lambda: [
        event("bot", ITEM_IDS[n], START + timedelta(hours=n, minutes=17 * n % 59)) for n in range(23)
    ],
    "breadth": lambda: [
        event("bot", ITEM_IDS[n], START + timedelta(days=n % 7 * 30, hours=9 + n % 8, seconds=n * n))
        for n in range(119)
    ],
}


@pytest.mark.parametrize("rule", list(BOTS))
def test_a_planted_bot_is_found_by_its_rule_with_its_evidence(clean: World, rule: str) -> None:
    report = assess_world(replace(clean, events=(*clean.events, *BOTS[rule]())))
    found = {f.check: f for f in report.findings}
    assert f"automated_{rule}" in found
    assert [e.id for e in found[f"automated_{rule}"].examples] == ["bot"]
    users = next(t for t in report.section("automated").tables if t.key == "users")
    assert [row[0] for row in users.rows] == ["bot"] and rule in str(users.rows[0][1])
    assert users.columns[0].kind == "user"


def test_whole_days_switch_the_rules_of_the_clock_off(checked: Checked, clean: World) -> None:
    days = tuple((*e[:5], e[5].replace(hour=0, minute=0, second=0), e[6]) for e in clean.events)  # type: ignore[attr-defined]
    bot = tuple(event("bot", ITEM_IDS[n], START + timedelta(days=n)) for n in range(30))
    assert not [name for name in checked(events=(*days, *bot)) if name.startswith("automated")]


def test_planted_drift_is_found_and_names_what_moved(checked: Checked, clean: World) -> None:
    late = START + timedelta(days=DAYS / 2)
    moved = tuple(
        (e[0], f"i{int(str(e[1])[1:]) // 2 + (ITEMS // 2 if e[5] > late else 0):03}", *e[2:])  # type: ignore[operator]
        for e in clean.events
    )
    found = checked(events=moved)
    assert found["popularity_drift"].value > 0.2 and found["popularity_drift"].severity == "medium"
    assert found["popularity_drift"].examples


def test_users_who_come_and_go_are_no_drift(checked: Checked, clean: World) -> None:
    """Each user is there for a month only: their tastes differ, popularity does not move."""
    r = random.Random(1)
    first = {u: r.randrange(DAYS - 30) for u in range(USERS)}
    events = tuple(
        (
            *e[:5],
            START + timedelta(days=first[int(str(e[0])[1:])] + n % 30, hours=9 + n % 7, seconds=n % 999),
            e[6],
        )
        for n, e in enumerate(clean.events)
    )
    assert "popularity_drift" not in checked(events=events)


def test_an_attribute_that_names_items_of_the_history(checked: Checked, clean: World) -> None:
    last = {e[0]: e[1] for e in clean.events}
    found = checked(user_attributes=tuple((u, "last item", i) for u, i in last.items()))
    assert found["user_attribute_names_items"].severity == "high"


def test_a_favourite_computed_from_the_history(checked: Checked, clean: World) -> None:
    counts: dict[str, list[int]] = {}
    for e in clean.events:
        counts.setdefault(str(e[0]), [0] * 4)[int(str(e[1])[1:]) % 4] += 1
    top = tuple(
        (u, "favourite", min((k for n, k in zip(c, KINDS, strict=True) if n == max(c))))
        for u, c in counts.items()
    )
    assert "user_attribute_follows_taste" in checked(user_attributes=top)
    r = random.Random(2)
    drawn = tuple((u, "favourite", r.choice(KINDS)) for u in counts)
    assert "user_attribute_follows_taste" not in checked(user_attributes=drawn)


def test_counts_and_mean_ratings_as_attributes(checked: Checked, clean: World) -> None:
    r = random.Random(3)
    rated = tuple((*e[:2], "rating", None, float(r.randrange(1, 6)), *e[5:]) for e in clean.events)
    per_item: dict[str, list[float]] = {}
    per_user: dict[str, int] = {}
    for e in rated:
        per_item.setdefault(str(e[1]), []).append(float(str(e[4])))
        per_user[str(e[0])] = per_user.get(str(e[0]), 0) + 1
    mean = tuple((i, "average", f"{sum(v) / len(v):.3f}") for i, v in per_item.items())
    orders = tuple((u, "orders", str(n * 2)) for u, n in per_user.items())
    found = checked(events=rated, attributes=(*clean.attributes, *mean), user_attributes=orders)
    assert "mean rating" in found["item_attribute_counts_events"].title
    assert found["user_attribute_counts_events"].value == pytest.approx(1)
    price = tuple((i, "price", f"{r.random():.3f}") for i in per_item)
    assert "item_attribute_counts_events" not in checked(events=rated, attributes=(*clean.attributes, *price))


def test_users_among_item_attributes_texts_and_the_graph(checked: Checked, clean: World) -> None:
    buyers = {str(e[1]): str(e[0]) for e in clean.events}
    found = checked(
        attributes=tuple((i, "buyer", u) for i, u in buyers.items()),
        items=tuple((i, f"parcel {i}", f"sent to {u}, thanks") for i, u in buyers.items()),
        kg=tuple((e[0], "bought", e[1], "x") for e in clean.events[:50]),
    )
    for check in ("item_attribute_names_users", "text_contains_ids", "graph_holds_events"):
        assert found[check].severity == "high", check


def test_feedback_and_tags_that_repeat_events(checked: Checked, clean: World) -> None:
    def plant(connection) -> None:  # type: ignore[no-untyped-def]
        connection.execute("INSERT INTO feedback SELECT user_id, item_id, 'click', NULL FROM events LIMIT 40")

    found = checked(plant, tags=tuple((e[0], e[1], "nice") for e in clean.events[:20]))
    assert found["feedback_overlaps_events"].value == 1 and found["tags_on_events"].value == 1


def test_dates_that_cannot_be(checked: Checked, clean: World) -> None:
    one = tuple((*e[:5], START, e[6]) for e in clean.events)
    assert checked(events=one)["one_timestamp"].severity == "high"
    later = tuple((*e[:5], e[5] + timedelta(days=900), e[6]) for e in clean.events[:60])  # type: ignore[operator]
    found = checked(events=(*clean.events[60:], *later))
    assert found["future_dates"].value == pytest.approx(60 / len(clean.events))
    new = tuple(
        event(f"u{n % 90:03}", f"new{n % 9}", START + timedelta(days=DAYS, minutes=97 * n * n % 9999))
        for n in range(150)
    )
    assert "late_items" in checked(events=(*clean.events, *new))


def test_titles_and_users_that_are_there_twice(checked: Checked, clean: World) -> None:
    same = tuple((i, "  A  Tea " if n < 3 else t, d) for n, (i, t, d) in enumerate(clean.items))
    assert checked(items=same)["same_title"].value == pytest.approx(3 / ITEMS)
    twin = [("twin", *e[1:5], e[5] + timedelta(minutes=3), e[6]) for e in clean.events if e[0] == "u018"]  # type: ignore[operator]
    found = checked(events=(*clean.events, *twin[1:]))
    assert {found["twin_users"].examples[0].id, "u018"} <= {"u018", "twin"} and "twin" in str(
        found["twin_users"]
    )


def test_ids_in_two_forms_are_found(checked: Checked, clean: World) -> None:
    more = (event("17.0", "i000", START), event("17", "5", START), event("18.0", "5.00", START))
    both = checked(events=(*clean.events, *more))["id_in_two_forms"]
    assert both.value == pytest.approx(2 / (USERS + 3 + ITEMS + 2))
    assert [(e.kind, e.id, e.like) for e in both.examples] == [("item", "5.00", "5"), ("user", "17.0", "17")]
    alone = (event("17.0", "1.5", START), event("18.0", "15", START), event("v1.0", "v1", START))
    assert "id_in_two_forms" not in checked(events=(*clean.events, *alone))


def test_what_is_missing_is_counted_with_examples(checked: Checked, clean: World) -> None:
    bare = tuple((i, None, None) if n < 30 else (i, t, d) for n, (i, t, d) in enumerate(clean.items))
    found = checked(
        items=bare,
        attributes=tuple(a for a in clean.attributes if str(a[0]) >= "i030"),
        kg=tuple(k for k in clean.kg if str(k[0]) >= "i030"),
    )
    for check in ("without_text", "without_attributes", "without_graph"):
        assert found[check].value == 0.25 and found[check].severity == "medium", check
        assert found[check].examples[0].id < "i030"


def test_a_catalogue_without_histories_and_the_reverse(checked: Checked, clean: World) -> None:
    assert checked(events=())["no_events"].severity == "high"
    thin = {str(e[0]): e for e in clean.events}
    found = checked(events=tuple(thin.values()))
    assert found["short_histories"].severity == "medium" and "evidence_collaborative" in found
    lonely = tuple((f"lonely{n}", f"Thing {n}", None) for n in range(200))
    assert "cold_items" in checked(items=(*clean.items, *lonely))
    whale = tuple(event(f"v{n}", "i000", START + timedelta(hours=n)) for n in range(9000))
    assert "concentration" in checked(events=(*clean.events, *whale))
