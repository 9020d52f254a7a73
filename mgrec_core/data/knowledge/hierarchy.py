"""Wider values: found from the data, or written as paths.

Two ways, both with the source ``hierarchy``:

*Functional dependency.* A value of one attribute whose items (nearly) all have the same value of another is
part of that: every "espresso" is "coffee". The attribute has more values than the wider one, and the
dependency must hold for most of it: :data:`LEAST_SHARE` of the items, where chance would give the share of
the commonest wide value. Of A → B → C the step A → C is left out.

*Paths.* Values such as "Kitchen > Coffee > Grinders" or "Kitchen/Coffee": where half of an attribute's values
have the separator and share their beginnings, every item is also in the wider parts.
"""

from __future__ import annotations

import re

import duckdb
import pandas as pd

SEPARATORS = (" > ", ">", " » ", "::", " / ", "/", "\\")
LEAST_SHARE = 0.95
#: Values of an attribute beyond which comparing it with others says nothing about kinds of things.
MOST_VALUES = 5_000
#: A level must be at least so many times as fine as the wider one.
FINER = 1.5
#: A value needs so many items before what they share can be more than chance.
LEAST_ITEMS = 2

_VALUES = """
SELECT DISTINCT item_id, attribute, trim(value) AS value,
    trim(regexp_replace(lower(attribute), '[^\\pL\\pN]+', '_', 'g'), '_') AS name,
    lower(nfc_normalize(trim(value))) AS key
FROM item_attributes WHERE trim(value) <> '' AND length(value) <= 200
ORDER BY ALL
"""


def derive(connection: duckdb.DuckDBPyConnection, target: str) -> None:
    """Add the steps from values to wider values, and items' places on paths, to a table like ``kg``."""
    values = connection.execute(_VALUES).df()
    values = values[values["name"] != ""]
    rows = [*dependencies(values), *paths(values)]
    if not rows:
        return
    frame = pd.DataFrame(rows, columns=["head", "relation", "tail", "label", "confidence"]).drop_duplicates(
        ["head", "relation", "tail"]
    )
    connection.register("found_hierarchy", frame)
    try:
        connection.execute(
            f"INSERT INTO {target} SELECT head, relation, tail, label, 'hierarchy', confidence"
            " FROM found_hierarchy ORDER BY head, relation, tail"
        )
    finally:
        connection.unregister("found_hierarchy")


def dependencies(values: pd.DataFrame) -> list[tuple[str, str, str, str, float]]:
    """Find which values of an attribute belong to one value of a wider attribute.

    Parameters
    ----------
    values
        Columns item_id, name, key, value; one row a value of an item.

    Returns
    -------
    list of (head, relation, tail, label, confidence)
        Entities are called as the rule ``attribute`` calls them.
    """
    counts = values.groupby("name").agg(
        keys=("key", "nunique"), items=("item_id", "nunique"), n=("key", "size")
    )
    # One value an item (a dependency of lists is seldom one of things), and not one value each.
    usable = counts[
        (counts["n"] <= 1.05 * counts["items"])
        & (counts["keys"].between(2, MOST_VALUES))
        & (counts["keys"] <= counts["items"] / LEAST_ITEMS)
    ]
    steps: dict[tuple[str, str], pd.DataFrame] = {}
    for fine in usable.index:
        for wide in usable.index:
            if usable.loc[fine, "keys"] >= FINER * usable.loc[wide, "keys"]:
                found = _step(values[values["name"] == fine], values[values["name"] == wide])
                if found is not None:
                    steps[(fine, wide)] = found
    nearest = [
        (fine, wide)
        for fine, wide in steps
        if not any((fine, between) in steps and (between, wide) in steps for between in usable.index)
    ]
    labels = values.groupby(["name", "key"])["value"].min()
    return [
        (f"{fine}:{key}", "part_of", f"{wide}:{wider}", str(labels[(wide, wider)]), float(share))
        for fine, wide in nearest
        for key, wider, share in steps[(fine, wide)].to_numpy().tolist()
    ]


def _step(fine: pd.DataFrame, wide: pd.DataFrame) -> pd.DataFrame | None:
    """The commonest wide value of each fine value, if that is a rule of the data."""
    both = fine[["item_id", "key"]].merge(wide[["item_id", "key"]], on="item_id", suffixes=("_fine", "_wide"))
    if len(both) < 0.5 * len(fine):
        return None
    pairs = both.groupby(["key_fine", "key_wide"]).size().rename("n").reset_index()
    pairs = pairs.sort_values(["key_fine", "n", "key_wide"], ascending=[True, False, True])
    total = pairs.groupby("key_fine")["n"].transform("sum")
    best = pairs.assign(total=total).drop_duplicates("key_fine")
    known = best[best["total"] >= LEAST_ITEMS]
    if known.empty:
        return None
    share = known["n"].sum() / known["total"].sum()
    chance = pairs.groupby("key_wide")["n"].sum().max() / pairs["n"].sum()
    # Where one wide value has nearly everything, agreeing with it is chance.
    if share < LEAST_SHARE or chance > 0.9 or known["key_wide"].nunique() < 2:
        return None
    kept = known[known["n"] >= LEAST_SHARE * known["total"]]
    # Few items that agree are less sure than many: one disagreeing item is assumed (rule of succession).
    shares = (kept["n"] + 1) / (kept["total"] + 2)
    return pd.DataFrame({"fine": kept["key_fine"], "wide": kept["key_wide"], "share": shares})


def paths(values: pd.DataFrame) -> list[tuple[str, str, str, str, float]]:
    """Find values that are paths; return items' places and the steps between the parts."""
    rows: list[tuple[str, str, str, str, float]] = []
    for name, group in values.groupby("name"):
        distinct = sorted(set(group["value"]))
        separator = _separator(distinct)
        if separator is None:
            continue
        for item, value in zip(group["item_id"], group["value"], strict=True):
            parts = _parts(value, separator)
            for depth in range(1, len(parts) + 1):
                rows.append((item, f"in_{name}", _entity(str(name), parts[:depth]), parts[depth - 1], 1.0))
        for value in distinct:
            parts = _parts(value, separator)
            for depth in range(2, len(parts) + 1):
                head, tail = _entity(str(name), parts[:depth]), _entity(str(name), parts[: depth - 1])
                rows.append((head, "part_of", tail, parts[depth - 2], 1.0))
    return rows


def _separator(distinct: list[str]) -> str | None:
    """The separator that makes paths of these values; ``None`` where they are none.

    A path's beginnings come again ("AC/DC" and "TCP/IP" share none), and numbers and dates are none.
    """
    for separator in SEPARATORS:
        split = [_parts(v, separator) for v in distinct if separator in v]
        split = [parts for parts in split if len(parts) > 1]
        if len(split) < 2 or len(split) < 0.5 * len(distinct):
            continue
        if any(re.fullmatch(r"[\d.:,\s-]+", parts[0]) for parts in split):
            continue
        roots = [parts[0].casefold() for parts in split]
        if len(set(roots)) <= 0.5 * len(roots):
            return separator
    return None


def _parts(value: str, separator: str) -> list[str]:
    return [part.strip() for part in value.split(separator.strip() or separator) if part.strip()]


def _entity(name: str, parts: list[str]) -> str:
    return f"{name}:{' > '.join(parts).casefold()}"
