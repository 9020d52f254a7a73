from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.data.knowledge.franchises import find_franchises, title_key


def series(*titles: str) -> dict[str, set[str]]:
    """Series found in titles: readable name → titles."""
    found = defaultdict(set)
    for item, _, label in find_franchises([(str(n), title) for n, title in enumerate(titles)]):
        found[label].add(titles[int(item)])
    return dict(found)


@pytest.mark.parametrize(
    ("label", "titles"),
    [
        ("Toy Story", {"Toy Story (1995)", "Toy Story 2 (1999)", "Toy Story 3"}),
        ("Rocky", {"Rocky", "Rocky II", "Rocky III", "Rocky IV", "Rocky V"}),
        ("Star Wars", {"Star Wars: Episode IV - A New Hope", "Star Wars: The Clone Wars"}),
        ("Godfather", {"Godfather, The (1972)", "The Godfather: Part II", "Godfather: Part III, The (1990)"}),
        ("Kill Bill", {"Kill Bill: Vol. 1", "Kill Bill: Vol. 2"}),
        ("Alien", {"Alien", "Alien³ (a.k.a. Alien 3)", "Alien: Resurrection"}),
        ("Harry Potter", {"Harry Potter and the Chamber of Secrets", "Harry Potter & the Goblet of Fire"}),
        ("Planet of the Apes", {"Planet of the Apes", "Escape from the Planet of the Apes"}),
        ("Matrix", {"The Matrix", "The Matrix Reloaded", "The Matrix Revolutions"}),
        ("Mad Max", {"Mad Max", "The Road Warrior (Mad Max 2)"}),
        ("Dune", {"Dune: Part One", "Dune: Part Two"}),
        ("Три богатыря", {"Три богатыря", "Три богатыря 2"}),
    ],
)
def test_a_series_is_found(label: str, titles: set[str]) -> None:
    assert series(*sorted(titles), "Heat", "Casino") == {label: titles}


@pytest.mark.parametrize(
    "titles",
    [
        ["Crash (1996)", "Crash (2004)"],  # one title twice is no series
        ["Malcolm", "Malcolm X"],
        ["Chicago", "Chicago 10", "The Chicago 8"],
        ["Maroon", "Maroon 5"],
        ["Apollo 13", "Apollo 18"],
        ["Henry V", "Henry: Portrait of a Serial Killer"],
        ["The Dead", "Dawn of the Dead"],
        ["Wind", "The Wind Rises"],
        ["Set of 2", "Set of 3"],
        ["The Mission", "Mission: Impossible"],
        ["Beauty and the Beast", "Beauty and the Boss"],
        ["Blade Runner", "Blade Runner 2049"],  # missed rather than guessed
        ["2", "3", "II", "", "()", "???"],
    ],
)
def test_what_only_looks_like_a_series_is_left_alone(titles: list[str]) -> None:
    assert series(*titles) == {}


def test_the_longer_stem_takes_it_all() -> None:
    titles = ["The Mission", "Mission: Impossible", "Mission: Impossible II", "Mission: Impossible - Fallout"]
    assert series(*titles) == {"Mission: Impossible": set(titles[1:])}


def test_original_titles_in_brackets_make_no_second_series() -> None:
    titles = ["Battle Royale (Batoru rowaiaru)", "Battle Royale 2: Requiem (Batoru rowaiaru II)"]
    assert list(series(*titles)) == ["Battle Royale"]


def test_a_series_within_a_series() -> None:
    parts = {f"Harry Potter and the Deathly Hallows: Part {n}" for n in (1, 2)}
    found = series(*sorted(parts), "Harry Potter and the Goblet of Fire")
    assert found["Harry Potter and the Deathly Hallows"] == parts
    assert parts < found["Harry Potter"]


def test_sample_titles(sample_data: Path) -> None:
    with (sample_data / "movielens" / "items.csv").open(encoding="utf-8") as file:
        titles = [(row["item_id"], row["title"]) for row in csv.DictReader(file) if row["title"]]
    found = find_franchises(titles)
    members = defaultdict(set)
    for item, key, _ in found:
        members[key].add(item)
    assert members["toy story"] == {"1", "3114", "78499"}
    assert len(members["star wars"]) == 8
    assert len(members["rocky"]) == 6
    assert len(members["harry potter"]) == 8
    assert {"godfather", "indiana jones", "lord of the rings", "mission impossible", "matrix"} <= set(members)
    assert {"mission", "babylon", "chicago", "girl", "dead", "dragon"}.isdisjoint(members)
    assert 250 < len(members) < 350


def test_full_movielens_titles(shared_data: Path) -> None:
    with (shared_data / "ml-latest-small" / "movies.csv").open(encoding="utf-8") as file:
        titles = [(row["movieId"], row["title"]) for row in csv.DictReader(file)]
    members = defaultdict(set)
    for item, key, _ in find_franchises(titles):
        members[key].add(item)
    assert members["toy story"] == {"1", "3114", "78499"}
    assert {"star wars", "rocky", "star trek", "x men", "hunger games", "saw"} <= set(members)
    assert {"henry", "legend", "dragon", "oceans"}.isdisjoint(members)
    assert 300 < len(members) < 450


@given(st.lists(st.text(max_size=30), max_size=12))
def test_any_text_is_survived_and_order_is_nothing(titles: list[str]) -> None:
    rows = [(str(n), title) for n, title in enumerate(titles)]
    found = find_franchises(rows)
    assert find_franchises(reversed(rows)) == found
    counts = defaultdict(set)
    for item, key, label in found:
        counts[key].add(item)
        assert label.strip()
    assert all(len(items) > 1 for items in counts.values())


def test_a_long_title_is_cut() -> None:
    assert find_franchises([("1", "x: " * 100_000), ("2", "(" * 100_000)]) == []


def test_title_key() -> None:
    assert title_key("The Misérables") == title_key("Misérables, The") == "miserables"
    assert title_key("Ocean's") != title_key("Océans")
