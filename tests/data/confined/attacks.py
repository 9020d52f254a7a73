"""Hostile files by the thousand: each kind is a function of a seed, so that every one can be made again.

:mod:`tests.data.confined.hostile` holds the few with a test of their own; ``benchmarks/hostile.py``
runs these and tells what became of each kind.
"""

# Markup and SQL are easier to read whole than broken.
# ruff: noqa: E501
from __future__ import annotations

import gzip
import io
import json
import random
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tests.data.confined import hostile

Attack = Callable[[random.Random, Path], None]
"""Writes one or more hostile files into a folder."""

_HEAD = b"user_id,item_id,event\n"
_ROWS = b"u1,i1,click\nu2,i2,click\n"


# --- workbooks ---------------------------------------------------------------------------------


def _workbook(path: Path, sheet: str, more: dict[str, str] | None = None) -> None:
    """Write a workbook of one sheet whose XML is given, with further parts."""
    hostile.far_cell(path)
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name).decode() for name in packed.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet
    parts |= more or {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _sheet(rows: str, before: str = "") -> str:
    return f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def _cells(*cells: tuple[str, str]) -> str:
    return "".join(f'<row><c r="{at}"><v>{value}</v></c></row>' for at, value in cells)


def far_cells(r: random.Random, folder: Path) -> None:
    column = "".join(r.choice("ABCX") for _ in range(r.randint(1, 3)))
    row = r.choice([1, 1_000, 65_536, 1_048_576, 1_048_577, 99_999_999, 4_294_967_295, 2**63, 10**30])
    at = r.choice([f"{column}{row}", f"ZZZZZZ{row}", f"{column}-1", f"{row}", "", f"{column}0"])
    _workbook(folder / "far.xlsx", _sheet(_cells(("A1", "1"), ("B1", "2"), (at, "3"))))


def dimensions(r: random.Random, folder: Path) -> None:
    ref = r.choice(
        ["A1:XFD1048576", "A1:ZZZZZZ99999999", "XFD1048576:A1", "A1", ":", "A0:B0", "A1:B" + "9" * 40]
    )
    text = _sheet(_cells(("A1", "user_id"), ("B2", "1")), f'<dimension ref="{ref}"/>')
    _workbook(folder / "dimension.xlsx", text)


def shared_strings(r: random.Random, folder: Path) -> None:
    count = r.choice([10, 1_000_000, 3_000_000])
    table = f'<sst xmlns="{_MAIN}" count="{r.choice([count, 2**31, 2**63])}" uniqueCount="{r.choice([count, 2**62])}">'
    table += "<si><t>x</t></si>" * count + "</sst>"
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>{r.choice([0, 7, 2**31, -1])}</v></c></row>' for n in range(1, 9)
    )
    _workbook(folder / "strings.xlsx", _sheet(cells), {"xl/sharedStrings.xml": table})


def heavy_sheet(r: random.Random, folder: Path) -> None:
    rows = r.choice([200_000, 1_000_000])
    row = '<row><c t="inlineStr"><is><t>' + "x" * r.choice([1, 60]) + "</t></is></c><c><v>1</v></c></row>"
    _workbook(folder / "heavy.xlsx", _sheet(row * rows))


def entities(r: random.Random, folder: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9)
    )
    outside = '<!ENTITY out SYSTEM "file:///etc/passwd">'
    text = f'<?xml version="1.0"?>{bomb}{outside}]>'
    cell = r.choice(["&j;", "&out;", "&nothing;", "&#0;", "&#x110000;"])
    body = f'<row><c r="A1" t="inlineStr"><is><t>user_id</t></is></c></row><row><c r="A2" t="inlineStr"><is><t>{cell}</t></is></c></row>'
    _workbook(folder / "entities.xlsx", text + _sheet(body))


def deep_xml(r: random.Random, folder: Path) -> None:
    depth = r.choice([1_000, 100_000, 2_000_000])
    _workbook(folder / "deep.xlsx", _sheet("<row>" + "<a>" * depth + "</a>" * depth + "</row>"))


def outside_links(r: random.Random, folder: Path) -> None:
    target = r.choice(
        [
            "file:///etc/passwd",
            "http://127.0.0.1:1/x",
            "../../../../etc/passwd",
            "/etc/passwd",
            "xl/workbook.xml",
            "",
        ]
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
        f' Target="{target}"/></Relationships>'
    )
    _workbook(folder / "links.xlsx", _sheet(_cells(("A1", "1"))), {"xl/_rels/workbook.xml.rels": relations})


def damaged_workbook(r: random.Random, folder: Path) -> None:
    kind = r.choice(["xlsx", "xls", "xlsb", "ods"])
    path = folder / f"damaged.{kind}"
    if kind == "xls":  # a compound file: header and sectors of noise, with chains that run in circles
        head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
        struct.pack_into(
            "<HHHHH", head, 24, 0x3E, 3, 0xFFFE, r.choice([9, 12, 31, 0, 65535]), r.choice([6, 9, 40])
        )
        struct.pack_into(
            "<IIIIIIIII", head, 40, 0, r.choice([1, 2**31, 0]), 1, 0, 4096, 0, r.choice([0, 2**32 - 1]), 0, 0
        )
        struct.pack_into("<I", head, 76, r.choice([0, 1, 2**32 - 2]))
        path.write_bytes(
            bytes(head) + bytes(r.choice([0, 1, 2, 255]) for _ in range(r.choice([512, 4096, 20_000])))
        )
        return
    hostile.far_cell(path)
    if kind in ("ods", "xlsb"):
        repeat = r.choice([1, 1_048_576, 2**31, 2**63])
        content = (
            '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table='
            '"urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
            '<office:body><office:spreadsheet><table:table table:name="t">'
            f'<table:table-row table:number-rows-repeated="{repeat}"><table:table-cell office:value-type="string"'
            f' table:number-columns-repeated="{r.choice([1, 16_384, 2**40])}"><text:p>x</text:p></table:table-cell>'
            "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            if kind == "ods":
                packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
                packed.writestr("content.xml", content)
            else:
                packed.writestr("xl/workbook.bin", r.randbytes(2_000))
                packed.writestr("xl/_rels/workbook.bin.rels", "<Relationships/>")
                packed.writestr("xl/worksheets/sheet1.bin", r.randbytes(20_000))
        if kind == "ods" and r.random() < 0.6:
            return
    _damage(r, path)


# --- databases ---------------------------------------------------------------------------------

_NUMBERS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
_VIEWS = (
    f"{_NUMBERS} SELECT max(n) AS user_id, 1 AS item_id FROM r",
    f"{_NUMBERS} SELECT n AS user_id, n AS item_id FROM r",
    f"{_NUMBERS} SELECT n AS user_id, n AS item_id FROM r WHERE n < 0",
    f"{_NUMBERS} SELECT n AS user_id, n AS item_id FROM r ORDER BY 1",
    "SELECT hex(zeroblob(400000000)) AS user_id, 1 AS item_id",
    "SELECT printf('%.*c', 900000000, 'x') AS user_id, 1 AS item_id",
    "SELECT group_concat(a.user_id) AS user_id, 1 AS item_id FROM t a, t b, t c, t d, t e",
    "SELECT a.user_id, b.item_id FROM t a, t b, t c, t d, t e ORDER BY random()",
    "SELECT user_id, item_id FROM interactions",
    "SELECT * FROM missing",
    "SELECT load_extension('x') AS user_id, 1 AS item_id",
    "SELECT readfile('/etc/passwd') AS user_id, 1 AS item_id",
    "SELECT " + "(" * 30 + "1" + ")" * 30 + " AS user_id, 1 AS item_id",
    "SELECT abs(-9223372036854775808) AS user_id, 1 AS item_id",
    "SELECT json('[' || printf('%.*c', 5000000, '[')) AS user_id, 1 AS item_id",
    "SELECT like(printf('%.*c', 40000, 'a'), replace(printf('%.*c', 40000, 'a'), 'a', '%a')) AS user_id, 1 AS item_id",
)


def sqlite_view(r: random.Random, folder: Path) -> None:
    file = sqlite3.connect(folder / "view.sqlite")
    file.execute("CREATE TABLE t (user_id, item_id)")
    file.executemany("INSERT INTO t VALUES (?, ?)", [(n, n) for n in range(r.choice([1, 2_000]))])
    file.execute("PRAGMA writable_schema = 1")
    for name in ("interactions", "more", "others")[: r.randint(1, 3)]:
        file.execute(f"CREATE VIEW {name} AS {r.choice(_VIEWS)}")
    file.commit()
    file.close()


def sqlite_odd(r: random.Random, folder: Path) -> None:
    path = folder / r.choice(["odd.sqlite", "odd.db", "odd.csv"])
    file = sqlite3.connect(path)
    file.execute(
        "CREATE TABLE interactions (user_id, item_id, big BLOB, g GENERATED ALWAYS AS"
        f" ({r.choice(['hex(zeroblob(user_id * 1000))', 'user_id * item_id', 'printf(chr(37), user_id)', '1'])}))".replace(
            "chr(37)", "'%n'"
        )
    )
    file.execute("CREATE TRIGGER x AFTER INSERT ON interactions BEGIN SELECT 1; END")
    rows = [
        (n, r.choice([n, None, b"\xff\xfe", "\0", "é" * 9, 1e308, -(2**63)]), b"\0" * r.choice([0, 9, 10**6]))
        for n in range(90)
    ]
    file.executemany("INSERT INTO interactions (user_id, item_id, big) VALUES (?, ?, ?)", rows)
    name = r.choice(['a"b', "a\nb", "", " ", "=1+1", "<b>", "x" * 5_000, "é"])
    file.execute(
        'CREATE TABLE "{}" ("{}")'.format(
            name.replace('"', '""') or "e", r.choice(["a", "", "x" * 70_000, "\x01"])
        )
    )
    many = r.choice([1, 1, 1_900])
    file.execute("CREATE TABLE wide (" + ", ".join(f"c{n}" for n in range(many)) + ")")
    if r.random() < 0.3:
        for n in range(1_500):
            file.execute(f"CREATE TABLE many{n} (a)")
    file.commit()
    file.close()


def sqlite_damaged(r: random.Random, folder: Path) -> None:
    path = folder / "damaged.sqlite"
    file = sqlite3.connect(path)
    file.execute("CREATE TABLE interactions (user_id TEXT, item_id TEXT)")
    file.execute("CREATE INDEX i ON interactions (user_id)")
    file.executemany("INSERT INTO interactions VALUES (?, ?)", [(f"u{n}" * 9, f"i{n}") for n in range(3_000)])
    file.commit()
    file.close()
    _damage(r, path, keep=16)


def duckdb_file(r: random.Random, folder: Path) -> None:
    path = folder / "given.duckdb"
    version = r.choice(["v0.10.2", "v1.0.0", "v1.2.0", "latest"])
    with duckdb.connect() as own:
        own.execute(f"ATTACH '{path}' AS x (STORAGE_VERSION '{version}')")
        rows = r.choice([10, 5_000])
        own.execute(
            f"CREATE TABLE x.interactions AS SELECT n AS user_id, n AS item_id FROM range({rows}) t(n)"
        )
        match r.randint(0, 5):
            case 0:
                own.execute("CREATE VIEW x.v AS SELECT * FROM read_csv('/etc/passwd')")
            case 1:
                own.execute(
                    f"CREATE TABLE x.big AS SELECT repeat('x', {r.choice([10**6, 10**8])}) AS user_id FROM range(3)"
                )
            case 2:
                own.execute(
                    "CREATE TABLE x.nested AS SELECT [[{'a': MAP {'k': [1]}}]] AS user_id, INTERVAL 1 DAY AS item_id"
                )
            case 3:
                own.execute("CREATE TABLE x.g (a INT, user_id AS (repeat('x', a)))")
                own.execute("INSERT INTO x.g VALUES (1000), (100000000)")
            case 4:
                own.execute(
                    "CREATE TABLE x.same AS SELECT repeat('x', 100000) AS user_id, 1 AS item_id FROM range(3000)"
                )
            case _:
                own.execute('CREATE SCHEMA x."s""\';--"')
                own.execute('CREATE TABLE x."s""\';--"."t\n" AS SELECT 1 AS "a"";"')
        own.execute("DETACH x")
    if r.random() < 0.6:
        _damage(r, path, keep=r.choice([12, 4_096, 12_288]))


# --- Parquet -----------------------------------------------------------------------------------


def parquet(r: random.Random, folder: Path) -> None:
    path, rows = folder / "given.parquet", r.choice([10, 2_000_000, 20_000_000])
    codes = pa.array([0] * min(rows, 2_000_000), pa.int32())
    match r.randint(0, 6):
        case 0:
            column = pa.DictionaryArray.from_arrays(
                codes, pa.array(["x" * r.choice([10, 100_000, 10_000_000])])
            )
            table = pa.table({"user_id": column, "item_id": column})
        case 1:
            table = pa.table({"user_id": pa.nulls(rows, pa.string()), "item_id": pa.nulls(rows)})
        case 2:
            table = pa.table(
                {
                    "user_id": pa.nulls(
                        10, pa.list_(pa.list_(pa.struct([("a", pa.map_(pa.string(), pa.int8()))])))
                    )
                }
            )
        case 3:
            kind: pa.DataType = pa.int8()
            for _ in range(r.choice([5, 60, 200])):
                kind = pa.list_(kind) if r.random() < 0.5 else pa.struct([("a", kind)])
            table = pa.table({"user_id": pa.nulls(3, kind), "item_id": ["1", "2", "3"]})
        case 4:
            table = pa.table(
                {f"c{n}": pa.nulls(10, pa.string()) for n in range(r.choice([500, 5_000, 20_000]))}
            )
        case 5:
            table = pa.table({"user_id": ["a"], "user_ID": ["b"], "": ["c"], "item_id\n": ["=1"]})
        case _:
            table = pa.table({"user_id": pa.array([[0] * 1_000_000] * 5), "item_id": ["1"] * 5})
    pq.write_table(table, path, compression=r.choice(["zstd", "snappy", "gzip", "none"]))
    if r.random() < 0.4:
        _damage(r, path, keep=4)


# --- JSON --------------------------------------------------------------------------------------


def json_text(r: random.Random, folder: Path) -> None:
    depth = r.choice([100, 1_000, 100_000, 3_000_000])
    wide = r.choice([400, 600, 20_000])
    content = {
        "deep array": b"[" * depth + b"]" * depth,
        "deep object": b'{"a":' * depth + b"1" + b"}" * depth,
        "deep in a record": b'{"user_id":' + b"[" * depth + b"]" * depth + b"}\n",
        "wide": json.dumps([{f"k{n}": n for n in range(wide)}] * 3).encode(),
        "each its own keys": b"\n".join(b'{"k%d": 1}' % n for n in range(wide)),
        "huge number": b'[{"user_id": %s, "item_id": 1e999999}]' % (b"9" * r.choice([400, 5_000, 1_000_000])),
        "empty objects": b"[" + b",".join([b"{}"] * r.choice([1_000, 1_000_000])) + b"]",
        "empty lines": b"{}\n" * 1_000_000,
        "surrogates": b'[{"user_id": "\\ud800", "item_id": "\\u0000"}]',
        "not a number": b'[{"user_id": NaN, "item_id": Infinity}]',
        "same key": b'{"user_id": 1, "user_id": 2, "item_id": 3, "USER_ID": 4}\n' * 9,
        "long text": b'{"user_id": "' + b"x" * r.choice([10**6, 4 * 10**7]) + b'", "item_id": 1}\n',
        "cut": b'[{"user_id": 1, "item_id": 2}, {"user',
        "numbers": b"[" + b"1," * 5_000_000 + b"1]",
        "noise": r.randbytes(10_000),
    }
    kind = r.choice([*content])
    packed = r.random() < 0.4
    name = (
        "given.jsonl"
        if kind in ("empty lines", "each its own keys", "same key", "deep in a record")
        else "given.json"
    )
    (folder / (name + ".gz" * packed)).write_bytes(
        gzip.compress(content[kind], 6) if packed else content[kind]
    )


# --- text --------------------------------------------------------------------------------------


def csv_text(r: random.Random, folder: Path) -> None:
    size = r.choice([1_000, 1_000_000, 30_000_000])
    columns = r.choice([2_000, 20_000, 100_000])
    names = b",".join(b"c%d" % n for n in range(columns))
    content = {
        "one line": _HEAD + b"u" * size,
        "one line of fields": _HEAD + b"a," * (size // 2),
        "quotes": _HEAD + b'"' * size,
        "quoted commas": _HEAD + b'",' * (size // 2),
        "endless quote": _HEAD + b'u1,"' + b"i\n" * (size // 2),
        "nulls": b"\0" * size,
        "nulls inside": _HEAD + b"\0,\0\n" * (size // 4),
        "columns": b"user_id,item_id," + names + b"\n" + b"1," * (columns + 1) + b"1\n",
        "column names alone": names,
        "empty rows": _HEAD + b"\n" * 10_000_000,
        "empty cells": _HEAD + b",,\n" * (size // 3),
        "encodings": _HEAD
        + "é,ü,click\n".encode() * 9
        + "é,ü,x\n".encode("latin-1") * 9
        + "é,ü".encode("utf-16"),
        "utf-16": (_HEAD + _ROWS).decode().encode("utf-16") + b"\xd8",
        "utf-32": (_HEAD + _ROWS).decode().encode("utf-32"),
        "noise": r.randbytes(min(size, 1_000_000)),
        "returns": b"user_id,item_id\r" + b"a,b\r" * (size // 4),
        "header of quotes": b'"' * 200_000 + b"\n" + _ROWS,
        "long name": b"user_id,item_id," + b"x" * 200_000 + b"\n1,2,3\n",
        "formulas": _HEAD + b'"=cmd|\'/c calc\'!A1","@SUM(1)",click\n' * 9,
        "signs": "user_id,item_id,event\n\u202eu,\u2066i,\u0000\ufeff\n".encode() * 3,
        "blank lines first": b"\n" * 3_000_000 + _HEAD + _ROWS,
        "personal": b"user_id,item_id,email\n" + b"a,b,x@y.zz\n" * 9 + b"a,b," + b"a@" * 100_000 + b"\n",
    }
    kind = r.choice([*content])
    name = f"{kind}.{r.choice(['csv', 'csv', 'tsv', 'txt'])}"
    if r.random() < 0.3:
        (folder / f"{name}.gz").write_bytes(gzip.compress(content[kind], 6))
    else:
        (folder / name).write_bytes(content[kind])


def packed_bomb(r: random.Random, folder: Path) -> None:
    row = r.choice([b"\n", b"u,i,click\n", b"\0", b"u" * 99, b'"', b"{}\n"])
    size = r.choice([50_000_000, 400_000_000, 1_500_000_000])
    name = "bomb.jsonl.gz" if row == b"{}\n" else "bomb.csv.gz"
    with (folder / name).open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1) as out:
        out.write(_HEAD if row != b"{}\n" else b"")
        block = row * (1_000_000 // len(row))
        for _ in range(size // len(block)):
            out.write(block)
    if r.random() < 0.2:
        (folder / "z.csv.zst").write_bytes(b"\x28\xb5\x2f\xfd" + r.randbytes(400))
    if r.random() < 0.2:
        _damage(r, folder / name)


# --- zip files ---------------------------------------------------------------------------------


def zip_file(r: random.Random, folder: Path) -> None:
    path, out = folder / "given.zip", io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("interactions.csv", _HEAD + _ROWS)
        match kind := r.randint(0, 9):
            case 0:
                for n in range(r.choice([199, 200, 20_000])):
                    packed.writestr(f"f{n}.csv", _HEAD)
            case 1:
                inner = io.BytesIO()
                with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as deeper:
                    deeper.writestr("x.csv", b"a,b\n" * 1_000_000)
                packed.writestr("inner.zip", inner.getvalue())
            case 2:
                for name in r.sample(
                    [
                        "../../x.csv",
                        "/etc/x.csv",
                        "C:\\x\\y.csv",
                        "a/../b.csv",
                        "..",
                        ".",
                        "CON.csv",
                        "\0.csv",
                        "a/interactions.csv",
                        "~$x.csv",
                        "x" * 600 + ".csv",
                    ],
                    3,
                ):
                    packed.writestr(zipfile.ZipInfo(name) if name.strip("./") else name + "x", _HEAD + _ROWS)
            case 3:
                link = zipfile.ZipInfo("link.csv")
                link.external_attr = (stat.S_IFLNK | 0o777) << 16
                packed.writestr(
                    link, r.choice(["/etc/passwd", "interactions.csv", "/proc/self/environ", "/dev/zero"])
                )
            case 4:
                packed.writestr("bomb.csv", _HEAD + b"u,i,x\n" * r.choice([1_000_000, 30_000_000]))
            case 5:
                packed.writestr("__MACOSX/x.csv", _HEAD)
                packed.writestr("empty/", "")
            case 6:
                book = io.BytesIO()
                hostile.far_cell(folder / "f.xlsx")
                book.write((folder / "f.xlsx").read_bytes())
                (folder / "f.xlsx").unlink()
                packed.writestr("far.xlsx", book.getvalue())
    data = bytearray(out.getvalue())
    if kind == 7:  # sizes that lie, in the directory and before the file
        for sign, at in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
            start = data.find(sign)
            struct.pack_into("<I", data, start + at, r.choice([0, 1, 2**32 - 2]))
    if kind == 8:  # a password, and ways of packing that nobody knows
        for sign, at in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
            start = data.find(sign)
            struct.pack_into("<H", data, start + at, r.choice([1, 0x41]))
            struct.pack_into("<H", data, start + at + 2, r.choice([8, 9, 12, 14, 93, 97, 99]))
    if kind == 9:  # entries that share one content
        directory = bytes(data[data.find(b"PK\1\2") : data.find(b"PK\5\6")])
        many = r.choice([2, 150, 5_000])
        body = bytes(data[: data.find(b"PK\1\2")])
        entries = b"".join(directory.replace(b"interactions", b"inter%07d" % n) for n in range(many))
        data = bytearray(
            body
            + entries
            + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, many, many, len(entries), len(body), 0)
        )
    path.write_bytes(data)
    if kind < 7 and r.random() < 0.25:
        _damage(r, path)


# --- names and folders -------------------------------------------------------------------------

_NAMES = (
    "a\nb.csv", "-rf.csv", "=1+1.csv", "<script>alert(1)</script>.csv", "..csv", ".csv", "$(id).csv", "'; DROP.csv",
    "x" * 251 + ".csv", "é" * 120 + ".csv", "\u202egpj.csv", "*.csv", "[a].csv", "?.csv", "a\\b.csv", "%2e%2e%2f.csv",
    "a b\tc.csv", "\x7f.csv", "{0}.csv", "CON.csv", "interactions.csv ", "a'b\"c.csv", "nul\u2028.csv", "file:x.csv",
    b"\xff\xfe.csv".decode("utf-8", "surrogateescape"), "s3:x.csv", ":memory:", "postgres:x.csv",
)  # fmt: skip


def names(r: random.Random, folder: Path) -> None:
    for name in r.sample(_NAMES, r.choice([1, 1, 3])):
        (folder / name).write_bytes(r.choice([_HEAD + _ROWS, b"wer,was\n1,2\n", b"", b"\0\1\2"]))


def not_files(r: random.Random, folder: Path) -> None:
    import os

    match r.randint(0, 5):
        case 0:
            os.mkfifo(folder / "interactions.csv")
        case 1:
            (folder / "interactions.csv").symlink_to(
                r.choice(["/dev/zero", "/dev/full", "/proc/self/mem", "/etc/shadow", "interactions.csv", "/"])
            )
        case 2:
            (folder / "interactions.csv").mkdir()
        case 3:
            for n in range(r.choice([499, 501, 3_000])):
                (folder / f"f{n}.csv").write_bytes(_HEAD + _ROWS)
        case 4:
            with (folder / "interactions.csv").open("wb") as out:  # holes: no room on the disk, but long
                out.write(_HEAD + _ROWS)
                out.truncate(r.choice([10**7, 10**9, 10**12]))
        case _:
            below = folder
            for _ in range(40):
                below = below / "d"
            below.mkdir(parents=True)


def wrong_ending(r: random.Random, folder: Path) -> None:
    ending = r.choice(
        [
            "csv",
            "csv.gz",
            "xlsx",
            "xls",
            "ods",
            "parquet",
            "json",
            "jsonl.gz",
            "duckdb",
            "sqlite",
            "zip",
            "exe",
        ]
    )
    content = r.choice([_HEAD + _ROWS, b"PAR1" + r.randbytes(90) + b"PAR1", b"SQLite format 3\0" + r.randbytes(90),
        bytes(8) + b"DUCK" + r.randbytes(9_000), b"PK\3\4" + r.randbytes(90), b"\x1f\x8b" + r.randbytes(90), b"", b"\xef\xbb\xbf", b"%PDF-1.7",
        b"\x7fELF" + bytes(99), b"<html><body>404</body></html>", b'{"error": "no"}'])  # fmt: skip
    (folder / f"given.{ending}").write_bytes(content)


def _damage(r: random.Random, path: Path, keep: int = 0) -> None:
    """Flip, cut or fill bytes of a file after its first ``keep``."""
    data = bytearray(path.read_bytes())
    match r.randint(0, 2):
        case 0:
            for _ in range(r.choice([1, 5, 50])):
                data[r.randrange(keep, len(data))] ^= 1 << r.randrange(8)
        case 1:
            del data[r.randrange(keep, len(data)) :]
        case _:
            at = r.randrange(keep, len(data))
            data[at : at + r.choice([4, 64, 4_096])] = r.choice([b"\xff", b"\0"]) * 64
    path.write_bytes(data)


KINDS: dict[str, tuple[Attack, int]] = {
    "workbook: far cells": (far_cells, 60),
    "workbook: dimensions": (dimensions, 20),
    "workbook: shared strings": (shared_strings, 16),
    "workbook: heavy": (heavy_sheet, 6),
    "workbook: entities": (entities, 12),
    "workbook: deep XML": (deep_xml, 6),
    "workbook: outside links": (outside_links, 12),
    "workbook: damaged": (damaged_workbook, 90),
    "SQLite: views": (sqlite_view, 60),
    "SQLite: odd": (sqlite_odd, 60),
    "SQLite: damaged": (sqlite_damaged, 70),
    "DuckDB": (duckdb_file, 90),
    "Parquet": (parquet, 90),
    "JSON": (json_text, 110),
    "CSV": (csv_text, 130),
    "gzip bomb": (packed_bomb, 12),
    "zip": (zip_file, 90),
    "names": (names, 60),
    "not files": (not_files, 30),
    "wrong ending": (wrong_ending, 60),
}
"""Kind → what writes it, and how many of a thousand are of it."""


def every(share: float = 1.0) -> Iterator[tuple[str, int, Attack]]:
    """Yield kind, seed and writer of every input, or of a share of each kind."""
    for kind, (write, count) in KINDS.items():
        for seed in range(max(1, round(count * share))):
            yield kind, seed, write
