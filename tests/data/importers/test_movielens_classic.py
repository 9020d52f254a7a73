"""MovieLens 100k and 1M: files without header lines, Latin-1 titles, genre flags, codes."""

from __future__ import annotations

from tests.data.importers.sources import ML_1M, ML_100K

ATTRIBUTES = "FROM item_attributes ORDER BY ALL"


def test_100k(run) -> None:
    imported = run(ML_100K)
    assert imported.rows("SELECT user_id, item_id, event, rating FROM events") == [
        ("1", "1", "rating", 4.0), ("1", "2", "rating", 3.0),
    ]  # fmt: skip
    assert imported.file("u.data") == (4, 2, 0, 2)
    assert imported.rows("FROM items") == [
        ("1", "Toy Story (1995)", None), ("2", "Misérables, Les", None),
    ]  # fmt: skip
    assert imported.reasons("u.item")["not_utf8"] == 1
    assert imported.rows(ATTRIBUTES) == [
        ("1", "genre", "Animation"), ("1", "year", "1995"),
        ("2", "genre", "Action"), ("2", "year", "1996"),
    ]  # fmt: skip
    assert imported.rows("FROM user_attributes WHERE user_id = '1'") == [
        ("1", "age", "24"), ("1", "gender", "M"), ("1", "occupation", "technician"),
    ]  # fmt: skip


def test_1m(run) -> None:
    imported = run(ML_1M)
    assert imported.rows("SELECT rating FROM events") == [(5.0,), (3.0,)]
    assert imported.rows("SELECT title FROM items WHERE item_id = '2'") == [("Misérables, Les (1995)",)]
    assert imported.rows(ATTRIBUTES)[:3] == [
        ("1", "genre", "Animation"), ("1", "genre", "Children's"), ("1", "year", "1995"),
    ]  # fmt: skip
    assert imported.rows("FROM user_attributes WHERE user_id = '1' ORDER BY ALL") == [
        ("1", "age", "under 18"), ("1", "gender", "F"), ("1", "occupation", "student (school)"),
    ]  # fmt: skip


def test_tags_of_the_10m_layout_and_only_what_is_needed(run) -> None:
    files = {name: ML_1M[name] for name in ("ratings.dat", "movies.dat")}
    imported = run({**files, "tags.dat": "1::1::Funny: a film::964982703\n1::77::x::1\n"})
    assert imported.rows("SELECT user_id, item_id, tag FROM tags") == [("1", "1", "funny: a film")]
    assert run({name: ML_100K[name] for name in ("u.data", "u.item")}, name="k").report.counts["events"] == 2


def test_the_newest_layout_is_preferred(run) -> None:
    csv = {
        "ratings.csv": "userId,movieId,rating,timestamp\n7,1,4.0,964982703\n",
        "movies.csv": "movieId,title,genres\n1,Toy Story (1995),Adventure\n",
    }
    assert run({**ML_100K, **csv}).rows("SELECT user_id FROM events") == [("7",)]


def test_a_missing_file_is_named(refuse) -> None:
    assert "movies.dat" in refuse({"ratings.dat": ML_1M["ratings.dat"]}, format="movielens", name="a")
    assert "u.data" in refuse({"u.item": ML_100K["u.item"]}, format="movielens", name="b")
    assert "ratings.csv" in refuse({"x": "y"}, format="movielens", name="c")
