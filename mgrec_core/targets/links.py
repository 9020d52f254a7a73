"""Link predictors over the friends' graph: each is a sum over common friends, so each splits exactly.

===================== ==================================== ===============================
common_friends        Σ_w 1                                Newman 2001
adamic_adar           Σ_w 1 / ln(1 + deg w)                Adamic & Adar 2003 (ln deg there;
                                                           1 + deg keeps degree 1 finite)
resource_allocation   Σ_w 1 / deg w                        Zhou, Lü & Zhang 2009
===================== ==================================== ===============================

w runs over the common friends of u and v, each multiplied by both tie strengths (which are 1
where the ties have no weight).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_WORTH: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "common_friends": np.ones_like,
    "adamic_adar": lambda degree: np.asarray(1.0 / np.log1p(np.maximum(degree, 1.0))),
    "resource_allocation": lambda degree: np.asarray(1.0 / np.maximum(degree, 1.0)),
}

LINKS = tuple(_WORTH)
"""Names of the predictors."""


class Links:
    """Scores of all users for some users over one friends' graph.

    Parameters
    ----------
    friends : |U| × |U|
        Tie strength in (0, 1], symmetric.
    """

    def __init__(self, friends: sparse.csr_array) -> None:
        self.friends = friends
        self.degree = np.diff(friends.indptr).astype(np.float64)
        self._worth = {name: worth(self.degree) for name, worth in _WORTH.items()}

    def rows(self, name: str, users: NDArray[np.int64]) -> NDArray[np.float64]:
        """Scores of one predictor, shape (len(users), |U|)."""
        weighted = self.friends[users] @ sparse.diags_array(self._worth[name])
        return np.asarray((weighted @ self.friends).toarray(), dtype=np.float64)

    def pieces(self, name: str, user: int, other: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Common friends and what each adds; the values sum to the score."""
        mine, theirs = self.friends[[user]].toarray()[0], self.friends[[other]].toarray()[0]
        common = np.flatnonzero((mine > 0) & (theirs > 0))
        return common, mine[common] * theirs[common] * self._worth[name][common]
