"""Small files that ask their reader for more than they hold."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def far_cell(path: Path) -> None:
    """A workbook of two cells, one of them in the last row and column that a sheet can have."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="orders" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1"'
        f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


def endless_view(path: Path) -> None:
    """A database whose view computes for ever before its first row."""
    _database(path, "SELECT max(n) AS user_id, 1 AS item_id FROM r")


def greedy_view(path: Path) -> None:
    """A database whose view has cells of hundreds of megabytes."""
    _database(path, "SELECT hex(zeroblob(400000000)) AS user_id, 1 AS item_id FROM r")


def _database(path: Path, select: str) -> None:
    file = sqlite3.connect(path)
    numbers = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
    file.execute(f"CREATE VIEW interactions AS {numbers} {select}")
    file.commit()
    file.close()


def bomb(path: Path) -> None:
    """A zip file that unpacks to a thousand times its size."""
    path.write_bytes(_zip({"interactions.csv": b"user_id,item_id\n" + b"u,i\n" * 10_000_000}))


def many_entries(path: Path) -> None:
    """A zip file of more files than anybody sends."""
    path.write_bytes(_zip({f"f{n}.csv": b"" for n in range(20_000)}))


def wide(path: Path) -> None:
    """Text of twenty thousand columns."""
    names = ",".join(f"c{n}" for n in range(20_000))
    path.write_text(f"user_id,item_id,{names}\n" + ("1," * 20_001 + "1\n") * 60, encoding="utf-8")


def empty_objects(path: Path) -> None:
    """Kilobytes that are millions of objects."""
    path.write_bytes(gzip.compress(b"[" + b",".join([b"{}"] * 1_000_000) + b"]"))


def deep(path: Path) -> None:
    """A document as deep as it is long."""
    path.write_bytes(b"[" * 100_000 + b"]" * 100_000)


def dictionary(path: Path) -> None:
    """A Parquet file of one long value, named two hundred million times."""
    codes = pa.array([0] * 2_000_000, pa.int32())
    column = pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 100_000]))
    pq.write_table(pa.table({"user_id": column, "item_id": column}), path, compression="zstd")


FILES: dict[str, tuple[Callable[[Path], None], bool]] = {
    "far.xlsx": (far_cell, True),
    "endless.sqlite": (endless_view, True),
    "greedy.sqlite": (greedy_view, True),
    "bomb.zip": (bomb, True),
    "many.zip": (many_entries, True),
    "wide.csv": (wide, False),
    "empty.json.gz": (empty_objects, True),
    "deep.json": (deep, True),
    "dictionary.parquet": (dictionary, False),
}
"""Name → what writes it, and whether it must be refused; the others may be read, within the limits."""


def _zip(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return out.getvalue()
