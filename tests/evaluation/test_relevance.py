"""What counts as a hit among held-out pairs."""

from __future__ import annotations

import pandas as pd
import pytest

from mgrec_core.evaluation.relevance import Relevance
from mgrec_core.foundation.errors import InputError
from tests.worlds import World

EVENTS = (
    *(("u", f"r{rating}", "rating", None, float(rating), None, None) for rating in (1, 2, 3, 4, 5)),
    ("u", "bought", "purchase", None, None, None, None),
    ("u", "hated", "thumbs_down", None, None, None, None),
    ("u", "shown", "impression", None, None, None, None),
)
TEST = pd.DataFrame(
    {"user_id": "u", "item_id": ["r1", "r3", "r4", "r5", "bought", "hated", "shown"]}, dtype="string"
)


@pytest.mark.parametrize(
    ("rule", "hits"),
    [
        ("any", ["bought", "hated", "r1", "r3", "r4", "r5"]),
        ("liked", ["bought", "r4", "r5"]),
        ("rating>=3", ["r3", "r4", "r5"]),
        ("Rating >= 4.5", ["r5"]),
    ],
)
def test_hits_by_each_rule(rule: str, hits: list[str]) -> None:
    connection = World(events=EVENTS).connect()
    relevance = Relevance.parse(rule)
    found = relevance.hits(connection, TEST)
    assert found["item_id"].tolist() == hits
    said = relevance.describe(connection, found)
    assert (said["n_pairs"], said["n_users"]) == (len(hits), 1)
    assert said["rule"].startswith(("every", "held-out items"))


def test_the_rule_names_the_mark_of_the_scale() -> None:
    assert "rated 4 or more" in Relevance().rule(World(events=EVENTS).connect())
    assert "rated" not in Relevance().rule(World(events=EVENTS[5:]).connect())


@pytest.mark.parametrize("text", ["", "all", "rating>4", "rating>=", "rating>=x", "rating>=nan", "stars>=3"])
def test_another_word_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="any, liked"):
        Relevance.parse(text)


def test_no_hit_at_all_is_said() -> None:
    with pytest.raises(InputError, match="--relevant"):
        Relevance.parse("rating>=9").hits(World(events=EVENTS).connect(), TEST)
