"""A learner among people with a planted taste that changes half way; position bias is corrected or not."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.simulate import Course, World, best_fixed, make_world, simulate
from mgrec_core.feedback.settings import FeedbackSettings

BEFORE, AFTER = (0.1, 0.5, 0.1, 0.1, 0.5), (0.1, 0.1, 0.5, 0.6, 0.05)
WORLDS = [make_world([BEFORE, AFTER], users=30, items=200, rounds=400, seed=seed) for seed in range(3)]


@pytest.fixture(scope="module")
def best() -> list[tuple[np.ndarray, np.ndarray]]:
    return [best_fixed(world, tries=30) for world in WORLDS]


def courses(best: list, settings: FeedbackSettings, **how: object) -> list[Course]:
    return [simulate(world, settings, b, **how) for world, b in zip(WORLDS, best, strict=True)]  # type: ignore[arg-type]


def mean(found: list[Course], start: float = 0.0, end: float = 1.0) -> float:
    return float(np.mean([course.mean(start, end) for course in found]))


def test_regret_falls_and_recovers_after_a_change_of_taste(best: list) -> None:
    found = courses(best, FeedbackSettings())
    early, late = mean(found, 0, 0.05), mean(found, 0.35, 0.5)
    shock, recovered = mean(found, 0.5, 0.55), mean(found, 0.85, 1)
    assert late < 0.5 * early, "it learns"
    assert shock > 2 * late, "the change is felt"
    assert recovered < 0.4 * shock, "and followed"
    assert np.mean([c.hindsight.mean() for c in found]) < 0, "better than any one fixed weights"


def test_without_correction_of_position_bias_it_does_worse(best: list) -> None:
    corrected = mean(courses(best, FeedbackSettings()))
    assert corrected < 0.9 * mean(courses(best, FeedbackSettings(position_bias=0)))


def test_without_learning_regret_stays(best: list) -> None:
    still = courses(best, FeedbackSettings(), learn=False)
    assert mean(still, 0.35, 0.5) > 0.8 * mean(still, 0, 0.15)


def test_personal_weights_drawn_to_everybodys_beat_either_alone() -> None:
    world = make_world([BEFORE], users=20, items=200, rounds=1200, spread=0.4, seed=1)
    ceiling = _own_best(world)
    lost = {
        how: float(simulate(world, FeedbackSettings(), ceiling, per_user=how).regret.mean())
        for how in ("none", "own", "shrunk")
    }
    assert lost["shrunk"] < lost["none"] and lost["shrunk"] < lost["own"]


def _own_best(world: World) -> tuple[np.ndarray, np.ndarray]:
    """A user's planted taste ranks best: its nDCG is 1 in every round."""
    ones = np.ones(world.rounds * len(world.tastes))
    return ones, ones
