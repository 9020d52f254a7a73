"""What is known of items and histories when lists are made: arrays of the training part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # scipy takes long to import, and much imports this package
    from scipy import sparse


@dataclass(frozen=True)
class Catalogue:
    """The training part, as metrics of lists need it.

    Attributes
    ----------
    users_of_item : |I|
    n_users
        Users with events.
    history : U × |I|
        Strengths of the evaluated users.
    vectors : |I| × d or None
        The shared space.
    categories : |I| × C or None
        Rows sum to 1 (0 for an item without a category).
    category
        The attribute they come from.
    """

    users_of_item: NDArray[np.float64]
    n_users: int
    history: sparse.csr_array
    vectors: NDArray[np.float32] | None
    categories: sparse.csr_array | None
    category: str | None
