"""Panels give exactly the lists and metrics of a whole evaluation, at any weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation import score_cache_files as score_cache_files
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.score_cache import ScoreCache
from mgrec_core.evaluation.score_cache_files import open_score_cache, prepare, score_caches_of
from mgrec_core.evaluation.splits import make_split
from mgrec_core.evaluation.test_users import TestUsers, top_lists
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.model import Model
from mgrec_core.workspace.folder import Workspace


@pytest.fixture(scope="module")
def trained(shop: Engine) -> tuple[Model, TestUsers]:
    from mgrec_core.model.config import Config

    with shop.workspace.connect() as connection:
        split = make_split(connection, "last", 0.2)
        cache = shop.workspace.path / "cache"
        config = Config.model_validate(shop.manifest.config)
        fold = Fold.prepare(connection, split, None, config, cache)
        return fold.model, fold.test_users


@pytest.fixture(scope="module")
def score_cache(shop: Engine) -> ScoreCache:
    return open_score_cache(shop.workspace.path, prepare(shop))


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_lists_are_those_of_a_full_ranking(
    score_cache: ScoreCache, trained: tuple[Model, TestUsers], data: st.DataObject
) -> None:
    weight = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))
    lam = data.draw(
        st.lists(weight, min_size=len(score_cache.granularities), max_size=len(score_cache.granularities))
    )
    k = data.draw(st.sampled_from([1, 10, 37]))
    model, test_users = trained
    full = top_lists(model, test_users.rows, {"fused": lam}, k)["fused"]
    # Ties are broken alike too, but for those that double precision rounds apart in another order.
    same = score_cache.top(lam, k) == full
    if not any(lam):
        assert same.all()
    else:
        assert same.mean() > 0.999


def test_metrics_are_those_of_the_evaluation(shop: Engine, score_cache: ScoreCache) -> None:
    document = evaluate(shop, k=10)
    found = score_cache.measure([document["weights"][g] for g in score_cache.granularities], 10).means
    expected = document["models"]["fused"]
    assert set(expected) == set(found)
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-9), key


def synthetic(raw: np.ndarray, seen: np.ndarray, score_cache: ScoreCache) -> ScoreCache:
    from scipy import sparse

    users, width, items = raw.shape
    return replace(
        score_cache,
        granularities=tuple("abcdefg"[:width]),
        users=[str(u) for u in range(users)],
        raw=raw.astype(np.float32),
        scale=np.ones((users, width)),
        median=np.zeros((users, width)),
        magnitude=np.abs(raw).max(axis=2),
        seen=sparse.csr_array(seen),
        relevant=np.zeros((users, items), dtype=bool),
    )


def test_ties_go_to_the_first_item_and_short_lists_end_early(score_cache: ScoreCache) -> None:
    raw = np.zeros((2, 1, 5))
    raw[0, 0] = [1, 2, 2, 2, 0]
    seen = np.array([[0, 1, 0, 0, 0], [1, 1, 1, 0, 1]])
    found = synthetic(raw, seen, score_cache).top([1.0], 4)
    assert found.tolist() == [[2, 3, 0, 4], [3, -1, -1, -1]]


def test_large_offsets_do_not_hide_small_differences(score_cache: ScoreCache) -> None:
    """Scores of 1e6 differ in the last bits of single precision: double precision decides."""
    rng = np.random.default_rng(0)
    raw = (1e6 + rng.integers(0, 8, (3, 2, 400)) * 0.0625).astype(np.float32)
    made = synthetic(raw, np.zeros((3, 400)), score_cache)
    lam = [0.3, 0.7]
    for row, top in enumerate(made.top(lam, 10)):
        scores = (raw[row].T.astype(np.float64) * lam).sum(axis=1)
        assert top.tolist() == top_k(scores, 10).tolist()


@pytest.mark.parametrize("weights", [[1.0], [-0.1] * 7, [float("nan")] * 7])
def test_bad_weights_are_refused(score_cache: ScoreCache, weights: list[float]) -> None:
    with pytest.raises(InputError, match="weights"):
        score_cache.top(weights[: max(1, len(score_cache.granularities))])


@pytest.mark.parametrize("k", [0, 10**6])
def test_k_outside_the_catalogue_is_refused(score_cache: ScoreCache, k: int) -> None:
    with pytest.raises(InputError, match="k is"):
        score_cache.top([1.0] * len(score_cache.granularities), k)


def test_a_panel_is_prepared_once_and_a_damaged_one_again(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    record = prepare(engine, split="random", test_ratio=0.3)
    folder = own_world.path / "panels" / record.id
    stamp = (folder / "raw.npy").stat().st_mtime_ns
    assert prepare(engine, split="random", test_ratio=0.3) == record
    assert (folder / "raw.npy").stat().st_mtime_ns == stamp
    (folder / "raw.npy").write_bytes(b"short")
    assert score_caches_of(own_world.path, engine.build) == []
    with pytest.raises(WorkspaceBrokenError):
        score_cache_files.read_record(folder)
    assert prepare(engine, split="random", test_ratio=0.3) == record
    assert open_score_cache(own_world.path, record).n_items == engine.model.n_items


def test_few_panels_are_kept_and_none_of_other_builds(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    stale = own_world.path / "panels" / "0123456789abcdef"
    stale.mkdir(parents=True)
    for seed in range(score_cache_files.KEPT + 1):
        last = prepare(engine, split="random", test_ratio=0.3, seed=seed)
    kept = score_caches_of(own_world.path, engine.build)
    assert len(kept) == score_cache_files.KEPT and kept[0] == last
    assert not stale.exists()
    with pytest.raises(NotFoundError):
        score_cache_files.read_record(stale)


def test_what_does_not_fit_is_sampled_and_said(own_world: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine.open(own_world.path)
    monkeypatch.setattr(score_cache_files, "MOST_BYTES", 3 * len(engine.present) * engine.model.n_items * 4)
    record = prepare(engine, split="random", test_ratio=0.3, seed=9)
    assert record.n_users == 3 < record.n_test_users
    assert len(open_score_cache(own_world.path, record).users) == 3


def test_users_keep_their_ids(own_world: Workspace, tmp_path: Path) -> None:
    engine = Engine.open(own_world.path)
    score_cache = open_score_cache(own_world.path, prepare(engine, split="random", test_ratio=0.3))
    assert set(score_cache.users) <= set(engine.user_ids)
    assert len(score_cache.users) == score_cache.raw.shape[0] == score_cache.relevant.shape[0]
