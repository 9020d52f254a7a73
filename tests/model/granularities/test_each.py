"""What is particular to each granularity, on worlds small enough to check by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.model.granularities import Absent, Granularity, Spaces, behaviour, build_all
from mgrec_core.model.granularities.knowledge import reach
from mgrec_core.model.granularities.structure import dense
from tests.worlds import World, config, model_of, spaces_of, vectors_of, world


def click(user: str, item: str, day: int | None = None, event: str = "click") -> tuple[object, ...]:
    return (user, item, event, None, None, None if day is None else f"2025-01-{day:02}", None)


def built(data: World, name: str, **options: dict[str, object]) -> Granularity:
    found = build_all(spaces_of(data, config(**options)))[name]
    assert isinstance(found, Granularity), found
    return found


def test_behaviour_pools_the_whitened_texts_by_strength() -> None:
    spaces = spaces_of(world("full"))
    g = build_all(spaces)["behaviour"]
    assert isinstance(g, Granularity) and spaces.language is not None
    expected = spaces.data.strength.toarray() @ spaces.language
    np.testing.assert_allclose(dense(g.user_vectors(slice(None))), expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(spaces.language, axis=1), 1, atol=1e-5)


def test_without_whitening_the_language_space_is_the_models_own() -> None:
    spaces = spaces_of(world("full"), config(language={"whitening": False}))
    np.testing.assert_array_equal(spaces.language, spaces.text_vectors)


def test_an_item_without_text_has_no_direction() -> None:
    spaces = spaces_of(replace(world("full"), attributes=(), tags=(), items=world("full").items[:10]))
    assert spaces.language is not None
    silent = [n for n, text in enumerate(spaces.data.texts) if not text]
    assert silent and not spaces.language[silent].any()


def test_a_history_read_as_one_text_is_one_piece_of_evidence() -> None:
    data = world("full").data()
    vectors = vectors_of(data)
    rng = np.random.default_rng(0)
    sequences = rng.normal(size=(len(data.users), 24)).astype(np.float32)
    g = behaviour.build(Spaces(data, config(language={"encoding": "sequence"}), vectors, sequences))
    assert isinstance(g, Granularity)
    assert g.kind == "history" and g.evidence_ids == data.users
    active = np.flatnonzero(np.diff(data.strength.indptr) > 0)
    assert np.flatnonzero(np.diff(g.weights.indptr)).tolist() == active.tolist()
    rows, values = g.evidence_scores(int(active[0]), 3)
    assert rows.tolist() == [active[0]]
    np.testing.assert_allclose(values.sum(), g.scores(slice(None))[active[0], 3], atol=1e-5)


def test_recent_halves_every_half_life() -> None:
    data = World(events=tuple(click("u", f"i{n}", day=n + 1) for n in range(5)))
    g = built(data, "recent", recent={"decay": "exponential", "half_life": 2})
    newest_first = g.weights.toarray()[0][::-1]
    np.testing.assert_allclose(newest_first / newest_first[0], 0.5 ** (np.arange(5) / 2), rtol=1e-6)


def test_recent_forgets_by_a_power_law_unless_told_otherwise() -> None:
    data = World(events=tuple(click("u", f"i{n}", day=n + 1) for n in range(9)))
    newest_first = built(data, "recent").weights.toarray()[0][::-1]
    newest_first /= newest_first[0]
    np.testing.assert_allclose(newest_first, (1 + np.arange(9)) ** -0.5, rtol=1e-6)
    assert newest_first[3] == pytest.approx(0.5)  # the half-life, 3 newer items
    slower = built(data, "recent", recent={"half_life": 6}).weights.toarray()[0][::-1]
    assert slower[6] / slower[0] == pytest.approx(0.5)


def test_recent_leaves_out_what_is_undated() -> None:
    data = World(events=(click("u", "a", 1), click("u", "b"), click("u", "c", 2), click("v", "a")))
    g = built(data, "recent")
    held = {g.evidence_ids[i] for i in g.weights[[0]].indices}
    assert held == {"a", "c"} and g.weights[[1]].nnz == 0


def test_recents_language_block_has_its_share() -> None:
    g = built(world("full"), "recent", recent={"language_share": 0.25})
    rows = np.flatnonzero(np.diff(g.weights.indptr) > 0)
    spreads = []
    for block in g.blocks:
        scores = replace(g, blocks=(block,)).scores(rows)
        best = np.sort(scores, axis=1)[:, -10:].mean(axis=1)
        spreads.append((best - np.median(scores, axis=1)).mean())
    assert spreads[1] / sum(spreads) == pytest.approx(0.25, abs=1e-3)


def test_recent_works_with_one_space_alone() -> None:
    dated = World(events=tuple(click("u", f"i{n}", day=n + 1) for n in range(4)))
    assert len(built(dated, "recent").blocks) == 1
    alone = World(
        events=(click("u", "a", 1), click("v", "b", 1)), items=(("a", "tea", None), ("b", "cup", None))
    )
    only_texts = built(alone, "recent", recent={"language_share": 0})
    assert [block.item_name for block in only_texts.blocks] == ["language.items"]


def test_attribute_finds_what_a_user_prefers_to_the_catalogue() -> None:
    items = [f"i{n:02}" for n in range(12)]
    data = World(
        events=tuple(click("fan", i) for i in items[:3])
        + tuple(click("other", i) for i in (*items[4:9], items[0])),
        items=tuple((i, i, None) for i in items),
        attributes=tuple(
            (i, "brand", "red" if n < 4 else "blue" if n < 8 else "green") for n, i in enumerate(items)
        )
        + tuple((i, "kind", "thing") for i in items),
    )
    g = built(data, "attribute")
    assert "kind: thing" not in g.evidence_ids  # everything has it: it tells nothing
    row = dict(zip(g.evidence_ids, g.weights.toarray()[0], strict=True))
    assert max(row, key=lambda k: row[k]) == "brand: red"
    scores = dict(zip(items, g.scores(slice(None))[0], strict=False))
    assert scores["i03"] > scores["i05"]


def test_knowledge_counts_paths_of_one_and_two_hops() -> None:
    one = sparse.csr_array(np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 0.0]]))
    entities = sparse.csr_array(np.array([[0.0, 3.0], [3.0, 0.0]]))
    links = sparse.csr_array(np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]))
    paths = reach(one, entities, links, 0.5).toarray()
    np.testing.assert_allclose(paths[:, :2], [[1, 1.5], [2, 3], [0.5, 0]])
    np.testing.assert_allclose(paths[:, 2:], links.toarray())
    assert reach(one, entities, links, 0.0).nnz == one.nnz + links.nnz  # no stored zeros


def test_knowledge_reaches_items_over_a_second_hop() -> None:
    """a – brand x – country z – brand y – b: only two hops from each side meet in z."""
    items = [f"i{n}" for n in range(10)]
    data = World(
        events=(click("u", "i0"), click("v", "i5")),
        items=tuple((i, None, None) for i in items),
        kg=(
            ("i0", "brand", "x", "X"),
            ("i1", "brand", "y", "Y"),
            ("x", "country", "z", "Z"),
            ("y", "country", "z", "Z"),
        ),
    )
    scores = built(data, "knowledge").scores(slice(None))[0]
    assert scores[1] > 0 and not scores[2:].any()
    assert isinstance(build_all(spaces_of(data, config(knowledge={"second_hop": 0})))["knowledge"], Absent)


def test_an_entity_with_an_items_id_is_that_item() -> None:
    data = World(
        events=(click("u", "a"), click("u", "b")),
        items=tuple((i, i.upper(), None) for i in "abcdef"),
        kg=(("a", "like", "c", "see"), ("b", "like", "c", "see"), ("d", "like", "c", "see")),
    )
    g = built(data, "knowledge")
    assert len(set(g.evidence_ids)) == len(g.evidence_ids)
    assert g.evidence_labels[g.evidence_ids.index("c")] == "C"
    scores = dict(zip("abcdef", g.scores(slice(None))[0], strict=True))
    assert scores["d"] > 0 and scores["e"] == 0


def test_social_sums_friends_histories_by_tie_strength() -> None:
    data = World(
        events=(click("near", "a"), click("near", "b"), click("far", "c"), click("u", "z")),
        social=(("u", "near", 1.0), ("u", "far", 0.5)),
    )
    g = built(data, "social")
    scores = dict(zip(("a", "b", "c", "z"), g.scores(slice(None))[2], strict=True))
    near = np.sqrt(0.5)  # two items of a history of unit length
    assert scores == pytest.approx({"a": near, "b": near, "c": 0.5, "z": 0})
    assert dict(zip(g.evidence_ids, g.weights.toarray()[2], strict=True))["far"] == pytest.approx(0.5)


def test_friendship_goes_both_ways_whichever_end_wrote_it() -> None:
    data = World(events=(click("a", "x"), click("b", "y")), social=(("a", "b", 2.0), ("b", "a", 1.0)))
    weights = built(data, "social").weights.toarray()
    np.testing.assert_allclose(weights, [[0, 1], [1, 0]])


def test_popularity_is_the_same_for_all_and_grows_with_users() -> None:
    g = built(world("full"), "popularity")
    scores = g.scores(slice(None))
    assert (scores == scores[0]).all() and g.evidence_ids == ["everyone"]
    users = (world("full").data().strength.toarray() > 0).sum(axis=0)
    np.testing.assert_allclose(scores[0], np.log1p(users), rtol=1e-6)


def test_a_catalogue_without_words_still_has_a_shared_space() -> None:
    found = model_of(world("nothing but events"))
    assert found.shared is not None and np.isfinite(dense(found.shared)).all()
    assert model_of(world("no events")).shared is not None  # texts are enough
    assert model_of(world("one event")).shared is None
