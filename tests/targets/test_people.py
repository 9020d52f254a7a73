"""People: exact contributions, evidence, exclusions, and the link predictors' formulas."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pytest
from scipy import sparse

from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights
from mgrec_core.targets.evaluate import evaluate_target
from mgrec_core.targets.fold import TargetFold
from mgrec_core.targets.friendships import split_friendships
from mgrec_core.targets.holdings import Holdings
from mgrec_core.targets.links import Links
from mgrec_core.targets.people import People
from mgrec_core.targets.registry import open_ranker
from mgrec_core.targets.tune import tune_target
from tests import worlds
from tests.targets.worlds import circles


def test_predictors_have_their_published_values() -> None:
    """u–a–v, u–b–v and b–x: a has two friends, b three."""
    dense = np.zeros((5, 5))
    for x, y in ((0, 1), (0, 2), (1, 3), (2, 3), (2, 4)):
        dense[x, y] = dense[y, x] = 1.0
    links = Links(sparse.csr_array(dense))
    row = np.array([0])
    assert links.rows("common_friends", row)[0, 3] == 2
    assert links.rows("adamic_adar", row)[0, 3] == pytest.approx(1 / math.log(3) + 1 / math.log(4))
    assert links.rows("resource_allocation", row)[0, 3] == pytest.approx(1 / 2 + 1 / 3)
    assert links.rows("common_friends", row)[0, 4] == 1


def test_contributions_sum_and_friends_are_left_out(friends: Engine) -> None:
    ranker = open_ranker(friends, "users")
    assert {"adamic_adar", "history", "collaborative", "social", "fused_vector"} <= set(ranker.parts)
    social = {f for row in circles().social for f in (row[:2], row[1::-1])}
    for user in ("u00", "u17"):
        found = ranker.rank(user, k=50)
        assert len(found.items) == found.n_candidates
        assert user not in {r.item_id for r in found.items}
        assert not {(user, r.item_id) for r in found.items} & social
        for row in found.items:
            assert sum(row.contributions.values()) == pytest.approx(row.score, abs=1e-5)
        assert int(found.items[0].item_id[1:]) % 6 == int(user[1:]) % 6, "somebody of the own circle"


def test_evidence_sums_to_each_contribution(friends: Engine) -> None:
    ranker = open_ranker(friends, "users")
    even = dict.fromkeys(ranker.parts, 0.5)
    for row in ranker.rank("u03", k=4, weights=even).items:
        why = ranker.explain("u03", row.item_id, weights=even)
        assert why.rank == row.rank
        for part, contribution in why.contributions.items():
            total = sum(e.value for e in why.evidence[part]) + why.baseline[part]
            assert total == pytest.approx(contribution, abs=1e-5), part
        assert {e.kind for e in why.evidence["adamic_adar"]} <= {"friend"}
        assert {e.kind for e in why.evidence["history"]} == {"item"}
    mutual = ranker.explain("u03", ranker.rank("u03", k=1).items[0].item_id)
    assert mutual.evidence["adamic_adar"], "the best of the circle has a friend in common"


def test_unknown_names_are_sentences(friends: Engine) -> None:
    ranker = open_ranker(friends, "users")
    for call in (
        lambda: ranker.rank("nobody"),
        lambda: ranker.explain("u00", "nobody"),
        lambda: ranker.rank("u00", weights={"smell": 0.5}),
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(InputError, match="from 0 to 1"):
        ranker.rank("u00", weights={"history": 2})
    with pytest.raises(InputError, match="at least 1"):
        ranker.rank("u00", k=0)
    for asked in (Weights(preset="equal"), Weights(fusion="concat"), Weights(alpha={"history": 1.0})):
        with pytest.raises(InputError, match="are for items"):
            ranker.rank("u00", weights=asked)
    with pytest.raises(InputError, match="choose items, users, ads"):
        open_ranker(friends, "cats")


def test_without_friendships_interests_alone_rank(tmp_path) -> None:
    from dataclasses import replace

    from mgrec_core.data.dataset import Dataset

    world = replace(circles(), social=())
    connection = world.connect()
    data = Dataset.load(connection)
    held = Holdings.load(connection, data.users, data.items, data.labels)
    ranker = People(worlds.model_of(world), held)
    assert "history" in ranker.parts and "adamic_adar" not in ranker.parts
    assert "social file" in ranker.absent["adamic_adar"]
    found = ranker.rank("u00", 5)
    assert found.base == "history" and found.items[0].score > 0


def test_held_out_friendships_reach_nothing(friends: Engine) -> None:
    """A planted friendship, given from either side, is in no table, weight or list of the training part."""
    with friends.workspace.reading() as connection:
        split = split_friendships(connection, test_ratio=0.3, seed=4)
        pair = tuple(split.test.iloc[0])
        training = split.training(connection)
        left = training.execute("SELECT user_id, friend_id FROM v_social").fetchall()
        assert pair not in left and pair[::-1] not in left and left
        held = {tuple(row) for row in split.test.itertuples(index=False)}
        assert not held & set(left)
        tested = TargetFold.prepare(friends, connection, "users", split)
    ranker = tested.ranker
    u, v = (ranker.user(name) for name in pair)
    assert ranker.friends[u, v] == 0 and ranker.friends[v, u] == 0
    social = ranker.similar["social"].granularity.weights
    assert social[u, v] == 0 and social[v, u] == 0
    relevant = split.relevant(ranker.user_ids, ranker.target_ids)
    assert ranker.allowed(u)[v] and relevant[u, v] == relevant[v, u] == 1
    assert (tested.relevant != relevant[tested.rows]).nnz == 0 and {u, v} <= set(tested.rows.tolist())


def test_the_reversed_row_of_a_friendship_is_cut_too() -> None:
    world = circles()
    connection = world.connect()
    a, b, w = world.social[0]
    connection.execute("INSERT INTO social VALUES (?, ?, ?)", [b, a, w])
    split = split_friendships(connection, test_ratio=0.999, seed=0)
    assert (a, b) in set(split.test.itertuples(index=False, name=None))
    assert split.training(connection).execute(
        "SELECT count(*) FROM social WHERE (user_id, friend_id) IN (($1, $2), ($2, $1))", [a, b]
    ).fetchone() == (0,)


def test_the_planted_circles_are_found(friends: Engine) -> None:
    document = evaluate_target(friends, "users", seed=1)
    models = document["models"]
    assert {"fused", "fused_vector", "degree", "adamic_adar", "history", "random"} <= set(models)
    assert models["fused"]["ndcg@10"] > 0.5 > models["random"]["ndcg@10"] + 0.1
    against = document["significance"]["fused − random"]
    assert against["low"] > 0 and against["n_users"] == document["n_users"]
    assert document["split"]["n_pairs"] + document["split"]["n_training"] == len(circles().social)
    assert evaluate_target(friends, "users", seed=1) == document


def test_tuning_sees_no_test_friendship(friends: Engine) -> None:
    found = tune_target(friends, "users")
    assert max(found["weights"].values()) == found["weights"][found["base"]] == 1.0
    assert found["validation"]["ndcg@10"] > 0.4
    with friends.workspace.reading() as connection:
        outer = split_friendships(connection, None, 0.2, 0)
        inner = split_friendships(outer.training(connection), None, 0.2, 1)
    assert found["split"] == inner.to_dict()
    held = set(outer.test.itertuples(index=False, name=None))
    assert not held & set(inner.test.itertuples(index=False, name=None))
    assert open_ranker(friends, "users").rank("u00", 1).base == found["base"]


def test_splits_that_cannot_be_made() -> None:
    connection = circles().connect()
    for kind, ratio in (("time", 0.2), (None, 0.0), (None, 1.0)):
        with pytest.raises(InputError):
            split_friendships(connection, kind, ratio)
    empty: duckdb.DuckDBPyConnection = worlds.World(users=("a",)).connect()
    with pytest.raises(InputError, match="social file"):
        split_friendships(empty)
