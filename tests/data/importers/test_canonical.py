"""The canonical folder: good, dirty and foreign data."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HEADER = "user_id,item_id,event,weight,timestamp\n"


def test_dirty_rows_are_repaired_or_rejected_with_a_reason(run) -> None:
    imported = run(
        {
            "interactions.csv": HEADER
            + " u1 ,i1,VIEW,1,1709290000\n,i1,view,1,1709290000\nu1,\u00a0,view,1,\n"
            "u1,i1,view,many,\nu1,i1,view,NaN,\nu1,i1,view,-inf,\nu1,i1,view,-1,\nu1,i1,view,1,yesterday\n"
            "u1,i1,view,1,1960-01-01\nu1,i1,view,1,2999-01-01\nu1,i1,view,1,-5\nu1,i1\nu1,i1,view,1,,6\n"
            "u2,i2,,0,1709290000123\nu3,i3,view,,2024-03-01\n"
        }
    )
    assert imported.file("interactions.csv") == (15, 1, 7, 7)
    assert imported.reasons("interactions.csv") == {
        "missing_user_id": 1,
        "missing_item_id": 1,
        "weight_not_a_number": 1,
        "weight_not_finite": 1,
        "negative_weight": 1,
        "malformed_line": 2,
        "null_word": 1,
        "surrounding_spaces": 1,
        "lower_case": 1,
        "missing_event": 1,
        "bad_timestamp": 1,
        "impossible_date": 3,
        "fractions_of_second": 1,
    }
    assert imported.rows("SELECT DISTINCT timestamp FROM events WHERE user_id = 'u2'") == [
        (datetime(2024, 3, 1, 10, 46, 40, 123000),)
    ]
    examples = imported.rows("SELECT row_number, content FROM import_examples WHERE rule = 'negative_weight'")
    assert examples == [(7, "u1 · i1 · view · -1 ·")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1709290000", "2024-03-01 10:46:40"),
        ("1709290000.5", "2024-03-01 10:46:40.5"),
        ("1709290000000", "2024-03-01 10:46:40"),
        ("1709290000000000", "2024-03-01 10:46:40"),
        ("1709290000000000000", "2024-03-01 10:46:40"),
        ("0", None),
        ("2024-03-01", "2024-03-01 00:00:00"),
        ("2024-03-01T10:46", "2024-03-01 10:46:00"),
        ("2024-03-01T10:46:40", "2024-03-01 10:46:40"),
        ("2024-03-01T10:46:40Z", "2024-03-01 10:46:40"),
        ("2024-03-01T12:46:40+02:00", "2024-03-01 10:46:40"),
        ("2024-03-01 12:46:40+0200", "2024-03-01 10:46:40"),
        ("2024-03-01T10:46:40.250Z", "2024-03-01 10:46:40.25"),
        ("20240301T104640Z", "2024-03-01 10:46:40"),
        ("20240301T104640", "2024-03-01 10:46:40"),
        ("2024-02-30", None),
        ("31/03/2024", "2024-03-31 00:00:00"),
        ("nan", None),
        ("1e300", None),
        ("-1e300", None),
        ("infinity", None),
    ],
)
def test_times(run, text: str, expected: str | None) -> None:
    imported = run({"interactions.csv": HEADER + f"u,i,view,1,{text}\nv,i,view,1,2024-03-01\n"})
    assert imported.rows("SELECT CAST(timestamp AS VARCHAR) FROM events WHERE user_id = 'u'") == [(expected,)]


def test_tomorrow_is_possible_and_next_week_is_not(run) -> None:
    now = datetime.now(UTC)
    soon, late = now + timedelta(hours=20), now + timedelta(days=7)
    rows = f"u,i,view,1,{soon.isoformat()}\nu,i,view,1,{late.isoformat()}\n"
    assert run({"interactions.csv": HEADER + rows}).reasons("interactions.csv") == {"impossible_date": 1}


def test_only_dated_rows_equal_in_every_column_are_duplicates(run) -> None:
    rows = (
        "u,i,buy,1,1709290000,a\nu,i,buy,1,1709290000,a\n u,i,BUY,1,1709290000,a\nu,i,buy,1,1709290000,b\n"
        "u,i,buy,1,,a\nu,i,buy,1,,a\n"
    )
    imported = run({"interactions.csv": HEADER.strip() + ",till\n" + rows})
    assert imported.reasons("interactions.csv") == {"duplicate_event": 2, "ignored_column": 1}
    assert imported.report.counts["events"] == 4


def test_attributes_are_split_and_names_kept(run) -> None:
    imported = run(
        {
            "interactions.csv": "user_id,item_id\nu1,i1\n",
            "items.csv": "Item_ID,TITLE,Brand's name,tags,\ni1,A|B,x, red || blue|red ,ignored\n",
            "users.csv": "user_id,city\nu1,Köln|Bonn\nu1,Aachen\n",
        }
    )
    assert imported.rows("FROM items") == [("i1", "A|B", None)]
    assert imported.rows("SELECT attribute, value FROM item_attributes ORDER BY ALL") == [
        ("Brand's name", "x"),
        ("tags", "blue"),
        ("tags", "red"),
    ]
    assert imported.rows("FROM user_attributes") == [("u1", "city", "Aachen")]
    assert imported.reasons("users.csv") == {"duplicate_user": 1}
    assert imported.rows("FROM events")[0][3:] == ("interaction", None, None, None, None)


def test_the_title_of_a_duplicate_item_does_not_depend_on_the_order(run) -> None:
    rows = ["i1,Zebra,1\n", "i1,,2\n", "i1,Aardvark,3\n"]
    for place, order in enumerate(([0, 1, 2], [2, 1, 0], [1, 0, 2])):
        items = "item_id,title,n\n" + "".join(rows[index] for index in order)
        imported = run({"interactions.csv": "user_id,item_id\nu,i1\n", "items.csv": items}, name=f"f{place}")
        assert imported.rows("SELECT title FROM items") == [("Aardvark",)]
        assert imported.rows("SELECT value FROM item_attributes") == [("3",)]
        assert imported.file("items.csv") == (3, 1, 0, 2)


def test_no_events_but_items(run) -> None:
    imported = run({"interactions.csv": HEADER, "items.csv": "item_id,title\ni1,Tea\n"})
    assert imported.report.counts["events"] == 0 and imported.report.counts["items"] == 1
    assert imported.rows("FROM v_pairs") == [] and imported.rows("FROM v_item_text") == [("i1", "Tea")]


def test_nothing_usable_says_why(refuse) -> None:
    assert "no rows" in refuse({"interactions.csv": HEADER}, name="a")
    assert "no rows" in refuse({"interactions.csv": HEADER, "items.csv": "item_id,title\n"}, name="b")
    bad = {"interactions.csv": HEADER + "u,i,buy,much,1\nu,i,buy,inf,1\nu,i,buy,more,1\n"}
    message = refuse(bad, name="c")
    assert (
        "none of 3 rows" in message
        and "weight_not_a_number" in message
        and "row 1: u · i · buy · much" in message
    )
    items = {"items.csv": "item_id,title\ni1,Tea\n"}
    assert "none of 3 rows" in refuse({**bad, **items}, name="d")


def test_two_files_for_one_table(refuse) -> None:
    assert "keep only one" in refuse(
        {"interactions.csv": HEADER, "interactions.csv.gz": gzip.compress(HEADER.encode())}
    )


def test_a_column_given_twice(refuse) -> None:
    assert "two columns named" in refuse({"interactions.csv": "user_id,item_id,User_ID\na,b,c\n"})


def test_a_misspelt_file_is_noticed(run) -> None:
    imported = run(
        {"interactions.csv": "user_id,item_id\nu,i\n", "item.csv": "item_id,title\n", "README.md": "x"}
    )
    assert imported.reasons("item.csv") == {"ignored_file": 1}
    assert [one.file for one in imported.report.files] == ["interactions.csv"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_quotes(run, delimiter: str) -> None:
    row = delimiter.join(['"a, ""b""; c\nd"', "i1", "2.5"])
    imported = run({"interactions.csv": delimiter.join(["user_id", "item_id", "rating"]) + f"\n{row}\n"})
    assert imported.rows("SELECT user_id, item_id, event, rating FROM events") == [
        ('a, "b"; c\nd', "i1", "rating", 2.5)
    ]


def test_an_open_quote_loses_the_lines_it_swallows_and_says_so(run) -> None:
    imported = run({"interactions.csv": 'user_id,item_id\nu1,i1\n"u2,i2\nu3,i3\nu4,i4\n'})
    assert imported.file("interactions.csv") == (4, 1, 0, 3)


@pytest.mark.parametrize(
    ("data", "rule", "repaired"),
    [
        ("item_id,title\ni1,Café\ni2,Tea\n".encode("latin-1"), "not_utf8", 1),
        ("item_id,title\ni1,“Café”\ni2,Tea\n".encode("cp1252"), "not_utf8", 1),
        ("item_id,title\ni1,Café\ni2,Tea\n".encode("utf-16"), "utf16", 2),
        ("item_id,title\ni1,Café\ni2,T\0ea\n".encode(), "null_character", 1),
        (("item_id,title\n" + "é" * 99 + ",Café\n").encode() + b"i2,T\xffea\n", "damaged_utf8", 1),
        ("\ufeffitem_id,title\ni1,Café\n".encode(), None, 0),
    ],
)
def test_encodings(run, data: bytes, rule: str | None, repaired: int) -> None:
    imported = run({"interactions.csv": "user_id,item_id\nu,i1\n", "items.csv": data})
    reasons = {name: count for name, count in imported.reasons("items.csv").items() if name != "file_form"}
    assert reasons == ({rule: repaired} if rule else {})
    assert any("Café" in (title or "") for (title,) in imported.rows("SELECT title FROM items"))
    assert imported.file("items.csv")[2] == repaired


def test_gzip_gives_the_same_as_plain(run) -> None:
    text = HEADER + "ü,i1,buy,1,1709290000\n"
    plain = run({"interactions.csv": text}, name="a/shop")
    packed = run({"interactions.csv.gz": gzip.compress(text.encode())}, name="b/shop")
    assert plain.fingerprint == packed.fingerprint
    latin = run({"interactions.csv.gz": gzip.compress(text.encode("latin-1"))}, name="c/shop")
    assert latin.fingerprint == plain.fingerprint


def parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def test_parquet_types(run) -> None:
    frame = pd.DataFrame(
        {
            "user_id": [17850.0, 2.5],
            "item_id": pd.array([1, 2**53 + 1], dtype="int64"),
            "weight": [1.5, float("nan")],
            "timestamp": pd.to_datetime(["2024-03-01T12:00:00+02:00", None], utc=True),
            'we"ird': [b"x", b"y"],
        }
    )
    items = pd.DataFrame(
        {
            "item_id": ["1", "2"],
            "title": ["Tea", None],
            "genre": [["hot", "a b"], None],
            "price": [3.0, float("nan")],
            "since": [date(2020, 1, 2), None],
        }
    )
    imported = run({"interactions.parquet": parquet(frame), "items.parquet": parquet(items)})
    events = imported.rows("SELECT user_id, item_id, weight, CAST(timestamp AS VARCHAR) FROM events")
    assert events[0] == (
        "17850",
        "1",
        1.5,
        "2024-03-01 10:00:00",
    )
    assert imported.rows("SELECT attribute, value FROM item_attributes ORDER BY ALL") == [
        ("genre", "a b"),
        ("genre", "hot"),
        ("price", "3"),
        ("since", "2020-01-02"),
    ]
    assert imported.rows("SELECT item_id FROM items ORDER BY ALL")[-1] == ("9007199254740993",)


def test_ids_of_csv_stay_as_they_are(run) -> None:
    imported = run({"interactions.csv": "user_id,item_id\n17850.0,007\n"})
    assert imported.rows("SELECT user_id, item_id FROM events") == [("17850.0", "007")]


def test_social_is_kept_once_and_users_are_known(run) -> None:
    imported = run(
        {
            "interactions.csv": "user_id,item_id\na,i\n",
            "social.csv": "user_id,friend_id,weight\nb,a,2\na,b,1\nb,a,2\na,a,1\nc,d,\nc,e,-1\n",
        }
    )
    assert imported.rows("FROM social") == [("a", "b", 2.0), ("c", "d", 1.0)]
    assert imported.file("social.csv") == (6, 2, 1, 3)
    assert imported.rows("SELECT user_id FROM users") == [("a",), ("b",), ("c",), ("d",)]


def test_kg_is_kept_as_given_and_not_derived(run) -> None:
    imported = run(
        {
            "interactions.csv": "user_id,item_id\na,i\n",
            "items.csv": "item_id,title,genre\ni,Tea,drinks\n",
            "kg.csv": "head_id,relation,tail_id\ni,made_in,e\ne,in,f\n,x,y\ni,,y\ni,x,\n",
        }
    )
    assert imported.rows("FROM kg") == [
        ("e", "in", "f", "f", "given", 1.0),
        ("i", "made_in", "e", "e", "given", 1.0),
    ]
    assert imported.file("kg.csv") == (5, 2, 0, 3)


def test_unknown_event_kinds_count_half(run) -> None:
    imported = run({"interactions.csv": HEADER + "u,i,purchase,1,\nu,i,frobnicate,1,\nu,i,return,1,\n"})
    found = imported.rows("SELECT event, strength, known FROM event_types")
    assert found == [("frobnicate", 0.5, False), ("purchase", 1.0, True), ("return", -1.0, True)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
            st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.floats().map(str)),
        ),
        min_size=1,
        max_size=8,
    ),
    order=st.randoms(use_true_random=False),
)
def test_any_text_whatever_keeps_the_receipt_and_the_order_apart(run, tmp_path_factory, rows, order) -> None:
    def source(rows: list[tuple[str, ...]]) -> dict[str, str | bytes]:
        text = pd.DataFrame(rows, columns=["user_id", "item_id", "rating"]).to_csv(index=False)
        return {"interactions.csv": text, "items.csv": "item_id,title\ni,Tea\n"}

    good = [*rows, ("user", "item", "1")]
    shuffled = list(good)
    order.shuffle(shuffled)
    name = tmp_path_factory.mktemp("any").name
    first, second = run(source(good), f"{name}/a/shop"), run(source(shuffled), f"{name}/b/shop")
    assert first.file("interactions.csv")[0] == len(good)
    assert first.fingerprint == second.fingerprint


def test_blank_lines_before_the_header(run) -> None:
    for place, start in enumerate(("\n\n", "\r\n", "\ufeff\n")):
        imported = run({"interactions.csv": f"{start}user_id,item_id\nu1,i1\n"}, name=f"f{place}")
        assert imported.file("interactions.csv") == (1, 1, 0, 0)


def test_decimal_commas_beside_semicolons(run) -> None:
    imported = run({"interactions.csv": "user_id;item_id;rating\nu;i;4,5\nu;j;4.5\nu;k;1,2,3\n"})
    assert imported.rows("SELECT rating FROM events") == [(4.5,), (4.5,)]
    assert imported.reasons("interactions.csv") == {"decimal_comma": 1, "rating_not_a_number": 1}
    other = run({"interactions.csv": 'user_id,item_id,rating\nu,i,"4,5"\nu,j,4.5\n'}, name="other")
    assert other.reasons("interactions.csv") == {"rating_not_a_number": 1}


def test_decimal_commas_of_attributes_are_numbers(run) -> None:
    items = (
        "item_id;title;price;sizes;size\ni;I;3,50;1,5|2;M\nj;J;4;1,5;1,5\nk;K;-1.25;;\n"
        "l;L;;2;\nm;M;1,5;2,5;1,5\n"
    )
    events = {"interactions.csv": "user_id;item_id\nu;i\n"}
    people = {"users.csv": "user_id;income\nu;1,5\n"}
    adverts = {"ads.csv": "ad_id;title;budget\na;A;2,5\n"}
    folder = {**events, "items.csv": items, **people, **adverts}
    prices = "SELECT item_id, value FROM item_attributes WHERE attribute = 'price'"
    imported = run(folder)
    assert imported.rows(prices) == [("i", "3.50"), ("j", "4"), ("k", "-1.25"), ("m", "1.5")]
    assert imported.rows("SELECT value FROM item_attributes WHERE attribute = 'size'") == [
        ("M",), ("1,5",), ("1,5",),
    ]  # fmt: skip
    sizes = "SELECT DISTINCT value FROM item_attributes WHERE attribute = 'sizes' ORDER BY 1"
    assert imported.rows(sizes) == [
        ("1.5",), ("2",), ("2.5",),
    ]  # fmt: skip
    assert imported.rows("SELECT value FROM user_attributes") == [("1.5",)]
    assert imported.rows("SELECT value FROM ad_attributes") == [("2.5",)]
    assert imported.file("items.csv") == (5, 2, 3, 0)
    for file, count in (("items.csv", 3), ("users.csv", 1), ("ads.csv", 1)):
        assert imported.reasons(file) == {"decimal_comma": count}
    beside_commas = {"items.csv": 'item_id,title,price\ni,I,"3,50"\n'}
    other = run({"interactions.csv": "user_id,item_id\nu,i\n", **beside_commas}, name="other")
    assert other.rows(prices) == [("i", "3,50")]


def test_numbers_too_large_to_sum(run) -> None:
    imported = run({"interactions.csv": "user_id,item_id,weight,rating\nu,i,1e300,\nu,i,,-1e300\nu,i,1,1\n"})
    assert imported.reasons("interactions.csv") == {"rating_too_large": 1, "weight_too_large": 1}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (gzip.compress(b"user_id,item_id\n", mtime=0), "gzip"),
        (b"PK\x03\x04....", "Excel"),
        (b"PAR1....", "Parquet"),
    ],
)
def test_a_file_with_the_wrong_ending(refuse, data: bytes, kind: str) -> None:
    assert kind in refuse({"interactions.csv": data})


def test_attribute_names_are_only_data(run) -> None:
    name = "'); DROP TABLE items; --"
    imported = run(
        {
            "interactions.csv": "user_id,item_id\nu,i\n",
            "items.csv": f'item_id,title,"{name}","a""b"\ni,Tea,"x\'y",z\n',
        }
    )
    assert imported.rows("SELECT attribute, value FROM item_attributes ORDER BY ALL") == [
        (name, "x'y"),
        ('a"b', "z"),
    ]


def test_a_line_longer_than_the_reader_takes(run) -> None:
    imported = run({"interactions.csv": "user_id,item_id\nu1,i1\n" + "u" * 3_000_000 + ",i2\nu3,i3\n"})
    assert imported.file("interactions.csv") == (3, 2, 0, 1)
    assert all(len(content) <= 300 for (content,) in imported.rows("SELECT content FROM import_examples"))


def test_the_kind_of_an_unnamed_event_comes_from_its_rating(run) -> None:
    imported = run({"interactions.csv": "user_id,item_id,rating\nu,i,3\nu,j,\n"})
    assert imported.rows("SELECT item_id, event FROM events") == [("i", "rating"), ("j", "interaction")]
