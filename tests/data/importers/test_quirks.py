"""Each quirk of the real data sets that DESIGN §10 lists, and that none is taken for personal data.

The files are counted here by other means than the importer's, where that can be done in a line.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable

import pytest

from tests.data.importers.conftest import Imported

Get = Callable[[str], Imported]


def count(imported: Imported, query: str) -> int:
    return int(imported.rows(f"SELECT count(*) {query}")[0][0])


@pytest.mark.parametrize("name", ["ml-latest-small", "lastfm-hetrec", "online-retail", "complete-journey"])
def test_the_receipt_adds_up_and_nothing_is_taken_for_personal(name: str, real: Get) -> None:
    report = real(name).report
    assert [one for one in report.reasons if one.rule == "direct_identifier"] == []
    for one in report.files:
        assert one.accepted + one.repaired + one.rejected == one.read
        told = [r.count for r in report.reasons if r.file == one.file and r.action == "rejected"]
        assert sum(told) == one.rejected


def test_movielens_lines_end_with_crlf(real: Get, shared_data) -> None:
    assert b"\r\n" in (shared_data / "ml-latest-small" / "movies.csv").read_bytes()
    assert count(real("ml-latest-small"), r"FROM item_attributes WHERE contains(value, chr(13))") == 0
    assert count(real("ml-latest-small"), r"FROM tags WHERE contains(tag, chr(13))") == 0


def test_movielens_no_genres_listed_is_no_genre(real: Get, shared_data) -> None:
    listed = (shared_data / "ml-latest-small" / "movies.csv").read_text(encoding="utf-8")
    none = listed.count("(no genres listed)")
    assert none > 0
    without = (
        "FROM items WHERE item_id NOT IN (SELECT item_id FROM item_attributes WHERE attribute = 'genre')"
    )
    assert count(real("ml-latest-small"), without) == none


def test_movielens_titles_without_a_year_have_none(real: Get) -> None:
    found = real("ml-latest-small")
    without = "FROM items WHERE item_id NOT IN (SELECT item_id FROM item_attributes WHERE attribute = 'year')"
    assert count(found, without) == 9742 - 9730
    assert count(found, "FROM items WHERE title IS NULL") == 0


def test_movielens_duplicate_titles_stay_films_of_their_own(real: Get) -> None:
    twice = "FROM (SELECT title FROM items GROUP BY title HAVING count(*) > 1)"
    assert count(real("ml-latest-small"), twice) == 5


def test_lastfm_plays_are_undated(real: Get) -> None:
    assert count(real("lastfm-hetrec"), "FROM events WHERE timestamp IS NOT NULL") == 0
    assert count(real("lastfm-hetrec"), "FROM v_recency") == 0


def test_lastfm_tags_are_latin_1_and_artists_utf_8(real: Get) -> None:
    found = real("lastfm-hetrec")
    assert "not_utf8" in found.reasons("tags.dat") and "not_utf8" not in found.reasons("artists.dat")
    assert count(found, "FROM tags WHERE tag = 'rock français'") > 0
    assert count(found, "FROM items WHERE contains(title, 'ö')") > 0
    assert count(found, "FROM items WHERE contains(title, 'Ã')") < 5  # double encoding


def test_lastfm_stray_quotes_belong_to_the_name(real: Get, shared_data) -> None:
    lines = (shared_data / "lastfm-hetrec" / "artists.dat").read_text(encoding="utf-8").split("\n")[1:]
    quoted = sum('"' in line.split("\t")[1] for line in lines if line)
    assert quoted > 0 and count(real("lastfm-hetrec"), "FROM items WHERE contains(title, '\"')") == quoted


def test_lastfm_tags_of_unknown_artists_are_rejected(real: Get, shared_data) -> None:
    def ids(name: str, column: int) -> list[str]:
        text = (shared_data / "lastfm-hetrec" / name).read_text(encoding="latin-1")
        return [line.split("\t")[column] for line in text.split("\n")[1:] if line]

    known = set(ids("artists.dat", 0)) | set(ids("user_artists.dat", 1))
    unknown = [artist for artist in ids("user_taggedartists.dat", 1) if artist not in known]
    assert len(set(unknown)) == 390 or len(unknown) == 390
    assert real("lastfm-hetrec").reasons("user_taggedartists.dat")["unknown_item"] == len(unknown)


def test_lastfm_impossible_years_leave_the_tag_undated(real: Get) -> None:
    found = real("lastfm-hetrec")
    assert found.reasons("user_taggedartists.dat")["impossible_date"] == 5
    assert count(found, "FROM tags WHERE timestamp IS NULL") == 5


def test_retail_lines_without_a_customer(real: Get) -> None:
    assert real("online-retail").reasons("online-retail.csv.gz")["missing_user_id"] == 135080


def test_retail_ids_with_a_decimal_point(real: Get) -> None:
    found = real("online-retail")
    assert count(found, "FROM users WHERE contains(user_id, '.')") == 0
    assert count(found, "FROM users WHERE user_id = '17850'") == 1


def test_retail_cancellations_and_negative_quantities(real: Get) -> None:
    found = real("online-retail")
    reasons = found.reasons("online-retail.csv.gz")
    assert count(found, "FROM events WHERE weight <= 0 OR starts_with(session_id, 'C')") == 0
    assert sum(reasons[rule] for rule in reasons if rule.startswith("cancellation")) == 8505
    assert count(found, "FROM events WHERE weight > 70000") == 0  # 80,995 bought and given back at once


def test_retail_duplicate_lines_count_once(real: Get, shared_data) -> None:
    (path,) = (shared_data / "online-retail").glob("*.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [tuple(row) for row in csv.reader(file)]
    assert len(lines) - len(set(lines)) == 5268
    key = "user_id, item_id, timestamp, session_id, weight"
    twice = f"FROM (SELECT 1 FROM events GROUP BY {key} HAVING count(*) > 1)"
    # lines that differ in nothing but the price or the description are two
    assert count(real("online-retail"), twice) < 200


def test_retail_codes_with_several_descriptions_have_one_title(real: Get) -> None:
    found = real("online-retail")
    assert found.reasons("online-retail.csv.gz")["several_descriptions"] == 650
    assert count(found, "FROM items WHERE title IS NULL") == 0


@pytest.mark.parametrize(
    "code", ["POST", "DOT", "M", "D", "C2", "BANK CHARGES", "AMAZONFEE", "CRUK", "S", "PADS"]
)
def test_retail_codes_that_are_no_products(code: str, real: Get) -> None:
    assert count(real("online-retail"), f"FROM items WHERE item_id = '{code}'") == 0
    assert count(real("online-retail"), f"FROM events WHERE item_id = '{code}'") == 0


def test_journey_products_are_called_by_their_type(real: Get) -> None:
    found = real("complete-journey")
    titled = "FROM items SEMI JOIN item_attributes USING (item_id) WHERE title IS NULL"
    assert count(found, titled) < 10
    assert found.rows("SELECT title FROM items WHERE item_id = '25671'") == [("Ice - crushed/cubed (22 lb)",)]


def test_journey_seconds_and_days_are_told_apart(real: Get) -> None:
    found = real("complete-journey")
    assert found.rows("SELECT min(year(timestamp)), max(year(timestamp)) FROM events") == [(2017, 2018)]
    assert found.reasons("campaign_descriptions.csv") == {"days_since_1970": 27}
    labels = "FROM user_attributes WHERE attribute = 'campaign' AND value NOT SIMILAR TO '.*201[67]-.*'"
    assert count(found, labels) == 0


def test_journey_quantities_of_0_and_less(real: Get) -> None:
    found = real("complete-journey")
    assert found.reasons("transactions_sample.csv")["no_quantity"] == 416
    assert count(found, "FROM events WHERE weight <= 0") == 0
