"""Reports to read: sums hold, nothing from the data runs or breaks the page, nothing is fetched."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import html5lib
import pytest
from playwright.sync_api import Browser

from mgrec_core import Engine, Weights
from mgrec_core.cli.main import main
from mgrec_core.export import Document
from mgrec_core.export.kinds.evidence import SHOWN, evidence_table
from mgrec_core.export.kinds.item import item_document
from mgrec_core.export.provenance import Origin
from mgrec_core.export.report import escape_markdown, render_report
from tests.export.conftest import CHINESE, HOSTILE, USER, Made


def test_evidence_rows_sum_to_the_contributions(library: Engine) -> None:
    for item in library.rank(USER, 3).items:
        why = library.explain(USER, item.item_id)
        for shown in (SHOWN, None):
            rows = evidence_table(why, shown).rows
            assert rows
            for g, contribution in why.contributions.items():
                own = [float(value or 0.0) for name, _, value in rows if name == g]
                assert sum(own) == pytest.approx(contribution, abs=1e-5)
                assert shown is None or len(own) <= shown + 2


def test_the_page_is_html_to_a_strict_parser(document: Document) -> None:
    page = html5lib.HTMLParser(strict=True).parse(render_report(document, "html"))
    assert page.find(".//{http://www.w3.org/1999/xhtml}h1").text == document.title


def test_the_page_runs_and_fetches_nothing_offline(
    document: Document, tmp_path: Path, chromium: Browser
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_report(document, "html"), encoding="utf-8")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    troubles: list[str] = []
    fetched: list[str] = []
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(path.as_uri())
    assert page.locator("img, script, a, link, iframe").count() == 0
    assert page.locator("section.head").is_visible()
    assert page.locator("h2").count() >= 2
    context.close()
    assert troubles == [] and fetched == [path.as_uri()]


def test_hostile_and_chinese_texts_are_shown_as_they_are(
    made: Made, tmp_path: Path, chromium: Browser
) -> None:
    path = tmp_path / "report.html"
    page = chromium.new_page()
    hostile = replace(made("user"), title=HOSTILE)
    for document, part, said in (
        (made("user"), "body", "北京"),
        (made("item"), "h1", f"Why {CHINESE} for user {USER}"),
        (hostile, "h1", HOSTILE.rstrip("\x07")),
    ):
        path.write_text(render_report(document, "html"), encoding="utf-8")
        page.goto(path.as_uri())
        assert said in page.inner_text(part)
        assert page.locator("img, script, a").count() == 0
    page.close()


def test_dark_light_and_paper_have_their_colours(made: Made, tmp_path: Path, chromium: Browser) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_report(made("user"), "html"), encoding="utf-8")
    page, colours = chromium.new_page(), {}
    page.goto(path.as_uri())
    for name, media in {
        "light": {"color_scheme": "light"},
        "dark": {"color_scheme": "dark"},
        "paper": {"color_scheme": "dark", "media": "print"},
    }.items():
        page.emulate_media(**media)  # type: ignore[arg-type]
        colours[name] = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor,"
            " getComputedStyle(document.querySelector('rect')).fill]"
        )
        if name == "paper":  # what is folded on a screen is open
            assert page.locator("details td").last.is_visible()
    page.close()
    assert colours["light"] == colours["paper"] != colours["dark"]
    assert colours["light"][1] != colours["dark"][1]


def test_markdown_tables_keep_their_columns(document: Document) -> None:
    lines = render_report(document, "md").splitlines()
    widths = 0
    for line in lines:
        bars = line.replace(r"\|", "").count("|")
        if line.startswith("| ---"):
            assert widths == bars
        assert not line.startswith("|") or not widths or bars == widths
        widths = bars if line.startswith("|") else 0
    assert not any("<img" in line for line in lines)
    assert r"\[x\]\(javascript:alert\(2\)\)" in escape_markdown(HOSTILE)


def test_a_muted_granularity_is_said_to_be_muted(library: Engine) -> None:
    document = item_document(Origin.of(library, Weights({"social": 0.0})), USER, "B01")
    (muted,) = [one for one in document.sections if one.title.startswith("Social")]
    assert "weight λ is 0" in str(muted.blocks)


def test_the_command_makes_the_same_document(
    made: Made, library: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("user", "item", "comparison", "quality"):
        document = made(kind)
        words = shlex.split(document.head.command)[3:]
        words = [
            f"--workspace={library.workspace.path}" if w.startswith("--workspace=") else w for w in words
        ]
        words = [w for w in words if not w.startswith(("--out=", "--format="))]
        assert main([*words, "--out", str(tmp_path), "--format", "json", "--json", "--quiet"]) == 0
        (file,) = json.loads(capsys.readouterr().out)["files"]
        again = json.loads(Path(file).read_text(encoding="utf-8"))
        mine = json.loads(json.dumps(document.to_dict()))
        for one in (again, mine):
            one["head"]["date"] = ""
            if kind == "quality":
                one["quality"]["as_of"] = ""
        assert again == mine
