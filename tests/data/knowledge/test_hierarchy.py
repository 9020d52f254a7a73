"""Planted hierarchies are found, and what only looks like one is not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import resources

import duckdb
import pytest

from mgrec_core.data.knowledge.rules import derive


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute(resources.files("mgrec_core.data").joinpath("schema.sql").read_text(encoding="utf-8"))
    yield connection
    connection.close()


def fill(connection: duckdb.DuckDBPyConnection, items: dict[str, dict[str, list[str]]]) -> None:
    rows = [(i, a, v) for i, attributes in items.items() for a, vs in attributes.items() for v in vs]
    connection.executemany("INSERT INTO items VALUES (?, NULL, NULL)", [(i,) for i in items])
    connection.executemany("INSERT INTO item_attributes VALUES (?, ?, ?)", rows)


def found(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], float]:
    derive(connection)
    rows = connection.execute(
        "SELECT head_id, tail_id, confidence FROM kg_offered WHERE source = 'hierarchy'"
    )
    return {(head, tail): confidence for head, tail, confidence in rows.fetchall()}


def test_planted_levels_are_found_and_nothing_else(connection: duckdb.DuckDBPyConnection) -> None:
    """Three levels with 2 % of the items filed wrongly, beside columns that depend on nothing."""
    r = random.Random(1)
    items: dict[str, dict[str, list[str]]] = {}
    for n in range(600):
        kind = n % 24
        category = kind // 3 if r.random() > 0.02 else r.randrange(8)
        items[f"i{n}"] = {
            "type": [f"type {kind}"],
            "category": [f"category {category}"],
            "department": [f"department {category // 4}"],
            "colour": [f"colour {r.randrange(6)}"],
            "brand": [f"brand {r.randrange(30)}"],
            "sku": [f"sku {n}"],
        }
    fill(connection, items)
    steps = found(connection)
    right = {(f"type:type {k}", f"category:category {k // 3}") for k in range(24)}
    right |= {(f"category:category {c}", f"department:department {c // 4}") for c in range(8)}
    hits = set(steps) & right
    assert len(hits) / len(steps) == 1.0, "precision"
    assert len(hits) / len(right) >= 0.8, "recall: a step with more than 5 % of errors is left out"
    assert all(0.85 < confidence < 1 for confidence in steps.values())


@pytest.mark.parametrize("separator", [" > ", "/", " » ", ">"])
def test_paths_become_steps(connection: duckdb.DuckDBPyConnection, separator: str) -> None:
    paths = [("Kitchen", "Coffee", "Grinders"), ("Kitchen", "Coffee", "Filters"), ("Kitchen", "Tea")]
    fill(connection, {f"i{n}": {"Place": [separator.join(paths[n % 3])]} for n in range(12)})
    steps = found(connection)
    assert steps[("place:kitchen > coffee > grinders", "place:kitchen > coffee")] == 1.0
    assert ("place:kitchen > coffee", "place:kitchen") in steps
    assert ("i0", "place:kitchen") in steps and ("i0", "place:kitchen > coffee > grinders") in steps
    assert ("i2", "place:kitchen > coffee") not in steps


@pytest.mark.parametrize("values", [["AC/DC", "TCP/IP", "I/O", "N/A"], ["1/2/2020", "1/3/2020", "1/4/2020"]])
def test_a_slash_is_no_path(connection: duckdb.DuckDBPyConnection, values: list[str]) -> None:
    fill(connection, {f"i{n}": {"tag": [values[n % len(values)]]} for n in range(24)})
    assert found(connection) == {}


def test_hostile_values_stay_text(connection: duckdb.DuckDBPyConnection) -> None:
    evil = "<b>'; DROP TABLE kg; --"
    fill(connection, {f"i{n}": {evil: [f"{evil} > {n % 3}"]} for n in range(9)})
    assert all(0 < confidence <= 1 for confidence in found(connection).values())
