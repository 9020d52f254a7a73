"""The views: what the engine is told of the tables, checked row by row."""

from __future__ import annotations

import math
from collections.abc import Iterator

import duckdb
import pytest

from tests.worlds import World, full

Connection = duckdb.DuckDBPyConnection


@pytest.fixture
def open_world() -> Iterator[object]:
    opened: list[Connection] = []

    def open_(world: World, shuffle: int | None = None) -> Connection:
        opened.append(world.connect(shuffle))
        return opened[-1]

    yield open_
    for connection in opened:
        connection.close()


def rows(connection: Connection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query).fetchall()


def event(
    user: str,
    item: str,
    kind: str = "click",
    weight: object = None,
    rating: object = None,
    time: object = None,
):
    return (user, item, kind, weight, rating, time, None)


def test_strength_is_the_logarithm_of_the_amount_over_the_users_largest(open_world) -> None:
    world = World(
        events=(
            event("u", "a", "purchase", 3.0),
            event("u", "a", "purchase"),
            event("u", "b", "click"),
            event("u", "c", "unheard of"),
            event("v", "b", "click"),
        )
    )
    found = dict(rows(open_world(world), "SELECT user_id || item_id, strength FROM v_pairs"))
    top = math.log(1 + 3 + 1)
    assert found == pytest.approx(
        {"ua": 1.0, "ub": math.log(1.3) / top, "uc": math.log(1.5) / top, "vb": 1.0}
    )


def test_a_rating_counts_by_its_distance_from_the_users_neutral_point(open_world) -> None:
    world = World(events=tuple(event("u", f"i{r}", "rating", None, float(r)) for r in (1, 2, 3, 4, 5)))
    connection = open_world(world)
    found = dict(rows(connection, "SELECT item_id, signal FROM v_events"))
    assert found == pytest.approx({"i1": -1.0, "i2": -0.5, "i3": 0.0, "i4": 0.5, "i5": 1.0})
    amounts = dict(rows(connection, "SELECT item_id, amount FROM v_history"))
    assert amounts == pytest.approx({item: 0.2 + 0.8 * signal for item, signal in found.items()})
    assert rows(connection, "SELECT item_id FROM v_pairs ORDER BY 1") == [("i3",), ("i4",), ("i5",)]
    assert rows(connection, "SELECT item_id FROM v_history WHERE liked ORDER BY 1") == [("i4",), ("i5",)]
    assert rows(connection, "SELECT count(*) FROM v_seen") == [(5,)]


def test_a_user_who_rates_high_means_less_by_it_but_a_dislike_stays_one(open_world) -> None:
    kind = [event("kind", f"i{n}", "rating", None, 5.0) for n in range(40)]
    hard = [event("hard", f"i{n}", "rating", None, 1.0) for n in range(40)]
    both = [event(w, f"j{r:g}", "rating", None, r) for w in ("kind", "hard") for r in (1.0, 2.0, 3.0, 4.0)]
    world = World(events=(*kind, *hard, *both))
    found = dict(rows(open_world(world), "SELECT user_id || item_id, signal FROM v_events"))
    assert found["kindj3"] < 0 < found["hardj3"]
    for who in ("kind", "hard"):
        assert found[f"{who}j1"] == -1 and found[f"{who}j2"] < 0 < found[f"{who}j4"]


def test_of_several_ratings_the_last_counts_or_as_is_asked(open_world) -> None:
    times = {1.0: "2024-06-01", 5.0: "2024-01-01", 3.0: None}
    events = [event("u", "a", "rating", None, rating, time) for rating, time in times.items()]
    others = [event("u", f"o{r}", "rating", None, r) for r in (2.0, 4.0)]
    connection = open_world(World(events=(*events, *others)))
    for policy, rating in (("last", 1.0), ("first", 3.0), ("mean", 3.0)):
        connection.execute("UPDATE rating_scale SET repeats = ?", [policy])
        assert rows(connection, "SELECT rating, n_events FROM v_history WHERE item_id = 'a'") == [(rating, 3)]


def test_opinions_of_one_moment_count_by_their_mean_and_one_against_stands(open_world) -> None:
    events = [event("u", "a", "rating", None, r, "2024-01-01") for r in (1.0, 5.0)]
    events += [event("u", f"o{r}", "rating", None, r) for r in (2.0, 3.0, 4.0)]
    events += [event("u", "b", "play", 30.0), event("u", "b", "thumbs_down")]
    events += [event("u", "c", "purchase"), event("u", "c", "return"), event("u", "d", "impression")]
    connection = open_world(World(events=tuple(events)))
    amounts = dict(rows(connection, "SELECT item_id, amount FROM v_history"))
    assert amounts["a"] == pytest.approx(0.2) and amounts["b"] == -1 and amounts["c"] == 0
    assert "d" not in amounts


def test_one_rating_for_everything_counts_as_one(open_world) -> None:
    world = World(events=(event("u", "a", "rating", None, 4.0), event("u", "b", "rating", None, 4.0)))
    assert {r[0] for r in rows(open_world(world), "SELECT strength FROM v_pairs")} == {1.0}


def test_events_that_say_no_are_no_pairs(open_world) -> None:
    world = World(events=(event("u", "a", "dislike"), event("u", "b", "click", 0.0), event("u", "c")))
    connection = open_world(world)
    assert rows(connection, "SELECT item_id FROM v_pairs") == [("c",)]
    assert rows(connection, "SELECT n_items, n_events FROM v_users") == [(3, 3)]


def test_strengths_do_not_depend_on_the_order_of_the_rows(open_world) -> None:
    world = World(events=tuple(event("u", f"i{n % 3}", "purchase", 0.1 * n + 0.01) for n in range(300)))
    query = "SELECT user_id, item_id, strength FROM v_pairs ORDER BY ALL"
    first = rows(open_world(world), query)
    assert all(rows(open_world(world, shuffle=seed), query) == first for seed in range(5))


def test_ages_count_newer_items(open_world) -> None:
    world = World(
        events=(
            event("u", "b", time="2025-01-02"),
            event("u", "a", time="2025-01-02"),
            event("u", "old", time="2024-01-01"),
            event("u", "old", time="2025-01-03"),
            event("u", "undated"),
        )
    )
    found = rows(open_world(world), "SELECT item_id, age FROM v_recency ORDER BY ALL")
    assert found == [("a", 1.5), ("b", 1.5), ("old", 0)]  # a and b take the places 1 and 2 together


def test_numbers_of_many_values_become_bands(open_world) -> None:
    prices = [n // 2 * 10 for n in range(40)]
    world = World(
        items=tuple((f"i{n:02}", None, None) for n in range(40)),
        attributes=(
            *((f"i{n:02}", "price", str(p)) for n, p in enumerate(prices)),
            *((f"i{n:02}", "stars", str(n % 5)) for n in range(40)),
            *((f"i{n:02}", "word", f"x{n}") for n in range(40)),
        ),
    )
    connection = open_world(world)
    count = dict(rows(connection, "SELECT attribute, count(DISTINCT value) FROM v_item_values GROUP BY ALL"))
    assert count == {"price": 5, "stars": 5, "word": 40}
    bands = rows(
        connection, "SELECT value, count(*) FROM v_item_values WHERE attribute = 'price' GROUP BY ALL"
    )
    assert {n for _, n in bands} == {8}
    assert ("0 – 30", 8) in bands


def test_equal_numbers_share_a_band(open_world) -> None:
    years = [1995] * 30 + list(range(1950, 1980))
    world = World(
        items=tuple((f"i{n:02}", None, None) for n in range(60)),
        attributes=tuple((f"i{n:02}", "year", str(y)) for n, y in enumerate(years)),
    )
    found = rows(
        open_world(world),
        "SELECT count(DISTINCT v_item_values.value) FROM v_item_values JOIN item_attributes USING (item_id) "
        "WHERE item_attributes.value = '1995'",
    )
    assert found == [(1,)]


def test_bands_of_large_numbers_are_told_apart(open_world) -> None:
    world = World(
        items=tuple((f"i{n:02}", None, None) for n in range(20)),
        attributes=tuple((f"i{n:02}", "price", str(1_700_000_000 + n)) for n in range(20)),
    )
    found = rows(open_world(world), "SELECT DISTINCT value FROM v_item_values")
    assert len(found) == 5 and ("1700000000 – 1700000003",) in found


def test_tags_are_values_once_with_the_number_of_users_who_gave_them(open_world) -> None:
    world = World(
        items=(("a", "A", None),),
        attributes=(("a", "tag", "cosy"),),
        tags=(("u", "a", "cosy"), ("v", "a", "cosy")),
    )
    assert rows(open_world(world), "FROM v_item_values") == [("a", "tag", "cosy", 2)]


def test_the_text_of_an_item(open_world) -> None:
    world = World(
        items=(("a", "Tea", "Good. "), ("b", None, None), ("c", None, "Just words"), ("d", "Cup", None)),
        attributes=(("a", "genre", "x"), ("a", "genre", "w"), ("a", "price", "3.5"), ("a", "brand", "Y")),
    )
    found = dict(rows(open_world(world), "FROM v_item_text"))
    assert found == {"a": "Tea. brand: Y. genre: w, x. Good", "b": None, "c": "Just words", "d": "Cup"}


def test_labels_fall_back_on_ids(open_world) -> None:
    world = World(items=(("a", "Tea", None), ("b", None, None)), events=(event("u", "b"),))
    found = rows(open_world(world), "SELECT item_id, label, n_users FROM v_items ORDER BY item_id")
    assert found == [("a", "Tea", 0), ("b", "b", 1)]


def test_ties_go_both_ways_the_stronger_one_counts(open_world) -> None:
    world = World(social=(("a", "b", 1.0), ("b", "a", 4.0), ("a", "a", 2.0), ("c", "a", 0.0)))
    assert rows(open_world(world), "FROM v_social ORDER BY user_id") == [("a", "b", 1.0), ("b", "a", 1.0)]


def test_ends_of_edges_are_marked(open_world) -> None:
    world = World(
        items=(("a", None, None), ("b", None, None)),
        kg=(("a", "r", "b", "B"), ("a", "r", "x", "X"), ("x", "r", "y", "Y"), ("x", "r", "b", "B")),
    )
    found = rows(open_world(world), "SELECT head_is_item, tail_is_item FROM v_kg ORDER BY head_id, tail_id")
    assert found == [(True, True), (True, False), (False, True), (False, False)]


def test_every_view_reads_empty_tables(open_world) -> None:
    connection = open_world(World())
    views = [r[0] for r in rows(connection, "SELECT view_name FROM duckdb_views() WHERE NOT internal")]
    assert len(views) >= 9
    assert all(rows(connection, f"FROM {view}") == [] for view in views)


def test_views_may_be_made_again(open_world) -> None:
    from importlib import resources

    connection = open_world(full())
    connection.execute(resources.files("mgrec_core.data").joinpath("views.sql").read_text(encoding="utf-8"))


def test_disliked_and_returned_items_are_seen_and_impressions_are_not(open_world) -> None:
    said = {
        "loved": "like",
        "hated": "dislike",
        "back": "return",
        "shown": "impression",
        "served": "Exposures",
    }
    world = World(events=tuple(event("u", item, kind) for item, kind in said.items()))
    found = rows(open_world(world), "SELECT item_id FROM v_seen ORDER BY 1")
    assert found == [("back",), ("hated",), ("loved",)]
