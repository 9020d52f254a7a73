"""How a model learns: the trainer of sentence-transformers, watched, bounded in time and resumable.

What is trained is written every few steps, with the optimiser and the state of chance, so that a killed
training goes on as if it had not been (``resume``); the best state of the validation is kept beside it and
is what remains. A training ends after its steps, its budget of time, when the validation stops getting
better, or when somebody asks it to (the file ``stop``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import PrinterCallback, TrainerCallback

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import replacing, write_text
from mgrec_core.foundation.progress import Progress
from mgrec_core.workspace.models import CURVE

STOP = "stop"
"""File of a run's folder that asks it to end with the best so far."""
_START = "start.safetensors"
_BEST = "best.safetensors"
_TRAINED = "trained.safetensors"
_WATCHED = "watched.json"


@dataclass(frozen=True)
class Plan:
    """How long a training goes on and how often it looks up.

    Attributes
    ----------
    steps
        Optimiser steps.
    look_every
        Steps between two validations; 0 validates never.
    save_every
        Steps between two checkpoints.
    seconds
        Most time for it, earlier runs that it resumes included.
    before
        The validation before the first step, where it is known.
    patience
        Validations without a gain after which it ends.
    """

    steps: int
    look_every: int
    save_every: int
    seconds: float
    before: float | None = None
    patience: int = 4


@dataclass
class Watched:
    """What was seen so far; it is written with every checkpoint.

    Attributes
    ----------
    spent
        Seconds of training.
    curve
        Points: ``step``, ``seconds`` and ``loss`` or ``ndcg@10``.
    best, best_step
        The best validation.
    without_gain
        Validations since.
    ended
        Why it ended: ``steps``, ``budget``, ``no gain`` or ``stopped``; empty while it runs.
    """

    spent: float = 0.0
    curve: list[dict[str, float]] = field(default_factory=list)
    best: float = float("-inf")
    best_step: int = 0
    without_gain: int = 0
    ended: str = ""


class Watch(TrainerCallback):
    """Keeps time, the curve and the best state, and ends the training."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        stage: str,
        trained: Callable[[], dict[str, torch.Tensor]],
        validate: Callable[[], float] | None,
        progress: Progress,
        on_step: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.plan, self.folder, self.stage = plan, folder, stage
        self._trained, self._validate, self._progress, self._on_step = trained, validate, progress, on_step
        self.watched = Watched()
        self._since = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Validate once before, so that training can only gain."""
        self._since = time.monotonic()
        if state.global_step == 0:
            self._look(0)

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell adapters that share out ranks."""
        self._on_step(state.global_step)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any
    ) -> None:
        """Keep the loss."""
        if logs and "loss" in logs:
            if not torch.isfinite(torch.tensor(logs["loss"])):
                raise InputError("the training diverged (the loss is not finite): lower --rate")
            self._point(state.global_step, "loss", logs["loss"])

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell how far it is, and end it when it is time."""
        step, plan = state.global_step, self.plan
        self._clock()
        left = max(
            0.0, min(plan.seconds - self.watched.spent, (plan.steps - step) * self.watched.spent / step)
        )
        best = f", best nDCG@10 {self.watched.best:.4f}" if self.watched.best_step or self._validate else ""
        self._progress(self.stage, step, plan.steps, detail=f"{left / 60:.0f} min left{best}")
        if (self.folder / STOP).exists():
            self._end(control, "stopped")
        elif self.watched.spent >= plan.seconds:
            self._end(control, "budget")
        elif step >= plan.steps:
            self._end(control, "steps")
        if self._validate and (
            control.should_training_stop or (plan.look_every and step % plan.look_every == 0)
        ):
            self._look(step)
            if self.watched.without_gain >= plan.patience and not control.should_training_stop:
                self._end(control, "no gain")

    def _end(self, control: Any, why: str) -> None:
        control.should_training_stop = control.should_save = True
        self.watched.ended = why

    def _look(self, step: int) -> None:
        if self._validate is None:
            return
        found = self.plan.before if step == 0 and self.plan.before is not None else self._validate()
        self._point(step, "ndcg@10", found)
        if step == 0:
            write_tensors(self._trained(), self.folder / _START)
        if found > self.watched.best:
            self.watched.best, self.watched.best_step, self.watched.without_gain = found, step, 0
            write_tensors(self._trained(), self.folder / _BEST)
        else:
            self.watched.without_gain += 1
        self._clock()

    def _point(self, step: int, name: str, value: float) -> None:
        self._clock()
        self.watched.curve.append(
            {"step": step, "seconds": round(self.watched.spent, 1), name: round(float(value), 5)}
        )
        write_text(self.folder / CURVE, json.dumps(self.watched.curve))

    def _clock(self) -> None:
        now = time.monotonic()
        self.watched.spent += now - self._since
        self._since = now


def trained_tensors(module: nn.Module, adapted: Any = None) -> dict[str, torch.Tensor]:
    """Return all tensors that are trained, and what AdaLoRA remembers of their importance."""
    found = {name: p.detach() for name, p in module.named_parameters() if p.requires_grad}
    for kind, tensors in _remembered(adapted).items():
        found |= {f"{kind}:{name}": tensor.detach() for name, tensor in tensors.items()}
    return {name: tensor.cpu().contiguous().clone() for name, tensor in found.items()}


def put_back(tensors: dict[str, torch.Tensor], module: nn.Module, adapted: Any = None) -> None:
    """Put tensors of :func:`trained_tensors` where they came from."""
    own = dict(module.named_parameters())
    remembered = _remembered(adapted)
    with torch.no_grad():
        for name, tensor in tensors.items():
            kind, _, rest = name.partition(":")
            if kind in remembered and rest:
                remembered[kind][rest] = tensor.clone()
            else:
                own[name].copy_(tensor)


def _remembered(adapted: Any) -> dict[str, dict[str, torch.Tensor]]:
    allocator = getattr(getattr(adapted, "base_model", None), "rankallocator", None)
    if allocator is None:
        return {}
    return {
        "importance": allocator.ipt,
        "mean-importance": allocator.exp_avg_ipt,
        "uncertainty": allocator.exp_avg_unc,
    }


def write_tensors(tensors: dict[str, torch.Tensor], path: Path) -> None:
    """Write tensors so that the file is whole or not there.

    Raises
    ------
    NoRoomError, InputError
        It cannot be written.
    """
    try:
        with replacing(path) as staged:
            save_file(tensors, str(staged))
    except Exception as error:  # safetensors has an error of its own for every fault of a disk
        raise refusal(error, path, "written") from error


class Resumable:
    """For a trainer of transformers: checkpoints of what is trained alone, with what was watched."""

    watch: Watch
    trained_module: nn.Module
    adapted: Any

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        folder = Path(output_dir or ".")
        folder.mkdir(parents=True, exist_ok=True)
        write_tensors(trained_tensors(self.trained_module, self.adapted), folder / _TRAINED)
        write_text(folder / _WATCHED, json.dumps(asdict(self.watch.watched)))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        folder = Path(resume_from_checkpoint)
        put_back(load_file(str(folder / _TRAINED)), self.trained_module, self.adapted)
        self.watch.watched = Watched(**json.loads((folder / _WATCHED).read_text(encoding="utf-8")))


def arguments(
    kind: Any, folder: Path, plan: Plan, *, batch: int, accumulate: int, rate: float, seed: int
) -> Any:
    """Arguments of a trainer: quiet, offline, one pass over examples that are in their order already.

    Parameters
    ----------
    kind
        The class of arguments.
    folder
        Folder of the run; its ``logs`` are for TensorBoard.
    """
    from mgrec_core.adaptation.reporting import reporters

    cuda = torch.cuda.is_available()
    return kind(
        output_dir=str(folder / "checkpoints"),
        max_steps=plan.steps,
        per_device_train_batch_size=batch,
        gradient_accumulation_steps=accumulate,
        learning_rate=rate,
        lr_scheduler_type="linear",
        warmup_steps=max(1, plan.steps // 10),
        weight_decay=0.01,
        max_grad_norm=1.0,
        seed=seed,
        data_seed=seed,
        bf16=cuda and torch.cuda.is_bf16_supported(),
        fp16=cuda and not torch.cuda.is_bf16_supported(),
        logging_steps=max(1, plan.steps // 100),
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=plan.save_every,
        save_total_limit=1,
        eval_strategy="no",
        report_to=reporters(folder),
        disable_tqdm=True,
        dataloader_num_workers=0,
        dataloader_pin_memory=cuda,
        remove_unused_columns=False,
    )


def run(trainer: Any, folder: Path) -> Watched:
    """Train, from the last whole checkpoint where there is one; put the best state back.

    Returns
    -------
    Watched
    """
    from mgrec_core.adaptation.reporting import end
    from mgrec_core.language.quiet import quiet

    trainer.remove_callback(PrinterCallback)
    last = last_checkpoint(folder)
    with quiet():
        try:
            trainer.train(resume_from_checkpoint=str(last) if last else None)
        except (OSError, MemoryError, RuntimeError) as error:
            raise refusal(error, folder, "written") from error
        finally:
            end()
    best = folder / _BEST
    if best.is_file():
        put_back(load_file(str(best)), trainer.trained_module, trainer.adapted)
    watched: Watched = trainer.watch.watched
    return watched


def before_and_best(folder: Path) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """What is trained, before the first step and in the best state of the validation."""
    return load_file(str(folder / _START)), load_file(str(folder / _BEST))


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that is whole."""
    found = (folder / "checkpoints").glob("checkpoint-*")
    whole = [
        path for path in found if (path / "trainer_state.json").is_file() and (path / _WATCHED).is_file()
    ]
    return max(whole, key=lambda path: int(path.name.rsplit("-", 1)[1]), default=None)
