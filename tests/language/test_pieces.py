"""Texts cut into tokens: nothing is lost, and each token has the fate that the model gives it."""

from __future__ import annotations

import pytest

from mgrec_core.language.embedded import USE
from mgrec_core.language.pieces import cut_up, see
from mgrec_core.language.reading import read_through
from tests.language.conftest import TEXTS

TITLES = ["Toy Story (1995)", "龙猫狗", "龙猫猫", "word " * 400, "Toy Story (1995)", ""]


@pytest.mark.parametrize("model", [None, USE.name])
def test_what_is_counted_is_what_the_build_counts(model: str | None) -> None:
    seen, reading = see([*TITLES, *TEXTS], model), read_through([*TITLES, *TEXTS], model)
    assert seen is not None and reading is not None
    assert len(seen.texts) == reading.distinct_texts
    assert seen.unknown_share == pytest.approx(reading.unknown_tokens)
    assert seen.cut == reading.truncated and seen.limit == reading.limit - 2
    same = sum(len(group) - 1 for group in seen.alike)
    assert len(seen.texts) - same == reading.distinct_vectors


@pytest.mark.parametrize("model", [None, USE.name])
def test_every_token_is_drawn_with_its_fate(model: str | None) -> None:
    seen = see(TITLES, model)
    assert seen is not None
    for text, pieces in zip(seen.texts, cut_up(seen.texts, seen.limit, model), strict=True):
        place = seen.texts.index(text)
        assert len(pieces) == seen.tokens[place]
        read = pieces[: seen.limit]
        assert sum(p.fate == "unknown" for p in read) <= seen.unknown[place]
        assert all(p.fate == "not read" for p in pieces[seen.limit :])
        assert all(p.letters for p in pieces)


def test_the_letters_of_a_text_are_those_of_its_tokens() -> None:
    text = "Toy Storytelling, <b>1995</b> 龙猫"
    ((*pieces,),) = cut_up([text], 100)
    assert "".join(p.letters for p in pieces) == text.replace(" ", "")
    assert [p.letters for p in pieces if p.fate == "unknown"] == ["龙", "猫"]
    assert not pieces[0].goes_on and next(p for p in pieces if p.letters == ",").goes_on


def test_texts_that_the_model_cannot_tell_apart_are_named() -> None:
    seen = see(TITLES)
    assert seen is not None
    assert seen.alike == (("龙猫狗", "龙猫猫"),)
    other = see(TITLES, USE.name)
    assert other is not None and other.alike == ()


def test_the_worst_texts_are_shown_first_and_good_ones_too() -> None:
    seen = see(["plain words", *TITLES, "more words"])
    assert seen is not None
    shown = seen.telling(4)
    assert shown[0] == "龙猫狗" and shown[1].startswith("word word") and "plain words" in shown
    assert len(set(shown)) == 4
    assert len(seen.telling(100)) == len(seen.texts)


def test_no_texts_are_no_texts() -> None:
    seen = see(["", "  "])
    assert seen is not None
    assert (seen.texts, seen.alike, seen.cut, seen.unknown_share, seen.telling(3)) == ((), (), 0, 0, [])


def test_nobody_knows_the_tokens_of_a_model_behind_an_address() -> None:
    assert see(TITLES, "http://localhost:1/v1#some-model") is None
