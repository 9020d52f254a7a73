"""What items, people and advertisements have in common: one protocol, whatever is ranked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from mgrec_core.engine.engine import Engine
from mgrec_core.engine.subject import Subject
from mgrec_core.evaluation.test_users import accuracy, top_lists
from mgrec_core.export.lists import active_users, recommend, schema
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.scoring import best_of, take_apart
from mgrec_core.targets.registry import TARGETS, open_ranker, target_of

Subjects = Callable[[str], Subject]


@pytest.fixture
def subject_of(friends: Engine, coupons: Engine) -> Subjects:
    def made(target: str) -> Subject:
        if target == "items":
            return friends.subject()
        return open_ranker(coupons if target == "ads" else friends, target)

    return made


def weights_of(subject: Subject) -> list[float]:
    return np.linspace(1.0, 0.2, len(subject.parts)).tolist()


def test_every_other_target_is_declared() -> None:
    assert list(TARGETS) == ["users", "ads"]
    for name in TARGETS:
        assert target_of(name) is TARGETS[name]


@pytest.mark.parametrize("target", ["items", *TARGETS])
def test_pieces_sum_to_raw_scores(subject_of: Subjects, target: str) -> None:
    subject = subject_of(target)
    rows = np.flatnonzero(subject.active_users())[:3]
    raw = np.stack([np.asarray(found, dtype=np.float64) for found in subject.scores(rows)], axis=2)
    assert raw.shape == (3, len(subject.target_ids), len(subject.parts))
    for row, user in enumerate(rows):
        for place in range(0, len(subject.target_ids), 5):
            for p, part in enumerate(subject.parts):
                pieces = subject.pieces(int(user), place, part, factor=2.0)
                assert sum(e.value for e in pieces) == pytest.approx(2 * raw[row, place, p], abs=1e-5), part
                assert [e.id for e in pieces] == sorted(e.id for e in pieces)


@pytest.mark.parametrize("target", ["items", *TARGETS])
def test_chunks_change_nothing(subject_of: Subjects, target: str) -> None:
    subject = subject_of(target)
    rows = np.flatnonzero(subject.active_users())[:7]
    whole = list(subject.splits(rows, weights_of(subject)))
    single = list(take_apart(rows, weights_of(subject), subject.scores, subject.allowed, chunk=1))
    assert [user for user, _, _ in whole] == [user for user, _, _ in single] == rows.tolist()
    for (_, ours, may), (_, theirs, too) in zip(whole, single, strict=True):
        np.testing.assert_allclose(ours.contributions, theirs.contributions, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(may, too)


@pytest.mark.parametrize("target", ["items", *TARGETS])
def test_lists_of_many_users_are_each_users_list(subject_of: Subjects, target: str) -> None:
    subject = subject_of(target)
    users, lam = active_users(subject)[:5], weights_of(subject)
    weights = Weights(dict(zip(subject.parts, lam, strict=True)), subject.parts[0])
    table = pa.concat_tables(recommend(subject, users, 4, weights)).to_pandas()
    assert list(table.columns) == schema(subject).names
    for user in users:
        place = subject.user(user)
        _, split, allowed = next(subject.splits(np.array([place]), lam))
        found = subject.ranked(place, 4, weights, split, allowed)
        mine = table[table["user_id"] == user]
        assert mine[subject.id_column].tolist() == [row.item_id for row in found.items]
        assert mine["score"].tolist() == pytest.approx([row.score for row in found.items], rel=1e-5)
        assert target in found.to_dict() and subject.id_column in found.to_frame()
        best = subject.target_place(found.items[0].item_id)
        why = subject.explained(place, best, weights, split, allowed)
        assert why.rank == 1 and why.score == found.items[0].score
        assert subject.id_column in why.to_dict()


@pytest.mark.parametrize("target", ["items", *TARGETS])
def test_an_ideal_list_is_measured_as_ideal(subject_of: Subjects, target: str) -> None:
    """Held-out targets are taken to be each user's own best three: the fused list has them all."""
    subject = subject_of(target)
    rows, lam = np.flatnonzero(subject.active_users())[:9], weights_of(subject)
    relevant = np.zeros((len(rows), len(subject.target_ids)), dtype=bool)
    for row, (_, best, _) in zip(relevant, best_of(subject.splits(rows, lam), 3), strict=True):
        row[best] = True
    lists = top_lists(subject, rows, {"fused": lam}, 3, seed=1)
    values = {name: accuracy(top, relevant, 3) for name, top in lists.items()}
    assert (values["fused"]["ndcg@3"] == 1.0).all()
    assert values["random"]["ndcg@3"].mean() < 0.8
    for place, (_, _, allowed) in enumerate(subject.splits(rows, lam)):
        assert allowed[lists["random"][place]].all()
    noise = np.random.default_rng(1).random(len(subject.target_ids))
    _, _, allowed = next(subject.splits(rows, lam))
    assert lists["random"][0].tolist() == top_k(noise, 3, allowed).tolist()
