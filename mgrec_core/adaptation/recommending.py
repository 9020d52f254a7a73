"""Fine-tuning for recommendation: the contrastive loss under the trainer of sentence-transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments

from mgrec_core.adaptation.adapters import rank_sharing
from mgrec_core.adaptation.contrastive import TEMPERATURE, Batches, ContrastiveLoss
from mgrec_core.adaptation.examples import Examples
from mgrec_core.adaptation.learner import Learner
from mgrec_core.adaptation.strength import between
from mgrec_core.adaptation.training import (
    Plan,
    Resumable,
    Watch,
    Watched,
    arguments,
    before_and_best,
    put_back,
    run,
    trained_tensors,
)
from mgrec_core.adaptation.validation import Validation
from mgrec_core.foundation.progress import Progress, silent

RATE = 2e-5
RATE_OF_ADAPTERS = 1e-3


class _Trainer(Resumable, SentenceTransformerTrainer):
    """The trainer of sentence-transformers with small checkpoints and without a card for its hub."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Nothing: it would encode examples for the card."""


def fine_tune(
    learner: Learner,
    examples: Examples,
    validation: Validation | None,
    plan: Plan,
    folder: Path,
    *,
    batch: int = 32,
    accumulate: int = 1,
    rate: float | None = None,
    temperature: float = TEMPERATURE,
    hard: int = 1,
    strength: float = 1.0,
    seed: int = 0,
    progress: Progress = silent,
) -> Watched:
    """Train a model to tell what belongs to a history.

    What remains lies on the way to the best state of the validation (:mod:`mgrec_core.adaptation.strength`).

    Parameters
    ----------
    examples
        At least ``plan.steps · batch · accumulate``.
    validation
        Tells when to stop; without it the last state remains.
    folder
        Folder of the run; a checkpoint there is gone on from.
    hard
        Hard negatives that each example brings into its batch.
    strength
        Share of the way to the best state that is gone in the end, in (0, 1].
    """
    from datasets import Dataset

    model = learner.model
    numbers = Dataset.from_dict({"example": list(range(plan.steps * batch * accumulate))})

    def validate() -> float:
        assert validation is not None
        return validation(lambda texts: encode(learner, [learner.prompt + text for text in texts]))

    watch = Watch(
        plan,
        folder,
        "learning from choices",
        lambda: trained_tensors(model, learner.adapted),
        validate if validation else None,
        progress,
        rank_sharing(learner.adapted, plan.steps),
    )
    adapters = learner.adapted is not model[0].model
    trainer = _Trainer(
        model=model,
        args=arguments(
            SentenceTransformerTrainingArguments,
            folder,
            plan,
            batch=batch,
            accumulate=accumulate,
            rate=rate or (RATE_OF_ADAPTERS if adapters else RATE),
            seed=seed,
        ),
        train_dataset=numbers,
        loss=ContrastiveLoss(model, examples, temperature),
        data_collator=Batches(examples, learner.tokenize, hard),  # type: ignore[arg-type]
        callbacks=[watch],
    )
    trainer.watch, trainer.trained_module, trainer.adapted = watch, model, learner.adapted
    seen = run(trainer, folder)
    if seen.best_step and strength < 1:
        put_back(between(*before_and_best(folder), strength, adapters), model, learner.adapted)
    return seen


def encode(learner: Learner, texts: list[str], batch: int = 128) -> NDArray[np.float32]:
    """Vectors of length 1 as the model is now; nothing of the training's chance is used up.

    Parameters
    ----------
    texts
        With the prompt.
    """
    model = learner.model
    training = model.training
    model.eval()
    order = np.argsort([len(text) for text in texts], kind="stable")
    found: NDArray[np.float32] | None = None
    with torch.inference_mode():
        for start in range(0, len(texts), batch):
            rows = order[start : start + batch]
            features = {
                name: value.to(model.device)
                for name, value in learner.tokenize([texts[row] for row in rows]).items()
            }
            vectors = model(features)["sentence_embedding"].float().cpu().numpy()
            if found is None:
                found = np.zeros((len(texts), vectors.shape[1]), np.float32)
            found[rows] = vectors
    model.train(training)
    return np.zeros((0, 1), np.float32) if found is None else found
