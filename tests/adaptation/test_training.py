"""Trainings that end early, diverge, are stopped, or are killed and gone on with."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from mgrec_core.adaptation.examples import Examples, make_examples
from mgrec_core.adaptation.held_out import HeldOut
from mgrec_core.adaptation.learner import Learner, load_learner
from mgrec_core.adaptation.masked import pretrain
from mgrec_core.adaptation.recommending import encode, fine_tune
from mgrec_core.adaptation.training import STOP, Plan, last_checkpoint
from mgrec_core.data.dataset import Dataset
from mgrec_core.data.item_texts import item_texts
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.foundation.errors import InputError, NoRoomError
from mgrec_core.language.model_files import ModelFiles

TEXTS = [f"a quiet film about a loud piano number {n}" for n in range(120)]
STEPS = 12


class Killed(BaseException):
    """What ends a process: nothing catches it."""


@pytest.fixture(scope="module")
def examples(shop: duckdb.DuckDBPyConnection, held_out: HeldOut) -> Examples:
    with contextlib.closing(training_connection(shop, held_out.pairs)) as connection:
        data, short = Dataset.load(connection), item_texts(connection, "{title}")
    hard = np.random.default_rng(0).integers(0, len(data.items), (len(data.users), 4))
    return make_examples(data, [short[item] for item in data.items], 200, hard=hard)


class Counting:
    """A validation that gets better and worse as it is told to; it uses up no chance."""

    def __init__(self, *values: float) -> None:
        self.values, self.calls = values, 0

    def __call__(self, encode: Any) -> float:
        assert np.isfinite(encode(TEXTS[:3])).all()
        self.calls += 1
        return self.values[min(self.calls, len(self.values)) - 1]


def teach(
    learner: Learner,
    examples: Examples,
    folder: Path,
    validation: Any = None,
    kill_at: int = 0,
    **options: Any,
) -> Any:
    plan = options.pop("plan", Plan(STEPS, 3, 2, 600))

    def progress(stage: str, done: int, total: int, detail: str = "") -> None:
        if kill_at and done == kill_at:
            raise Killed

    return fine_tune(learner, examples, validation, plan, folder, batch=8, progress=progress, **options)


@pytest.mark.parametrize("peft", ["lora", "adalora", "none"])
def test_a_killed_training_goes_on_as_if_it_had_not_been(
    encoder: ModelFiles, examples: Examples, tmp_path: Path, peft: Any
) -> None:
    whole = load_learner(encoder, peft)
    seen = teach(whole, examples, tmp_path / "whole")
    expected = encode(whole, TEXTS[:9])
    with pytest.raises(Killed):
        teach(load_learner(encoder, peft), examples, tmp_path / "killed", kill_at=7)
    assert last_checkpoint(tmp_path / "killed").name == "checkpoint-6"  # type: ignore[union-attr]
    again = load_learner(encoder, peft)
    resumed = teach(again, examples, tmp_path / "killed")
    assert np.abs(encode(again, TEXTS[:9]) - expected).max() < 1e-5
    assert [p["step"] for p in resumed.curve] == [p["step"] for p in seen.curve]
    assert np.allclose([p["loss"] for p in resumed.curve], [p["loss"] for p in seen.curve], atol=1e-4)


def test_a_killed_pretraining_goes_on_as_if_it_had_not_been(encoder: ModelFiles, tmp_path: Path) -> None:
    def learn(folder: Path, kill_at: int = 0) -> np.ndarray[Any, Any]:
        def progress(stage: str, done: int, total: int, detail: str = "") -> None:
            if kill_at and done == kill_at:
                raise Killed

        learner = load_learner(encoder, "lora")
        pretrain(learner, TEXTS, Plan(STEPS, 0, 2, 600), folder, batch=8, progress=progress)
        return encode(learner, TEXTS[:9])

    expected = learn(tmp_path / "whole")
    with pytest.raises(Killed):
        learn(tmp_path / "killed", kill_at=5)
    assert np.abs(learn(tmp_path / "killed") - expected).max() < 1e-5


def test_the_best_state_remains(encoder: ModelFiles, examples: Examples, tmp_path: Path) -> None:
    learner = load_learner(encoder, "lora")
    frozen = encode(learner, TEXTS[:9])
    seen = teach(learner, examples, tmp_path / "worse", Counting(0.5, 0.4, 0.3, 0.2, 0.1))
    assert (seen.best, seen.best_step) == (0.5, 0)
    assert np.abs(encode(learner, TEXTS[:9]) - frozen).max() < 1e-6  # nothing was gained, nothing is changed
    learner = load_learner(encoder, "lora")
    seen = teach(learner, examples, tmp_path / "better", Counting(0.1, 0.2, 0.3, 0.25, 0.2))
    assert (seen.best, seen.best_step) == (0.3, 6)
    until_then = load_learner(encoder, "lora")
    with pytest.raises(Killed):
        teach(until_then, examples, tmp_path / "until-6", kill_at=6)
    assert np.abs(encode(learner, TEXTS[:9]) - encode(until_then, TEXTS[:9])).max() < 1e-6


@pytest.mark.parametrize("peft", ["lora", "none"])
def test_a_share_of_the_way_is_gone(
    encoder: ModelFiles, examples: Examples, tmp_path: Path, peft: Any
) -> None:
    vectors = {}
    for strength in (1.0, 0.25):
        learner = load_learner(encoder, peft)
        plan = Plan(STEPS, 12, 12, 600)
        folder = tmp_path / str(strength)
        teach(learner, examples, folder, Counting(0.1, 0.3), plan=plan, strength=strength)
        vectors[strength] = encode(learner, TEXTS[:9])
    start = encode(load_learner(encoder, peft), TEXTS[:9])
    moved = {strength: np.linalg.norm(found - start) for strength, found in vectors.items()}
    assert 0.1 * moved[1.0] < moved[0.25] < 0.6 * moved[1.0]


def test_it_ends_without_a_gain(encoder: ModelFiles, examples: Examples, tmp_path: Path) -> None:
    seen = teach(
        load_learner(encoder, "lora"),
        examples,
        tmp_path,
        Counting(0.5, 0.4),
        plan=Plan(STEPS, 2, 100, 600, None, 2),
    )
    assert seen.ended == "no gain"
    assert max(point["step"] for point in seen.curve) == 4


def test_it_ends_with_the_budget_and_validates_what_it_has(
    encoder: ModelFiles, examples: Examples, tmp_path: Path
) -> None:
    validation = Counting(0.1, 0.2)
    seen = teach(
        load_learner(encoder, "lora"), examples, tmp_path, validation, plan=Plan(STEPS, 100, 100, 1e-9)
    )
    assert (seen.ended, seen.best_step, validation.calls) == ("budget", 1, 2)


def test_it_ends_when_it_is_asked_to(encoder: ModelFiles, examples: Examples, tmp_path: Path) -> None:
    (tmp_path / STOP).touch()
    seen = teach(load_learner(encoder, "lora"), examples, tmp_path, Counting(0.1, 0.2))
    assert (seen.ended, seen.best_step) == ("stopped", 1)


def test_a_diverging_training_is_refused(encoder: ModelFiles, examples: Examples, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"diverged.*lower --rate"):
        teach(load_learner(encoder, "none"), examples, tmp_path, rate=1e30)


def test_a_full_disk_is_said(
    encoder: ModelFiles, examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from mgrec_core.adaptation import training

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(training, "save_file", full)
    with pytest.raises(NoRoomError) as caught:
        teach(load_learner(encoder, "lora"), examples, tmp_path)
    assert "\n" not in str(caught.value)


def test_batches_that_are_gathered_are_one_step(
    encoder: ModelFiles, examples: Examples, tmp_path: Path
) -> None:
    seen = teach(load_learner(encoder, "lora"), examples, tmp_path, accumulate=2, plan=Plan(4, 0, 4, 600))
    assert seen.ended == "steps" and max(point["step"] for point in seen.curve) == 4


def test_the_curve_is_on_disk_and_tensorboard_reads_it(
    encoder: ModelFiles, examples: Examples, tmp_path: Path
) -> None:
    seen = teach(load_learner(encoder, "lora"), examples, tmp_path, Counting(0.1, 0.2))
    assert json.loads((tmp_path / "curve.json").read_text()) == seen.curve
    assert {"loss", "ndcg@10"} <= {name for point in seen.curve for name in point}
    assert any("tfevents" in path.name for path in (tmp_path / "logs").rglob("*"))
