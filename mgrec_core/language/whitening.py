"""Whitening: makes a language model's directions equally informative before vectors are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.chunks import slices
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.signs import turned

_ROWS = 65_536
_ENOUGH = 10  # vectors a direction


@dataclass(frozen=True)
class Whitening:
    """PCA whitening followed by scaling each row to length 1.

    Raw sentence vectors share a few strong directions that drown what tells items apart; on
    MovieLens whitening raises the accuracy of pooled MiniLM vectors about fourfold.

    Attributes
    ----------
    mean
        Mean of the fitted vectors, shape (d,).
    projection
        Centred vector → whitened vector, shape (d, m); columns by falling variance.
    """

    mean: NDArray[np.float32]
    projection: NDArray[np.float32]

    @property
    def dimensions(self) -> int:
        """Length m of the vectors :meth:`transform` returns."""
        return int(self.projection.shape[1])

    @classmethod
    def fit(
        cls, vectors: NDArray[np.floating], *, dimensions: int | None = None, shrinkage: float = 1e-2
    ) -> Whitening:
        """Learn mean and principal directions.

        Parameters
        ----------
        vectors
            Shape (n, d), n ≥ 1, finite.
        dimensions
            Directions to keep, from 1 to d; None keeps all d.
        shrinkage
            Share of the mean variance added to each direction's variance, ≥ 0: it keeps directions
            without variance (constant vectors) from being blown up. Where n < 10·d it is multiplied by
            (10·d/n)²: so few vectors do not tell the directions' variances from chance, and n ≤ d vectors
            whitened in full are all equally far from each other, whatever they say.

        Raises
        ------
        InputError
            The vectors are empty, not a matrix or not finite, or an option is out of range.
        """
        if vectors.ndim != 2 or 0 in vectors.shape:
            raise InputError(f"Whitening needs a matrix with at least one row, not shape {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise InputError("Whitening needs finite vectors: some contain NaN or infinity")
        n, d = vectors.shape
        if dimensions is not None and not 1 <= dimensions <= d:
            raise InputError(f"Whitening to {dimensions} dimensions is impossible: give 1 to {d}")
        if not (np.isfinite(shrinkage) and shrinkage >= 0):
            raise InputError(f"Whitening shrinkage {shrinkage} must be 0 or more")

        mean = vectors.mean(axis=0, dtype=np.float64)
        covariance = np.zeros((d, d))
        for rows in slices(n, 1, _ROWS):  # a float64 copy of all rows would not fit at a million items
            block = vectors[rows].astype(np.float64) - mean
            covariance += block.T @ block
        covariance /= n
        variances, directions = np.linalg.eigh(covariance)
        variances, directions = np.maximum(variances[::-1], 0.0), directions[:, ::-1]
        kept = d if dimensions is None else dimensions
        variances, directions = variances[:kept], directions[:, :kept]

        directions = turned(directions)

        average = float(np.trace(covariance)) / d
        size = float(np.square(vectors, dtype=np.float64).mean())
        if average <= 1e-12 * max(size, 1e-300):
            scales = np.ones(kept)  # nothing varies: only centre
        else:
            scales = 1.0 / np.sqrt(
                variances + max(shrinkage * max(1.0, (_ENOUGH * d / n) ** 2), 1e-9) * average
            )
            scales *= np.sqrt(average)  # free of the vectors' unit, safe in float32
        return cls(mean.astype(np.float32), (directions * scales).astype(np.float32))

    def transform(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Whiten vectors and scale each row to length 1.

        Parameters
        ----------
        vectors
            Shape (n, d).

        Returns
        -------
        array of shape (n, m)
            Rows of length 1; a vector equal to the mean becomes a row of zeros.

        Raises
        ------
        InputError
            The vectors have another length than the fitted ones.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.mean.shape[0]:
            raise InputError(f"Whitening was fitted to (n, {self.mean.shape[0]}), not {vectors.shape}")
        centred = vectors.astype(np.float32) - self.mean
        # what rounding the mean to float32 leaves is no direction
        noise = 1e-6 * (np.abs(self.mean).max(initial=0.0) + np.abs(vectors).max(axis=1, initial=0.0))
        centred[np.abs(centred).max(axis=1, initial=0.0) <= noise] = 0.0
        white = centred @ self.projection
        # first to a largest entry of 1: the squares of very small entries vanish in float32
        largest = np.abs(white).max(axis=1, keepdims=True)
        np.divide(white, largest, out=white, where=largest > 0)
        length = np.linalg.norm(white, axis=1, keepdims=True)
        np.divide(white, length, out=white, where=length > 0)
        return white.astype(np.float32, copy=False)
