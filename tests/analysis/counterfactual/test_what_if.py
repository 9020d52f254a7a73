"""What a list would be: unchanged without a change, and as a real rebuild of the user says with one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.analysis.counterfactual import counterfactual, what_if
from mgrec_core.analysis.counterfactual.events import Events
from mgrec_core.analysis.counterfactual.situation import Situation
from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights
from mgrec_core.model.granularities.structure import dense
from mgrec_core.operations.building import build
from mgrec_core.operations.forgetting import forget
from mgrec_core.workspace.folder import Workspace
from tests.worlds import config


def test_nothing_taken_away_changes_nothing(shop: Engine) -> None:
    for user in shop.user_ids[:6]:
        for by in ("events", "values", "entities", "friends"):
            try:
                found = what_if(shop, user, by=by, k=7)
            except InputError as error:
                assert "as evidence" in str(error)  # this build has none
                continue
            assert found.after == found.before == shop.rank(user, 7)
            assert all(move.up == 0 for move in found.moves) and len(found.moves) == 7


def test_moves_are_places_of_both_lists(shop: Engine) -> None:
    user = shop.user_ids[0]
    history = shop.history(user)["item_id"].tolist()
    found = what_if(shop, user, history[:2], k=5)
    before = {row.item_id: row.rank for row in shop.rank(user, 10_000).items}
    assert {m.item_id for m in found.moves} == {r.item_id for r in (*found.before.items, *found.after.items)}
    assert all(m.before == before[m.item_id] for m in found.moves)
    assert [m.after for m in found.moves][:5] == [1, 2, 3, 4, 5]
    assert not set(history) & {row.item_id for row in found.after.items}, "what was had does not come back"
    assert [piece.id for piece in found.removed] == sorted(history[:2])


def test_as_the_real_tables_and_a_real_build_without_the_events_weigh_the_user(own_world: Workspace) -> None:
    """The user's rows of a build without the events, over the spaces of the build with them."""
    fixed = {"sizes": "root", "regularisation": 0.02, "item_scaling": 0.1}  # not to be chosen anew
    build(own_world, config=config(collaborative=fixed), with_map=False)
    engine = Engine.open(own_world.path)
    user = max(engine.user_ids, key=lambda u: len(engine.history(u)))
    history = engine.history(user)["item_id"].tolist()
    gone = [history[0], history[-1], history[len(history) // 2]]
    expected = what_if(engine, user, gone, k=8)
    situation = Situation.of(engine, user)
    variant = Events(situation)
    recomputed = variant.variants(variant.mask(variant.places(gone)))
    old = dict(engine.model.granularities)
    with own_world.reading() as connection:
        numbers = connection.execute(
            "SELECT event_id, item_id FROM events WHERE user_id = ? ORDER BY event_id DESC", [user]
        ).fetchall()
    for number, item in numbers:  # the last first: numbers close up behind
        if item in gone:
            forget(own_world, "event", str(number))
    anew = Engine.open(own_world.path)
    row = anew.user_position(user)
    total = np.zeros(len(engine.item_ids))
    unseen = engine.model.unseen(engine.user_position(user))
    for name, factor in engine.resolve().values.items():
        g = old[name]
        if name == "attribute":  # the catalogue's shares stay as they are built
            assert g.from_history is not None and g.from_history.values is not None
            behaviour = anew.model.granularities["behaviour"]
            signal = _placed(behaviour.weights[[row]], behaviour.evidence_ids, engine.item_ids)
            said = signal @ g.from_history.values.toarray()
            weights = said / np.linalg.norm(said)
        else:
            weights = _placed(
                anew.model.granularities[name].weights[[row]],
                anew.model.granularities[name].evidence_ids,
                g.evidence_ids,
            )
        np.testing.assert_allclose(
            recomputed.granularities[name].weights.toarray()[0], weights, atol=2e-6, err_msg=name
        )
        raw = sum(
            b.scale * (weights @ dense(b.evidence).astype(float)) @ dense(b.items).astype(float).T
            for b in g.blocks
        )
        total += factor * _scaled(np.asarray(raw), unseen)
    order = sorted(np.flatnonzero(unseen), key=lambda i: (-total[i], i))[:8]
    assert [row.item_id for row in expected.after.items] == [engine.item_ids[i] for i in order]
    for found, i in zip(expected.after.items, order, strict=True):
        assert found.score == pytest.approx(total[i], abs=1e-4)


def _placed(weights: sparse.csr_array, ids: list[str], among: list[str]) -> np.ndarray:
    """A row of weights in the order of other ids."""
    where = {one: n for n, one in enumerate(among)}
    found = np.zeros(len(among))
    for column, value in zip(weights.indices, weights.data, strict=True):
        found[where[ids[column]]] = value
    return found


def _scaled(raw: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """The definition: above the median by the ten best (or the upper half), at least a third of below."""
    ordered = np.sort(raw[unseen])
    k = max(1, min(10, len(ordered) // 2))
    median = float(np.median(ordered))
    spread = max(ordered[-k:].mean() - median, (median - ordered[:k].mean()) / 3)
    if spread <= 1e-6 * max(float(np.abs(ordered).max()), 1e-30):
        return np.zeros(len(raw))
    return (raw - median) / spread


def test_what_cannot_be_asked(shop: Engine) -> None:
    user = shop.user_ids[0]
    with pytest.raises(NotFoundError, match="is not among the history"):
        what_if(shop, user, ["nothing"])
    with pytest.raises(NotFoundError, match="unknown user"):
        what_if(shop, "nobody")
    with pytest.raises(InputError, match="taken away by 'dreams'"):
        what_if(shop, user, by="dreams")
    with pytest.raises(InputError, match="fusion mode score"):
        what_if(shop, user, weights=Weights(fusion="concat"))


def test_tables_that_changed_since_the_build_are_noticed(own_world: Workspace) -> None:
    import duckdb

    engine = Engine.open(own_world.path)
    user = max(engine.user_ids, key=lambda u: len(engine.history(u)))
    engine = Engine.open(own_world.path)
    with duckdb.connect(str(own_world.database)) as connection:
        connection.execute("DELETE FROM events WHERE user_id = ? AND event_id % 2 = 0", [user])
    with pytest.raises(InputError, match="build again"):
        what_if(engine, user)


@pytest.mark.parametrize(
    ("kind", "known", "sentence"),
    [
        ("history", True, "reads a history as one text"),
        ("item", True, "does not say how its weights follow"),
        ("item", False, "build again"),
    ],
)
def test_weights_that_do_not_follow_from_a_history_are_not_passed_over(
    own_world: Workspace, kind: str, known: bool, sentence: str
) -> None:
    engine = Engine.open(own_world.path)
    for name, g in engine.model.granularities.items():
        if name == "behaviour":
            engine.model.granularities[name] = replace(g, kind=kind, from_history=None)
        elif not known:
            engine.model.granularities[name] = replace(g, from_history=None)
    user = engine.user_ids[0]
    with pytest.raises(InputError, match=sentence):
        what_if(engine, user)
    if known:
        assert what_if(engine, user, weights={"behaviour": 0.0}).moves


def test_a_user_without_a_history_has_nothing_to_take_away(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    user = next(u for u in engine.user_ids if engine.history(u).empty)
    item = engine.rank(user, 8).items[-1].item_id
    found = counterfactual(engine, user, item, k=5)
    assert not found.found and not found.remove and found.to_dict()["verified"] is False
    assert found.to_dict()["rank_after"] is None
