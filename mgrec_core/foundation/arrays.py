"""Arrays of a file, checked before any compiled code sees them.

NumPy allocates what a header asks for, and SciPy indexes with whatever positions it is given: a flipped
bit in either ends the process. What comes from a disk is therefore held against its file's size and the
bounds of its matrix first.
"""

from __future__ import annotations

import math
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

#: What reading a damaged file raises, in NumPy, SciPy, PyArrow, pandas and the standard library.
DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    EOFError,
    SyntaxError,
    OverflowError,
    NotImplementedError,
    RecursionError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)

_CHUNK = 1 << 22


def read_array(path: Path, kinds: str = "f", ndim: int = 1, *, mapped: bool = False) -> NDArray[Any]:
    """Read one ``.npy`` file whose header is true: native numbers, rows first, as many as the file holds.

    Parameters
    ----------
    kinds
        NumPy's letters for the kinds of numbers that do.
    mapped
        Map the file into memory instead of reading it.

    Raises
    ------
    ValueError
        It is another array than that, or none.
    OSError
        It cannot be read.
    """
    with path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError("not an array of this version")
        header = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, by_column, dtype = header(file)
        start = file.tell()
        if dtype.kind not in kinds or not dtype.isnative or by_column or len(shape) != ndim or min(shape) < 0:
            raise ValueError("an array of another kind")
        count = math.prod(shape)
        if path.stat().st_size != start + count * dtype.itemsize:
            raise ValueError("its header and its size disagree")
        if mapped and count:
            return np.memmap(file, dtype=dtype, mode="r", offset=start, shape=shape)
        return np.fromfile(file, dtype=dtype, count=count).reshape(shape)


def checked_csr(
    data: NDArray[Any], indices: NDArray[Any], indptr: NDArray[Any], shape: tuple[int, int]
) -> sparse.csr_array:
    """Make a sparse matrix of its parts if they are one.

    Raises
    ------
    ValueError
        The rows do not go from 0 to the number of entries without a step back, an entry stands outside
        the matrix, or a value is not finite.
    """
    rows, columns = shape
    if len(indptr) != rows + 1 or len(indices) != len(data):
        raise ValueError("parts of different matrices")
    if indptr[0] != 0 or indptr[-1] != len(data) or not _rises(indptr):
        raise ValueError("its rows are out of order")
    if len(indices) and (int(indices.min()) < 0 or int(indices.max()) >= columns):
        raise ValueError("an entry stands outside the matrix")
    if not all_finite(data):
        raise ValueError("a value is not finite")
    return sparse.csr_array((data, indices, indptr), shape=shape)


def all_finite(array: NDArray[Any]) -> bool:
    """Whether no value is infinite or NaN; takes little memory however long the array is."""
    if array.dtype.kind != "f":
        return True
    flat = array.reshape(-1)  # a view: what is stored is contiguous
    return all(bool(np.isfinite(flat[n : n + _CHUNK]).all()) for n in range(0, len(flat), _CHUNK))


def _rises(array: NDArray[Any]) -> bool:
    return all(
        bool((array[n : n + _CHUNK][1:] >= array[n : n + _CHUNK][:-1]).all())
        for n in range(0, len(array), _CHUNK - 1)  # chunks share one element
    )
