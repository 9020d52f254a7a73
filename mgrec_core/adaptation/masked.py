"""Pre-training on the workspace's own texts: masked words for encoders, the next word for decoders.

Devlin et al. (2019), "BERT": of the tokens 15 % are to be foretold; of these 80 % are masked, 10 % are
another one, 10 % stay. Gururangan et al. (2020), "Don't stop pretraining", on doing so in a domain. What is
masked is drawn by the text's number and the pass, so that a resumed training masks as the first would have.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import Trainer, TrainingArguments

from mgrec_core.adaptation.adapters import rank_sharing
from mgrec_core.adaptation.learner import Learner
from mgrec_core.adaptation.training import Plan, Resumable, Watch, Watched, arguments, run, trained_tensors
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent

LEAST_TEXTS = 100
"""Fewer different texts teach nothing of a domain's words."""
_MASKED = 0.15
RATE = 5e-5
RATE_OF_ADAPTERS = 3e-4


class MaskedTexts:
    """Makes a batch of texts with words to be foretold."""

    def __init__(self, texts: Sequence[str], learner: Learner, seed: int) -> None:
        self._texts, self._learner, self._seed = texts, learner, seed
        tokenizer = learner.tokenizer
        self._special = np.array(sorted(set(tokenizer.all_special_ids)))
        self._mask = tokenizer.mask_token_id
        self._size = len(tokenizer)

    def __call__(self, rows: Sequence[dict[str, int]]) -> dict[str, torch.Tensor]:
        """Batch texts by their numbers; a number beyond the texts is a further pass over them."""
        numbers = [row["example"] for row in rows]
        batch = self._learner.tokenize([self._texts[n % len(self._texts)] for n in numbers])
        labels = batch["input_ids"].clone()
        labels[batch["attention_mask"] == 0] = -100
        if self._learner.causal:
            return batch | {"labels": labels}
        ids = batch["input_ids"].numpy().copy()
        foretold = np.zeros(ids.shape, dtype=bool)
        for row, number in enumerate(numbers):
            rng = np.random.default_rng((self._seed, number))
            maskable = np.flatnonzero(~np.isin(ids[row], self._special) & (labels[row].numpy() != -100))
            if not len(maskable):
                continue
            chosen = maskable[rng.random(len(maskable)) < _MASKED]
            chosen = chosen if len(chosen) else rng.choice(maskable, 1)
            foretold[row, chosen] = True
            what = rng.random(len(chosen))
            ids[row, chosen[what < 0.8]] = self._mask
            other = chosen[(what >= 0.8) & (what < 0.9)]
            ids[row, other] = rng.integers(0, self._size, len(other))
        labels[torch.from_numpy(~foretold)] = -100
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": batch["attention_mask"],
            "labels": labels,
        }


class _Trainer(Resumable, Trainer):
    """The trainer of transformers with small checkpoints."""


def check_texts(texts: Sequence[str], learner: Learner) -> None:
    """Refuse what cannot be pre-trained on.

    Raises
    ------
    InputError
        Too few texts, or an encoder without a token for masked words.
    """
    different = len(set(texts) - {""})
    if different < LEAST_TEXTS:
        raise InputError(
            f"there is too little text to learn a domain's words from: {different} different texts, and"
            f" {LEAST_TEXTS} are needed; import titles and descriptions, or take --method contrastive"
        )
    mask, known = (
        learner.tokenizer.mask_token_id,
        learner.language_model.get_input_embeddings().num_embeddings,
    )
    if not learner.causal and (mask is None or mask >= known):
        raise InputError("this model's tokenizer has no token for masked words: take --method contrastive")


def pretrain(
    learner: Learner,
    texts: Sequence[str],
    plan: Plan,
    folder: Path,
    *,
    batch: int = 32,
    accumulate: int = 1,
    rate: float | None = None,
    seed: int = 0,
    share_ranks: bool = True,
    progress: Progress = silent,
) -> Watched:
    """Train a model to foretell words; its embeddings learn too.

    Parameters
    ----------
    texts
        Different texts.
    folder
        Folder of the run; a checkpoint there is gone on from.
    share_ranks
        Whether AdaLoRA shares out its ranks here, and not in a training that follows.
    """
    from datasets import Dataset

    model = learner.language_model
    embeddings = model.get_input_embeddings().weight
    frozen = not embeddings.requires_grad
    embeddings.requires_grad_(True)  # new words have only these
    examples = Dataset.from_dict({"example": list(range(plan.steps * batch * accumulate))})
    adapters = learner.adapted is not learner.model[0].model
    watch = Watch(
        plan,
        folder,
        "learning words",
        lambda: trained_tensors(model, learner.adapted),
        None,
        progress,
        rank_sharing(learner.adapted, plan.steps) if share_ranks else lambda _: None,
    )
    trainer = _Trainer(
        model=model,
        args=arguments(
            TrainingArguments,
            folder,
            plan,
            batch=batch,
            accumulate=accumulate,
            seed=seed,
            rate=rate or (RATE_OF_ADAPTERS if adapters else RATE),
        ),
        train_dataset=examples,
        data_collator=MaskedTexts(texts, learner, seed),
        callbacks=[watch],
    )
    trainer.watch, trainer.trained_module, trainer.adapted = watch, model, learner.adapted
    watched = run(trainer, folder)
    embeddings.requires_grad_(not frozen)
    return watched
