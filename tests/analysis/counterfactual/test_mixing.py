"""Changes of weights: they do what is said, and none of thousands of smaller ones does where that is said."""

from __future__ import annotations

import numpy as np
import pytest

from mgrec_core.analysis.counterfactual.cost import cost_of
from mgrec_core.analysis.counterfactual.mixing import Mix, Mixing
from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.score_cache_files import prepare
from mgrec_core.workspace.folder import Workspace


@pytest.fixture(scope="module")
def small(built_world: Workspace) -> Engine:
    return Engine.open(built_world.path)


def mixings(engine: Engine) -> list[tuple[Mixing, int]]:
    """Items at several places, with their places."""
    found = []
    for user in [u for u in engine.user_ids if len(engine.history(u)) >= 3][:4]:
        situation = Situation.of(engine, user)
        for row in engine.rank(user, 12).items[::3]:
            found.append((Mixing(situation, situation.candidate(row.item_id)), row.rank))
    return found


def smaller(mixing: Mixing, size: float, seed: int = 0) -> np.ndarray:
    """Random weights that differ by less, the base at 1."""
    rng = np.random.default_rng(seed)
    base = mixing.situation.model.present.index(mixing.situation.weights.base)
    change = rng.normal(size=(4000, len(mixing.lam))) * (rng.random((4000, len(mixing.lam))) < 0.5)
    change[:, base] = 0
    length = np.abs(change).sum(axis=1, keepdims=True)
    change = change / np.maximum(length, 1e-12) * rng.random((4000, 1)) * size * 0.99
    found = np.clip(mixing.lam + change, 0, 1)
    return found[np.abs(found - mixing.lam).sum(axis=1) < size * 0.995]


def check(mixing: Mixing, mix: Mix, place: int, forwards: bool) -> None:
    s = mixing.situation
    ranked = s.engine.rank(s.user_id, 10_000, mix.weights)
    ranks = {row.item_id: row.rank for row in ranked.items}
    item = s.engine.item_ids[mixing.item]
    assert ranks[item] == mix.rank and (mix.rank <= place if forwards else mix.rank > place)
    assert mix.weights.values[s.weights.base] == 1 and all(0 <= v <= 1 for v in mix.weights.values.values())
    changed = mix.to_dict()
    assert sum(abs(c["to"] - c["from"]) for c in changed.values()) == pytest.approx(mix.size, abs=1e-9)
    if mix.minimal:
        for lam in smaller(mixing, mix.size):
            rank = s.rank(mixing.item, mixing.parts @ lam)
            assert rank > place if forwards else rank <= place


def test_leaving_the_list(small: Engine) -> None:
    found = [(m, m.leave(5)) for m, rank in mixings(small) if rank <= 5]
    assert sum(mix is not None for _, mix in found) >= 2
    for mixing, mix in found:
        if mix is not None:
            check(mixing, mix, 5, forwards=False)


@pytest.mark.parametrize("place", [1, 3])
def test_coming_to_a_place(small: Engine, place: int) -> None:
    found = [(m, m.reach(place)) for m, rank in mixings(small) if rank > place]
    assert sum(mix is not None for _, mix in found) >= 2
    for mixing, mix in found:
        if mix is not None:
            check(mixing, mix, place, forwards=True)


def test_two_items_swap(small: Engine) -> None:
    swapped = 0
    for mixing, _ in mixings(small):
        s = mixing.situation
        order = [s.candidate(row.item_id) for row in s.engine.rank(s.user_id, 6).items]
        for rival in order:
            if rival == mixing.item or (mix := mixing.swap(rival)) is None:
                continue
            swapped += 1
            before = s.scores[mixing.item] - s.scores[rival]
            gap = mixing.parts[mixing.item] - mixing.parts[rival]
            assert (gap @ np.array(mix.weights.factors)) * before < 0 and mix.minimal
            for lam in smaller(mixing, mix.size):
                assert (gap @ lam) * before > -1e-4
    assert swapped >= 5


def test_the_cost_for_everybody_comes_from_their_scores(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    mixing, mix = next((m, x) for m, r in mixings(engine) if r <= 5 and (x := m.leave(5)) is not None)
    assert "panel" in cost_of(mixing.situation, mix.weights)["note"]
    prepare(engine)
    found = cost_of(mixing.situation, mix.weights)
    assert found["n_users"] > 0 and found["low"] <= found["change"] <= found["high"]
    assert found["change"] == pytest.approx(found["after"] - found["before"])
    assert cost_of(mixing.situation, mixing.situation.weights)["change"] == 0
