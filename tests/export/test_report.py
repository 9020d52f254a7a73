"""Reports to read: sums hold, nothing from the data runs or breaks the table."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mgrec_core import Engine
from mgrec_core.export.report import TOP, escape_markdown, evidence_rows, render_report
from mgrec_core.export.writing import export_document, write_export

HOSTILE = "<img src=x onerror=alert(1)> | a | [x](javascript:alert(2)) `$y$`\n# new"


@pytest.fixture(scope="module")
def document(shop: Engine) -> dict:
    found = export_document(shop, "U001", 3)
    found["ranked"]["items"][0]["title"] = HOSTILE
    found["explanations"][0]["title"] = HOSTILE
    found["profile"]["attributes"]["region"] = HOSTILE
    return found


def test_evidence_rows_sum_to_the_contributions(document: dict) -> None:
    assert len(document["explanations"]) == 3
    for why in document["explanations"]:
        rows = list(evidence_rows(why))
        assert rows
        for g, contribution in why["contributions"].items():
            own = [row for row in rows if row["granularity"] == g]
            assert sum(row["value"] for row in own) == pytest.approx(contribution, abs=1e-5)
            assert len(own) <= TOP + 2


def test_the_page_runs_nothing_and_shows_hostile_text_as_text(
    document: dict, tmp_path: Path, chromium: Browser
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_report(document, "html"), encoding="utf-8")
    page = chromium.new_page()
    troubles: list[str] = []
    fetched: list[str] = []
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(path.as_uri())
    assert "<img src=x onerror=alert(1)>" in page.inner_text("table")
    assert page.locator("img, script, a").count() == 0
    assert page.locator("details").count() == 3
    page.close()
    assert troubles == [] and fetched == [path.as_uri()]


def test_the_page_is_well_formed(document: dict) -> None:
    stack: list[str] = []

    class Check(HTMLParser):
        def handle_starttag(self, tag: str, attributes: object) -> None:
            if tag not in ("meta", "br"):
                stack.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert stack.pop() == tag

    Check().feed(render_report(document, "html"))
    assert stack == []


def test_markdown_tables_keep_their_columns(document: dict) -> None:
    lines = render_report(document, "md").splitlines()
    table = [line for line in lines if line.startswith("| ")]
    widths = {line.replace(r"\|", "").count("|") for line in table}
    for n, line in enumerate(lines):
        if line.startswith("| --"):
            assert lines[n - 1].startswith("| ") and lines[n + 1].startswith("| ")
    granularities = len(document["ranked"]["weights"])
    assert widths == {granularities + 4, 4}
    assert "# new" not in lines and not any("<img" in line for line in lines)
    assert r"\[x\]\(javascript:alert\(2\)\)" in escape_markdown(HOSTILE)


def test_files(shop: Engine, tmp_path: Path) -> None:
    names = [p.name for p in write_export(shop, "U001", tmp_path, ["html", "md"], k=2)]
    assert names == ["user-U001.html", "user-U001.md"]
    text = (tmp_path / names[1]).read_text(encoding="utf-8")
    for item in shop.rank("U001", 2).items:
        assert escape_markdown(item.title) in text


def test_knowledge_says_its_source_and_confidence(document: dict) -> None:
    rows = [row for why in document["explanations"] for row in evidence_rows(why)]
    known = [row for row in rows if row["origin"]]
    assert known and {row["granularity"] for row in known} == {"knowledge"}
    assert all(", confidence " in row["origin"] for row in known)
    told = known[0]["origin"]
    assert f'<span class="sub">({told})</span>' in render_report(document, "html")
    assert f"({escape_markdown(told)})" in render_report(document, "md")
