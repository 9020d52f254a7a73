"""Words for nothing, formulas, ids without their last digits, and markup: what a cell does not say."""

from __future__ import annotations

import duckdb
import pytest

from mgrec_core.data.cells import NO_VALUE, NULL_WORDS
from mgrec_core.data.options import ImportOptions

HEADER = "user_id,item_id,event,timestamp,session_id\n"


@pytest.mark.parametrize("word", [*NULL_WORDS, "NULL", "NaN", "None", "N/A", "NA"])
def test_a_word_for_nothing_is_no_id_and_no_value(run, word: str) -> None:
    rows = f"{word},i,view,1700000000,s\nu,{word},view,1700000001,s\nu,i,{word},1700000002,{word}\n"
    imported = run({"interactions.csv": HEADER + rows})
    assert imported.file("interactions.csv") == (3, 0, 1, 2)
    assert imported.rows("SELECT user_id, item_id, event, session_id FROM events") == [
        ("u", "i", "interaction", None)
    ]
    assert imported.reasons("interactions.csv") == {"null_id": 2, "null_word": 1, "missing_event": 1}


@pytest.mark.parametrize("word", [*NO_VALUE, "Keine Angabe", "k.A.", "Sin datos"])
def test_what_people_write_for_no_value_is_none_but_may_be_a_name(run, word: str) -> None:
    rows = f"u1,{word},3,{word},\nu2,{word},4,click,1700000000\n{word},i,{word},{word},{word}\n"
    source = {
        "interactions.csv": "user_id,item_id,rating,event,timestamp\n" + rows,
        "items.csv": f"item_id,title,brand\n{word},{word},{word}\ni,Tea,Acme\n",
    }
    imported = run(source)
    assert imported.rows("SELECT user_id, item_id, rating, event FROM events ORDER BY rating") == [
        ("u1", word, 3, "rating"), ("u2", word, 4, "click"), (word, "i", None, "interaction")
    ]  # fmt: skip
    assert imported.rows("SELECT title FROM items ORDER BY title = 'Tea'") == [(word,), ("Tea",)]
    assert imported.rows("SELECT value FROM item_attributes") == [("Acme",)]


def test_such_words_can_be_real(run) -> None:
    source = {
        "interactions.csv": HEADER + "None,i1,view,1700000000,\n",
        "items.csv": "item_id,title,brand\ni1,None,nan\n",
    }
    imported = run(source, options=ImportOptions.of(["null_id", "null_word"]))
    assert imported.rows("SELECT user_id FROM events") == [("None",)]
    assert imported.rows("SELECT title FROM items") == [("None",)]
    assert imported.rows("SELECT value FROM item_attributes") == [("nan",)]


def test_na_may_be_a_country_but_no_user(run) -> None:
    source = {
        "interactions.csv": HEADER + "u,i1,view,1700000000,\nNA,i1,view,1700000000,\n",
        "users.csv": "user_id,country\nu,NA\n",
    }
    imported = run(source)
    assert imported.rows("SELECT user_id, value FROM user_attributes") == [("u", "NA")]
    assert imported.rows("SELECT user_id FROM users") == [("u",)]


def test_words_within_a_name_are_names(run) -> None:
    source = {
        "interactions.csv": HEADER + "nancy,nullable,view,1700000000,none-1\n",
        "items.csv": "item_id,title\nnullable,None of them\n",
    }
    imported = run(source)
    assert imported.file("interactions.csv") == (1, 1, 0, 0) and imported.file("items.csv") == (1, 1, 0, 0)


def test_typed_events_are_cleaned_as_those_of_text(run, tmp_path) -> None:
    found = []
    for suffix in ("csv", "parquet"):
        folder = tmp_path / suffix
        folder.mkdir()
        rows = duckdb.sql(
            "SELECT CASE i WHEN 3 THEN 'NULL' WHEN 4 THEN '=\"007\"' ELSE 'u' || i END AS user_id,"
            " CASE i WHEN 5 THEN 'nan' WHEN 6 THEN '4.00638E+12' ELSE 'i' || i % 7 END AS item_id,"
            " CASE i WHEN 7 THEN 'none' ELSE 'view' END AS event,"
            " CASE i WHEN 8 THEN 'NA' ELSE 's' || i END AS session_id,"
            " CASE i WHEN 9 THEN 0 ELSE 1700000000 + i END AS timestamp FROM range(60) t(i)"
        )
        path = str(folder / f"interactions.{suffix}")
        rows.write_parquet(path) if suffix == "parquet" else rows.write_csv(path, header=True)
        imported = run(folder)
        found.append((imported.fingerprint, imported.reasons(f"interactions.{suffix}")))
    assert found[0] == found[1]
    assert found[0][1] == {
        "null_id": 2,
        "lossy_id": 1,
        "formula": 1,
        "null_word": 2,
        "missing_event": 1,
        "zero_timestamp": 1,
    }


@pytest.mark.parametrize("text", ["4.00638E+12", "7.656119797098248e+16", "9007199254740993.0", "5e+15"])
def test_ids_that_have_lost_their_last_digits_are_rejected_unless_they_are_wanted(run, text: str) -> None:
    rows = HEADER + f"u,{text},view,1700000000,\nu,i,view,1700000000,\n"
    assert run({"interactions.csv": rows}).reasons("interactions.csv") == {"lossy_id": 1}
    kept = run({"interactions.csv": rows}, "kept", options=ImportOptions.of(["lossy_id"]))
    assert kept.file("interactions.csv") == (2, 2, 0, 0)


@pytest.mark.parametrize(
    "text", ["1e3", "5e11", "12E13", "1.5", "17850.0", "123456789012345678901", "3.14e2"]
)
def test_ids_that_only_look_so_are_kept(run, text: str) -> None:
    imported = run({"interactions.csv": HEADER + f"u,{text},view,1700000000,\n"})
    assert imported.rows("SELECT item_id FROM events") == [(text,)]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Rock &#039;n&#039; roll", "Rock 'n' roll"),
        ("Caf&eacute; &amp; &#x1F600;&#128512;", "Café & 😀😀"),
        ("&amp;lt; stays", "&lt; stays"),
        ("<p>One</p><p>two <b>th</b>ree</p>", "One two three"),
        ("<script>alert(1)</script>Lamp", "Lamp"),
        ("A<br/>B <!-- note --> C", "A B C"),
        ('<a href="http://x.y/?a=1&amp;b=2">Link</a>', "Link"),
        ("&#55296; &#0; &unknown; &", "&#55296; &#0; &unknown; &"),
        ("I <3 you, a < b > c, AT&T, <Untitled>", "I <3 you, a < b > c, AT&T, <Untitled>"),
        ("<p> </p>", None),
        ("&#12354;&#12356; and &#xe9;", "あい and é"),
    ],
)
def test_titles_and_descriptions_are_what_a_browser_shows(run, text: str, plain: str | None) -> None:
    cell = '"' + text.replace('"', '""') + '"'
    source = {
        "interactions.csv": HEADER + "u,i,view,1700000000,\n",
        "items.csv": f"item_id,title,description,image\ni,{cell},{cell},http://x.y/a.png?b=1&amp;c=2\n",
    }
    imported = run(source)
    assert imported.rows("SELECT title, description FROM items") == [(plain, plain)]
    assert imported.rows("SELECT value FROM item_attributes") == [("http://x.y/a.png?b=1&amp;c=2",)]
    kept = run(source, "kept", options=ImportOptions.of(["html_text"]))
    assert kept.rows("SELECT title FROM items") == [(text,)]


def test_a_column_without_one_readable_time_is_refused_unless_that_is_wanted(run, refuse) -> None:
    rows = HEADER + "u,i,view,12,\nu,i,view,13,\n"
    text = refuse({"interactions.csv": rows})
    assert "none of the 2 times in 'timestamp' can be read (12)" in text and "--without bad_timestamp" in text
    kept = run({"interactions.csv": rows}, "kept", options=ImportOptions.of(["bad_timestamp"]))
    assert kept.file("interactions.csv") == (2, 2, 0, 0)
    days = run(
        {"interactions.csv": HEADER + "u,i,view,19000,\n"}, "days", options=ImportOptions.of(time_form="days")
    )
    assert days.rows("SELECT CAST(timestamp AS VARCHAR) FROM events") == [("2022-01-08 00:00:00",)]


def test_small_whole_numbers_of_a_typed_file_are_no_seconds(run, tmp_path) -> None:
    folder = tmp_path / "typed"
    folder.mkdir()
    duckdb.sql(
        "SELECT 'u' AS user_id, 'i' || i AS item_id, 20180101 + i AS timestamp FROM range(5) t(i)"
    ).write_parquet(str(folder / "interactions.parquet"))
    assert run(folder).rows(
        "SELECT min(timestamp)::DATE::VARCHAR, max(timestamp)::DATE::VARCHAR FROM events"
    ) == [("2018-01-01", "2018-01-05")]
