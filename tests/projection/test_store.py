"""Stored maps: whole or absent, found by their settings, sampled above a size."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Weights, WeightsLike
from mgrec_core.projection import ProjectionSettings, cache_path, compute_and_store, load, resolve


@dataclass
class Vectors:
    """The part of an engine that a projection uses, over fixed vectors."""

    n: int = 80
    build: str = "b1"
    asked: list[object] = field(default_factory=list)

    def resolve(self, weights: WeightsLike = None) -> Weights:
        asked = Weights.of(weights)
        base = asked.base or "behaviour"
        return Weights({"behaviour": 1.0, "recent": 0.5, **asked.values, base: 1.0}, base)

    def fused_vectors(self, weights: WeightsLike = None, *, of: str) -> tuple[list[str], np.ndarray]:
        self.asked.append((Weights.of(weights).values, of))
        return [f"{of}ø{i}" for i in range(self.n)], np.random.default_rng(0).normal(size=(self.n, 12))

    def granularity_vectors(self, granularity: str, *, of: str) -> tuple[list[str], np.ndarray]:
        self.asked.append((granularity, of))
        return [str(i) for i in range(self.n)], np.random.default_rng(1).normal(size=(self.n, 12))

    def joint_vectors(
        self, granularity: str, weights: WeightsLike = None
    ) -> tuple[list[str], list[str], np.ndarray]:
        half = self.n // 2
        kinds = ["users"] * half + ["items"] * (self.n - half)
        return kinds, [str(i % half) for i in range(self.n)], self.granularity_vectors("recent", of="both")[1]

    def history_sizes(self, of: str) -> np.ndarray:
        return np.arange(self.n)


def test_round_trip_and_second_call_computes_nothing(tmp_path: Path) -> None:
    engine = Vectors()
    settings = ProjectionSettings(of="items", weights={"recent": 0.25})
    path = compute_and_store(engine, tmp_path, settings)
    assert path == cache_path(tmp_path, "b1", resolve(engine, settings))
    frame = load(path)
    assert frame is not None
    assert list(frame.columns) == ["id", "x", "y"] and len(frame) == 80
    assert frame["id"].iloc[3] == "itemsø3"
    assert frame.attrs["n_total"] == frame.attrs["n_kept"] == 80 and frame.attrs["build"] == "b1"
    assert engine.asked == [({"behaviour": 1.0, "recent": 0.25}, "items")]
    before = path.read_bytes()
    assert compute_and_store(engine, tmp_path, settings) == path
    assert len(engine.asked) == 1 and path.read_bytes() == before


def test_weights_that_are_not_named_come_from_the_preset() -> None:
    full = resolve(Vectors(), ProjectionSettings(weights={"recent": 0.1}))
    assert full.weights == {"behaviour": 1.0, "recent": 0.1}
    assert resolve(Vectors(), full) == full


def test_another_base_has_weight_1_and_a_map_of_its_own() -> None:
    settings = ProjectionSettings(weights={"behaviour": 0.5}, base="recent")
    full = resolve(Vectors(), settings)
    assert full.weights == {"behaviour": 0.5, "recent": 1.0}
    assert full.key() != resolve(Vectors(), ProjectionSettings()).key()
    assert full.key() == ProjectionSettings(weights={"behaviour": 0.5, "recent": 1.0}).key()


def test_one_granularity(tmp_path: Path) -> None:
    engine = Vectors(5)
    assert load(compute_and_store(engine, tmp_path, ProjectionSettings(granularity="recent"))) is not None
    assert engine.asked == [("recent", "users")]


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_tiny(tmp_path: Path, n: int) -> None:
    frame = load(compute_and_store(Vectors(n), tmp_path, ProjectionSettings()))
    assert frame is not None and len(frame) == n and list(frame.columns) == ["id", "x", "y"]


def test_above_max_points_a_sample_is_laid_out_and_the_rest_placed_by_it(tmp_path: Path) -> None:
    settings = ProjectionSettings(max_points=20, seed=5)
    frame = load(compute_and_store(Vectors(80), tmp_path, settings))
    assert frame is not None
    assert frame.attrs["n_total"] == len(frame) == 80
    assert frame.attrs["n_kept"] == frame["laid"].sum() == 20
    assert frame["id"].is_unique and np.isfinite(frame[["x", "y"]].to_numpy()).all()


def test_users_and_items_of_one_id_stay_apart(tmp_path: Path) -> None:
    class Two(Vectors):
        def history_sizes(self, of: str) -> np.ndarray:
            return np.arange(self.n // 2)

    for most in (20, 50_000):
        settings = ProjectionSettings(of="both", max_points=most)
        frame = load(compute_and_store(Two(80), tmp_path, settings))
        assert frame is not None and frame["kind"].value_counts().to_dict() == {"users": 40, "items": 40}
        assert not frame.duplicated(["kind", "id"]).any() and frame["id"].duplicated().any()


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_truncated_file_is_computed_again(tmp_path: Path, cut: int) -> None:
    engine, settings = Vectors(10), ProjectionSettings()
    path = compute_and_store(engine, tmp_path, settings)
    path.write_bytes(path.read_bytes()[:cut])
    assert load(path) is None
    compute_and_store(engine, tmp_path, settings)
    assert load(path) is not None


def test_what_is_no_map_is_none(tmp_path: Path) -> None:
    assert load(tmp_path / "absent.parquet") is None
    assert load(tmp_path) is None
    for name, frame in {
        "columns": pd.DataFrame({"a": [1]}),
        "nan": pd.DataFrame({"id": ["a"], "x": [np.nan], "y": [0.0]}),
        "text": pd.DataFrame({"id": ["a"], "x": ["?"], "y": [0.0]}),
    }.items():
        frame.to_parquet(tmp_path / name)
        assert load(tmp_path / name) is None
    (tmp_path / "noise").write_bytes(b"PAR1" + bytes(range(256)) + b"PAR1")
    assert load(tmp_path / "noise") is None


def test_nothing_is_left_behind_when_vectors_are_broken(tmp_path: Path) -> None:
    class Broken(Vectors):
        def fused_vectors(
            self, weights: object = None, *, of: str, base: str | None = None
        ) -> tuple[list[str], np.ndarray]:
            return ["a", "b"], np.array([[1.0], [np.nan]])

    with pytest.raises(InputError, match="NaN"):
        compute_and_store(Broken(), tmp_path, ProjectionSettings())
    assert not list(tmp_path.rglob("*.*"))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "projections").write_text("a file where the folder should be")
    with pytest.raises(InputError, match=r"the map .* cannot be written"):
        compute_and_store(Vectors(3), tmp_path, ProjectionSettings())
