"""Vectors to two dimensions: exact neighbours, then UMAP, the same for the same seed."""

from __future__ import annotations

import re
import threading
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.projection.settings import ProjectionSettings

PREPARING = "preparing (first time takes a minute)"
"""The stage in which umap is imported and, on a fresh machine, compiled."""

# numba's thread pool aborts the process when two threads enter it at once.
_one_at_a_time = threading.Lock()


def project(
    vectors: NDArray[Any], settings: ProjectionSettings, progress: Progress = silent
) -> NDArray[np.float32]:
    """Lay vectors out in two dimensions so that near vectors stay near.

    Parameters
    ----------
    vectors
        Shape (n, d), finite. All of them are laid out: sampling is the caller's.
    settings
        Neighbours, distance, metric and seed.
    progress
        Told of the stages ``preparing …``, ``neighbours`` (rows) and ``layout`` (UMAP epochs).

    Returns
    -------
    NDArray[np.float32]
        Shape (n, 2), finite. Fewer than four points, or points that are all alike, get their
        principal components (zeros where there is nothing to tell apart).

    Raises
    ------
    InputError
        The vectors are no matrix, or some are not finite.
    """
    matrix: NDArray[np.float32] = np.asarray(vectors, dtype=np.float32)
    if matrix.ndim != 2:
        raise InputError(f"a map needs a matrix of vectors (n, d), not an array of shape {matrix.shape}")
    bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
    if len(bad):
        raise InputError(
            f"{len(bad)} of {len(matrix)} vectors hold NaN or infinity (first: row {bad[0]}); build the"
            " workspace again and then compute the map"
        )
    if settings.metric == "cosine":
        length = np.linalg.norm(matrix, axis=1, keepdims=True)
        matrix = (matrix / np.where(length > 0, length, 1)).astype(np.float32)
    start = principal(matrix)
    if len(matrix) < 4 or not np.any(np.ptp(start, axis=0) > 1e-6):
        return start
    with _one_at_a_time:
        return _umap(matrix, start, settings, progress)


def principal(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the first two principal components, shape (n, 2), with signs that do not depend on LAPACK."""
    n, d = matrix.shape
    out = np.zeros((n, 2), dtype=np.float32)
    if n < 2 or d == 0:
        return out
    centred = matrix.astype(np.float64) - matrix.mean(axis=0, dtype=np.float64)
    # Of the two Gram matrices take the smaller: both have the same spectrum.
    if d <= n:
        _, axes = np.linalg.eigh(centred.T @ centred)
        components = centred @ axes[:, ::-1][:, :2]
    else:
        values, axes = np.linalg.eigh(centred @ centred.T)
        components = (axes * np.sqrt(np.clip(values, 0, None)))[:, ::-1][:, :2]
    largest = np.abs(components).argmax(axis=0)
    components = components * np.where(components[largest, range(components.shape[1])] < 0, -1.0, 1.0)
    out[:, : components.shape[1]] = components
    out[:, np.ptp(out, axis=0) < 1e-6] = 0
    return out


def neighbours(
    matrix: NDArray[np.float32], k: int, progress: Progress = silent
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return each row's ``k`` nearest rows, itself first, and their squared distances, shape (n, k).

    Exact, and at the sizes of a map faster than building an approximate index: that index is most of
    what umap compiles at its first use.
    """
    from sklearn.neighbors import NearestNeighbors  # type: ignore[import-untyped, unused-ignore]

    index = NearestNeighbors(n_neighbors=k, algorithm="brute", metric="sqeuclidean").fit(matrix)
    found: list[NDArray[np.int64]] = []
    distances: list[NDArray[np.float32]] = []
    for part in slices(len(matrix), 1, max(256, min(4096, len(matrix) // 20))):
        progress("neighbours", part.start, len(matrix))
        distance, rows = index.kneighbors(matrix[part])
        own = np.arange(part.start, part.stop)[:, None]
        # Among exact duplicates a row need not find itself first; umap's graph expects it there.
        absent = ~(rows == own).any(axis=1)
        rows[absent, -1] = own[absent, 0]
        distance[absent, -1] = 0
        order = np.lexsort((rows, np.where(rows == own, -1.0, distance)), axis=1)
        found.append(np.take_along_axis(rows, order, axis=1))
        distances.append(np.take_along_axis(distance, order, axis=1).astype(np.float32))
    progress("neighbours", len(matrix), len(matrix))
    return np.concatenate(found), np.concatenate(distances)


def _umap(
    matrix: NDArray[np.float32], start: NDArray[np.float32], settings: ProjectionSettings, progress: Progress
) -> NDArray[np.float32]:
    """Run UMAP on exact neighbours, from the principal components."""
    n = len(matrix)
    k = min(settings.n_neighbours, n - 1)
    progress(PREPARING, 0, 1)
    with warnings.catch_warnings():
        # umap warns that a seed costs parallelism and that later points cannot be added: both are meant.
        warnings.simplefilter("ignore")
        import umap

        _keep_compiled()
        progress(PREPARING, 1, 1)
        rows, squared = neighbours(matrix, k, progress)
        distances = squared / 2 if settings.metric == "cosine" else np.sqrt(squared)
        model = umap.UMAP(
            n_components=2,
            n_neighbors=k,
            min_dist=settings.min_dist,
            metric=settings.metric,
            init=_spread(start),
            n_epochs=500 if n <= 3000 else 200,
            random_state=settings.seed,
            n_jobs=1,
            precomputed_knn=(rows, distances),
            verbose=False,
            tqdm_kwds={
                "disable": False,
                "file": _Epochs(progress),
                "bar_format": "{n_fmt}/{total_fmt}",
                "mininterval": 0.2,
            },
        )
        progress("layout", 0, 1, "starting")
        out: NDArray[np.float32] = np.asarray(model.fit_transform(matrix), dtype=np.float32)
    progress("layout", 1, 1)
    # A point that no graph edge holds comes back as NaN: put it where its principal components are.
    lost = ~np.isfinite(out).all(axis=1)
    out[lost] = start[lost]
    centred: NDArray[np.float32] = (out - out.mean(axis=0)).astype(np.float32)
    return centred


def _spread(start: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale principal components to the extent that umap starts from."""
    scaled: NDArray[np.float32] = (start * (10.0 / np.abs(start).max())).astype(np.float32)
    return scaled


def _keep_compiled() -> None:
    """Let numba keep umap's compiled functions on disk.

    umap compiles its layout afresh in every process (about ten seconds), and every projection has a
    process of its own. Where no folder can be written nothing is kept, and nothing is lost but time.
    """
    import umap.layouts
    import umap.umap_

    for module in (umap.layouts, umap.umap_):
        for function in vars(module).values():
            if hasattr(function, "enable_caching"):
                try:
                    function.enable_caching()
                except RuntimeError:
                    return


class _Epochs:
    """The file umap's progress bar is written to: reads ``12/200`` and reports it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def write(self, text: str) -> int:
        """Report the last ``done/total`` in the text."""
        found = re.findall(r"(\d+)/(\d+)", text)
        if found:
            self._progress("layout", int(found[-1][0]), int(found[-1][1]), "epochs")
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""
