"""The training part as metrics of lists need it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.data.dataset import Dataset
from mgrec_core.metrics import Catalogue
from mgrec_core.model.granularities.structure import Matrix, dense

#: Attributes that are taken for the category, the first that the data have.
_CATEGORIES = ("category", "genre", "genres", "categories", "department", "type", "tag")


def catalogue_of(data: Dataset, shared: Matrix | None, rows: NDArray[np.int64]) -> Catalogue:
    """Look at the training data from the evaluated users ``rows``."""
    category, columns = _category(data.value_names)
    categories = None
    if category is not None:
        values = sparse.csr_array(data.item_values[:, columns])
        total = np.asarray(values.sum(axis=1)).ravel()
        share = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
        categories = sparse.csr_array(sparse.diags_array(share) @ values)
    return Catalogue(
        users_of_item=data.popularity,
        n_users=int((np.diff(data.strength.indptr) > 0).sum()),
        history=sparse.csr_array(data.strength[rows]),
        vectors=None if shared is None else dense(shared),
        categories=categories,
        category=category,
    )


def _category(names: list[str]) -> tuple[str | None, list[int]]:
    """The attribute that says what kind of thing an item is, and its columns."""
    columns: dict[str, list[int]] = {}
    for n, name in enumerate(names):
        columns.setdefault(name.split(": ", 1)[0].lower(), []).append(n)
    for wanted in _CATEGORIES:
        if wanted in columns:
            return wanted, columns[wanted]
    return None, []
