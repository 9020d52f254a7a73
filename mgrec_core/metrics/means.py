"""Means over ranked lists whose places may be empty."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mean_of_lists(values: NDArray[np.float64], top: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean of the items' values over each list, shape (U,); 0 for an empty list."""
    there = top >= 0
    return divide((values[np.maximum(top, 0)] * there).sum(axis=1), there.sum(axis=1))


def divide(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """Quotients, 0 where the divisor is."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.asarray(np.divide(part, whole, out=np.zeros(shape), where=whole > 0), dtype=np.float64)
