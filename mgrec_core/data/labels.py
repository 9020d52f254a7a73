"""Readable names of items, no two of them equal: the one place where items of one title are told apart.

A title that no other item has stays as it is. Where several items share one, each gets what sets it apart
behind it: its year where it has one, else the value of an attribute that no other of them has, else its id::

    King Kong (1933), King Kong (1976), King Kong (a1b2)
"""

from __future__ import annotations

import re

import duckdb
import pandas as pd

LONGEST = 40
"""Characters of an attribute's value that can stand behind a title."""

_YEAR_COLUMNS = r"(?i)(?:^|[^a-z])(?:year|date|released?|published|publication|issued)(?:$|[^a-z])"
_YEAR = r"(?<!\d)(1[0-9]{3}|20[0-9]{2}|21[0-9]{2})(?!\d)"


def item_labels(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Read a label for each item: its title, else its id, with what tells it apart where several are equal.

    Parameters
    ----------
    connection
        A workspace's database; only views are read.

    Returns
    -------
    dict
        Item id → label, in the order of the ids; no label twice.
    """
    items = connection.execute("SELECT item_id, label AS title FROM v_items ORDER BY item_id").df()
    items = items.astype({"item_id": object, "title": object})
    shared = items[items["title"].duplicated(keep=False)]
    if shared.empty:
        return dict(zip(items["item_id"], items["title"], strict=True))
    values = connection.execute(
        f"""SELECT item_id, attribute, role, string_agg(DISTINCT value, ', ' ORDER BY value) AS value
            FROM v_item_attributes
            JOIN v_columns c ON c.owner = 'item' AND c.name = attribute
            WHERE role IN ('attribute', 'list', 'number', 'date')
              AND item_id IN (
                  SELECT item_id FROM v_items WHERE label IN
                  (SELECT label FROM v_items GROUP BY label HAVING count(*) > 1))
            GROUP BY ALL HAVING length(value) <= {LONGEST}"""
    ).df()
    return told_apart(dict(zip(items["item_id"], items["title"], strict=True)), values)


def told_apart(titles: dict[str, str], values: pd.DataFrame) -> dict[str, str]:
    """Tell items of one title apart.

    Parameters
    ----------
    titles
        Item id → title.
    values
        Columns item_id, attribute, role (``number`` is named with its value) and value, one row an item
        and attribute; at least those of items that share a title.

    Returns
    -------
    dict
        Item id → label, in the same order; no label twice, and titles that nobody shares as they are.

    Examples
    --------
    >>> years = pd.DataFrame(
    ...     [("a", "year", "number", "1933"), ("b", "year", "number", "1976")],
    ...     columns=["item_id", "attribute", "role", "value"],
    ... )
    >>> told_apart({"a": "King Kong", "b": "King Kong", "c": "King Kong", "d": "Up"}, years)
    {'a': 'King Kong (1933)', 'b': 'King Kong (1976)', 'c': 'King Kong (c)', 'd': 'Up'}
    """
    items = pd.DataFrame({"item_id": pd.Series(titles, dtype=object).index, "title": list(titles.values())})
    items = items.astype({"item_id": object, "title": object})
    shared = items[items["title"].duplicated(keep=False)].set_index("item_id")
    if shared.empty:
        return dict(titles)
    values = values[values["item_id"].isin(shared.index)].astype(object)
    year = _years(values).reindex(shared.index)
    # A year says something only where the items do not all have the same.
    shared["year"] = year.where(year.groupby(shared["title"]).transform("nunique", dropna=False) > 1)
    shared["more"] = None
    same = shared.duplicated(["title", "year"], keep=False) | shared["year"].isna()
    if same.any():
        shared.loc[same, "more"] = _attributes(shared[same], values)
    behind = [
        ", ".join(part for part in parts if isinstance(part, str))
        for parts in zip(shared["year"], shared["more"], strict=True)
    ]
    told = {
        item: f"{title} ({said})"
        for item, title, said in zip(shared.index, shared["title"], behind, strict=True)
    }
    return _unique(titles, told)


def _years(values: pd.DataFrame) -> pd.Series:
    """Return item id → its one year, for those whose columns of years or dates name one."""
    dated = values[values["attribute"].astype(str).str.contains(_YEAR_COLUMNS, regex=True)]
    found = [re.findall(_YEAR, str(value)) for value in dated["value"]]
    one_year = pd.Series([one[0] if len(one) == 1 else None for one in found], dtype=object)
    years = dated.assign(year=one_year.to_numpy()).dropna(subset="year")
    years = years.sort_values(["item_id", "attribute"])
    return years.drop_duplicates("item_id").set_index("item_id")["year"]


def _attributes(items: pd.DataFrame, values: pd.DataFrame) -> pd.Series:
    """Return item id → the value that sets it apart from the others of its title and year, else its id.

    Of the attributes the one that does so for most of them is taken, the first by name among equals.
    """
    group = items.groupby(["title", "year"], dropna=False, sort=False).ngroup()
    rows = values.assign(group=values["item_id"].map(group)).dropna(subset="group")
    rows = rows[~rows.duplicated(["group", "attribute", "value"], keep=False)]
    lone = group.value_counts().loc[lambda sizes: sizes == 1].index
    rows = rows[~rows["group"].isin(lone)]  # alone without a year: nothing to compare it by
    most = rows.groupby(["group", "attribute"]).size().rename("n").reset_index()
    best = most.sort_values(["n", "attribute"], ascending=[False, True]).drop_duplicates("group")
    rows = rows.merge(best[["group", "attribute"]])
    said = rows["value"].where(rows["role"] != "number", rows["attribute"] + " " + rows["value"])
    found = pd.Series(said.to_numpy(), index=rows["item_id"], dtype=object)
    ids = pd.Series(items.index, index=items.index, dtype=object)
    return found.reindex(items.index).where(lambda one: one.notna(), ids)


def _unique(titles: dict[str, str], told: dict[str, str]) -> dict[str, str]:
    """Return all labels, the told ones with their id, then with numbers, where they still equal another."""
    labels = {**titles, **told}
    turn = 0
    while True:
        series = pd.Series(labels, dtype=object)
        equal = series[series.duplicated(keep=False)]
        again = [item for item in equal.index if item in told]
        if not again:
            return labels
        for n, item in enumerate(again, start=1):
            labels[item] = f"{labels[item]} ({item})" if turn == 0 else f"{labels[item]} #{n}"
        turn += 1
