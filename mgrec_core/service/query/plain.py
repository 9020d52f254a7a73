"""Answers in types that everything reads: what is no number, truth, ordinary moment or text becomes text.

Tables, charts, JSON, CSV and Parquet share a few types. DuckDB has many more, and some values of the
shared ones (infinite dates, years before Christ, numbers of forty digits) fit none of the readers. The
database itself writes these as text, so that a cell reads as it would in DuckDB, and the schema says what
the column was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

WAS = b"was"
"""Key of a field's metadata: DuckDB's name of the type that became text."""

_INTEGERS = frozenset(
    {"tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint"}
)
_MOMENTS = frozenset(
    {"date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"}
)
_KEPT = _INTEGERS | _MOMENTS | {"boolean", "float", "double", "varchar"}
_HUGE = frozenset({"hugeint", "uhugeint", "bignum"})
_DIGITS = 15  # decimal digits that a double holds, whatever they are
_DAY = 86_400
# 2 January 1 to 30 December 9999, in days since 1970: a day of room for any time zone.
_FIRST, _LAST = -719_161, 2_932_895
_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_INFINITE = 2**63 - 1
_EXACT = 2**53  # beyond it a browser's numbers skip some


def plain(relation: duckdb.DuckDBPyRelation) -> tuple[duckdb.DuckDBPyRelation, list[str]]:
    """Project an answer to the types that are kept, and text for all others.

    Returns
    -------
    tuple
        The projection, its columns named by place, and DuckDB's names of the columns' types.
    """
    said, kinds = [], []
    for n, kind in enumerate(relation.types, start=1):
        kinds.append(str(kind))
        if kind.id in _KEPT and kinds[-1] != "JSON":
            said.append(f"#{n} AS c{n}")
        elif kind.id == "decimal" and int(kinds[-1][8:].partition(",")[0]) <= _DIGITS:
            said.append(f"#{n}::DOUBLE AS c{n}")
        else:
            said.append(f"#{n}::VARCHAR AS c{n}")
    return relation.project(", ".join(said)), kinds


def settled(
    connection: duckdb.DuckDBPyConnection, table: pa.Table, kinds: list[str], names: list[str]
) -> pa.Table:
    """Decide what depends on the values: numbers back from text where they fit, odd moments to text.

    Parameters
    ----------
    kinds
        As of :func:`plain`.
    names
        Of the columns as asked for; later equal ones get a number, empty ones their place.
    """
    columns, fields = [], []
    for column, kind, name in zip(table.columns, kinds, distinct(names), strict=True):
        found = _column(connection, column, kind.lower())
        turned = pa.types.is_string(found.type) and kind not in ("VARCHAR", '"NULL"')
        columns.append(found)
        fields.append(pa.field(name, found.type, metadata={WAS: kind.encode()} if turned else None))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def was(field: pa.Field) -> str:
    """DuckDB's type of a column that became text; empty for any other."""
    return str((field.metadata or {}).get(WAS, b""), "utf-8")


def distinct(names: list[str]) -> list[str]:
    """Column names as asked for, later equal ones with a number, empty ones with their place.

    Examples
    --------
    >>> distinct(["n", "n", ""])
    ['n', 'n_2', 'column_3']
    """
    found: list[str] = []
    taken: set[str] = set()
    for place, name in enumerate(names, start=1):
        name = name if name.strip() else f"column_{place}"
        new, n = name, 2
        while new in taken:
            new, n = f"{name}_{n}", n + 1
        taken.add(new)
        found.append(new)
    return found


def frame_of(table: pa.Table) -> pd.DataFrame:
    """The answer as a data frame; whole numbers and truths stay what they are beside missing ones."""
    import pandas as pd

    nullable = {
        pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(), pa.bool_(): pd.BooleanDtype(),
    }  # fmt: skip
    # Attributes of the fields are no business of pandas: a name in them could be taken for an index.
    found: pd.DataFrame = table.to_pandas(types_mapper=nullable.get, ignore_metadata=True)
    return found


def for_browser(frame: pd.DataFrame) -> pd.DataFrame:
    """The data frame with whole numbers as text where a browser would round them."""
    import pandas as pd

    wide = [
        name
        for name in frame.columns
        if pd.api.types.is_integer_dtype(frame[name]) and (frame[name].abs() > _EXACT).any()
    ]
    return frame.astype(dict.fromkeys(wide, "str")) if wide else frame


def _column(connection: duckdb.DuckDBPyConnection, column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    if kind in _HUGE or kind == "ubigint":
        return _or_text(column, pa.int64())
    if kind.startswith("decimal") and pa.types.is_string(column.type):
        digits = pc.utf8_length(pc.replace_substring_regex(column, r"^-?0*\.?0*|\.", ""))
        if not (pc.max(digits).as_py() or 0) > _DIGITS:
            return column.cast(pa.float64())
    if kind in _MOMENTS and not _ordinary(column):
        return _as_text(connection, column)
    if not pa.types.is_string(column.type) and kind == "varchar":
        return column.cast(pa.string())
    return column


def _or_text(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        return column.cast(kind)
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def _ordinary(column: pa.ChunkedArray) -> bool:
    """Whether every moment lies in the years that calendars of programs know, 1 to 9999."""
    date = pa.types.is_date32(column.type)
    numbers = column.cast(pa.int32()).cast(pa.int64()) if date else column.cast(pa.int64())
    scale = 1 if date else _DAY * _A_SECOND[column.type.unit]
    bounds = pc.min_max(numbers).as_py()
    least, most = bounds["min"], bounds["max"]
    return least is None or (
        _FIRST * scale <= least and most <= _LAST * scale and most < _INFINITE and least > -_INFINITE
    )


def _as_text(connection: duckdb.DuckDBPyConnection, column: pa.ChunkedArray) -> pa.ChunkedArray:
    relation = connection.from_arrow(pa.table({"c": column})).project("#1::VARCHAR AS c")
    return relation.to_arrow_reader(2048).read_all().column(0)
