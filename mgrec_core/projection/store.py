"""Projections kept beside the builds they belong to: computed once, written whole, read with care."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.files import replacing
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import Weights, WeightsLike
from mgrec_core.projection.layout import project
from mgrec_core.projection.sampling import place, strata_of, stratified
from mgrec_core.projection.settings import FUSED, ProjectionSettings, cache_path


class VectorSource(Protocol):
    """What a projection needs of an engine."""

    @property
    def build(self) -> str:
        """Name of the build."""

    def resolve(self, weights: WeightsLike = None) -> Weights:
        """Return λ of every present granularity."""

    def fused_vectors(
        self, weights: WeightsLike = None, *, of: Literal["users", "items"]
    ) -> tuple[list[str], NDArray[Any]]:
        """Return ids and fused vectors (n, d)."""

    def granularity_vectors(
        self, granularity: str, *, of: Literal["users", "items"]
    ) -> tuple[list[str], NDArray[Any]]:
        """Return ids and one granularity's vectors (n, d)."""

    def joint_vectors(
        self, granularity: str, weights: WeightsLike = None
    ) -> tuple[list[str], list[str], NDArray[Any]]:
        """Return kinds, ids and vectors of users and items in one space."""

    def history_sizes(self, of: Literal["users", "items"]) -> NDArray[np.int64]:
        """Return how much is known of each: strata of a sample."""


def resolve(engine: VectorSource, settings: ProjectionSettings) -> ProjectionSettings:
    """Return the settings with every weight named, those not given taken from the active preset.

    A map is kept under its full weights: a preset that changes later does not change what a map shows.
    """
    if settings.granularity != FUSED:
        return settings.model_copy(update={"weights": {}, "base": None})
    complete = engine.resolve(_weights(settings))
    return settings.model_copy(update={"weights": dict(complete.values), "base": complete.base})


def compute_and_store(
    engine: VectorSource, workspace_path: Path, settings: ProjectionSettings, progress: Progress = silent
) -> Path:
    """Compute one projection, unless it is there already, and keep it in ``projections/``.

    Parameters
    ----------
    engine
        An open engine.
    workspace_path
        Folder of the workspace.
    settings
        Weights not named come from the active preset (:func:`resolve`).

    Returns
    -------
    Path
        A file that :func:`load` reads: columns ``id, x, y``, with ``kind`` (``users`` or ``items``) where
        both are shown, and with ``laid`` where a sample was laid out and the rest placed by it. Its
        ``attrs`` say ``n_total``, ``n_kept`` (laid out), ``build`` and ``settings``.

    Raises
    ------
    InputError
        The vectors are not finite, or the folder cannot be written.
    """
    settings = resolve(engine, settings)
    path = cache_path(workspace_path, engine.build, settings)
    if load(path) is not None:
        progress("layout", 1, 1, "already computed")
        return path
    progress("reading vectors", 0, 1)
    kinds, ids, vectors = _vectors(engine, settings)
    progress("reading vectors", 1, 1)
    kept = sample(engine, settings, kinds, len(ids))
    matrix = np.asarray(vectors)
    points = project(matrix[kept], settings, progress)
    frame = pd.DataFrame({"id": pd.Series(ids, dtype=str)})
    if len(kept) < len(ids):
        points = place(matrix, kept, points, settings.metric, progress)
        frame["laid"] = np.isin(np.arange(len(ids)), kept)
    frame.insert(1, "x", points[:, 0])
    frame.insert(2, "y", points[:, 1])
    if kinds is not None:
        frame["kind"] = kinds
    frame.attrs = {
        "n_total": len(ids),
        "n_kept": len(kept),
        "build": engine.build,
        "settings": settings.model_dump(mode="json"),
    }
    _write(frame, path)
    return path


def _vectors(
    engine: VectorSource, settings: ProjectionSettings
) -> tuple[list[str] | None, list[str], NDArray[Any]]:
    """Return kinds (where there are two), ids and vectors."""
    if settings.of == "both":
        return engine.joint_vectors(settings.granularity, _weights(settings))
    if settings.granularity == FUSED:
        ids, vectors = engine.fused_vectors(_weights(settings), of=settings.of)
    else:
        ids, vectors = engine.granularity_vectors(settings.granularity, of=settings.of)
    return None, ids, vectors


def _weights(settings: ProjectionSettings) -> Weights:
    return Weights(settings.weights, settings.base or "")


def sample(
    engine: VectorSource, settings: ProjectionSettings, kinds: list[str] | None, n: int
) -> NDArray[np.int64]:
    """Return the rows to lay out, in order: all ``n``, or ``max_points`` of them, stratified.

    Strata are classes of the size of a history (and users and items, where both are shown).
    """
    if n <= settings.max_points:
        return np.arange(n)
    if settings.of == "both":
        sizes = np.concatenate([engine.history_sizes("users"), engine.history_sizes("items")])
    else:
        sizes = engine.history_sizes(settings.of)
    return stratified(strata_of(sizes, kinds), settings.max_points, settings.seed)


def load(path: Path) -> pd.DataFrame | None:
    """Read a stored projection.

    Returns
    -------
    pandas.DataFrame or None
        Columns ``id`` (text), ``x, y`` (float32, finite), perhaps ``laid`` (bool) and ``kind``, with the
        ``attrs`` of :func:`compute_and_store`; ``None`` where there is no file or it is damaged, so that
        the map is computed again.
    """
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError):  # pyarrow's errors are among these
        return None
    if list(frame.columns)[:3] != ["id", "x", "y"] or set(frame.columns[3:]) - {"laid", "kind"}:
        return None
    try:
        frame["id"] = frame["id"].astype(str)
        finite = bool(np.isfinite(frame[["x", "y"]].to_numpy(np.float64)).all())
    except (TypeError, ValueError):
        return None
    return frame if finite else None


def _write(frame: pd.DataFrame, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as staged:
            frame.to_parquet(staged, engine="pyarrow", index=False)
    except OSError as error:
        raise refusal(error, f"the map {path}", "written") from None
