from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mgrec_core.data.columns.settling import settle
from mgrec_core.data.knowledge.rules import DEFAULT, derive

SCHEMA = Path(__file__).resolve().parents[3] / "mgrec_core" / "data" / "schema.sql"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute(SCHEMA.read_text(encoding="utf-8"))
    yield connection
    connection.close()


def fill(
    connection: duckdb.DuckDBPyConnection, items: dict[str, tuple[str | None, dict[str, list[str]]]]
) -> None:
    """Write items: id → (title, attribute → values)."""
    for item, (title, attributes) in items.items():
        connection.execute("INSERT INTO items VALUES (?, ?, NULL)", [item, title])
        for attribute, values in attributes.items():
            for value in values:
                connection.execute("INSERT INTO item_attributes VALUES (?, ?, ?)", [item, attribute, value])


def derive_kg(connection: duckdb.DuckDBPyConnection) -> int:
    """Run the rules; return how many triples those that are on by default gave."""
    settle(connection)
    return sum(n for rule, n in derive(connection).items() if rule in DEFAULT)


def triples(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    return connection.execute("SELECT head_id, relation, tail_id, tail_label, source FROM kg").fetchall()


def test_the_three_rules(connection: duckdb.DuckDBPyConnection) -> None:
    fill(
        connection,
        {
            "a": ("Toy Story", {"genre": ["Comedy", "Children"], "year": ["1995"]}),
            "b": ("Toy Story 2", {"genre": ["Comedy"], "year": ["1999"]}),
            "c": ("Heat", {"genre": ["Crime"], "year": ["2005"]}),
        },
    )
    assert derive_kg(connection) == 6
    assert triples(connection) == [
        ("a", "from_decade", "decade:1990s", "1990s", "decade"),
        ("a", "has_genre", "genre:comedy", "Comedy", "attribute"),
        ("a", "part_of_franchise", "franchise:toy story", "Toy Story", "franchise"),
        ("b", "from_decade", "decade:1990s", "1990s", "decade"),
        ("b", "has_genre", "genre:comedy", "Comedy", "attribute"),
        ("b", "part_of_franchise", "franchise:toy story", "Toy Story", "franchise"),
    ]


def test_what_everything_has_is_no_knowledge(connection: duckdb.DuckDBPyConnection) -> None:
    fill(
        connection,
        {
            item: (None, {"shop": ["ours"], "brand": [brand]})
            for item, brand in zip("abc", "xxy", strict=True)
        },
    )
    derive_kg(connection)
    assert {row[2] for row in triples(connection)} == {"brand:x"}


def test_quantities_and_names_are_no_categories(connection: duckdb.DuckDBPyConnection) -> None:
    fill(
        connection,
        {
            f"i{n:03}": (
                None,
                {
                    "price": [str(n // 2 + 0.5)],
                    "code": [str(max(n, 1))],
                    "blurb": [f"text {n}" if n else "text 1"],
                    "size": [str(n % 3)],
                    "essay": ["word " * 40 + str(n % 2)],
                },
            )
            for n in range(60)
        },
    )
    derive_kg(connection)
    assert {row[1] for row in triples(connection)} == {"has_size"}


def test_spellings_are_one_entity_with_the_commonest_name(connection: duckdb.DuckDBPyConnection) -> None:
    spellings = ["Sci-Fi", "sci-fi ", "Sci-Fi", "Drama", "drama"]
    fill(connection, {f"i{n}": (None, {"Main Genre": [value]}) for n, value in enumerate(spellings)})
    derive_kg(connection)
    found = {(relation, tail, label) for _, relation, tail, label, _ in triples(connection)}
    assert found == {
        ("has_main_genre", "main_genre:sci-fi", "Sci-Fi"),
        ("has_main_genre", "main_genre:drama", "drama"),
    }


def test_decade_from_dates_and_titles(connection: duckdb.DuckDBPyConnection) -> None:
    fill(
        connection,
        {
            "a": (None, {"release_date": ["1987-03-01"]}),
            "b": (None, {"release_date": ["1981.0"]}),
            "c": ("Ran (1985)", {}),
            "d": ("Ikiru (1952)", {}),
            "e": ("Room 1984", {}),
        },
    )
    derive_kg(connection)
    assert [(row[0], row[3]) for row in triples(connection)] == [
        ("a", "1980s"),
        ("b", "1980s"),
        ("c", "1980s"),
    ]


def test_years_that_are_no_years(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, {f"i{n}": (None, {"warranty_years": [str(n % 2 + 1)]}) for n in range(4)})
    derive_kg(connection)
    assert {row[1] for row in triples(connection)} == {"has_warranty_years"}


def test_row_order_does_not_matter_and_again_is_the_same(connection: duckdb.DuckDBPyConnection) -> None:
    items = {
        f"i{n}": (
            f"Saga {n % 4 + 1}" if n % 2 else None,
            {"tag": ["é" if n % 3 else "É", "x|y"], "year": [str(1990 + n)]},
        )
        for n in range(20)
    }
    fill(connection, items)
    count = derive_kg(connection)
    first = triples(connection)
    assert len(first) == count > 0
    assert derive_kg(connection) == count
    assert triples(connection) == first

    other = duckdb.connect()
    other.execute(SCHEMA.read_text(encoding="utf-8"))
    fill(other, dict(reversed(items.items())))
    derive_kg(other)
    assert triples(other) == first


@pytest.mark.parametrize("items", [{}, {"a": (None, {})}, {"a": ("Toy Story", {"genre": ["Comedy"]})}])
def test_nothing_to_know(connection: duckdb.DuckDBPyConnection, items: dict) -> None:
    fill(connection, items)
    assert derive_kg(connection) == 0
    assert triples(connection) == []


def test_hostile_values(connection: duckdb.DuckDBPyConnection) -> None:
    value = "'; DROP TABLE kg; -- <script>"
    fill(connection, {item: (value, {value: [value], "???": ["x"]}) for item in "ab"} | {"c": (None, {})})
    derive_kg(connection)
    assert {(relation, label) for _, relation, _, label, _ in triples(connection)} == {
        ("has_drop_table_kg_script", value)
    }


def test_sample(connection: duckdb.DuckDBPyConnection, sample_data: Path) -> None:
    source = str(sample_data / "movielens" / "items.csv")
    connection.execute(
        "INSERT INTO items SELECT item_id, title, NULL FROM read_csv(?, all_varchar = true)", [source]
    )
    for attribute in ("year", "genre"):
        connection.execute(
            f"INSERT INTO item_attributes SELECT item_id, ?, unnest(string_split({attribute}, '|')) "
            f"FROM read_csv(?, all_varchar = true) WHERE {attribute} IS NOT NULL",
            [attribute, source],
        )
    derive_kg(connection)
    counts = dict(connection.execute("SELECT source, count(DISTINCT tail_id) FROM kg GROUP BY 1").fetchall())
    assert counts["attribute"] == 19
    assert counts["decade"] == 11
    assert counts["franchise"] > 250
    assert {row[3] for row in triples(connection) if row[0] == "1"} >= {"Toy Story", "Animation", "1990s"}


def test_beside_a_given_graph_the_rules_only_offer(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, {item: (None, {"genre": [genre]}) for item, genre in zip("abc", "xxy", strict=True)})
    connection.execute("INSERT INTO kg VALUES ('a', 'likes', 'e', 'E', 'given', 1)")
    assert derive_kg(connection) == 2
    assert triples(connection) == [("a", "likes", "e", "E", "given")]
    assert connection.execute("SELECT DISTINCT source FROM kg_offered").fetchall() == [("attribute",)]
