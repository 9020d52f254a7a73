"""Names say what sets items apart: counted by hand, and never the whim of one user."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.model.themes.naming import Sign, Signs, among, apart, signs_of
from tests.worlds import model


def sign(has: list[list[float]], labels: list[str], prominent: list[list[float]] | None = None) -> Sign:
    held = sparse.csr_array(np.array(has, dtype=float))
    said = sparse.csr_array(np.array(prominent or has, dtype=float))
    n = held.shape[0]
    return Sign("attribute", labels, held, said, held.sum(axis=0) / n, said.sum(axis=0) / n)


def test_shares_are_counted_and_what_everybody_has_is_no_sign() -> None:
    has = [[1, 1, 0]] * 3 + [[0, 1, 0]] * 6 + [[0, 1, 1]] * 3
    found = apart(Signs({"attribute": sign(has, ["genre: Horror", "kind: film", "genre: War"])}, []),
                  np.r_[np.ones(3), np.zeros(9)], np.r_[np.zeros(9), np.ones(3)])  # fmt: skip
    assert [one.label for one in found] == ["genre: Horror"]
    assert found[0].share == pytest.approx(1.0) and found[0].catalogue == pytest.approx(0.25)


def test_a_tag_of_one_user_is_behind_a_tag_of_fifty() -> None:
    has = [[1, 1]] * 3 + [[0, 1]] + [[0, 0]] * 36
    prominent = [[0.1, 1.0]] * 3 + [[0, 1.0]] + [[0, 0]] * 36
    items = np.r_[np.ones(3), np.zeros(37)]
    one = sign(has, ["tag: mine", "tag: horror"], prominent)
    assert apart(Signs({"attribute": one}, []), items, np.zeros(40))[0].label == "tag: horror"
    assert among(one, np.array([0, 1]), items)[0].label == "tag: horror"


def test_weights_count() -> None:
    has = [[1, 0], [1, 0], [0, 1], [0, 1], *[[0, 0]] * 16]
    items = np.r_[[1.0, 1.0, 3.0, 3.0], np.zeros(16)]
    found = apart(Signs({"attribute": sign(has, ["a: x", "a: y"])}, []), items, np.zeros(20))
    assert [(one.label, one.share) for one in found] == [("a: y", 0.75)]


def test_one_value_is_named_once_whoever_says_it() -> None:
    has = [[1]] * 3 + [[0]] * 9
    kinds = {"attribute": sign(has, ["genre: Horror"]), "entity": sign(has, ["Horror"])}
    assert len(apart(Signs(kinds, []), np.r_[np.ones(3), np.zeros(9)], np.zeros(12))) == 1


def test_nothing_is_said_of_nothing() -> None:
    signs = signs_of(model("full"), [""] * model("full").n_items)
    assert apart(signs, np.zeros(model("full").n_items), np.zeros(model("full").n_items)) == ()
    assert set(signs.by_kind) == {"attribute", "entity"}
    for one in signs.by_kind.values():
        assert one.prominent.data.max() == pytest.approx(1.0) and one.prominent.data.min() > 0
        assert (one.prominence <= one.catalogue + 1e-12).all()
