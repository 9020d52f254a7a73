"""Options that name a column or a kind that is nowhere are refused with the nearest; idle ones are told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mgrec_core.data.importers import import_source
from mgrec_core.data.options import ImportOptions
from mgrec_core.data.preview import preview
from mgrec_core.data.receipt import ImportReport
from mgrec_core.foundation.errors import InputError

REFUSED = [
    (
        {"roles": {"genr": "list"}},
        r"'genr' that could have a role: .* or leave it out; did you mean 'genre'\?",
    ),
    ({"roles": {"xyz": "list"}}, r"the attribute columns are 'genre', 'price'"),
    ({"separators": {"pirce": ";"}}, r"'pirce' that could have a separator: .*; did you mean 'price'\?"),
    ({"drop_columns": ["user_idd"]}, r"no file has a column 'user_idd': .*; did you mean .*'user_id'"),
    (
        {"strengths": {"bye": 1}},
        r"kind 'bye', which was given a strength: .* or leave it out; did you mean 'buy'\?",
    ),
    ({"strengths": {"frobnicated": 1}}, r"the kinds are 'buy', 'view'"),
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    events = "".join(f"u{n % 4},{n % 5},{('buy', 'view')[n % 2]}\n" for n in range(20))
    (folder / "interactions.csv").write_text(f"user_id,item_id,event\n{events}", encoding="utf-8")
    items = "".join(f"{n},Thing {n},tea,{n + 5}\n" for n in range(5))
    (folder / "items.csv").write_text(f"item_id,title,genre,price\n{items}", encoding="utf-8")
    return folder


def brought(source: Path, tmp_path: Path, earlier: Path | None = None, **options: Any) -> ImportReport:
    name = f"{len(list(tmp_path.glob('*.duckdb')))}.duckdb"
    return import_source(source, tmp_path / name, earlier=earlier, options=ImportOptions.of(**options))


def lines(report: ImportReport, rule: str) -> list[str]:
    return [one.explanation for one in report.reasons if one.rule == rule]


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_a_name_that_is_nowhere_is_refused_with_the_nearest(
    options: dict[str, Any], said: str, source: Path, tmp_path: Path
) -> None:
    for run in (
        lambda: brought(source, tmp_path, **options),
        lambda: preview(source, options=ImportOptions.of(**options)),
    ):
        with pytest.raises(InputError, match=said) as found:
            run()
        assert "\n" not in str(found.value)


def test_a_kind_may_come_after_the_rows_of_a_preview(source: Path) -> None:
    some = preview(source, rows=10, options=ImportOptions.of(strengths={"bye": 1}))
    assert any("kind 'bye'" in line for line in lines(some.report, "signals"))


def test_kinds_and_columns_of_the_workspace_count_when_a_source_is_added(
    source: Path, tmp_path: Path
) -> None:
    brought(source, tmp_path, strengths={"view": 0.3}, roles={"genre": "list"})
    more = tmp_path / "more"
    more.mkdir()
    (more / "interactions.csv").write_text("user_id,item_id,event\nu9,1,buy\n", encoding="utf-8")
    report = brought(more, tmp_path, tmp_path / "0.duckdb", strengths={"view": 0.4})
    assert report.files[0].accepted == 1
    with pytest.raises(InputError, match=r"did you mean 'view'"):
        brought(more, tmp_path, tmp_path / "0.duckdb", strengths={"vieww": 0.4})


def test_a_difference_that_joins_nothing_is_told(source: Path, tmp_path: Path) -> None:
    (line,) = lines(brought(source, tmp_path, join_ids=["case"]), "joined_nothing")
    assert "--join-ids case joined no id" in line
    text = (source / "interactions.csv").read_text(encoding="utf-8")
    (source / "interactions.csv").write_text(re.sub(r",(\d),", r",00\1,", text), encoding="utf-8")
    report = brought(source, tmp_path, join_ids=["zeros", "case"])
    assert lines(report, "joined_id") and report.counts["items"] == 5
    (line,) = lines(report, "joined_nothing")
    assert "--join-ids case" in line
    assert not lines(brought(source, tmp_path, join_ids=["zeros"]), "joined_nothing")


def test_what_is_said_of_ratings_that_are_not_there_is_told(source: Path, tmp_path: Path) -> None:
    said = " ".join(lines(brought(source, tmp_path, ratings={"liked": 4}), "signals"))
    assert "no event has a rating" in said
    rows = "".join(f"u{n % 4},{n % 5},{1 + n % 5}\n" for n in range(20))
    (source / "interactions.csv").write_text(f"user_id,item_id,rating\n{rows}", encoding="utf-8")
    said = " ".join(lines(brought(source, tmp_path, ratings={"missing": [99]}), "signals"))
    assert "no rating is 99" in said
    said = " ".join(lines(brought(source, tmp_path, ratings={"missing": [5]}), "signals"))
    assert "no rating is" not in said
