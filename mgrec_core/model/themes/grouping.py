"""Which pieces of a user's evidence belong together: a few groups in the granularity's own space.

Pieces are compared by the cosine of their vectors. Where every piece has a direction of its own (values and
entities in the ``tfidf`` space) all would be equally far apart: there they are compared by the items of the
history that have them. The strongest pieces are clustered by Ward's method (Ward 1963) in their main
directions, the number of groups is the one with the best mean silhouette (Rousseeuw 1987), and the other
pieces join the group whose centre is nearest. Nothing is drawn at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage

from mgrec_core.foundation.chunks import slices
from mgrec_core.model.granularities.structure import Granularity, Matrix

SAMPLE = 300
"""So many pieces of evidence, the strongest, are clustered; the others join them."""
MOST = 6
FEWEST = 3
LEAST_PIECES = 3
"""Pieces of evidence a theme has on average at least: who has fewer has fewer themes."""
LEAST_SHARE = 0.02
"""A theme of less of the user vector is none of its own."""
_DIRECTIONS = 8
_SPARE = 4
_ROUNDS = 6
_CELLS = 2**22

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Grouping:
    """A user's evidence of one granularity and the group of each piece.

    Attributes
    ----------
    rows, held, shares : n
        Rows of evidence with a weight, W[u,e], and the share of the user vector (sum 1).
    group : n
        From 0, the group with the largest share first.
    """

    rows: NDArray[np.int64]
    held: Floats
    shares: Floats
    group: NDArray[np.int64]

    @property
    def n_groups(self) -> int:
        """How many groups there are."""
        return int(self.group.max(initial=-1)) + 1


def grouped(
    g: Granularity, rows: NDArray[np.int64], held: Floats, shares: Floats, history: NDArray[np.int64]
) -> Grouping:
    """Group a user's evidence.

    Parameters
    ----------
    rows, held, shares
        As :func:`mgrec_core.model.interests.vector_shares` gives them.
    history
        Positions of the user's items.
    """
    parts = _parts(g, rows, history)
    group = _clusters(parts, np.abs(held), np.abs(shares), rows)
    sums = np.bincount(group, weights=shares, minlength=group.max(initial=-1) + 1)
    first = np.full(len(sums), len(rows))
    np.minimum.at(first, group, np.arange(len(rows)))  # ties in the order of the evidence
    place = np.empty(len(sums), dtype=np.int64)
    place[np.lexsort((first, -sums))] = np.arange(len(sums))
    return Grouping(rows, held, shares, place[group] if len(group) else group)


def _parts(g: Granularity, rows: NDArray[np.int64], history: NDArray[np.int64]) -> list[tuple[Matrix, float]]:
    """The vectors by which the pieces are compared, block by block, with the blocks' scales."""
    parts: list[tuple[Matrix, float]] = []
    for block in g.blocks:
        if _alone(block.evidence) and sparse.issparse(block.items) and g.kind != "item":
            columns = sparse.csc_array(sparse.csr_array(block.items[history]))[:, rows]
            parts.append((sparse.csr_array(columns.T), block.scale))
        else:
            parts.append((block.evidence[rows], block.scale))
    return parts


def _alone(evidence: Matrix) -> bool:
    """Whether every piece has a direction that it shares with no other."""
    return bool(
        sparse.issparse(evidence)
        and evidence.shape[0] == evidence.shape[1]
        and evidence.nnz <= evidence.shape[0]
    )


def _clusters(
    parts: list[tuple[Matrix, float]], strength: Floats, shares: Floats, rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    n = len(strength)
    most = min(MOST, n // LEAST_PIECES)
    if most < 2:
        return np.zeros(n, dtype=np.int64)
    lengths = np.sqrt(np.maximum(sum(s * _squares(m) for m, s in parts), 0.0))
    inverse = np.divide(1.0, lengths, out=np.zeros(n), where=lengths > 0)
    chosen = np.sort(np.lexsort((rows, -strength * (lengths > 0)))[:SAMPLE])
    sample = [(_rows(m, chosen, inverse), s) for m, s in parts]
    cosines = sum(s * _product(m, m) for m, s in sample)
    cosines = np.asarray(cosines, dtype=np.float64)
    found = _merged(cosines, _cut(cosines, most), shares[chosen])
    if len(chosen) == n:
        return found
    sizes = np.bincount(found)
    means = sparse.csr_array((1.0 / sizes[found], (found, np.arange(len(found)))))
    centres = [(np.asarray(means @ m.astype(np.float64)), s) for m, s in _dense(sample)]
    group = np.empty(n, dtype=np.int64)
    width = sum(m.shape[1] for m, _ in parts)
    for part in slices(n, 1, max(1, _CELLS // max(1, width))):
        here = np.arange(n)[part]
        near = sum(s * np.asarray(m[here] @ c.T) for (m, _), (c, s) in zip(parts, centres, strict=True))
        group[part] = np.asarray(near).argmax(axis=1)
    group[chosen] = found
    return group


def _cut(cosines: Floats, most: int) -> NDArray[np.int64]:
    """Cut Ward's tree where the mean silhouette is best, among the numbers of groups allowed."""
    n = len(cosines)
    near = (cosines + cosines.T) / 2
    points = _main_directions(near).round(7)  # what differs by rounding alone is at one place
    gaps = np.maximum((points**2).sum(axis=1)[:, None] + (points**2).sum(axis=1) - 2 * points @ points.T, 0.0)
    if gaps.max() < 1e-9:
        return np.zeros(n, dtype=np.int64)
    distances = np.sqrt(gaps)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(points, "ward")
    best, found = -np.inf, np.zeros(n, dtype=np.int64)
    for k in range(min(FEWEST, most), most + 1):
        cut = np.unique(fcluster(tree, k, "maxclust"), return_inverse=True)[1].astype(np.int64)
        quality = silhouette(distances, cut)
        if quality > best + 1e-6:
            best, found = quality, cut
    return found


def _main_directions(gram: Floats) -> Floats:
    """Coordinates of the pieces in the main directions of their Gram matrix, n × 8 at most.

    Subspace iteration from a fixed start: close enough to tell groups, and many times faster here than to
    decompose the whole matrix.
    """
    n = len(gram)
    width = min(_DIRECTIONS + _SPARE, n)
    found = np.cos(np.outer(np.arange(n) + 0.5, np.arange(width)) * (np.pi / n))
    for _ in range(_ROUNDS):
        found = np.linalg.qr(gram @ found)[0]
    values, turn = np.linalg.eigh(found.T @ gram @ found)
    order = np.argsort(-values, kind="stable")[:_DIRECTIONS]
    return np.asarray((found @ turn[:, order]) * np.sqrt(np.maximum(values[order], 0.0)))


def _merged(cosines: Floats, group: NDArray[np.int64], shares: Floats) -> NDArray[np.int64]:
    """Let groups of next to no share join the one that is nearest on average."""
    group = group.copy()
    while (k := int(group.max(initial=0)) + 1) > 1:
        sums = np.bincount(group, weights=shares, minlength=k)
        least = int(sums.argmin())
        if sums[least] >= LEAST_SHARE * sums.sum():
            break
        near = np.full(k, -np.inf)
        for other in range(k):
            if other != least:
                near[other] = cosines[np.ix_(group == least, group == other)].mean()
        group[group == least] = int(near.argmax())
        group = np.unique(group, return_inverse=True)[1].astype(np.int64)
    return group


def silhouette(distances: Floats, group: NDArray[np.int64]) -> float:
    """Mean silhouette (Rousseeuw 1987) of a grouping, in [−1, 1]; −1 for a single group.

    Parameters
    ----------
    distances : n × n
        Symmetric, 0 on the diagonal.
    group : n
        From 0, without gaps.
    """
    n, k = len(group), int(group.max(initial=0)) + 1
    if k < 2:
        return -1.0
    member = np.zeros((n, k))
    member[np.arange(n), group] = 1.0
    sizes = member.sum(axis=0)
    sums = distances @ member
    own = sums[np.arange(n), group] / np.maximum(sizes[group] - 1, 1)
    others = np.where(member > 0, np.inf, sums / sizes)
    nearest = others.min(axis=1)
    widest = np.maximum(own, nearest)
    found = np.divide(nearest - own, widest, out=np.zeros(n), where=widest > 0)
    return float(np.where(sizes[group] > 1, found, 0.0).mean())


def _squares(matrix: Matrix) -> Floats:
    if sparse.issparse(matrix):
        return np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64).ravel()
    return np.asarray(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))


def _rows(matrix: Matrix, chosen: NDArray[np.int64], factor: Floats) -> Matrix:
    if sparse.issparse(matrix):
        return sparse.csr_array(sparse.diags_array(factor[chosen]) @ matrix[chosen])
    return np.asarray(matrix[chosen] * factor[chosen, None])


def _product(left: Matrix, right: Matrix) -> Floats:
    found = left @ right.T
    return np.asarray(found.toarray() if sparse.issparse(found) else found, dtype=np.float64)


def _dense(parts: list[tuple[Matrix, float]]) -> list[tuple[Matrix, float]]:
    return [(m.toarray() if sparse.issparse(m) else m, s) for m, s in parts]
