"""Text files as programs and places write them."""

from __future__ import annotations

import pytest

COUNT = "SELECT count(*), count(DISTINCT user_id), count(DISTINCT item_id) FROM events"
TITLES = "SELECT title FROM items WHERE title IS NOT NULL ORDER BY item_id"


def test_backslashes_before_quotes(imported) -> None:
    found = imported("32-csv-dialects/a-bx", "guess")
    assert [title for (title,) in found.rows(TITLES)][:5] == [
        "Plain café", 'The "great" escape', "Peace; and war", '"Quoted" start', 'Ends with \\"'
    ]  # fmt: skip
    assert found.rows(COUNT)[0][0] == 120


def test_names_that_begin_with_a_quote(imported) -> None:
    found = imported("32-csv-dialects/d-tsv", "32-csv-dialects/d-tsv.yaml")
    assert found.rows(COUNT) == [(72, 12, 6)]


@pytest.mark.parametrize(
    "folder", ["b-sep", "c-preamble", "h-trailing", "i-utf16nobom", "j-cp1251", "k-gbk", "l-sjis"]
)
def test_every_event_is_read(imported, folder: str) -> None:
    assert imported(f"32-csv-dialects/{folder}").rows(COUNT) == [(48, 12, 6)]


@pytest.mark.parametrize(
    ("folder", "title"), [("j-cp1251", "Книга номер 0"), ("k-gbk", "手机壳 0"), ("l-sjis", "掃除機 0")]
)
def test_titles_in_old_encodings(imported, folder: str, title: str) -> None:
    assert imported(f"32-csv-dialects/{folder}").rows(TITLES)[0] == (title,)


def test_single_quotes(imported) -> None:
    found = imported("32-csv-dialects/e-singlequote")
    assert found.rows("SELECT min(item_id), count(*) FROM events") == [("b,0", 48)]


@pytest.mark.parametrize("folder", ["f-report", "g-eu"])
def test_thousands(imported, folder: str) -> None:
    found = imported(f"32-csv-dialects/{folder}")
    assert found.rows("SELECT min(weight), count(weight) FROM events") == [(1000.5, 48)]


def test_formulas(imported) -> None:
    found = imported("32-csv-dialects/m-eq")
    assert found.rows("SELECT min(user_id), count(*) FROM events") == [("000", 48)]
