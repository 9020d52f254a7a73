"""How the item space is fitted is chosen on held-out parts of histories, and only where it matters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.model.granularities.item_space import CollaborativeConfig, Fit, sized
from mgrec_core.model.granularities.item_space_choice import choose_fit

GROUPS, EACH, USERS = 6, 12, 300


def histories(sizes: NDArray[np.float64] | None = None) -> sparse.csr_array:
    """Users of one taste each who have items of their group; a few sizes drown the rest."""
    rng = np.random.default_rng(5)
    rows, columns = [], []
    for user in range(USERS):
        own = np.arange(EACH) + EACH * (user % GROUPS)
        had = [*rng.choice(own, 6, replace=False), rng.integers(GROUPS * EACH)]
        rows += [user] * len(set(had))
        columns += sorted(set(had))
    data = np.ones(len(rows)) if sizes is None else rng.choice(sizes, len(rows))
    found = sparse.csr_array((data, (rows, columns)), shape=(USERS, GROUPS * EACH))
    found.sort_indices()
    return found


def test_sizes_that_say_nothing_are_left_out() -> None:
    found = choose_fit(histories(np.array([0.001, 0.01, 1.0])), None, CollaborativeConfig())
    assert found.sizes in ("binary", "root")


def test_the_usual_values_stay_where_nothing_is_better() -> None:
    assert choose_fit(histories(), None, CollaborativeConfig()).sizes == Fit().sizes


def test_what_is_said_is_not_chosen() -> None:
    config = CollaborativeConfig(sizes="log", regularisation=0.3, item_scaling=0.7)
    assert choose_fit(histories(np.array([0.001, 1.0])), None, config) == Fit("log", 0.3, 0.7)


@pytest.mark.parametrize("shape", [(0, 0), (3, 4), (1, 9)])
def test_too_little_to_choose_on_is_the_usual(shape: tuple[int, int]) -> None:
    assert choose_fit(sparse.csr_array(np.ones(shape)), None, CollaborativeConfig()) == Fit()


def test_sizes_count_as_they_are_said_to() -> None:
    strength = sparse.csr_array(np.array([[0.25, 1.0], [0.0, 0.5]]))
    assert sized(strength, Fit()) is strength
    assert sized(strength, Fit("root")).toarray().tolist() == [[0.5, 1.0], [0.0, pytest.approx(0.5**0.5)]]
    assert sized(strength, Fit("binary")).toarray().tolist() == [[1.0, 1.0], [0.0, 1.0]]
