"""What sets a group apart: the formulas by hand, units of users and items, numbers in bands."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mgrec_core import Engine
from mgrec_core.analysis.profile import (
    PRIOR,
    above,
    beside,
    distinctive,
    features,
    features_of,
    of_histories,
    rows,
)


def values(**items: list[tuple[str, str]]) -> pd.DataFrame:
    found = [(i, a, v) for i, pairs in items.items() for a, v in pairs]
    return pd.DataFrame(found, columns=["id", "attribute", "value"])


def genres(*of: str) -> pd.DataFrame:
    return values(**{f"i{n}": [("genre", g)] for n, g in enumerate(of)})


def test_share_lift_log_odds_and_z_are_those_of_the_formula() -> None:
    held = features(genres(*"aaab", *"abbb", *"bbbb"), [f"i{n}" for n in range(12)])
    member = np.arange(12) < 4
    found = distinctive(held, member[None, :], top=None)[0].set_index("value")
    y, n, y_all, n_all, p = 3, 4, 4, 12, 4 / 12
    inside, outside = y + PRIOR * p, y_all - y + PRIOR * p
    delta = math.log(inside / (n + PRIOR - inside)) - math.log(outside / (n_all - n + PRIOR - outside))
    row = found.loc["a"]
    assert (row["n"], row["share"], row["share_all"]) == (3, 0.75, pytest.approx(p))
    assert row["lift"] == pytest.approx(inside / (n + PRIOR) / p)
    assert row["log_odds"] == pytest.approx(delta)
    assert row["z"] == pytest.approx(delta / math.sqrt(1 / inside + 1 / outside))
    assert found.loc["b", "log_odds"] < 0


def test_many_of_many_beat_two_of_two() -> None:
    """Smoothing: a rare value that a small group happens to hold is no name for it."""
    ids = [f"i{n}" for n in range(400)]
    spread = [("genre", "common")] * 160 + [("genre", "other")] * 240
    pairs = {i: [g] for i, g in zip(ids, spread, strict=True)}
    for n in (0, 1, 399):
        pairs[ids[n]] = [*pairs[ids[n]], ("genre", "rare")]
    member = np.arange(400) < 100
    first = distinctive(features(values(**pairs), ids), member[None, :])[0]
    assert first["value"].iloc[0] == "common"


def test_a_user_counts_once_however_long_the_history() -> None:
    items = features(genres(*"aaabbb"), [f"i{n}" for n in range(6)])
    seen = sparse.csr_array(np.array([[1, 1, 1, 1, 1, 1], [0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]]))
    users = of_histories(seen, items)
    assert users.units.toarray().tolist() == [[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]]
    assert users.known.toarray().ravel().tolist() == [1, 1, 0]
    both = above(users, items)
    assert both.units.shape[0] == 9
    assert rows(both, np.array([8, 1])).units.toarray().tolist() == [[0, 1], [1, 0]]


def test_numbers_become_bands_and_what_is_rare_is_left_out() -> None:
    ids = [f"i{n}" for n in range(40)]
    held = features(
        values(**{i: [("year", str(1980 + n)), ("title", f"t{n}")] for n, i in enumerate(ids)}), ids
    )
    assert held.names == [
        ("year", "1980 – 1989"), ("year", "1990 – 1999"), ("year", "2000 – 2009"), ("year", "2010 – 2019"),
    ]  # fmt: skip
    assert held.units.sum() == 40


def test_without_attributes_there_is_nothing_to_tell() -> None:
    nothing = features(values(), ["a", "b"])
    assert nothing.units.shape[0] == 2 and nothing.names == []
    assert len(distinctive(nothing, np.array([[True, False]]))[0]) == 0
    other = features(genres(*"aaa"), ["i0", "i1"])
    assert beside(nothing, other).units.shape == (2, 0), "three holders are needed among these points"


def test_a_group_of_everybody_and_of_nobody_stay_finite() -> None:
    held = features(genres(*"aaabbb"), [f"i{n}" for n in range(6)])
    both = distinctive(held, np.array([[True] * 6, [False] * 6]), top=None)
    assert len(both) == 2
    for found in both:
        assert np.isfinite(found[["share", "lift", "log_odds", "z"]].to_numpy()).all()


@pytest.mark.parametrize("of", ["users", "items", "both"])
def test_features_of_an_engine_have_a_row_a_point(shop: Engine, of: str) -> None:
    held = features_of(shop, of)
    n_users, n_items = len(shop.user_ids), len(shop.item_ids)
    assert held.units.shape[0] == {"users": n_users, "items": n_items, "both": n_users + n_items}[of]
    assert held.names and held.units.max() <= 1 + 1e-9
    assert len(set(held.names)) == len(held.names)
