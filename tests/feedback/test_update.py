"""One step of learning: the gradient is the loss's, steps stay on the simplex, what is taken back is gone."""

from __future__ import annotations

import numpy as np
import pytest

from mgrec_core.feedback.settings import FeedbackSettings
from mgrec_core.feedback.update import (
    FeedbackExample,
    gradient,
    inverse_propensity,
    shrink,
    step,
    taken_back,
    to_shares,
    to_weights,
)  # fmt: skip

SETTINGS = FeedbackSettings()
RNG = np.random.default_rng(4)
UNITS = RNG.random((6, 4))


def loss(shares: np.ndarray, example: FeedbackExample) -> float:
    z = example.units @ shares / SETTINGS.temperature
    logs = z - np.log(np.exp(z).sum())
    others = np.delete(logs, example.chosen)
    wanted = logs[example.chosen] if example.strength > 0 else others.mean()
    push = abs(example.strength) * inverse_propensity(example.rank, SETTINGS)
    return float(-SETTINGS.temperature * push * wanted)


@pytest.mark.parametrize("strength", [0.8, -0.4])
@pytest.mark.parametrize("rank", [0, 1, 5])
def test_the_gradient_is_that_of_the_stated_loss(strength: float, rank: int) -> None:
    shares = np.array([0.1, 0.2, 0.3, 0.4])
    example = FeedbackExample(UNITS, 2, strength, rank)
    numeric = [(loss(shares + d, example) - loss(shares - d, example)) / 2e-6 for d in 1e-6 * np.eye(4)]
    np.testing.assert_allclose(gradient(shares, example, SETTINGS), numeric, atol=1e-6)


@pytest.mark.parametrize("update", ["exponentiated", "projected"])
def test_a_like_raises_what_speaks_for_the_item_and_a_dislike_lowers_it(update: str) -> None:
    units = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    settings = FeedbackSettings.model_validate({"update": update})
    start = np.array([0.3, 0.7])
    for strength, way in ((0.8, 1), (-0.8, -1)):
        moved = step(start, FeedbackExample(units, 0, strength, 1), settings, base=1)
        assert np.sign(moved[0] - 0.3) == way
        assert moved.sum() == pytest.approx(1) and (moved >= 0).all()


def test_low_ranks_count_more_but_not_without_bound() -> None:
    settings = FeedbackSettings(position_bias=1.0, clip=5)
    assert [inverse_propensity(r, settings) for r in (0, 1, 3, 50)] == [1, 1, 3, 5]
    assert inverse_propensity(50, FeedbackSettings(position_bias=0)) == 1


def test_no_granularity_is_lost_for_ever() -> None:
    shares = np.array([1.0, 0.0])
    assert step(shares, FeedbackExample(UNITS[:, :2], 0, 0.8, 1), SETTINGS)[1] > 0


def test_a_step_between_others_can_be_taken_back() -> None:
    settings = FeedbackSettings(share=0)
    examples = [FeedbackExample(RNG.random((6, 4)), n, 0.8, n + 1) for n in range(3)]
    start = np.full(4, 0.25)
    path = [start]
    for example in examples:
        path.append(step(path[-1], example, settings))
    without = taken_back(path[-1], path[1], path[2])
    # What the third step multiplied by was computed after the second: the same factor stands.
    expected = path[1] * path[3] / path[2]
    np.testing.assert_allclose(without, expected / expected.sum())
    np.testing.assert_allclose(taken_back(path[1], path[0], path[1]), start)


def test_shrinkage_by_amount_of_feedback() -> None:
    own, everybody = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    settings = FeedbackSettings(shrinkage=20)
    assert shrink(own, everybody, 0, settings).tolist() == [0, 1]
    assert shrink(own, everybody, 20, settings).tolist() == [0.5, 0.5]
    assert shrink(own, everybody, 1980, settings)[0] == pytest.approx(0.99)


def test_weights_and_shares_are_two_forms_of_one_thing() -> None:
    present = ("behaviour", "recent", "social")
    weights = to_weights(np.array([0.1, 0.6, 0.3]), present)
    assert weights.base == "recent" and weights.values["recent"] == 1 and max(weights.values.values()) == 1
    np.testing.assert_allclose(to_shares(weights.values, present), [0.1, 0.6, 0.3], atol=1e-6)
    assert to_shares({}, present).tolist() == pytest.approx([1 / 3] * 3)
