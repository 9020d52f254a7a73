"""How much two models say the same of some texts, without any label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def agreement(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    r"""Linear centred kernel alignment of two models' vectors of the same texts.

    .. math:: \lVert X^\top Y\rVert_F^2 / (\lVert X^\top X\rVert_F \lVert Y^\top Y\rVert_F)

    with centred columns; Kornblith et al. (2019), arXiv:1905.00414. A rotation or a scale of either side
    changes nothing, so that models of different dimensions compare.

    Parameters
    ----------
    one, other
        Shapes (n, d) and (n, e), rows of the same texts.

    Returns
    -------
    float
        In [0, 1]; 0 where one of them tells no two texts apart.

    Examples
    --------
    >>> import numpy as np
    >>> vectors = np.eye(3, dtype=np.float32)
    >>> round(agreement(vectors, 2 * vectors[:, ::-1]), 6)
    1.0
    """
    x, y = (np.asarray(side, np.float64) - np.mean(side, axis=0, dtype=np.float64) for side in (one, other))
    size = np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)
    return float(np.linalg.norm(x.T @ y) ** 2 / size) if size > 0 else 0.0
