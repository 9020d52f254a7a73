"""Answers as files and as cohorts."""

from __future__ import annotations

import contextlib
from pathlib import Path

from mgrec_core.cohorts import Cohort, CohortStore, Of
from mgrec_core.errors import InputError
from mgrec_core.query.running import Answer

_COHORT_COLUMNS: dict[str, Of] = {"user_id": "users", "item_id": "items"}


def as_csv(answer: Answer) -> str:
    """CSV whose text cells no spreadsheet takes for a formula."""
    from mgrec_core.explain.export import safe_csv

    return safe_csv(answer.to_frame())


def write(answer: Answer, path: Path) -> None:
    """Write ``.csv`` or ``.parquet``, aside first.

    Raises
    ------
    InputError
        Another kind of file, or one that cannot be written.
    """
    check_file(path)
    aside = path.with_name(path.name + ".part")
    try:
        if path.suffix.lower() == ".csv":
            aside.write_text(as_csv(answer), encoding="utf-8")
        else:
            import pyarrow.parquet as pq

            pq.write_table(answer.table, aside)
        aside.replace(path)
    except OSError as error:
        raise InputError(f"--out {path} cannot be written ({error.strerror}): choose another path") from None
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def check_file(path: Path) -> None:
    """Refuse what is no name of a CSV or Parquet file."""
    if path.suffix.lower() not in (".csv", ".parquet") or path.is_dir():
        raise InputError(f"--out {str(path)!r} is no .csv or .parquet file: name one")


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
