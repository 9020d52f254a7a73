"""Learned weights keep the limits they are given, or the sentence says how far one can go."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.score_cache import ScoreCache
from mgrec_core.evaluation.splits import make_split
from mgrec_core.foundation.errors import InputError
from mgrec_core.learning.constraints import Constraint, Limits
from mgrec_core.learning.fit import fit_weights
from mgrec_core.model.config import Config


@pytest.fixture(scope="module")
def fold(shop: Engine) -> Fold:
    with contextlib.closing(shop.workspace.connect()) as connection:
        split = make_split(connection, "last", 0.2)
        return Fold.prepare(connection, split, None, Config(), shop.workspace.path / "cache")


@pytest.mark.parametrize("text", ["coverage@10", "coverage@10=", "coverage@10=much", "x=1", "ndcg@10=nan"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Constraint.read(text, at_least=True)


def test_limits_have_two_sides() -> None:
    low = Constraint.read("coverage@10=0.1", at_least=True)
    high = Constraint.read("popularity_lift@10=0.5", at_least=False)
    assert low.kept_by(0.1) and not low.kept_by(0.09)
    assert high.kept_by(0.5) and not high.kept_by(0.51)
    assert str(low) == "coverage@10 ≥ 0.1" and str(high) == "popularity_lift@10 ≤ 0.5"


def test_the_limit_is_kept_and_costs_accuracy_only_where_it_must(fold: Fold) -> None:
    score_cache = ScoreCache.of(fold)
    free = fit_weights([fold])
    lam = [free.weights[g] for g in score_cache.granularities]
    lift = score_cache.measure(lam).means["popularity_lift@10"]
    easy = fit_weights([fold], constraints=[Constraint("popularity_lift@10", lift + 0.1, at_least=False)])
    hard_limit = Constraint("popularity_lift@10", lift - 0.05, at_least=False)
    hard = fit_weights([fold], constraints=[hard_limit])
    found = score_cache.measure([hard.weights[g] for g in score_cache.granularities]).means
    assert found["popularity_lift@10"] <= lift - 0.05 + 1e-6
    assert found["ndcg@10"] == pytest.approx(hard.validation["ndcg@10"])
    default = np.array([0.1, 1, 0.2, 0.2, 1, 0.3, 0.1])
    assert easy.validation["ndcg@10"] >= score_cache.accuracy("ndcg@10", default).mean() - 1e-9


def test_what_no_weights_keep_is_one_sentence(fold: Fold) -> None:
    with pytest.raises(InputError, match=r"coverage@10 ≥ 2.*reached .* at best"):
        fit_weights([fold], constraints=[Constraint("coverage@10", 2.0)])


def test_a_metric_at_another_cut_is_refused(fold: Fold) -> None:
    with pytest.raises(InputError, match="not measured"):
        Limits(ScoreCache.of(fold), (Constraint("coverage@7", 0.1),), 10)


def test_only_free_granularities_get_a_weight_and_the_grid_is_reported(fold: Fold) -> None:
    found = fit_weights([fold], free=["social", "collaborative"])
    assert {g for g, w in found.weights.items() if w > 0} <= {"social", "collaborative"}
    assert found.grid is not None and found.grid["points"] == 41
    # The search stays within two standard errors of the best grid point; it may also find a point between.
    assert found.grid["gap"] > -0.01
    assert found.grid["gap"] < 0.03
    assert fit_weights([fold]).grid is None


@pytest.mark.parametrize("fusion", ["concat", "vector"])
def test_shares_of_the_other_fusion_modes_are_learned_on_their_own_scores(fold: Fold, fusion: str) -> None:
    found = fit_weights([fold], fusion=fusion)
    assert max(found.weights.values()) == 1.0
    score_cache = ScoreCache.of(fold, fusion)
    default = np.array([0.1, 1, 0.2, 0.2, 1, 0.3, 0.1])
    lam = np.array([found.weights[g] for g in score_cache.granularities])
    assert (
        score_cache.accuracy("ndcg@10", lam).mean() >= score_cache.accuracy("ndcg@10", default).mean() - 1e-9
    )
    assert found.validation["ndcg@10"] == pytest.approx(score_cache.accuracy("ndcg@10", lam).mean())
