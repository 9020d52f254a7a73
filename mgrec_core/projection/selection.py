"""Which points lie inside what somebody has drawn on a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def inside_lasso(points: NDArray[Any], x: Sequence[float], y: Sequence[float]) -> NDArray[np.bool_]:
    """Tell which points lie inside a closed polygon, by the even-odd rule.

    Parameters
    ----------
    points : n × 2
    x, y
        The polygon's corners; it closes itself. Fewer than three enclose nothing.

    Examples
    --------
    >>> inside_lasso(np.array([[0.5, 0.5], [2.0, 0.5]]), [0, 1, 1, 0], [0, 0, 1, 1]).tolist()
    [True, False]
    """
    inside = np.zeros(len(points), dtype=bool)
    corners = np.column_stack([np.asarray(x, np.float64), np.asarray(y, np.float64)])
    if len(corners) < 3:
        return inside
    px, py = np.asarray(points[:, 0], np.float64), np.asarray(points[:, 1], np.float64)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > py) != (y2 > py)
        inside ^= crosses & (px < (x2 - x1) * (py - y1) / (y2 - y1) + x1)
    return inside


def inside_box(points: NDArray[Any], x: Sequence[float], y: Sequence[float]) -> NDArray[np.bool_]:
    """Tell which points lie inside a rectangle given by two opposite corners."""
    px, py = np.asarray(points[:, 0], np.float64), np.asarray(points[:, 1], np.float64)
    return np.asarray((px >= min(x)) & (px <= max(x)) & (py >= min(y)) & (py <= max(y)))


def inside_drawn(points: NDArray[Any], drawn: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Tell which points lie inside any lasso or box of a selection as Streamlit reports it."""
    inside = np.zeros(len(points), dtype=bool)
    for name, test in (("lasso", inside_lasso), ("box", inside_box)):
        for shape in drawn.get(name) or []:
            inside |= test(points, shape.get("x") or [], shape.get("y") or []) if shape.get("x") else False
    return inside
