"""A database that never saw the test pairs, so that nothing downstream can leak them."""

from __future__ import annotations

from importlib import resources

import duckdb
import pandas as pd

from mgrec_core.data.dataset import Dataset
from mgrec_core.data.knowledge.config import GraphConfig

#: Tables with a row for a user's dealings with an item.
_PER_PAIR = ("events", "tags", "feedback")


def training_connection(
    connection: duckdb.DuckDBPyConnection, test: pd.DataFrame
) -> duckdb.DuckDBPyConnection:
    """Copy the tables into memory without the test pairs' events, tags and feedback.

    The views run on the copy unchanged: strengths, popularity, recency, tags and friends'
    histories are those of the training part alone. The catalogue stays whole.

    Parameters
    ----------
    test
        Columns user_id, item_id.
    """
    training = duckdb.connect()
    held_out = test[["user_id", "item_id"]].astype("string")
    training.register("held_out", held_out)
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT starts_with(table_name, 'import_')"
    ).fetchall()
    for (name,) in tables:
        content = connection.sql(f'SELECT * FROM "{name}"').to_arrow_table()
        training.register("content", content)
        anti = " ANTI JOIN held_out USING (user_id, item_id)" if name in _PER_PAIR else ""
        training.execute(f'CREATE TABLE "{name}" AS SELECT * FROM content{anti}')
        training.unregister("content")
    training.unregister("held_out")
    training.execute(resources.files("mgrec_core.data").joinpath("views.sql").read_text(encoding="utf-8"))
    return training


def training_data(
    connection: duckdb.DuckDBPyConnection, test: pd.DataFrame, knowledge: GraphConfig | None = None
) -> Dataset:
    """Load the training part of an open workspace database."""
    training = training_connection(connection, test)
    try:
        return Dataset.load(training, knowledge)
    finally:
        training.close()
