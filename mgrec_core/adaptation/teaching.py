"""From the training part to a model that has learned it: examples, plan, one or two stages, files."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from mgrec_core.adaptation.contrastive import Batches, ContrastiveLoss
from mgrec_core.adaptation.examples import Examples, make_examples
from mgrec_core.adaptation.hard_negatives import hard_negatives
from mgrec_core.adaptation.held_out import HeldOut
from mgrec_core.adaptation.learner import Learner, load_learner
from mgrec_core.adaptation.masked import MaskedTexts, check_texts, pretrain
from mgrec_core.adaptation.planning import plan_for, seconds_of
from mgrec_core.adaptation.recommending import encode, fine_tune
from mgrec_core.adaptation.settings import Settings
from mgrec_core.adaptation.training import Plan
from mgrec_core.adaptation.validation import Held, Validation
from mgrec_core.data.dataset import Dataset
from mgrec_core.data.item_texts import item_texts
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.relevance import ANY, Relevance
from mgrec_core.foundation.files import write_text
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import default_weights
from mgrec_core.model.training import train_model

_SHORT = "{title}. {description}"
_MOST_EXAMPLES = 400_000
"""Examples that are drawn; a longer training goes over them again."""


def teach(
    connection: duckdb.DuckDBPyConnection,
    held_out: HeldOut,
    files: ModelFiles,
    config: Config,
    settings: Settings,
    cache: Path,
    folder: Path,
    progress: Progress = silent,
) -> tuple[Learner, dict[str, Any]]:
    """Train a model on everything but what is held out; a killed training in ``folder`` is gone on with.

    Parameters
    ----------
    connection
        All the data.
    cache
        Folder of the text cache.
    folder
        Folder of the run.

    Returns
    -------
    learner, facts
        The model in its best state, and how it came about: steps, why it ended, seconds, new words.

    Raises
    ------
    InputError
        There is too little to learn from, or the model cannot learn.
    """
    progress("reading what to learn from", 0, 1)
    with contextlib.closing(training_connection(connection, held_out.pairs)) as training:
        data = Dataset.load(training, config.knowledge, template=config.language.template)
        short = item_texts(training, _SHORT)
        stages = settings.method.split("+")
        learner = load_learner(files, settings.peft, texts_of(data) if "mlm" in stages else ())
        facts: dict[str, Any] = {"new_words": learner.added}
        share = 1 / len(stages)
        if "mlm" in stages:
            facts["mlm"] = _words(
                learner,
                texts_of(data),
                settings,
                folder / "mlm",
                share,
                "contrastive" not in stages,
                progress,
            )
        if "contrastive" in stages:
            examples = _examples(training, data, short, config, settings, files, cache, progress)
            validation = validation_for(connection, held_out, config)
            facts["contrastive"] = _choices(
                learner, examples, validation, settings, folder / "contrastive", share, progress
            )
    return learner, facts


def texts_of(data: Dataset) -> list[str]:
    """The different texts of all items, sorted."""
    return sorted({text for text in data.texts if text})


def _words(
    learner: Learner,
    texts: list[str],
    settings: Settings,
    folder: Path,
    share: float,
    alone: bool,
    progress: Progress,
) -> dict[str, Any]:
    check_texts(texts, learner)
    prompted = [learner.prompt + text for text in texts]
    batches = MaskedTexts(prompted, learner, settings.seed)
    learner.language_model.to(learner.model.device)

    def step() -> None:
        rows = [{"example": n} for n in range(settings.batch * settings.accumulate)]
        batch = {name: value.to(learner.model.device) for name, value in batches(rows).items()}
        learner.language_model(**batch).loss.backward()
        learner.language_model.zero_grad()

    plan = _plan(folder, settings, share, step, None)
    seen = pretrain(
        learner,
        prompted,
        plan,
        folder,
        batch=settings.batch,
        accumulate=settings.accumulate,
        rate=settings.rate,
        seed=settings.seed,
        share_ranks=alone,
        progress=progress,
    )
    return {"steps": plan.steps, "ended": seen.ended, "seconds": round(seen.spent, 1), "curve": seen.curve}


def _choices(
    learner: Learner,
    examples: Examples,
    validation: Validation,
    settings: Settings,
    folder: Path,
    share: float,
    progress: Progress,
) -> dict[str, Any]:
    batches = Batches(examples, learner.tokenize, settings.hard)
    loss = ContrastiveLoss(learner.model, examples, settings.temperature)

    def step() -> None:
        for _ in range(settings.accumulate):
            batch = batches([{"example": n} for n in range(settings.batch)])
            label = batch.pop("label")
            features = {
                name.removeprefix("texts_"): value.to(learner.model.device) for name, value in batch.items()
            }
            loss([features], label).backward()
        learner.model.zero_grad()

    plan = _plan(
        folder,
        settings,
        share,
        step,
        lambda: validation(lambda texts: encode(learner, [learner.prompt + text for text in texts])),
    )
    seen = fine_tune(
        learner,
        examples,
        validation,
        plan,
        folder,
        batch=settings.batch,
        accumulate=settings.accumulate,
        rate=settings.rate,
        temperature=settings.temperature,
        hard=settings.hard,
        strength=settings.strength,
        seed=settings.seed,
        progress=progress,
    )
    return {
        "steps": plan.steps,
        "best_step": seen.best_step,
        "best": seen.best,
        "strength": settings.strength,
        "ended": seen.ended,
        "seconds": round(seen.spent, 1),
        "examples": len(examples),
        "curve": seen.curve,
    }


def _plan(folder: Path, settings: Settings, share: float, step: Any, validate: Any) -> Plan:
    """The plan of a stage; that of the run that is gone on with, where there is one."""
    path = folder / "plan.json"
    if path.is_file():
        return Plan(**json.loads(path.read_text(encoding="utf-8")))
    folder.mkdir(parents=True, exist_ok=True)
    plan = plan_for(share * seconds_of(settings.budget), settings.steps, step, validate, settings.patience)
    write_text(path, json.dumps(asdict(plan)))
    return plan


def _examples(
    training: duckdb.DuckDBPyConnection,
    data: Dataset,
    short: dict[str, str | None],
    config: Config,
    settings: Settings,
    files: ModelFiles,
    cache: Path,
    progress: Progress,
) -> Examples:
    hard = None
    if settings.hard:
        progress("finding hard negatives", 0, 1)
        made = train_model(training, config, model=str(files.folder), cache=cache, progress=progress)
        written = np.array([bool(text) for text in data.texts])
        hard = hard_negatives(made.model, default_weights(made.model.present), written, seed=settings.seed)
    return make_examples(
        data,
        [short.get(item) for item in data.items],
        _MOST_EXAMPLES if settings.steps is None else settings.steps * settings.batch * settings.accumulate,
        bag=settings.bag,
        hard=hard,
        prompt=files.prompt,
        seed=settings.seed,
    )


def validation_for(connection: duckdb.DuckDBPyConnection, held_out: HeldOut, config: Config) -> Validation:
    """Pairs of known and of new items that are not learned from, and the training part without each."""
    with contextlib.closing(training_connection(connection, held_out.tested)) as outer:

        def without(pairs: pd.DataFrame) -> Held:
            with contextlib.closing(training_connection(outer, pairs)) as inner:
                data = Dataset.load(inner, config.knowledge, template=config.language.template)
            return data, Relevance(ANY).hits(outer, pairs)

        return Validation.of(without(held_out.validation.test), without(held_out.new_validation.test), config)
