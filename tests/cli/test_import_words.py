"""What `import` prints for a reader: rows used, and what changes results before the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mgrec_core.cli.main import main


def test_what_changes_results_leads_and_the_rest_is_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"u{n % 5},i{n},nonsense" if n % 2 else f"u{n % 5},i{n},1700000{n:03}" for n in range(30)]
    (tmp_path / "interactions.csv").write_text(
        "\n".join(["user_id,item_id,timestamp", *rows, ",i1,1700000000"]) + "\n", encoding="utf-8"
    )
    items = [f"i{n},Thing {n % 3}" for n in range(30)]
    (tmp_path / "items.csv").write_text("\n".join(["item_id,title", *items, *items]) + "\n", encoding="utf-8")
    assert main(["import", str(tmp_path), "--workspace", str(tmp_path / "w"), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "of these repaired" in said and "accepted" not in said
    leading, _, rest = said.partition("note:")
    assert "missing_user_id" in leading and "bad_timestamp" in leading
    assert "duplicate_item" not in leading and "30 rows repeated" in rest


def log(folder: Path, rows: list[str], head: str = "user_id,item_id,event") -> str:
    folder.mkdir()
    (folder / "interactions.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return str(folder)


def test_what_an_addition_changed_is_said_and_one_is_not_several(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--workspace", str(tmp_path / "w"), "--quiet"]
    first = log(tmp_path / "first", [f"u{n % 4},i{n},Buy" for n in range(8)])
    assert main(["import", first, *where]) == 0
    capsys.readouterr()
    second = log(tmp_path / "second", ["u9,i1,buy", " u8,i2,buy"])
    assert main(["import", second, "--append", *where]) == 0
    said = capsys.readouterr().out
    assert "update: there is no build yet" in said and "{" not in said
    assert "1 row repaired" in said and "1 rows" not in said


def test_info_shows_the_marks_of_ratings_and_the_kinds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"u{n % 9},i{n},{-1 if n % 6 == 5 else 1 + n % 5}" for n in range(60)]
    where = ["--workspace", str(tmp_path / "w"), "--quiet"]
    assert main(["import", log(tmp_path / "s", rows, "user_id,item_id,rating"), *where]) == 0
    capsys.readouterr()
    assert main(["info", *where, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ratings"] == {
        "lowest": 1, "disliked": 2, "liked": 4, "highest": 5, "no_rating": [-1], "repeats": "last",
    }  # fmt: skip
    assert found["kinds"]["rating"] == {"strength": 1, "role": "use", "known": True, "events": 60}
    assert main(["info", *where]) == 0
    said = capsys.readouterr().out
    assert "liked from 4" in said and "no rating: -1; of several opinions the last counts" in said


def test_mapping_says_what_is_asked_and_the_option_that_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"u{n},i{n},0{n}/0{n + 1}/2024" for n in range(1, 6)]
    source = log(tmp_path / "s", rows, "who,what,when")
    where = ["--workspace", str(tmp_path / "w"), "--quiet"]
    assert main(["mapping", source, *where, "--json"]) == 0
    (asked,) = json.loads(capsys.readouterr().out)["preview"]["receipt"]["questions"]
    assert asked["about"] == "time_form" and asked["needed"]
    assert main(["mapping", source, *where]) == 0
    assert "--time-form %d/%m/%Y" in " ".join(capsys.readouterr().out.split())
    mapping = tmp_path / "m.yaml"
    assert main(["mapping", source, *where, "--out", str(mapping)]) == 0
    capsys.readouterr()
    assert main(["import", source, *where, "--mapping", str(mapping)]) == 2
    assert '--time-form "%d/%m/%Y"' in capsys.readouterr().err
    assert main(["import", source, *where, "--mapping", str(mapping), "--time-form", "%m/%d/%Y"]) == 0


def test_where_nothing_is_guessed_the_columns_are_written_to_be_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "my data", tmp_path / "chosen.yaml"
    folder.mkdir()
    (folder / "a.csv").write_text('x y,"b: ""c""",d\nann,mug,2024-01-02\n', encoding="utf-8")
    (folder / "b.csv").write_text("p,q\nmug,Blue mug\n", encoding="utf-8")
    where = ["--workspace", str(tmp_path / "w"), "--quiet"]
    assert main(["mapping", str(folder), *where]) == 2
    assert "was written" not in capsys.readouterr().err
    assert main(["mapping", str(folder), *where, "--out", str(out)]) == 2
    assert f"{out} was written with the columns that were found" in capsys.readouterr().err
    text = out.read_text(encoding="utf-8")
    assert '# "a.csv" has the columns "x y", "b: \\"c\\"", "d"' in text and '# "b.csv"' in text
    assert main(["import", str(folder), *where, "--mapping", str(out)]) == 2
    assert "a.csv has no column 'CHOOSE' (it has: x y" in capsys.readouterr().err

    chosen = iter(["x y", "'b: \"c\"'", "d", *["CHOOSE"] * 4, "p", "q", "CHOOSE"])
    text = re.sub(": CHOOSE", lambda _: f": {next(chosen)}", text)
    text = text.replace("    #timestamp", "    timestamp").replace("#- table", "- table").replace("#  ", "  ")
    out.write_text("\n".join(one for one in text.splitlines() if "CHOOSE" not in one), encoding="utf-8")
    assert main(["import", str(folder), *where, "--mapping", str(out)]) == 0
    assert "users 1, items 1, events 1" in capsys.readouterr().out
