"""How strongly feedback counts and how fast weights follow it: ``feedback.yaml`` in the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from mgrec_core.foundation.config import Section
from mgrec_core.foundation.documents import NotYamlError, read_yaml
from mgrec_core.foundation.errors import InputError

#: Strength in [−1, 1] by kind: above 0 the feedback speaks for the item, below 0 against it.
STRENGTHS = {
    "like": 0.8,
    "dislike": -0.8,
    "purchase": 1.0,
    "redemption": 0.6,
    "click": 0.3,
    "dismiss": -0.4,
}


class FeedbackSettings(Section):
    """Options of learning from feedback; the defaults were chosen in ``benchmarks/feedback.py``."""

    strengths: dict[str, float] = STRENGTHS
    """How much a piece of feedback of a kind says, in [−1, 1]; kinds given here replace or join these."""
    update: Literal["exponentiated", "projected"] = "exponentiated"
    """Exponentiated gradient on the shares of the granularities, or projected gradient on λ in [0, 1]."""
    rate: float = Field(0.1, gt=0, le=10)
    """Step size."""
    share: float = Field(0.002, ge=0, lt=1)
    """Part of all weight that is spread evenly after each step, so that no granularity is lost for ever."""
    temperature: float = Field(0.3, gt=0, le=10)
    """Of the softmax over a list, in scaled score units: lower takes differences of score more seriously."""
    position_bias: float = Field(0.5, ge=0, le=3)
    """η: an item at rank r is looked at with probability r^−η; 0 takes every rank for seen."""
    clip: float = Field(10.0, ge=1)
    """Feedback from low ranks counts at most so many times that from rank 1."""
    shrinkage: float = Field(20.0, ge=0)
    """κ: after so many pieces of feedback a user's own weights count as much as everybody's."""

    @field_validator("strengths")
    @classmethod
    def _complete(cls, value: dict[str, float]) -> dict[str, float]:
        for kind, strength in value.items():
            if not -1.0 <= strength <= 1.0:
                raise ValueError(f"the strength of {kind} is {strength:g}; strengths lie from -1 to 1")
        return STRENGTHS | value

    @classmethod
    def of(cls, workspace: Path) -> FeedbackSettings:
        """Read ``feedback.yaml`` of a workspace's folder; without one, the defaults.

        Raises
        ------
        InputError
            The file is no YAML, or an option is unknown or out of range.
        """
        path = workspace / "feedback.yaml"
        if not path.is_file():
            return cls()
        try:
            return cls.model_validate(read_yaml(path.read_text(encoding="utf-8")) or {})
        except (OSError, UnicodeDecodeError, NotYamlError) as error:
            raise InputError(f"{path} cannot be read as YAML: {' '.join(str(error).split())}") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "top level"
            raise InputError(f"{path}, option {where}: {first['msg']}") from None
