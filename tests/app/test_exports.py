"""Files for taking away say where they come from and do not run in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace

from mgrec_core.foundation.results import RankedItem, RankedList
from pages.ui.widgets import exports

ABOUT = {"workspace": "shop", "build": "b1", "model": "m", "preset": "default"}
RANKED = RankedList(
    user_id="u1", k=2, weights={"recent": 0.5, "collaborative": 1.0}, base="collaborative", fusion="score",
    alpha={}, n_candidates=9,
    items=(
        RankedItem(1, "i1", "=HYPERLINK(1)", 1.5, {"recent": 0.5, "collaborative": 1.0}),
        RankedItem(2, "i2", "Käse, \"alt\"", 0.5, {"recent": 0.0, "collaborative": 0.5}),
    ),
)  # fmt: skip


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_list_as_csv_says_where_it_comes_from_in_a_file_beside_it() -> None:
    files = exports.ranked_csv(RANKED, ABOUT)
    assert [r["item_id"] for r in rows(files[""])] == ["i1", "i2"]
    assert rows(files[""])[1]["title"] == 'Käse, "alt"' and "b1" not in files[""]
    about = {r["name"]: r["value"] for r in rows(files["-about"])}
    assert (about["build"], about["k"], about["weight_recent"], about["base"]) == (
        "b1", "2", "0.5", "collaborative",
    )  # fmt: skip


def test_alpha_is_told_where_it_has_a_part_in_the_list() -> None:
    alpha = {"recent": 0.25, "collaborative": 0.75}
    for fusion, is_held in (("score", False), ("vector", True)):
        ranked = replace(RANKED, fusion=fusion, alpha=alpha)
        about = {r["name"]: r["value"] for r in rows(exports.ranked_csv(ranked, ABOUT)["-about"])}
        assert {k: float(v) for k, v in about.items() if k.startswith("alpha_")} == (
            {"alpha_recent": 0.25, "alpha_collaborative": 0.75} if is_held else {}
        )


def test_titles_and_ids_that_look_like_formulas_are_quoted() -> None:
    assert rows(exports.ranked_csv(RANKED, ABOUT)[""])[0]["title"] == "'=HYPERLINK(1)"
    odd = exports.ranked_csv(replace(RANKED, user_id="=1+1"), ABOUT)
    assert {row["user_id"] for row in rows(odd[""])} == {"'=1+1"}


def test_json_holds_origin_and_result_unchanged() -> None:
    document = json.loads(exports.as_json(RANKED.to_dict(), ABOUT))
    assert document["build"] == "b1" and document["k"] == 2
    assert document["items"][0]["title"] == "=HYPERLINK(1)"
    assert document["weights"] == {"recent": 0.5, "collaborative": 1.0}


def test_the_same_files_give_the_same_pack() -> None:
    files = {"a.csv": "x", "b.bin": b"y"}
    pack = exports.zipped(files)
    assert pack == exports.zipped(files)
    with zipfile.ZipFile(io.BytesIO(pack)) as found:
        assert {name: found.read(name) for name in found.namelist()} == {"a.csv": b"x", "b.bin": b"y"}
