"""What a projection is computed from, and the name that follows from it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from mgrec_core.foundation.errors import InputError

FUSED = "fused"
"""The ``granularity`` that stands for the fused vector under the weights."""


class ProjectionSettings(BaseModel):
    """Settings of one UMAP projection; equal settings give equal maps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: Literal["users", "items", "both"] = "users"
    """Whose vectors are laid out; ``both``: users and items in one space."""
    granularity: str = FUSED
    """A granularity, or ``fused`` for the fused vector under ``weights``."""
    weights: dict[str, float] = Field(default_factory=dict)
    """λ per granularity, each in [0, 1], for ``fused``; those not named come from the active preset."""
    base: str | None = None
    """The granularity whose weight is 1; ``None`` for the active preset's."""
    n_neighbours: int = Field(
        default=15, ge=2, le=200, validation_alias=AliasChoices("n_neighbours", "n_neighbors")
    )
    """How many neighbours count as near: few show detail, many show the whole."""
    min_dist: float = Field(default=0.1, ge=0.0, le=0.99)
    """How close points may lie on the map (its unit is the spread, 1)."""
    metric: Literal["cosine", "euclidean"] = "cosine"
    """How near is measured between vectors."""
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    """Seed of the layout and of the sample."""
    max_points: int = Field(default=50_000, ge=4, le=1_000_000)
    """Above this many vectors a stratified sample of that size is laid out and the rest placed by it."""

    @property
    def n_neighbors(self) -> int:
        """``n_neighbours`` in umap's spelling."""
        return self.n_neighbours

    @field_validator("weights")
    @classmethod
    def _within_bounds(cls, weights: dict[str, float]) -> dict[str, float]:
        for granularity, weight in weights.items():
            if not 0 <= weight <= 1:
                raise ValueError(f"the weight of {granularity} is {weight}; give a number from 0 to 1")
        return weights

    @classmethod
    def from_options(cls, **options: Any) -> Self:
        """Build settings from what somebody typed.

        Raises
        ------
        InputError
            One line that names the option and what it accepts.
        """
        try:
            return cls(**options)
        except ValidationError as error:
            first = error.errors()[0]
            option = ".".join(str(part) for part in first["loc"]) or "settings"
            reason = str(first["msg"]).removeprefix("Value error, ")
            raise InputError(f"projection option {option}: {reason}") from None

    def key(self) -> str:
        """Return 16 hex digits that equal settings share; weights count to three decimals.

        The base counts through its weight, which is 1 once the weights are complete.
        Weights that cannot change the vectors (a single granularity is laid out) do not count.
        """
        weights = (
            {g: f"{w:.3f}" for g, w in sorted(self.weights.items())} if self.granularity == FUSED else {}
        )
        text = json.dumps(self.model_dump(exclude={"weights", "base"}) | {"weights": weights}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def cache_path(workspace_path: Path, build: str, settings: ProjectionSettings) -> Path:
    """Return where the projection of a build with these settings is kept, computed or not.

    Parameters
    ----------
    workspace_path
        Folder of the workspace.
    build
        Name of the build; a new build never sees the map of an old one.
    """
    name = f"{build}-{settings.of}-{settings.granularity}-{settings.key()}"
    return Path(workspace_path) / "projections" / (re.sub(r"[^\w.-]", "_", name)[:200] + ".parquet")
