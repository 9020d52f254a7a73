"""How text files are written: found, told in the receipt, and what a mapping says instead."""

from __future__ import annotations

import pytest

from mgrec_core.data.importers.code_pages import find
from mgrec_core.data.importers.dialect import Dialect
from mgrec_core.data.importers.dialect_detection import settle

ROWS = [(f"u{n}", f"b{n % 3}", 1_700_000_000 + n) for n in range(6)]
PLAIN = "\n".join(f"{u},{i},{t}" for u, i, t in ROWS) + "\n"
HEADER = "user_id,item_id,timestamp\n"
MAPPING = (
    "tables:\n- table: interactions\n  file: a.txt\n  columns: {{user_id: {}, item_id: {}}}\n  dialect: {}\n"
)


def told(found, file: str = "interactions.csv") -> str:
    return " | ".join(
        one.explanation for one in found.report.reasons if one.rule == "file_form" and one.file == file
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("sep=;\n" + (HEADER + PLAIN).replace(",", ";"), "1 line before the header"),
        ("# ----\n# Events\n# 20240101-20240131\n# ----\n\n" + HEADER + PLAIN, "5 lines before the header"),
        ("Events of the shop\nfrom 2024\n" + HEADER + PLAIN, "2 lines before the header"),
        (HEADER + "".join(f"'{u}','{i}','{t}'\n" for u, i, t in ROWS), "quoted by '"),
        ((HEADER + PLAIN).replace(",", "::"), "separated by ::"),
        ((HEADER + PLAIN).encode("utf-16-le"), "UTF-16-LE, without a mark"),
        ((HEADER + PLAIN).encode("utf-16-be"), "UTF-16-BE, without a mark"),
    ],
)
def test_the_form_is_found_and_told(run, content: str | bytes, sentence: str) -> None:
    found = run({"interactions.csv": content})
    assert found.rows("SELECT user_id, item_id, CAST(epoch(timestamp) AS BIGINT) FROM events") == ROWS
    assert sentence in told(found)


def test_an_ordinary_file_is_not_told_about(run) -> None:
    text = 'user_id,item_id,note\nu1,"a, ""b"" \'c\'",#1\nu2,"sep=;",x\n'
    found = run({"interactions.csv": text})
    assert found.rows("SELECT item_id FROM events ORDER BY ALL") == [("a, \"b\" 'c'",), ("sep=;",)]
    assert told(found) == ""


def test_backslashes_before_quotes(run) -> None:
    titles = [r"The \"great\" one", r"\"Quoted\" start", "Peace; and war", r"Ends with \\" + '"', "Plain"]
    items = "item_id;title\n" + "".join(f'"b{n}";"{title}"\n' for n, title in enumerate(titles))
    found = run({"interactions.csv": HEADER + PLAIN, "items.csv": items})
    assert found.rows("SELECT title FROM items ORDER BY item_id") == [
        ('The "great" one',), ('"Quoted" start',), ("Peace; and war",), ('Ends with \\"',), ("Plain",)
    ]  # fmt: skip
    assert "backslash" in told(found, "items.csv")


def test_names_that_begin_with_a_quote_where_nothing_is_quoted(run) -> None:
    names = ["Plain", 'The "5" band', '"Weird" Al', '12" mix', "6' tall", '"']
    items = "item_id\ttitle\n" + "".join(f"b{n}\t{name}\n" for n, name in enumerate(names))
    found = run({"interactions.csv": HEADER + PLAIN, "items.csv": items.replace("\t", ",")})
    assert [title for (title,) in found.rows("SELECT title FROM items ORDER BY item_id")] == names


@pytest.mark.parametrize(
    ("header", "rows", "weights"),
    [
        ("weight", ['"1,000.50"', '"2"', '"1,234,567"'], [1000.5, 2, 1234567]),
        ("weight", ['"1,000"', '"12"', '"13"'], [1000, 12, 13]),
        ("weight", ["1'000.5", "2", "3"], [1000.5, 2, 3]),
    ],
)
def test_thousands(run, header: str, rows: list[str], weights: list[float]) -> None:
    text = f"user_id,item_id,{header}\n" + "".join(f"u{n},i{n},{cell}\n" for n, cell in enumerate(rows))
    found = run({"interactions.csv": text})
    assert [one for (one,) in found.rows("SELECT weight FROM events ORDER BY user_id")] == weights
    assert "between thousands" in told(found)


def test_european_numbers_and_ids_that_only_look_like_thousands(run) -> None:
    text = "user_id;item_id;weight\nu1;100,200;1.000,50\nu2;5;2\n"
    found = run({"interactions.csv": text})
    assert found.rows("SELECT item_id, weight FROM events ORDER BY ALL") == [("100,200", 1000.5), ("5", 2.0)]


def _dotted(delimiter: str, header: str, cells: list[str]) -> str:
    lines = [f"user_id,item_id,{header}", *(f"u{n},i{n},{cell}" for n, cell in enumerate(cells))]
    return "\n".join(lines).replace(",", delimiter) + "\n"


@pytest.mark.parametrize(
    ("delimiter", "header", "cells", "weights", "sentence"),
    [
        (";", "weight", ["2.500", "12", "1.000"], [2500, 12, 1000], "2.500 is 2500; where it is 2.5"),
        (",", "weight", ["2.500", "12", "1.000"], [2.5, 12, 1], "2.500 is 2.5; where it is 2500"),
        (";", "weight", ["2.500", "1200", "1.000"], [2.5, 1200, 1], "2.500 is 2.5; where it is 2500"),
        (";", "weight,price", ["2.500,3.75", "1.000,2"], [2.5, 1], "2.500 is 2.5; where it is 2500"),
        (";", "weight", ["2.500", "0.125"], [2.5, 0.125], ""),
        (";", "weight", ["2.500", "1.25"], [2.5, 1.25], ""),
        (",", "weight", ["2.5", "3"], [2.5, 3], ""),
    ],
)
def test_three_digits_after_a_dot_are_told(
    run, delimiter: str, header: str, cells: list[str], weights: list[float], sentence: str
) -> None:
    found = run({"interactions.csv": _dotted(delimiter, header, cells)})
    assert [one for (one,) in found.rows("SELECT weight FROM events ORDER BY user_id")] == weights
    assert sentence in told(found) and bool(told(found)) == bool(sentence)


def test_what_a_person_says_of_a_dot_is_told_no_more(run) -> None:
    mapping = (
        "tables:\n- table: interactions\n  file: a.csv\n"
        "  columns: {user_id: user_id, item_id: item_id, weight: weight}\n  dialect: %s\n"
    )
    for said, delimiter, weights in (
        ('{decimal: "."}', ";", [2.5, 1]),
        ('{thousands: ".", decimal: ","}', ",", [2500, 1000]),
    ):
        text = _dotted(delimiter, "weight", ["2.500", "1.000"])
        found = run({"a.csv": text, "mapping.yaml": mapping % said}, f"shop{delimiter}")
        assert [one for (one,) in found.rows("SELECT weight FROM events ORDER BY user_id")] == weights
        assert "where it is" not in told(found, "a.csv")


def test_ids_with_spaces_are_no_numbers(run) -> None:
    found = run({"interactions.csv": "user_id,item_id\nu1,100 200\nu2,1\n"})
    assert found.rows("SELECT item_id FROM events ORDER BY ALL") == [("1",), ("100 200",)]


def test_texts_as_formulas(run) -> None:
    found = run({"interactions.csv": 'user_id,item_id\n"=""007""",a\n"=""008""",b\n'})
    assert found.rows("SELECT user_id FROM events ORDER BY ALL") == [("007",), ("008",)]


@pytest.mark.parametrize(
    ("encoding", "titles"),
    [
        ("cp1251", ["Книга номер 0", "Война и мир"]),
        ("koi8-r", ["Преступление и наказание", "Мастер и Маргарита"]),
        ("gbk", ["手机壳 0", "红色连衣裙"]),
        ("shift_jis", ["掃除機 0", "かわいいタワー"]),
        ("euc-kr", ["한국어 제목", "영화 이름"]),
        ("big5", ["紅色手機殼", "藍色連衣裙"]),
        ("cp1250", ["Żółć gęślą jaźń", "Kraków święto"]),
        ("cp1252", ["Größe – über", "“Café”"]),
        ("cp1254", ["Kırmızı elbise", "Güneş gözlüğü"]),
        ("cp1253", ["Ελληνικά βιβλία", "Οδύσσεια"]),
    ],
)
def test_old_encodings(run, encoding: str, titles: list[str]) -> None:
    items = "item_id,title\n" + "".join(f"b{n},{title}\n" for n, title in enumerate(titles))
    found = run({"interactions.csv": HEADER + PLAIN, "items.csv": items.encode(encoding)})
    assert [title for (title,) in found.rows("SELECT title FROM items WHERE title IS NOT NULL")] == titles
    assert "the text was read as" in told(found, "items.csv")
    assert found.reasons("items.csv")["not_utf8"] == len(titles)


def test_an_encoding_that_cannot_be_told_is_said(run) -> None:
    items = b"item_id,title\nb0,\x81\x8d\x8f\x90\xf0\xf1\x98\n"
    found = run({"interactions.csv": HEADER + PLAIN, "items.csv": items})
    assert "the encoding could not be told" in told(found, "items.csv")
    assert find(b"\x81\x8d\x8f\x90\xf0\xf1\x98").doubt == "none"


@pytest.mark.parametrize(
    ("content", "dialect", "columns", "users"),
    [
        ("u1~'a~b'\nu2~x\n", "{delimiter: '~', quote: \"'\", header: false}", ("c1", "c2"), ["u1", "u2"]),
        ("x\ny\nwho\tsku\nu1\ta\n", "{skip: 2, delimiter: tab}", ("who", "sku"), ["u1"]),
        ("who,sku\nЖук,a\n".encode("cp866"), "{encoding: cp866}", ("who", "sku"), ["Жук"]),
        ("a,b\n1,2\n3,4\n5,6\n", "{header: true}", ("a", "b"), ["1", "3", "5"]),
        ("7,8\n1,2\n3,4\n5,6\n", "{header: true}", ("'7'", "'8'"), ["1", "3", "5"]),
    ],
)
def test_what_a_mapping_says_holds(run, content, dialect: str, columns, users: list[str]) -> None:
    found = run({"a.txt": content, "mapping.yaml": MAPPING.format(*columns, dialect)})
    assert [user for (user,) in found.rows("SELECT user_id FROM events ORDER BY ALL")] == users


def test_a_file_that_is_not_in_the_encoding_said_is_refused(refuse) -> None:
    mapping = MAPPING.format("who", "sku", "{encoding: gbk}")
    sentence = refuse({"a.txt": "who,sku\nCafé,a\n".encode("cp1252"), "mapping.yaml": mapping})
    assert "a.txt is not in the encoding gbk" in sentence


@pytest.mark.parametrize(
    ("head", "header"),
    [
        ("196\t242\t3\t881250949\n186\t302\t3\t891717742\n22\t377\t1\t878887116\n", False),
        ("user\titem\n196\t242\n186\t302\n", True),
        ("user,1,2,3\nu1,5,4,3\nu2,1,1,2\n", True),
        (",1,2,3\nu1,5,4,3\nu2,1,1,2\n", True),
        ("name,colour\nTea,red\nCup,blue\n", True),
    ],
)
def test_a_first_line_of_data_is_told_from_a_header(head: str, header: bool) -> None:
    assert settle(head, Dialect(), headerless=True).header is header
    assert settle(head, Dialect()).header


def test_each_of_many_columns_is_looked_at(run) -> None:
    header = "item_id;title;" + ";".join(f"size {n}" for n in range(105))
    rows = [f"b{r};Name {r};" + "5;" * 104 + f"1'{r}29.5" for r in range(3)]
    found = run({"interactions.csv": HEADER + PLAIN, "items.csv": "\n".join([header, *rows]) + "\n"})
    assert told(found, "items.csv").count("between thousands") == 1
    last = found.rows("SELECT value FROM item_attributes WHERE attribute = 'size 104' ORDER BY item_id")
    assert last == [("1029.5",), ("1129.5",), ("1229.5",)]
