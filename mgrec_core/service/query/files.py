"""Answers as files and as cohorts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import replacing
from mgrec_core.metrics.small_groups import MIN_GROUP
from mgrec_core.service.query.running import Answer
from mgrec_core.workspace.cohorts import Cohort, CohortStore, Of

if TYPE_CHECKING:
    import pyarrow as pa

    from mgrec_core.workspace.pseudonyms import Pseudonyms

_COHORT_COLUMNS: dict[str, Of] = {"user_id": "users", "item_id": "items"}


def as_csv(answer: Answer) -> str:
    """CSV whose text cells no spreadsheet takes for a formula."""
    from mgrec_core.export.cells import safe_csv

    return safe_csv(answer.to_frame())


def as_parquet(answer: Answer) -> bytes:
    """The columns as they came, without a copy as a data frame."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pa.BufferOutputStream() as out:
        pq.write_table(answer.table, out)
        return bytes(out.getvalue())


def write(answer: Answer, path: Path) -> None:
    """Write ``.csv`` or ``.parquet``, aside first.

    Raises
    ------
    InputError
        Another kind of file, or one that cannot be written.
    """
    check_file(path)
    _write(path, "--out", lambda: as_csv(answer), lambda: answer.table)


def export_cohort(
    cohort: Cohort, path: Path, *, hidden: Pseudonyms | None = None, least: int = MIN_GROUP
) -> None:
    """Write the ids of a cohort as ``.csv`` or ``.parquet``, aside first.

    Parameters
    ----------
    cohort
        With its members.
    hidden
        Gives pseudonyms for the ids of users, also within the ids of items.
    least
        Users that the cohort needs, at least 1.

    Raises
    ------
    InputError
        The cohort is too small, another kind of file, or one that cannot be written.
    """
    import pyarrow as pa

    check_file(path, "--export")
    _write(
        path,
        "--export",
        lambda: cohort_csv(cohort, hidden=hidden, least=least),
        lambda: pa.table(_members(cohort, hidden, least)),
    )


def cohort_csv(cohort: Cohort, *, hidden: Pseudonyms | None = None, least: int = MIN_GROUP) -> str:
    """CSV of the ids of a cohort; parameters and errors as :func:`export_cohort`."""
    import pandas as pd

    from mgrec_core.export.cells import safe_csv

    return safe_csv(pd.DataFrame(_members(cohort, hidden, least)))


def _members(cohort: Cohort, hidden: Pseudonyms | None, least: int) -> dict[str, list[str]]:
    if least < 1:
        raise InputError(f"the smallest group is {least}: it is at least 1")
    if cohort.of == "users" and cohort.size < least:
        name = hidden.text(cohort.name) if hidden else cohort.name
        raise InputError(
            f"cohort {name!r} is not for export: it has fewer than {least} users, who could be told"
        )
    ids = list(cohort.ids)
    if hidden is not None:
        ids = sorted(hidden.pseudonyms(ids) if cohort.of == "users" else map(hidden.text, ids))
    return {"user_id" if cohort.of == "users" else "item_id": ids}


def _write(path: Path, option: str, csv: Callable[[], str], table: Callable[[], pa.Table]) -> None:
    try:
        with replacing(path) as staged:
            if path.suffix.lower() == ".csv":
                staged.write_text(csv(), encoding="utf-8")
            else:
                import pyarrow.parquet as pq

                pq.write_table(table(), staged)
    except OSError as error:
        raise refusal(error, f"{option} {path}", "written", choose="choose another path") from None


def check_file(path: Path, option: str = "--out") -> None:
    """Refuse what is no name of a CSV or Parquet file."""
    if path.suffix.lower() not in (".csv", ".parquet") or path.is_dir():
        raise InputError(f"{option} {str(path)!r} is no .csv or .parquet file: name one")


def cohort_column(columns: list[str]) -> str | None:
    """The column that a cohort can be made of: ``user_id``, else ``item_id``."""
    return next((name for name in _COHORT_COLUMNS if name in columns), None)


def save_cohort(answer: Answer, name: str, state: Path, *, replace: bool = False) -> Cohort:
    """Keep the users, or else the items, of an answer as a cohort.

    Raises
    ------
    InputError
        There is neither column, rows were left out, or the name does not do.
    """
    column = cohort_column(answer.table.column_names)
    if column is None:
        raise InputError("a cohort needs a column user_id or item_id: name one in the SELECT")
    if answer.truncated:
        raise InputError("rows were left out at the row limit: a cohort needs them all; raise the limit")
    ids = [str(value) for value in answer.table.column(column).to_pylist() if value is not None]
    return CohortStore(state).save(
        name, _COHORT_COLUMNS[column], ids, "sql", {"sql": answer.sql}, replace=replace
    )
