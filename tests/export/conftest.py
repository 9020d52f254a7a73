"""One document of each kind, of a workspace whose texts are hostile or Chinese."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mgrec_core import Engine, Weights
from mgrec_core.analysis.comparison import Side, compare
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.evaluation.experiments import Experiment
from mgrec_core.export import Document
from mgrec_core.export.kinds.cohort import cohort_document
from mgrec_core.export.kinds.comparison import comparison_document
from mgrec_core.export.kinds.evaluation import evaluation_document
from mgrec_core.export.kinds.item import item_document
from mgrec_core.export.kinds.quality import quality_document
from mgrec_core.export.kinds.user import user_document
from mgrec_core.export.provenance import Origin
from mgrec_core.export.redaction import hide_comparison, hide_quality
from mgrec_core.quality import assess
from mgrec_core.workspace.cohorts import Cohort
from mgrec_core.workspace.pseudonyms import Pseudonyms
from tests.built import built

KINDS = ("user", "item", "comparison", "cohort", "evaluation", "quality")
DAY = date(2026, 1, 31)
HOSTILE = "<img src=x onerror=alert(1)> | a | [x](javascript:alert(2)) `$y$`\x07"
CHINESE = "红楼梦：石头记"
USER, OTHER = "U001", "U002"

Made = Callable[..., Document]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A workspace with hostile and Chinese titles."""
    folder = tmp_path_factory.mktemp("library")
    source = folder / "source"
    source.mkdir()
    titles = {0: HOSTILE, 1: CHINESE, 2: "三国演义 (第一回)", 3: "=1+1"}
    items = [f'B{n:02},"{titles.get(n, f"Book number {n}")}",{("诗", "novel")[n % 2]}' for n in range(24)]
    events = [
        f"U{u:03},B{(u + m * m) % 24:02},{1_700_000_000 + 86_400 * m + u}"
        for u in range(16)
        for m in range(6)
    ]
    social = [f"U{u:03},U{(u + 1) % 16:03}" for u in range(16)]
    users = [f"U{u:03},北京" for u in range(16)]
    for name, header, rows in (
        ("items", "item_id,title,genre", items),
        ("interactions", "user_id,item_id,timestamp", events),
        ("social", "user_id,friend_id", social),
        ("users", "user_id,town", users),
    ):
        (source / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return Engine.open(built(folder / "library", source, "canonical").path)


@pytest.fixture(scope="session")
def experiment(library: Engine) -> Experiment:
    document = evaluate(library, split="random", k=3)
    return Experiment(7, "2026-01-30T10:00:00Z", library.build, {"split": "random", "k": 3}, document)


@pytest.fixture(scope="session")
def made(library: Engine, experiment: Experiment) -> Made:
    """Make a document by its kind."""

    def make(kind: str, *, hide: bool = False, everything: bool = False) -> Document:
        key = Pseudonyms.of(library.workspace) if hide else None
        origin = Origin.of(library, Weights(), made=DAY, key=key)
        if kind == "user":
            return user_document(origin, USER, 4, everything=everything)
        if kind == "item":
            return item_document(origin, USER, "B01", everything=everything)
        if kind == "cohort":
            members = tuple(library.user_ids[:6])
            cohort = Cohort(
                "readers", "users", "by hand", {"sql": "SELECT 1"}, "2026-01-30T10:00:00Z", 6, members
            )
            return cohort_document(origin, cohort, 4)
        if kind == "evaluation":
            return evaluation_document(origin, experiment)
        if kind == "quality":
            report = assess(library.workspace, DAY)
            data = Origin.of_data(library.workspace, made=DAY, key=key)
            return quality_document(data, hide_quality(report, key) if key else report)
        lam = library.resolve()
        found = compare(library, Side(USER, lam, f"user {USER}"), Side(OTHER, lam, f"user {OTHER}"), 4)
        found = hide_comparison(found, key) if key else found
        again = {
            "user": found.first.user_id,
            "with-user": found.second.user_id,
            "k": "4",
        }
        return comparison_document(origin, found, again)

    return make


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def document(kind: str, made: Made) -> Document:
    return made(kind)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out"
