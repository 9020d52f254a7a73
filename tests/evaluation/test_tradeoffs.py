"""Differences against a reference, sweeps of one weight, Pareto fronts."""

from __future__ import annotations

import numpy as np
import pytest

from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.score_cache import ScoreCache
from mgrec_core.evaluation.score_cache_files import keep_front, kept_front, open_score_cache, prepare
from mgrec_core.evaluation.tradeoffs import changes, pareto, sweep
from mgrec_core.foundation.errors import InputError
from mgrec_core.metrics import METRICS, definition
from mgrec_core.metrics.significance import normal_interval, paired_bootstrap
from mgrec_core.workspace.folder import Workspace

DEFAULT = {"behaviour": 0.1, "recent": 1.0, "collaborative": 1.0, "attribute": 0.2}


@pytest.fixture(scope="module")
def score_cache(shop: Engine) -> ScoreCache:
    return open_score_cache(shop.workspace.path, prepare(shop))


def test_every_metric_of_a_panel_has_a_definition(score_cache: ScoreCache) -> None:
    for key in score_cache.measure([1.0] * len(score_cache.granularities)).means:
        assert definition(key).formula
    with pytest.raises(InputError, match="unknown metric"):
        definition("accuracy@10")
    assert set(METRICS) >= {"ndcg", "coverage", "popularity_lift"}


def test_nothing_changes_against_oneself(score_cache: ScoreCache) -> None:
    same = score_cache.measure([0.5] * len(score_cache.granularities))
    found = changes(same, same)
    assert set(found) == set(same.means)
    for change in found.values():
        assert change.difference == 0 and not change.significant


def test_the_interval_agrees_with_the_bootstrap(score_cache: ScoreCache) -> None:
    width = len(score_cache.granularities)
    one, other = score_cache.measure([1.0] * width), score_cache.measure([1.0] + [0.0] * (width - 1))
    found = changes(one, other)["ndcg@10"]
    boot = paired_bootstrap(one.per_user["ndcg@10"], other.per_user["ndcg@10"])
    assert found.difference == pytest.approx(boot.mean)
    assert found.low == pytest.approx(boot.low, abs=0.1 * (boot.high - boot.low))
    assert found.high == pytest.approx(boot.high, abs=0.1 * (boot.high - boot.low))


def test_one_user_has_no_interval() -> None:
    assert normal_interval(np.array([1.0])) == (-np.inf, np.inf)


def test_a_sweep_passes_through_the_reference(score_cache: ScoreCache) -> None:
    rows = sweep(score_cache, DEFAULT, "attribute", points=6)
    assert [row["weight"] for row in rows] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert all(c.difference == 0 for key, c in rows[1].items() if key != "weight")
    assert any(c.difference != 0 for key, c in rows[5].items() if key != "weight")


@pytest.mark.parametrize(("name", "points"), [("astrology", 5), ("attribute", 1)])
def test_bad_sweeps_are_refused(score_cache: ScoreCache, name: str, points: int) -> None:
    with pytest.raises(InputError):
        sweep(score_cache, DEFAULT, name, points=points)


def test_nothing_beats_a_point_of_the_front(score_cache: ScoreCache) -> None:
    points = pareto(
        score_cache,
        "ndcg@10",
        "popularity_lift@10",
        named={"default": DEFAULT},
        base="collaborative",
        samples=20,
    )
    assert len(points) == 21 and points[0]["name"] == "default"
    assert all(point["weights"]["collaborative"] == 1 for point in points[1:])
    front = [p for p in points if p["front"]]
    assert front
    for best in front:
        # Accuracy is wanted high, popularity lift low.
        assert not any(p["x"] > best["x"] and p["y"] < best["y"] for p in points)
    for point in points:
        if not point["front"]:
            assert any(p["x"] >= point["x"] and p["y"] <= point["y"] for p in front)


@pytest.mark.parametrize("y", ["popularity@10", "accuracy@10", "coverage@5"])
def test_bad_metrics_are_refused(score_cache: ScoreCache, y: str) -> None:
    with pytest.raises(InputError):
        pareto(score_cache, "ndcg@10", y, named={"default": DEFAULT}, base="collaborative", samples=1)


def test_a_front_is_kept_beside_its_panel(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    record = prepare(engine, split="random", test_ratio=0.3)
    document = {"panel": record.id, "x": "ndcg@10", "y": "coverage@10", "k": 10, "points": [1]}
    assert kept_front(own_world.path, record, "ndcg@10", "coverage@10", 10) is None
    keep_front(own_world.path, record, document)
    assert kept_front(own_world.path, record, "ndcg@10", "coverage@10", 10) == document
    assert kept_front(own_world.path, record, "ndcg@10", "gini@10", 10) is None
    assert prepare(engine, split="random", test_ratio=0.3) == record
