"""What every granularity keeps, on every kind of data: the shared structure of the model."""

from __future__ import annotations

import inspect
import re

import numpy as np
import plotly.graph_objects as go
import pytest
from scipy import sparse

from mgrec_core.foundation.config import Section
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import GRANULARITIES, Absent, Granularity, Spec, build_all, specs
from mgrec_core.model.granularities.structure import dense
from tests.worlds import WORLDS, config, model, spaces_of, world


@pytest.fixture(params=WORLDS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def built(name: str) -> dict[str, Granularity]:
    return model(name).granularities


def test_each_granularity_is_present_or_says_why(name: str) -> None:
    found = model(name)
    assert set(found.granularities) | set(found.absent) == set(GRANULARITIES)
    assert list(found.granularities) == [g for g in GRANULARITIES if g in found.granularities]
    for reason in found.absent.values():
        assert 20 < len(reason) < 200 and "\n" not in reason and ": " in reason  # cause: fix
        assert not reason.endswith(".")


def test_everything_is_present_where_everything_is_given() -> None:
    assert model("full").present == GRANULARITIES


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("no timestamps", {"recent"}),
        ("no words", {"behaviour", "attribute"}),
        ("no attributes", {"attribute"}),
        ("no graph", {"knowledge"}),
        ("no friends", {"social"}),
        ("friends without events", set()),
        ("no events", set(GRANULARITIES)),
        ("nothing but events", {"behaviour", "recent", "attribute", "knowledge", "social"}),
        ("one user", {"social"}),
        ("one item", {"attribute", "knowledge", "collaborative"}),
        ("one event", set(GRANULARITIES) - {"popularity"}),
    ],
)
def test_only_what_lacks_its_data_is_absent(name: str, absent: set[str]) -> None:
    assert set(model(name).absent) == absent


def test_friends_who_never_did_anything_are_no_social_evidence() -> None:
    lonely = spaces_of(world("friends without events"))
    strangers = [n for n, u in enumerate(lonely.data.users) if u in ("x", "y")]
    scores = built("friends without events")["social"].scores(slice(None))
    u00 = lonely.data.user_index["u00"]
    assert not scores[u00].any()  # its one friend x has no events
    assert scores[strangers[0]].any()  # x itself sees what its friend u00 has


def test_shapes_and_values(name: str) -> None:
    found = model(name)
    for g in built(name).values():
        n_evidence = len(g.evidence_ids)
        assert len(set(g.evidence_ids)) == n_evidence, "evidence ids are unique"
        assert len(g.evidence_labels) == n_evidence
        assert g.weights.shape == (found.n_users, n_evidence)
        assert np.isfinite(g.weights.data).all() and (g.weights.data >= 0).all()
        assert g.kind in ("item", "attribute", "entity", "friend", "everyone", "history")
        assert g.blocks
        for block in g.blocks:
            assert block.evidence.shape == (n_evidence, block.dimensions)
            assert block.items.shape == (found.n_items, block.dimensions)
            assert np.isfinite(block.scale) and block.scale >= 0
            for matrix in (block.evidence, block.items):
                assert matrix.dtype == np.float32
                assert np.isfinite(matrix.data if sparse.issparse(matrix) else matrix).all()
        if g.language is not None:
            assert found.shared is not None
            assert g.language.shape == (n_evidence, found.shared.shape[1])
            assert np.isfinite(dense(g.language)).all()


def test_raw_scores_are_inner_products_of_pooled_vectors(name: str) -> None:
    found = model(name)
    for g in built(name).values():
        scores = g.scores(slice(None))
        assert scores.shape == (found.n_users, found.n_items) and np.isfinite(scores).all()
        pooled = sum(
            b.scale * (g.weights.toarray() @ dense(b.evidence).astype(float)) @ dense(b.items).astype(float).T
            for b in g.blocks
        )
        size = max(1.0, float(np.abs(pooled).max()))
        np.testing.assert_allclose(scores, pooled, atol=1e-5 * size)
        users, items = dense(g.user_vectors(slice(None))), dense(g.item_vectors())
        assert users.shape == (found.n_users, g.dimensions) and items.shape == (found.n_items, g.dimensions)
        np.testing.assert_allclose(users @ items.T, scores, atol=1e-4 * size)


def test_scores_of_some_users_are_rows_of_all(name: str) -> None:
    for g in built(name).values():
        whole = g.scores(slice(None))
        rows = np.arange(whole.shape[0])[::-2]
        np.testing.assert_allclose(g.scores(rows), whole[rows], rtol=1e-5, atol=1e-6)


def test_evidence_sums_to_the_raw_score(name: str) -> None:
    found = model(name)
    for g in built(name).values():
        whole = g.scores(slice(None))
        size = max(1.0, float(np.abs(whole).max()))
        for user in range(found.n_users):
            for item in {0, found.n_items // 2, found.n_items - 1}:
                rows, values = g.evidence_scores(user, item)
                assert len(set(rows.tolist())) == len(rows)
                assert abs(values.sum() - whole[user, item]) <= 1e-5 * size


def test_users_without_evidence_have_no_taste(name: str) -> None:
    for g in built(name).values():
        empty = np.flatnonzero(np.diff(g.weights.indptr) == 0)
        assert not g.scores(empty).any()


@pytest.mark.parametrize("space", ["tfidf", "language"])
@pytest.mark.parametrize("shuffle", [1, 2])
def test_row_order_never_matters(space: str, shuffle: int) -> None:
    options = config(attribute={"space": space}, knowledge={"space": space})
    one = build_all(spaces_of(world("full"), options))
    other = build_all(spaces_of(world("full"), options, shuffle=shuffle))
    for name, g in one.items():
        h = other[name]
        assert isinstance(g, Granularity) and isinstance(h, Granularity)
        assert (g.evidence_ids, g.evidence_labels, g.reason) == (h.evidence_ids, h.evidence_labels, h.reason)
        pairs = [(g.weights, h.weights), (g.language, h.language)]
        for b, c in zip(g.blocks, h.blocks, strict=True):
            assert b.scale == c.scale
            pairs += [(b.evidence, c.evidence), (b.items, c.items)]
        for left, right in pairs:
            assert _bytes(left) == _bytes(right), name


def _bytes(matrix: object) -> list[bytes]:
    if sparse.issparse(matrix):
        return [
            np.ascontiguousarray(getattr(matrix, part)).tobytes() for part in ("data", "indices", "indptr")
        ]
    return [] if matrix is None else [np.ascontiguousarray(matrix).tobytes()]


@pytest.fixture(params=specs() or [None], ids=lambda spec: spec.name if spec else "none at all")
def spec(request: pytest.FixtureRequest) -> Spec:
    assert request.param is not None, "the registry found no granularity"
    return request.param


def test_what_is_declared_is_told_apart_from_the_others(spec: Spec) -> None:
    others = [other for other in specs() if other is not spec]
    patterns = ("pattern",) if len(specs()) <= 8 else ()  # plotly has no more
    for part in ("name", "order", "label", "symbol", "held", "not_held", *patterns):
        assert getattr(spec, part) not in [getattr(other, part) for other in others], part
    for light_or_dark in (0, 1):
        assert spec.colours[light_or_dark] not in [other.colours[light_or_dark] for other in others]


def test_plotly_knows_the_pattern_and_the_symbol(spec: Spec) -> None:
    assert go.Bar(marker={"pattern": {"shape": spec.pattern}}).marker.pattern.shape == spec.pattern
    assert go.Scatter(marker={"symbol": spec.symbol}).marker.symbol == spec.symbol


def test_what_is_said_of_it_is_said_in_sentences(spec: Spec) -> None:
    for part in (spec.held, spec.not_held, spec.control.sentence, spec.coverage.counted):
        assert part and not part.endswith(".") and "\n" not in part
        assert "{" not in part.replace("{users}", "")
    assert spec.coverage.remedy.endswith(".") and spec.label[0].isupper()


def test_its_options_have_defaults_and_each_says_what_it_does(spec: Spec) -> None:
    if spec.options is None:
        assert not hasattr(Config(), spec.name)
        return
    assert getattr(Config(), spec.name) == spec.options()
    assert spec.options.__doc__
    source = "".join(inspect.getsource(base) for base in spec.options.__mro__[:-2])
    for field in spec.options.model_fields:
        after = re.search(rf"^    {field}: .*\n(.*)", source, re.MULTILINE)
        nested = isinstance(getattr(spec.options(), field), Section)
        assert nested or (after and after[1].strip().startswith('"""')), field


def test_its_control_is_the_same_every_time_and_another_taste(spec: Spec) -> None:
    spaces = spaces_of(world("full"))
    real = spec.build(spaces)
    one, again = (spec.build(spec.control.permute(spaces, np.random.default_rng(0))) for _ in range(2))
    assert isinstance(real, Granularity) and isinstance(one, Granularity) and isinstance(again, Granularity)
    np.testing.assert_array_equal(one.scores(slice(None)), again.scores(slice(None)))
    assert one.weights.shape[0] == real.weights.shape[0]
    assert not np.allclose(one.scores(slice(None)), real.scores(slice(None)))
    unchanged = spec.build(spaces)
    assert isinstance(unchanged, Granularity), "the control changes a copy"
    np.testing.assert_array_equal(unchanged.scores(slice(None)), real.scores(slice(None)))


def test_a_prior_says_the_same_of_every_user_and_nothing_else_does(spec: Spec) -> None:
    scores = model("full").granularities[spec.name].scores(slice(None))
    assert bool((scores == scores[0]).all()) == spec.prior


def test_absent_ones_are_told_apart_from_present_ones() -> None:
    found = build_all(spaces_of(world("no events")))
    assert all(isinstance(g, Absent) for g in found.values())


@pytest.mark.parametrize(
    "options",
    [
        {"knowledge": {"second_hop": 0}},
        {"knowledge": {"second_hop": 1, "space": "language", "min_items": 1, "max_share": 1}},
        {"attribute": {"space": "language"}},
        {"recent": {"half_life": 1e-3}},
        {"recent": {"language_share": 0}},
        {"recent": {"language_share": 1}},
        {"collaborative": {"max_exact": 1, "rank": 500}},
        {"collaborative": {"regularisation": 1e-12, "item_scaling": 0}},
        {"collaborative": {"regularisation": 1e12, "item_scaling": 1}},
        {"language": {"whitening": False}},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["full", "nothing but events", "one user", "two unseen items"])
def test_every_option_gives_finite_scores(options: dict[str, dict[str, object]], name: str) -> None:
    for g in build_all(spaces_of(world(name), config(**options))).values():
        if isinstance(g, Granularity):
            scores = g.scores(slice(None))
            assert np.isfinite(scores).all(), g.name
            assert all(block.scale >= 0 for block in g.blocks)
            for user in range(3 if name == "full" else 1):
                _, values = g.evidence_scores(user, 1)
                size = max(1.0, float(np.abs(values).sum()))
                assert abs(values.sum() - scores[user, 1]) <= 1e-5 * size
