"""Panels give exactly the lists and metrics of a whole evaluation, at any weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation import score_cache_files as panel_files
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.evaluation.fold import Trial
from mgrec_core.evaluation.score_cache import Panel
from mgrec_core.evaluation.score_cache_files import open_panel, panels_of, prepare
from mgrec_core.evaluation.splits import make_split
from mgrec_core.evaluation.test_users import Population, top_lists
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError
from mgrec_core.metrics.top_k import top_k
from mgrec_core.model.model import Model
from mgrec_core.workspace.folder import Workspace


@pytest.fixture(scope="module")
def trained(shop: Engine) -> tuple[Model, Population]:
    from mgrec_core.model.config import Config

    with shop.workspace.connect() as connection:
        split = make_split(connection, "last", 0.2)
        cache = shop.workspace.path / "cache"
        config = Config.model_validate(shop.manifest.config)
        trial = Trial.prepare(connection, split, None, config, cache)
        return trial.model, trial.population


@pytest.fixture(scope="module")
def panel(shop: Engine) -> Panel:
    return open_panel(shop.workspace.path, prepare(shop))


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_lists_are_those_of_a_full_ranking(
    panel: Panel, trained: tuple[Model, Population], data: st.DataObject
) -> None:
    weight = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))
    lam = data.draw(st.lists(weight, min_size=len(panel.granularities), max_size=len(panel.granularities)))
    k = data.draw(st.sampled_from([1, 10, 37]))
    model, population = trained
    full = top_lists(model, population.rows, {"fused": lam}, k)["fused"]
    # Ties are broken alike too, but for those that double precision rounds apart in another order.
    same = panel.top(lam, k) == full
    if not any(lam):
        assert same.all()
    else:
        assert same.mean() > 0.999


def test_metrics_are_those_of_the_evaluation(shop: Engine, panel: Panel) -> None:
    document = evaluate(shop, k=10)
    found = panel.measure([document["weights"][g] for g in panel.granularities], 10).means
    expected = document["models"]["fused"]
    assert set(expected) == set(found)
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-9), key


def synthetic(raw: np.ndarray, seen: np.ndarray, panel: Panel) -> Panel:
    from scipy import sparse

    users, width, items = raw.shape
    return replace(
        panel,
        granularities=tuple("abcdefg"[:width]),
        users=[str(u) for u in range(users)],
        raw=raw.astype(np.float32),
        scale=np.ones((users, width)),
        median=np.zeros((users, width)),
        magnitude=np.abs(raw).max(axis=2),
        seen=sparse.csr_array(seen),
        relevant=np.zeros((users, items), dtype=bool),
    )


def test_ties_go_to_the_first_item_and_short_lists_end_early(panel: Panel) -> None:
    raw = np.zeros((2, 1, 5))
    raw[0, 0] = [1, 2, 2, 2, 0]
    seen = np.array([[0, 1, 0, 0, 0], [1, 1, 1, 0, 1]])
    found = synthetic(raw, seen, panel).top([1.0], 4)
    assert found.tolist() == [[2, 3, 0, 4], [3, -1, -1, -1]]


def test_large_offsets_do_not_hide_small_differences(panel: Panel) -> None:
    """Scores of 1e6 differ in the last bits of single precision: double precision decides."""
    rng = np.random.default_rng(0)
    raw = (1e6 + rng.integers(0, 8, (3, 2, 400)) * 0.0625).astype(np.float32)
    made = synthetic(raw, np.zeros((3, 400)), panel)
    lam = [0.3, 0.7]
    for row, top in enumerate(made.top(lam, 10)):
        scores = (raw[row].T.astype(np.float64) * lam).sum(axis=1)
        assert top.tolist() == top_k(scores, 10).tolist()


@pytest.mark.parametrize("weights", [[1.0], [-0.1] * 7, [float("nan")] * 7])
def test_bad_weights_are_refused(panel: Panel, weights: list[float]) -> None:
    with pytest.raises(InputError, match="weights"):
        panel.top(weights[: max(1, len(panel.granularities))])


@pytest.mark.parametrize("k", [0, 10**6])
def test_k_outside_the_catalogue_is_refused(panel: Panel, k: int) -> None:
    with pytest.raises(InputError, match="k is"):
        panel.top([1.0] * len(panel.granularities), k)


def test_a_panel_is_prepared_once_and_a_damaged_one_again(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    record = prepare(engine, split="random", test_ratio=0.3)
    folder = own_world.path / "panels" / record.id
    stamp = (folder / "raw.npy").stat().st_mtime_ns
    assert prepare(engine, split="random", test_ratio=0.3) == record
    assert (folder / "raw.npy").stat().st_mtime_ns == stamp
    (folder / "raw.npy").write_bytes(b"short")
    assert panels_of(own_world.path, engine.build) == []
    with pytest.raises(WorkspaceBrokenError):
        panel_files.read_record(folder)
    assert prepare(engine, split="random", test_ratio=0.3) == record
    assert open_panel(own_world.path, record).n_items == engine.model.n_items


def test_few_panels_are_kept_and_none_of_other_builds(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    stale = own_world.path / "panels" / "0123456789abcdef"
    stale.mkdir(parents=True)
    for seed in range(panel_files.KEPT + 1):
        last = prepare(engine, split="random", test_ratio=0.3, seed=seed)
    kept = panels_of(own_world.path, engine.build)
    assert len(kept) == panel_files.KEPT and kept[0] == last
    assert not stale.exists()
    with pytest.raises(NotFoundError):
        panel_files.read_record(stale)


def test_what_does_not_fit_is_sampled_and_said(own_world: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine.open(own_world.path)
    monkeypatch.setattr(panel_files, "MOST_BYTES", 3 * len(engine.present) * engine.model.n_items * 4)
    record = prepare(engine, split="random", test_ratio=0.3, seed=9)
    assert record.n_users == 3 < record.n_test_users
    assert len(open_panel(own_world.path, record).users) == 3


def test_users_keep_their_ids(own_world: Workspace, tmp_path: Path) -> None:
    engine = Engine.open(own_world.path)
    panel = open_panel(own_world.path, prepare(engine, split="random", test_ratio=0.3))
    assert set(panel.users) <= set(engine.user_ids)
    assert len(panel.users) == panel.raw.shape[0] == panel.relevant.shape[0]
