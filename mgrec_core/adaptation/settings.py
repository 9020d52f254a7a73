"""What a model can be told of its training."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from mgrec_core.adaptation.adapters import Peft
from mgrec_core.foundation.config import Section

Method = Literal["projection", "mlm", "contrastive", "mlm+contrastive"]
METHODS: tuple[str, ...] = get_args(Method)

VERSION = "2"
"""Part of a model's identity: raise it when the same settings give another model."""


class Settings(Section):
    """Options of a training; the defaults were tried on the sample data."""

    method: Method = "projection"
    """``projection`` fits item vectors to histories and leaves the model as it is; ``mlm`` learns words,
    ``contrastive`` what people choose."""
    peft: Peft = "lora"
    """Which adapters are trained, or ``none`` for every weight."""
    budget: str = "20m"
    """Time for training; measuring before and after comes on top."""
    steps: int | None = Field(None, ge=1, le=1_000_000)
    """Steps instead of what the budget allows, for trainings that are to be the same on every machine."""
    batch: int = Field(48, ge=2, le=4096)
    """Examples a batch."""
    accumulate: int = Field(1, ge=1, le=1024)
    """Batches a step."""
    rate: float | None = Field(None, gt=0, lt=1)
    """Learning rate; by default 1e-3 with adapters and 2e-5 without (masked words: 3e-4 and 5e-5)."""
    temperature: float = Field(0.05, gt=0, le=1)
    """τ of the contrastive loss."""
    bag: int = Field(4, ge=1, le=50)
    """Items of a history that are read as one."""
    hard: int = Field(0, ge=0, le=20)
    """Hard negatives an example. On the MovieLens sample they helped known items and not new ones."""
    strength: float = Field(0.5, gt=0, le=1)
    """Share of the way from the weights before to those after that is gone in the end; not for ``mlm``."""
    patience: int = Field(4, ge=1, le=100)
    """Validations without a gain after which it ends."""
    seed: int = Field(0, ge=0, lt=2**31)
