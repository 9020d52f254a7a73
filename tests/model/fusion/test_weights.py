"""Weights: completed from a preset, checked, read from text."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights
from mgrec_core.model.fusion.weights import default_base, parse_weights, resolve
from mgrec_core.model.granularities import GRANULARITIES, default_weights

PRESENT = ("behaviour", "recent", "collaborative")
ACTIVE = Weights({"behaviour": 0.1, "recent": 0.8, "collaborative": 1.0}, "collaborative")


def test_there_is_a_default_for_every_granularity() -> None:
    weights = default_weights(GRANULARITIES)
    assert tuple(weights) == GRANULARITIES and all(0 <= w <= 1 for w in weights.values())
    assert list(default_weights(("social", "recent"))) == ["social", "recent"]


def test_what_is_not_named_comes_from_the_active_preset() -> None:
    assert resolve(None, ACTIVE, PRESENT) == ACTIVE
    assert resolve({"recent": 0.3}, ACTIVE, PRESENT).values == {**ACTIVE.values, "recent": 0.3}


def test_another_base_gets_one_and_the_others_stay() -> None:
    found = resolve(Weights({"behaviour": 0.5}, "recent"), ACTIVE, PRESENT)
    assert found == Weights({"behaviour": 0.5, "recent": 1.0, "collaborative": 1.0}, "recent")


def test_absent_granularities_are_left_out() -> None:
    assert resolve({"social": 0.5}, ACTIVE, PRESENT).values == ACTIVE.values


@pytest.mark.parametrize("bad", [math.nan, math.inf, -0.1, 1.0001, "0.5", None, True, [0.5]])
@pytest.mark.parametrize("name", ["recent", "collaborative"])
def test_weights_that_are_none(bad: object, name: str) -> None:
    with pytest.raises(InputError, match=name):
        resolve({name: bad}, ACTIVE, PRESENT)  # type: ignore[dict-item]


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.int64(1), 1, 0])
def test_any_kind_of_number_is_one(number: float) -> None:
    assert resolve({"recent": number}, ACTIVE, PRESENT).values["recent"] == float(number)


def test_names_that_are_none() -> None:
    for asked in ({"taste": 0.5}, Weights(base="taste"), Weights(alpha={"taste": 1.0})):
        with pytest.raises(NotFoundError, match="taste"):
            resolve(asked, ACTIVE, PRESENT)
    with pytest.raises(InputError, match="social is absent"):
        resolve(Weights(base="social"), ACTIVE, PRESENT)
    with pytest.raises(InputError, match="unknown fusion mode 'stew'"):
        resolve(Weights(fusion="stew"), ACTIVE, PRESENT)


def test_the_base_until_weights_are_learned() -> None:
    assert default_base(GRANULARITIES) == "collaborative"
    assert default_base(("popularity", "behaviour")) == "behaviour"
    assert default_base(("social", "popularity")) == "social"
    with pytest.raises(InputError, match="import"):
        default_base(())


@given(st.dictionaries(st.sampled_from(PRESENT), st.floats(0.0, 1.0), min_size=1))
def test_alpha_sums_to_one(given_: dict[str, float]) -> None:
    alpha = resolve(given_, ACTIVE, PRESENT).shares
    assert sum(alpha.values()) == pytest.approx(1) and min(alpha.values()) >= 0
    assert list(alpha) == list(PRESENT)


def test_alpha_apart_from_lambda() -> None:
    found = resolve(Weights(fusion="concat", alpha={"recent": 3, "behaviour": 1}), ACTIVE, PRESENT)
    assert found.shares == found.alpha == {"behaviour": 0.25, "recent": 0.75, "collaborative": 0.0}
    assert found.values == ACTIVE.values
    assert found.factors == [0.25, 0.75, 0.0] != resolve(None, ACTIVE, PRESENT).factors == [0.1, 0.8, 1.0]


@given(st.dictionaries(st.sampled_from(PRESENT), st.floats(1e-3, 9.0), min_size=1))
def test_complete_weights_stay_as_they_are(alpha: dict[str, float]) -> None:
    """To the last bit, or a list would differ from itself when its weights are handed on."""
    values = {g: min(a, 1.0) for g, a in alpha.items()}
    found = resolve(Weights(values, "recent", fusion="vector", alpha=alpha), ACTIVE, PRESENT)
    assert resolve(found, ACTIVE, PRESENT) == found


@pytest.mark.parametrize(
    "bad",
    [{"recent": -1.0}, {"recent": math.nan}, {"recent": math.inf}, {"recent": "1"}, {"social": math.nan}],
)
def test_shares_that_are_none(bad: dict[str, float]) -> None:
    with pytest.raises(InputError, match="α of"):
        resolve(Weights(alpha=bad), ACTIVE, PRESENT)


@pytest.mark.parametrize("nothing", [{}, {"recent": 0.0}, {"social": 1.0}])
def test_shares_of_nothing(nothing: dict[str, float]) -> None:
    with pytest.raises(InputError, match="all α are 0"):
        resolve(Weights(alpha=nothing), ACTIVE, PRESENT)


def test_reading_weights() -> None:
    assert parse_weights(None) is None and parse_weights("  ") is None
    assert parse_weights(" recent = 0.3 , social=1e-1") == {"recent": 0.3, "social": 0.1}


@pytest.mark.parametrize(
    "text",
    ["recent", "recent=", "=1", "recent=x", "recent=0,3", "recent=0.1,", "recent=.1,recent=.2", "taste=1"],
)
def test_text_that_names_no_weights(text: str) -> None:
    with pytest.raises(InputError):
        parse_weights(text)
