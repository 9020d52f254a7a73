"""What a column is taken for, by what is in it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from importlib import resources

import duckdb
import pytest

from mgrec_core.data.columns.settling import settle

N = 40


@pytest.fixture
def role() -> Iterator[Callable[..., str]]:
    """Return the role of one column with a value for each of 40 items."""
    opened = []

    def role_of(name: str, value: Callable[[int], str]) -> str:
        connection = duckdb.connect()
        opened.append(connection)
        connection.execute(
            resources.files("mgrec_core.data").joinpath("schema.sql").read_text(encoding="utf-8")
        )
        rows = [[f"i{n}", name, value(n)] for n in range(N)]
        connection.executemany("INSERT INTO item_attributes VALUES (?, ?, ?)", rows)
        settle(connection)
        ((found,),) = connection.execute("SELECT role FROM columns").fetchall()
        return str(found)

    yield role_of
    for connection in opened:
        connection.close()


def digest(n: int) -> str:
    return hashlib.md5(str(n).encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("link", lambda n: f"https://shop.example.org/p/{n}?utm_source=feed", "url"),
        ("link", lambda n: f"//cdn.example.org/{n}.jpg", "image"),
        ("image_url", lambda n: f"https://img.example.org/{n}", "image"),
        ("poster", lambda n: f"/{digest(n)[:9]}.png", "url"),
        ("checksum", digest, "id"),
        ("key", lambda n: str(uuid.UUID(digest(n))), "id"),
        ("segment", lambda n: digest(n % 4), "attribute"),  # categories that were hashed are shared
        ("updated_at", lambda n: f"2024-05-{1 + n % 28:02} 03:00:00", "date"),
        ("made", lambda n: f"{1 + n % 28}/{1 + n % 12}/2019", "date"),
        ("made", lambda n: f"{1 + n % 28}. Oct 2019", "date"),
        ("made", lambda n: f"Oct {1 + n % 28}, 2019", "date"),
        ("made", lambda n: f"2019{1 + n % 12:02}{1 + n % 28:02}", "date"),
        ("created", lambda n: str(1_600_000_000 + 86_400 * n), "date"),
        ("opening", lambda n: f"{n % 12}:00-{12 + n % 9}:30", "date"),
        ("ean", lambda n: str(4_000_360_100_579 + 97_003 * n), "id"),
        ("isbn13", lambda n: f"97{8_030_640_615 + 97_003 * n}X", "id"),
        ("best_book_id", lambda n: str(n * n * 31 + 7), "id"),
        ("workId", lambda n: str(n * n * 31 + 7), "id"),
        ("internal_ref", lambda n: str(100_000 + 17_389 * n), "id"),
        ("whatever", lambda n: str(100_000 + 17_389 * n), "id"),
        ("row", lambda n: str(n), "id"),
        ("brand_id", lambda n: str(100 + n % 15), "attribute"),  # shared, and a number of no size
        ("price", lambda n: f"{3 + n * 0.99:.2f}", "number"),
        ("price", lambda n: str(10_000 + 17 * n), "number"),
        ("views", lambda n: str(17 ** (n % 5) + n), "number"),
        ("depth", lambda n: str((7 * n) % 31), "number"),
        ("stars", lambda n: str(n % 5), "attribute"),
        ("year", lambda n: str(1980 + n), "number"),
        ("genre", lambda n: ["garden", "kitchen"][n % 2], "attribute"),
        ("maker", lambda n: f"Maker {chr(65 + n % 26)}{n}", "attribute"),
        ("plot", lambda n: f"A tale of {n} brothers who leave home", "text"),
        ("note", lambda n: "long words " * 9 + str(n % 2), "text"),
        ("extra", lambda n: f'{{"color": "red", "n": {n}}}', "ignore"),
    ],
)  # fmt: skip
def test_by_what_is_in_it(role: Callable[..., str], name: str, value, expected: str) -> None:
    assert role(name, value) == expected


def test_few_items_make_no_ids_of_numbers(role: Callable[..., str]) -> None:
    assert role("level", lambda n: str(n % 13 + 10_000)) == "number"
