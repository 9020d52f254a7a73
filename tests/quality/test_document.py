"""The document: agreement with the model on every world, its files, hostile texts, real data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from mgrec_core.cli.main import main
from mgrec_core.data.receipt import ExampleRow
from mgrec_core.export.redaction import hide_quality
from mgrec_core.foundation.errors import InputError
from mgrec_core.metrics.coverage import gini_coefficient as gini
from mgrec_core.operations.importing import import_data
from mgrec_core.quality import QualityReport, assess
from mgrec_core.quality.distributions import lorenz
from mgrec_core.quality.document import SEVERITIES
from mgrec_core.quality.report import as_html, as_json, write
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import WorkspaceKey
from mgrec_core.workspace.pseudonyms import Pseudonyms
from tests import built, support
from tests.quality.conftest import assess_world
from tests.worlds import WORLDS, World, model, world


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_possible_is_what_the_model_has(name: str) -> None:
    rows = {str(row[0]): row for row in assess_world(world(name)).section("granularities").tables[0].rows}
    built = model(name)
    possible = [g for g, row in rows.items() if row[1] == "yes"]
    # There the model has a language space, but nobody's items have words: no evidence for anybody.
    wordless = ["behaviour"] if name == "texts without a history" else []
    assert possible == [g for g in built.present if g not in wordless]
    for g in possible:
        with_evidence = np.diff(built.granularities[g].weights.indptr) > 0
        if g == "social":  # a friend without a history is no evidence for anybody
            continue
        assert rows[g][2] == pytest.approx(with_evidence.mean()), g


def test_gini_and_lorenz() -> None:
    assert gini(np.array([1.0, 1, 1, 1])) == 0 and gini(np.array([])) == 0
    assert gini(np.array([0.0, 0, 0, 8])) == 0.75
    curve = lorenz(np.array([5.0, 1, 4]), 3)
    assert curve.tolist() == pytest.approx([0, 0.1, 0.5, 1])


def test_equal_data_give_equal_documents_whatever_the_order(clean: object) -> None:
    from mgrec_core.quality.assessment import assess_tables
    from tests.quality.conftest import TODAY

    documents = {assess_tables(world("full").connect(n), TODAY).model_dump_json() for n in (None, 1, 2)}
    assert len(documents) == 1


def test_findings_are_sorted_and_complete(clean_report: QualityReport) -> None:
    report = assess_world(world("nothing but events"))
    order = [SEVERITIES.index(f.severity) for f in report.findings]
    assert order == sorted(order) and order
    keys = {section.key for section in report.sections}
    for f in report.findings:
        assert (
            f.section in keys
            and f.definition
            and f.meaning
            and f.remedy
            and any(c.isdigit() for c in f.number)
        )


class Outline(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """An imported, unbuilt workspace with hostile titles, all the same, and hostile attribute names."""
    folder = tmp_path_factory.mktemp("hostile")
    source = support.write_shop(folder / "data")
    items = (source / "items.csv").read_text()
    twice = [f'x{n},"{title}",tea,5' for n, title in enumerate(support.HOSTILE)]
    (source / "items.csv").write_text(
        items.replace("genre", '"<b onclick=x>genre</b>"', 1) + "\n".join(twice)
    )
    with (source / "interactions.csv").open("a") as file:
        file.writelines(f"<i>bot</i>,i{n:02},click,{1_700_000_000}\n" for n in range(30))
    workspace = Workspace.create(folder / "workspace")
    import_data(workspace, source)
    return workspace


def test_html_stands_alone_and_escapes_everything(hostile: Workspace, tmp_path: Path) -> None:
    report = assess(hostile)
    assert any(f.check == "automated_burst" for f in report.findings)
    page = as_html(report)
    outline = Outline()
    outline.feed(page)
    assert not outline.tags & {"script", "img", "link", "iframe", "i", "a"}
    assert not {name for name in outline.attributes if name.startswith("on") or name in ("src", "href")}
    assert "svg" in outline.tags and "prefers-color-scheme" in page and len(page) < 500_000
    assert support.HOSTILE[0] in outline.text and "<i>bot</i>" in outline.text
    for f in report.findings:
        assert f.definition in outline.text and f.remedy in outline.text
    again = QualityReport.model_validate_json(as_json(report))
    assert again == report
    with pytest.raises(InputError, match=r"\.html nor \.json"):
        write(report, tmp_path / "report.pdf")


def test_command_line(hostile: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["quality", "--workspace", str(hostile.path), "--quiet"]
    assert main([*where, "--json", "--out", str(tmp_path / "new" / "q.html")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"findings", "sections", "receipt", "data_fingerprint"} <= set(document)
    assert (tmp_path / "new" / "q.html").read_text().startswith("<!doctype html>")
    assert main([*where, "--out", str(tmp_path / "q.json")]) == 0
    assert json.loads((tmp_path / "q.json").read_text())["findings"] == document["findings"]
    assert "severity" in capsys.readouterr().out
    assert main([*where, "--out", str(tmp_path / "q.txt")]) == 2
    assert main(["quality", "--workspace", str(tmp_path / "none")]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 2 and "Traceback" not in str(said)


REAL: dict[str, Callable[[dict[str, str], set[str]], bool]] = {
    "ml-latest-small": lambda n, c: n["dated"] == "100 %" and {"same_title", "tags_on_events"} <= c,
    "lastfm-hetrec": lambda n, c: "undated" in c and n["possible"] == "6",
    "online-retail": lambda n, c: {"rejected_rows", "one_timestamp"} <= c and n["sessions"] == "18,268",
    "complete-journey": lambda n, c: "cold_items" in c and n["density"] != "–",
}


@pytest.mark.parametrize("name", list(REAL))
def test_real_data_give_a_sensible_document(shared_data: Path, tmp_path: Path, name: str) -> None:
    if not (shared_data / name).is_dir():
        pytest.skip(f"{name} is not there")
    report = assess(built.imported(tmp_path / "real", shared_data / name)[1])
    numbers = {number.key: number.text for section in report.sections for number in section.numbers}
    assert REAL[name](numbers, {f.check for f in report.findings}), (
        numbers,
        [f.check for f in report.findings],
    )
    assert "nan" not in as_json(report).lower().split() and len(as_html(report)) < 500_000


def test_with_pseudonyms_it_names_no_user(clean: World, tmp_path: Path) -> None:
    """Neither in examples (twins have two) nor in tables, nor as rows of the source; the rest is the same."""
    events = [*clean.events, *(("copycat", *event[1:]) for event in clean.events if event[0] == "u007")]
    events += [
        ("a-bot", f"i{n % 120:03}", "click", None, None, "2025-02-02 03:00:00", None) for n in range(400)
    ]
    report = assess_world(replace(clean, events=tuple(events)))
    rows = (ExampleRow("interactions.csv", "empty_id", 3, "u007,,click"),)
    report = report.model_copy(update={"receipt": report.receipt.model_copy(update={"examples": rows})})
    people = {str(event[0]) for event in events}
    key = Pseudonyms(people, [], WorkspaceKey(tmp_path))
    hidden = hide_quality(report, key)
    for make in (as_html, as_json):
        for name in ("copycat", "a-bot", "u007"):
            assert name in make(report) and name not in make(hidden)
        assert not re.search(r"\bu\d{3}\b", make(hidden))
        assert key.pseudonym("copycat") in make(hidden) and key.pseudonym("a-bot") in make(hidden)
    (twins,) = (finding for finding in hidden.findings if finding.check == "twin_users")
    assert {twins.examples[0].id, twins.examples[0].like} == {key.pseudonym(u) for u in ("copycat", "u007")}
    assert [f.value for f in hidden.findings] == [f.value for f in report.findings]
    assert hidden.counts == report.counts and hidden.receipt.reasons == report.receipt.reasons
