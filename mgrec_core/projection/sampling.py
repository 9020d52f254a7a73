"""More points than a map can lay out: a stratified sample of them, and a place for the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.progress import Progress, silent

_NEIGHBOURS = 3
_LEAST = 4  # a stratum gets at least this part of an even share, so that rare kinds are seen


def strata_of(sizes: NDArray[np.int64], kinds: list[str] | None = None) -> NDArray[np.int64]:
    """Put points with histories of like size (doubling classes) and the same kind into one stratum."""
    level = np.floor(np.log2(1 + np.asarray(sizes, dtype=np.float64))).astype(np.int64)
    if kinds is None:
        return level
    _, kind = np.unique(np.array(kinds), return_inverse=True)
    return level + (int(level.max(initial=0)) + 1) * kind.astype(np.int64)


def stratified(strata: NDArray[np.int64], most: int, seed: int = 0) -> NDArray[np.int64]:
    """Draw at most ``most`` points, from each stratum in proportion to its size.

    Parameters
    ----------
    strata : n
        Stratum of each point.

    Returns
    -------
    NDArray[np.int64]
        Rows in order: all ``n`` where they are few enough. A small stratum gets at least a quarter of
        an even share (or all of its points); the others give in proportion.
    """
    n = len(strata)
    if n <= most:
        return np.arange(n)
    names, counts = np.unique(strata, return_counts=True)
    least = np.minimum(counts, most // (_LEAST * len(names)))
    rest = counts - least
    exact = least + rest * ((most - least.sum()) / rest.sum())
    wanted = np.floor(exact).astype(np.int64)
    for place in np.argsort(wanted - exact, kind="stable")[: most - int(wanted.sum())]:
        wanted[place] += 1
    rng = np.random.default_rng(seed)
    drawn = [
        rng.choice(np.flatnonzero(strata == name), count, replace=False)
        for name, count in zip(names, wanted, strict=True)
    ]
    return np.sort(np.concatenate(drawn))


def place(
    vectors: NDArray[np.float32],
    kept: NDArray[np.int64],
    points: NDArray[np.float32],
    metric: str,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """Give every vector a place: those laid out theirs, the rest the mean of their nearest ones'.

    Parameters
    ----------
    vectors : n × d
        All of them.
    kept
        Rows that were laid out, in order.
    points : len(kept) × 2
        Where.

    Notes
    -----
    The three nearest laid-out vectors weigh by 1 / distance. This is where UMAP itself would start a
    new point; it is good enough for a density, not for looking at single points.
    """
    from sklearn.neighbors import NearestNeighbors  # type: ignore[import-untyped, unused-ignore]

    out = np.zeros((len(vectors), 2), dtype=np.float32)
    out[kept] = points
    rest = np.setdiff1d(np.arange(len(vectors)), kept)
    index = NearestNeighbors(
        n_neighbors=min(_NEIGHBOURS, len(kept)), algorithm="brute", metric="sqeuclidean"
    ).fit(_unit(vectors[kept], metric))
    for chunk in slices(len(rest), 1, 4096):
        progress("placing the rest", chunk.start, len(rest))
        part = rest[chunk]
        squared, rows = index.kneighbors(_unit(vectors[part], metric))
        weight = 1.0 / (np.sqrt(np.maximum(squared, 0.0)) + 1e-6)
        weight /= weight.sum(axis=1, keepdims=True)
        out[part] = np.einsum("nk,nkd->nd", weight, points[rows])
    progress("placing the rest", len(rest), max(1, len(rest)))
    return out


def _unit(vectors: NDArray[np.float32], metric: str) -> NDArray[np.float32]:
    matrix: NDArray[np.float32] = np.asarray(vectors, dtype=np.float32)
    if metric != "cosine":
        return matrix
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return (matrix / np.where(length > 0, length, 1)).astype(np.float32)
