"""The files of a stored model, one by one: matrices and tables, checked as they are read.

A damaged file is an error that names it, never a crash: bounds are held before a matrix is made of its
parts, and what a header claims is held against the size of its file.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.arrays import DAMAGE, checked_csr, read_array
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import WorkspaceBrokenError
from mgrec_core.workspace.manifest import way_out

if TYPE_CHECKING:
    from mgrec_core.model.granularities.structure import Matrix


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn whatever reading a damaged file raises into a sentence that names the file.

    Raises
    ------
    WorkspaceBrokenError
        The file is missing or damaged.
    """
    try:
        yield
    except WorkspaceBrokenError:
        raise
    except FileNotFoundError:
        raise WorkspaceBrokenError(f"{path} is missing: {way_out(path.parent)}") from None
    except DAMAGE as error:
        why = type(error).__name__
        broken = WorkspaceBrokenError(f"{path} is damaged ({why}): {way_out(path.parent)}")
        raise refusal(error, path, damaged=broken, other=broken) from None


def save_matrix(path: Path, matrix: Matrix) -> None:
    """Dense: one ``.npy``; sparse: data, indices, indptr and the shape. Bytes depend on content only."""
    if sparse.issparse(matrix):
        for part in ("data", "indices", "indptr"):
            np.save(path.with_name(f"{path.name}.{part}.npy"), getattr(matrix, part))
        shape = json.dumps([int(n) for n in matrix.shape])
        path.with_name(path.name + ".shape.json").write_text(shape, encoding="utf-8")
    else:
        np.save(path.with_name(path.name + ".npy"), np.ascontiguousarray(matrix))


def is_stored(path: Path) -> bool:
    """Whether there is a matrix of this name."""
    return any(path.with_name(path.name + end).is_file() for end in (".npy", ".data.npy"))


def load_matrix(path: Path) -> Matrix:
    """Map a dense matrix, or read a sparse one, if it is whole.

    Raises
    ------
    WorkspaceBrokenError
        A file of it is missing or damaged.
    """
    dense = path.with_name(path.name + ".npy")
    if dense.exists():
        with naming(dense):
            return _single(read_array(dense, ndim=2, mapped=True))
    parts = {}
    for part, kinds in (("data", "fiub"), ("indices", "i"), ("indptr", "i")):
        file = path.with_name(f"{path.name}.{part}.npy")
        with naming(file):
            parts[part] = read_array(file, kinds)
    file = path.with_name(path.name + ".shape.json")
    with naming(file):
        rows, columns = json.loads(file.read_text(encoding="utf-8"))
        if type(rows) is not int or type(columns) is not int or min(rows, columns) < 0:
            raise ValueError("no shape")
    with naming(path.with_name(f"{path.name}.indices.npy")):
        return checked_csr(parts["data"], parts["indices"], parts["indptr"], (rows, columns))


def load_table(path: Path, *texts: str, numbers: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read a table of texts, none of them missing.

    Parameters
    ----------
    texts
        Columns that must be there and hold text.
    numbers
        Columns that hold numbers where they are there.

    Raises
    ------
    WorkspaceBrokenError
        The file is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with naming(path):
        table = pq.read_table(path, use_threads=False)
        table.validate(full=True)
        for name in texts:
            column = table.column(name)
            if column.null_count or not (
                pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
            ):
                raise ValueError("no texts")
        for name in numbers:
            if name in table.column_names and not pa.types.is_floating(table.column(name).type):
                raise ValueError("no numbers")
        frame: pd.DataFrame = table.to_pandas()
        return frame


def _single(array: NDArray[Any]) -> NDArray[np.float32]:
    if array.dtype != np.float32:
        raise ValueError("not of single precision")
    return array
