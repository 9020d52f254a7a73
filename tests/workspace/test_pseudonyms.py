"""No text keeps the id of a user, and nothing else in it changes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.workspace.key import WorkspaceKey
from mgrec_core.workspace.pseudonyms import Pseudonyms, names_people

IDS = st.text("ab1@._- é", min_size=1, max_size=9)
KEY = WorkspaceKey()


def held(one: str, value: str) -> bool:
    """Whether a text holds an id between two edges of words: the rule, said in another way."""
    at = value.find(one)
    while at >= 0:
        before, after = value[at - 1 : at] if at else "", value[at + len(one) : at + len(one) + 1]
        loose = (one[0].isalnum() and before.isalnum()) or (one[-1].isalnum() and after.isalnum())
        if not loose:
            return True
        at = value.find(one, at + 1)
    return False


@given(st.lists(IDS, min_size=1, max_size=6), st.lists(st.sampled_from([" ", "_", "a", "(", "7"]) | IDS))
def test_no_telling_id_is_left_in_a_text(ids: list[str], words: list[str]) -> None:
    names = Pseudonyms(ids, [], KEY)
    telling = [one for one in ids if len(one) >= 6]
    for value in ("".join(words), "".join([*words, ids[0], *words]), f"({ids[-1]})", *ids):
        hidden = names.text(value)
        assert not any(held(one, hidden) for one in telling), (hidden, telling)
        if not any(one in value for one in ids):
            assert hidden == value


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("alice", "{A}"), ("by alice.", "by {A}."), ("x_alice_7", "x_{A}_7"), ("malice", "malice"),
        ("alices", "alices"), ("Alice", "Alice"), ("alice@x.org", "{B}"), ("to:alice@x.org,", "to:{B},"),
        ("bob", "{C}"), ("bob's", "bob's"), ("7", "7"), ("Seven 7", "Seven 7"), ("1234567", "{D}"),
        ("no. 1234567!", "no. {D}!"), ("7654321", "7654321"), ("tea", "tea"), ("@@ or #####", "@@ or {E}"),
        ("u03-u03", "{F}-{F}"), ("", ""),
    ],
)  # fmt: skip
def test_what_is_replaced(value: str, hidden: str) -> None:
    people = {
        "alice": "A", "alice@x.org": "B", "bob": "C", "1234567": "D", "#####": "E", "u03": "F",
        "7": "G", "7654321": "H", "tea": "I",
    }  # fmt: skip
    names = Pseudonyms(people, ["7654321", "tea"], KEY)
    said = {letter: names.pseudonym(one) for one, letter in people.items()}
    assert names.text(value) == hidden.format(**said)
    assert names.text("7", of_people=True) == names.pseudonym("7") != "7"


@dataclass(frozen=True)
class Result:
    user_id: str
    kind: str
    n: int
    rows: tuple[dict[str, object], ...]


def test_results_of_any_shape_are_hidden() -> None:
    names = Pseudonyms(["alice", "user", "7"], [], KEY)
    alice, seven = names.pseudonym("alice"), names.pseudonym("7")
    row = {"attributes": {"alice": 1, "friend": "7", "age": "7"}, "attribute": "buddy", "frame": None}
    found = names.hide(Result("alice", "user", 7, (row, {"relation": "friend_of", "tail_id": "7"})))
    assert found == Result(
        alice, "user", 7,
        ({"attributes": {alice: 1, "friend": seven, "age": "7"}, "attribute": "buddy", "frame": None},
         {"relation": "friend_of", "tail_id": seven}),
    )  # fmt: skip
    frame = names.hide(pd.DataFrame({"user_id": ["7"], "n": [7], "text": ["of alice"]}))
    assert frame.to_dict("records") == [{"user_id": seven, "n": 7, "text": f"of {alice}"}]


def test_names_that_say_people() -> None:
    assert all(map(names_people, ("user", "user_id", "friends", "referred_by", "FollowedBy", "customer-id")))
    assert not any(map(names_people, ("genre", "useful", "uses", "age", "personal", "", "friendly")))
