"""Phrases that several texts name."""

from __future__ import annotations

import random

from mgrec_core.data.knowledge.text_entities import find_entities

WORDS = [
    "grey",
    "hollow",
    "winter",
    "moka",
    "silver",
    "harbour",
    "lantern",
    "quiet",
    "paper",
    "river",
    "stone",
    "cloud",
    "amber",
    "field",
]


def test_planted_names_are_found() -> None:
    r = random.Random(2)
    names = ["Ada Lovelace", "Mount Fuji", "Blue Note Records"]
    texts = []
    for n in range(120):
        words = " ".join(r.choices(WORDS, k=8))
        named = f" by {names[n % 12]}" if n % 12 < 3 else ""
        texts.append((f"i{n}", [f"Thing {words}{named}."]))
    found = find_entities(texts)
    labels = {label for _, _, label, _ in found}
    assert set(names) <= labels
    assert len(labels & set(names)) / len(labels) >= 0.75, f"precision, found {labels}"
    for name in names:
        assert {item for item, _, label, _ in found if label == name} == {
            f"i{n}" for n in range(120) if n % 12 < 3 and names[n % 12] == name
        }
    assert all(0 < confidence <= 1 for *_, confidence in found)


def test_part_of_a_longer_phrase_is_left_out() -> None:
    texts = [(f"i{n}", [f"Songs by The New York Dolls number{n}"]) for n in range(4)]
    texts += [(f"j{n}", [f"thing number{n} other{n}"]) for n in range(60)]
    keys = {key for _, key, _, _ in find_entities(texts)}
    assert not {"new york", "york dolls"} & keys


def test_few_everywhere_or_hostile_say_nothing() -> None:
    assert find_entities([("a", ["Ada Lovelace"]), ("b", ["Ada Lovelace"])]) == []
    assert find_entities([(f"i{n}", ["same title here"]) for n in range(60)]) == []
    assert find_entities([("a", ['"' * 5000, "<" * 5000, ""]), ("b", [])]) == []


def test_order_does_not_matter() -> None:
    texts = [(f"i{n}", [f"Star Trek part{n % 5}"]) for n in range(5)]
    texts += [(f"j{n}", [f"word{n} more{n}"]) for n in range(80)]
    assert find_entities(texts) == find_entities(reversed(texts)) != []
