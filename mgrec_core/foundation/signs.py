"""The sign of directions that a decomposition leaves open."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def turned(directions: NDArray[Any]) -> NDArray[Any]:
    """Columns turned so that the largest entry of each is positive: the same data give the same signs.

    Examples
    --------
    >>> turned(np.array([[1.0, 2.0], [-3.0, 0.5]]))
    array([[-1. ,  2. ],
           [ 3. ,  0.5]])
    """
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])]
    sign = np.sign(largest)
    return np.asarray(directions * np.where(sign == 0, 1.0, sign))
