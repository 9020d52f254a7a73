"""Which sign separates the values in a column's cells."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator

import duckdb
import pytest

from mgrec_core.data.columns.lists import guess, pieces

GENRES = ("Crime", "Horror", "Comedy", "Drama", "Sci-Fi", "War")
R = random.Random(4)
LISTS = [R.sample(GENRES, 1 + n % 3) for n in range(60)]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        yield found


def separator(connection: duckdb.DuckDBPyConnection, cells: list[str | None], name: str = "x") -> str:
    connection.execute("CREATE OR REPLACE TEMP TABLE t (id VARCHAR, cell VARCHAR, _rejected VARCHAR)")
    connection.executemany("INSERT INTO t VALUES (?, ?, NULL)", [[f"u{n}", c] for n, c in enumerate(cells)])
    return guess(connection, "t", "id", {name: "cell"}).get(name, "")


def split(connection: duckdb.DuckDBPyConnection, cell: str, at: str) -> list[str]:
    return list(connection.execute(f"SELECT {pieces('x', at)} FROM (SELECT ? AS x)", [cell]).fetchall()[0][0])


NOTATIONS: dict[str, Callable[[list[str]], str]] = {
    ", ": ", ".join,
    ",": ",".join,
    ";": ";".join,
    " / ": " / ".join,
    "、": "、".join,
    "json": lambda parts: "[" + ", ".join(f'"{p}"' for p in parts) + "]",
    "python": lambda parts: str(parts),
    "braces": lambda parts: "{" + ",".join(parts) + "}",
}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_is_found_and_read(connection: duckdb.DuckDBPyConnection, notation: str) -> None:
    cells = [NOTATIONS[notation](parts) for parts in LISTS]
    assert separator(connection, [*cells, None]) == notation
    assert [split(connection, cell, notation) for cell in cells] == LISTS


@pytest.mark.parametrize("quote", ["'", '"'])
def test_objects_give_their_names(connection: duckdb.DuckDBPyConnection, quote: str) -> None:
    def written(parts: list[str]) -> str:
        return str([{"id": GENRES.index(part), "name": part} for part in parts]).replace("'", quote)

    cells = [written(parts) for parts in LISTS]
    found = separator(connection, cells)
    assert found == ("python" if quote == "'" else "json")
    assert [split(connection, cell, found) for cell in cells] == LISTS


PEOPLE = [f"{last}, {first}" for last, first in itertools.product(
    ("King", "Barker", "Poe", "Austen", "Woolf", "Mann"), ("Stephen", "Anna", "Edgar", "Jane"))]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["horror,crime", "comedy", "crime,war", "war,horror,drama", "drama,comedy"], ","),
        (["Reno,NV", "Elko,NV", "Ely,NV", "Waco,TX", "Austin,TX"], ""),
        (["drama", "war", "crime", "horror,crime", "crime,war,drama"], ""),
    ],
)
def test_a_machines_list_is_told_by_a_few_cells(
    connection: duckdb.DuckDBPyConnection, cells: list[str | None], found: str
) -> None:
    assert separator(connection, cells) == found


@pytest.mark.parametrize(
    "cells",
    [
        PEOPLE * 3,
        ["Reno, NV", "Elko, NV", "Austin, TX", "Waco, TX", "Ely, NV"] * 6,
        ["Clothing, Shoes & Jewelry", "Tools, Home & Garden", "Toys", "Books"] * 6,
        [f"Acme {n}, Inc" for n in range(30)] + [f"Foo {n}, Ltd" for n in range(30)],
        [f"{n}/{n % 12} / 2019" for n in range(30)],
        [f"Oct {1 + n % 28}, 2019" for n in range(40)],
        [f"{1 + n % 9},{n:03}" for n in range(40)],
        [f"{n % 7},5" for n in range(40)],
        [f"A film about love, war {n} and peace, in which all end well, or so it seems" for n in range(40)],
        ["Clothing, Shoes|Women, Girls", "Clothing, Shoes|Men", "Women, Girls|Clothing, Shoes"] * 5,
        [None, ""],
    ],
)
def test_names_with_commas_stay_whole(connection: duckdb.DuckDBPyConnection, cells: list[str | None]) -> None:
    assert separator(connection, cells) == ""


def test_the_name_of_a_list_helps_where_parts_never_meet_anew(connection: duckdb.DuckDBPyConnection) -> None:
    cells = ["Mexican, Burgers, Bars", "Nail Salons, Beauty", "Auto Repair, Automotive"] * 4
    assert separator(connection, cells) == ""
    assert separator(connection, cells, "categories") == ", "


def test_ids_of_others_are_left_whole(connection: duckdb.DuckDBPyConnection) -> None:
    cells = [f"u{(n * 7) % 40}, u{(n * 3 + 1) % 40}, u{(n + 5) % 40}" for n in range(40)]
    assert separator(connection, cells) == "owners, "


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (r"""['O\'Brien', "it's, ok", None]""", ["O'Brien", "it's, ok"]),
        ('["Caf\\u00e9", "a, b", null]', ["Café", "a, b"]),
        ('{a,"b, c",NULL}', ["a", "b, c"]),
        ("[1, 2]", ["1", "2"]),
        ("[]", []),
        ("[{'id': 3}]", []),
        ('{"id":2,"name":"Crime"}|{"id":3,"name":"War"}', ["Crime", "War"]),
    ],
)
def test_brackets(connection: duckdb.DuckDBPyConnection, cell: str, expected: list[str]) -> None:
    assert split(connection, cell, "json") == expected
