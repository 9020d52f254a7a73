from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from mgrec_core.model.granularities import learned_texts
from mgrec_core.model.granularities.learned_texts import BehaviourConfig, fit_items, learn_items
from mgrec_core.model.granularities.new_items import choose_length, draw_items

TOPICS, PER_TOPIC, USERS = 4, 30, 160


def planted(seed: int = 0) -> tuple[np.ndarray, sparse.csr_array, np.ndarray]:
    """Texts of four topics: users of 0 go on to 1, those of 2 to 3; a few items of each are new."""
    rng = np.random.default_rng(seed)
    centres = 4 * np.eye(TOPICS, 24)  # apart from each other, as whitening makes them
    topic = np.repeat(np.arange(TOPICS), PER_TOPIC)
    texts = centres[topic] + 0.7 * rng.normal(size=(len(topic), 24))
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    new = np.arange(PER_TOPIC - 3, len(topic), PER_TOPIC)
    rows = np.zeros((USERS, len(topic)))
    for user in range(USERS):
        first = 0 if user % 2 else 2
        for of in (first, first + 1):
            pool = np.setdiff1d(np.flatnonzero(topic == of), new)
            rows[user, rng.choice(pool, 5, replace=False)] = rng.uniform(0.3, 1, 5)
    return texts.astype(np.float32), sparse.csr_array(rows), topic


def test_a_taste_for_one_topic_goes_on_to_what_its_people_choose_also_among_new_items() -> None:
    texts, weights, topic = planted()
    items = learn_items(texts, weights, BehaviourConfig())
    seen = np.diff(sparse.csc_array(weights).indptr) > 0
    taste = texts[(topic == 0) & seen].mean(axis=0)
    of_topic = [float((items[(topic == t) & seen] @ taste).mean()) for t in range(TOPICS)]
    frozen = [float((texts[(topic == t) & seen] @ taste).mean()) for t in range(TOPICS)]
    assert of_topic[1] > max(of_topic[2:])
    assert of_topic[1] - max(of_topic[2:]) > frozen[1] - max(frozen[2:])
    new = [float((items[(topic == t) & ~seen] @ taste).mean()) for t in range(TOPICS)]
    assert min(new[:2]) > max(new[2:])


def test_what_an_item_itself_adds_to_a_taste_is_no_evidence_of_it() -> None:
    rng = np.random.default_rng(1)
    texts = rng.normal(size=(6, 8)).astype(np.float32)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    alone = sparse.csr_array(np.eye(6))  # every user has one item: nothing goes together
    assert learn_items(texts, alone, BehaviourConfig()) is texts


def test_the_closed_form_is_the_ridge_that_numpy_finds() -> None:
    texts, weights, _ = planted(2)
    config = BehaviourConfig(ridge=0.5, prior=0.0)
    found = learn_items(texts, weights, config)
    w = weights.toarray()
    z = w @ texts
    length = np.linalg.norm(z, axis=1)
    z /= length[:, None]
    gram = z.T @ z
    gram += 0.5 * np.trace(gram) / len(gram) * np.eye(len(gram))
    for j in (0, 17, 95):
        target = (w[:, [j]] * (z - w[:, [j]] * texts[j] / length[:, None])).sum(axis=0)
        np.testing.assert_allclose(found[j], np.linalg.solve(gram, target), rtol=1e-4, atol=1e-6)


def test_new_items_are_as_long_as_they_are_told_to_be() -> None:
    texts, weights, _ = planted(3)
    seen = np.diff(sparse.csc_array(weights).indptr) > 0

    def length(vectors: np.ndarray) -> float:
        return float(np.sqrt((vectors**2).sum(axis=1).mean()))

    for unseen in (0.0, 0.5, 1.8):
        items = learn_items(texts, weights, BehaviourConfig(), unseen)
        assert length(items[~seen]) == pytest.approx(unseen * length(items[seen]), rel=1e-4)


@given(st.integers(0, 10_000))
def test_the_order_of_users_and_items_says_nothing(seed: int) -> None:
    texts, weights, _ = planted(4)
    rng = np.random.default_rng(seed)
    users, items = rng.permutation(USERS), rng.permutation(len(texts))
    found = learn_items(texts[items], sparse.csr_array(weights[users][:, items]), BehaviourConfig())
    np.testing.assert_allclose(found, learn_items(texts, weights, BehaviourConfig())[items], atol=1e-5)


def test_items_without_words_stay_without_a_vector_where_nobody_has_them() -> None:
    texts, weights, _ = planted(5)
    seen = np.diff(sparse.csc_array(weights).indptr) > 0
    silent = np.flatnonzero(~seen)[:2]
    texts[silent] = 0
    items = learn_items(texts, weights, BehaviourConfig())
    assert not items[silent].any() and np.isfinite(items).all()


def test_new_items_may_cost_the_known_ones_no_more_than_the_price() -> None:
    texts, weights, _ = planted(6)

    def learn(some: np.ndarray, histories: sparse.csr_array) -> np.ndarray:
        return learn_items(some, histories, BehaviourConfig(), 1.0)

    found = [choose_length(texts, weights, learn, price, 1.8) for price in (0.0, 0.1, 0.3, 0.9)]
    assert found == sorted(found) and found[0] < found[-1]
    assert choose_length(texts, sparse.csr_array(weights[:20]), learn, 0.1, 1.8) == 1.8  # too few to tell


def test_the_items_made_new_do_not_depend_on_places() -> None:
    _, weights, _ = planted(7)
    drawn = draw_items(weights)
    held = np.diff(sparse.csc_array(weights).indptr) > 0
    assert drawn.sum() == int(0.1 * held.sum()) and not drawn[~held].any()
    rng = np.random.default_rng(1)
    users, items = rng.permutation(USERS), rng.permutation(weights.shape[1])
    moved = draw_items(sparse.csr_array(weights[users][:, items]))
    np.testing.assert_array_equal(moved, drawn[items])


def test_where_no_item_is_new_no_length_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, weights, _ = planted(8)
    seen = np.diff(sparse.csc_array(weights).indptr) > 0
    asked: list[float] = []

    def choose(*given: object) -> float:
        asked.append(1.0)
        return 1.0

    monkeypatch.setattr(learned_texts, "choose_length", choose)
    fit_items(texts[seen], sparse.csr_array(weights[:, seen]), BehaviourConfig())
    fit_items(texts, weights, BehaviourConfig(unseen=2.0))
    assert not asked
    fit_items(texts, weights, BehaviourConfig())
    assert asked
