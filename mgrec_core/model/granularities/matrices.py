"""The matrices of the model: dense or sparse, in single precision, and their rows at unit length."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Matrix = NDArray[np.float32] | sparse.csr_array
Vectors = NDArray[np.float32]


@overload
def normalise_rows(matrix: Vectors) -> Vectors: ...
@overload
def normalise_rows(matrix: sparse.csr_array) -> sparse.csr_array: ...
def normalise_rows(matrix: Matrix) -> Matrix:
    """Rows of unit length; rows of zeros stay zeros."""
    if sparse.issparse(matrix):
        length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        factor = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
        scaled_rows: sparse.csr_array = sparse.csr_array(sparse.diags_array(factor) @ matrix)
        scaled_rows.data = scaled_rows.data.astype(np.float32)
        return scaled_rows
    vectors = np.asarray(matrix, dtype=np.float32)
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = np.divide(vectors, norm, out=np.zeros_like(vectors), where=norm > 0)
    return unit
