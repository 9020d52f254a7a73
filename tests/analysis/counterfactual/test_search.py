"""The smallest sets: they do what is said, and no smaller one does where that is said."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from mgrec_core.analysis.counterfactual import what_if
from mgrec_core.analysis.counterfactual.bounds import Bounds
from mgrec_core.analysis.counterfactual.evidence import pieces_of
from mgrec_core.analysis.counterfactual.pieces import Pieces
from mgrec_core.analysis.counterfactual.search import smallest
from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.analysis.counterfactual.trials import Trials
from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import InputError
from mgrec_core.workspace.folder import Workspace

K = 5


@pytest.fixture(scope="module")
def small(built_world: Workspace) -> Engine:
    return Engine.open(built_world.path)


def cases(engine: Engine, by: str, users: int = 5) -> list[tuple[Pieces, int]]:
    """Items in the list and below it, of users with a history."""
    found = []
    active = [u for u in engine.user_ids if len(engine.history(u)) >= 3]
    for user in active[:: max(1, len(active) // users)][:users]:
        situation = Situation.of(engine, user)
        try:
            pieces = pieces_of(situation, by)
        except InputError:
            return []
        ranked = engine.rank(user, 20).items
        for place in (0, K - 1, K, min(K + 4, len(ranked) - 1)):
            found.append((pieces, situation.candidate(ranked[place].item_id)))
    return found


def does(pieces: Pieces, item: int, without: tuple[int, ...], leaving: bool) -> bool:
    """By the list itself, ranked alone."""
    s = pieces.situation
    rank = s.rank(item, s.scores_of(pieces.variants(pieces.mask(without)), 0))
    return rank > K if leaving else rank <= K


@pytest.mark.parametrize("by", ["events", "values", "entities", "friends"])
def test_a_set_does_it_and_no_smaller_one_where_that_is_said(small: Engine, by: str) -> None:
    proven = 0
    for pieces, item in cases(small, by):
        leaving = pieces.situation.rank(item) <= K
        found = smallest(pieces, item, K)
        if found.rank is None:
            assert not found.without and not found.minimal
            every = range(len(pieces.pieces))
            assert not any(does(pieces, item, (n,), leaving) for n in every), "one alone does it"
            continue
        assert (found.rank > K) == leaving and does(pieces, item, found.without, leaving)
        ids = [pieces.pieces[n].id for n in found.without]
        s = pieces.situation
        again = what_if(s.engine, s.user_id, ids, k=K, by=by)
        assert (s.engine.item_ids[item] in [row.item_id for row in again.after.items]) != leaving
        if found.minimal and len(found.without) <= 3:
            proven += 1
            for size in range(len(found.without)):
                for some in combinations(range(len(pieces.pieces)), size):
                    assert not does(pieces, item, some, leaving)
    assert proven >= 3


def test_without_effort_nothing_is_said_to_be_proven(small: Engine) -> None:
    for pieces, item in cases(small, "events"):
        found = smallest(pieces, item, K, effort=0)
        assert found.minimal == (len(found.without) == 1)


@pytest.mark.parametrize("by", ["events", "values", "friends"])
def test_a_bound_excludes_nothing_that_does_it(small: Engine, by: str) -> None:
    excluded = 0
    for pieces, item in cases(small, by):
        leaving = pieces.situation.rank(item) <= K
        n = len(pieces.pieces)
        sets = [*((a,) for a in range(n)), *list(combinations(range(n), 2))[:40]]
        if not sets:
            continue
        keep = np.ones((len(sets), n), dtype=bool)
        for row, some in enumerate(sets):
            keep[row, list(some)] = False
        may = Bounds(pieces, item, K, leaving).may(keep)
        excluded += int((~may).sum())
        for some, possible in zip(sets, may, strict=True):
            assert possible or not does(pieces, item, some, leaving)
    assert excluded or by == "events", "it is of some use; each event of a short history moves much"


@pytest.mark.parametrize("by", ["events", "values", "entities", "friends"])
def test_many_variants_score_as_each_alone(small: Engine, by: str) -> None:
    for pieces, _ in cases(small, by, users=2)[:2]:
        n = len(pieces.pieces)
        rng = np.random.default_rng(1)
        keep = rng.random((90, n)) < 0.7  # more than are scored as users are
        s = pieces.situation
        together = pieces.scores(keep)
        for row in (0, 40, 89):
            alone = s.scores_of(pieces.variants(keep[[row]]), 0)[s.unseen]
            np.testing.assert_allclose(together[row], alone, rtol=1e-4, atol=1e-4)


def test_effects_of_evidence_are_exact_for_the_raw_score(small: Engine) -> None:
    for pieces, item in cases(small, "values"):
        s = pieces.situation
        why = s.engine.explain(s.user_id, s.engine.item_ids[item])
        values = {e.id: e.value for e in why.evidence["attribute"]}
        at = s.model.present.index("attribute")
        for n, piece in enumerate(pieces.pieces[:5]):
            variant = pieces.variants(pieces.mask((n,))).granularities["attribute"]
            fall = float(s.split.raw[item, at]) - float(variant.scores(np.array([0]))[0, item])
            assert fall * s.split.factor[at] == pytest.approx(values.get(piece.id, 0.0), abs=1e-5)


def test_where_everything_is_in_the_list_nothing_can_leave_it(small: Engine) -> None:
    user = small.user_ids[0]
    situation = Situation.of(small, user)
    pieces = pieces_of(situation)
    item = situation.candidate(small.rank(user, 1).items[0].item_id)
    assert not Trials(pieces, item, 10_000).possible
    assert smallest(pieces, item, 10_000).rank is None
