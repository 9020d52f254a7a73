"""The suite itself: kept worlds follow their sources, every test has a group, nothing is tried on nothing."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.data.rules import RULES
from mgrec_core.metrics import METRICS
from mgrec_core.model.fusion.weights import FUSION_MODES
from mgrec_core.model.granularities import GRANULARITIES
from tests import built
from tests.conftest import FEW, GROUPS, PROFILE, group_of
from tests.worlds import WORLDS

ROOT = Path(__file__).resolve().parent.parent
MADE: list[str] = []


def make(folder: Path, source: Path, *words: str) -> None:
    MADE.append(folder.name)
    shutil.copy(source / "a", folder / "a")
    (folder / "words").write_text(" ".join(words))


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MGREC_TEST_WORLDS", str(tmp_path / "kept"))
    MADE.clear()
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a").write_text("one")
    return folder


def test_a_world_is_made_once_for_what_it_is_made_of(source: Path, tmp_path: Path) -> None:
    for n, text in enumerate(("one", "one", "two", "one")):
        (source / "a").write_text(text)
        copy = built.place(tmp_path / str(n), make, source)
        assert (copy / "a").read_text() == text
        (copy / "a").write_text("broken by a test")
    assert len(MADE) == 2
    assert (built.place(tmp_path / "told", make, source, "x", "y") / "words").read_text() == "x y"
    assert len(MADE) == 3


def test_a_maker_that_fails_leaves_nothing(source: Path, tmp_path: Path) -> None:
    (source / "a").unlink()
    with pytest.raises(FileNotFoundError):
        built.place(tmp_path / "copy", make, source)
    (source / "a").write_text("there")
    assert (built.place(tmp_path / "copy", make, source) / "a").read_text() == "there"


def test_few_worlds_are_kept(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "KEPT", 2)
    for n in range(4):
        built.place(tmp_path / str(n), make, source, str(n))
    assert len([path for path in (tmp_path / "kept").iterdir() if path.is_dir()]) == 2


def test_a_build_depends_on_what_builds_and_on_nothing_above() -> None:
    names = {path.name for path in built.sources_of(ROOT / "tests" / "built.py")}
    assert {"__init__.py", "data", "language", "model", "operations"} <= names
    assert not names & {"cli", "export", "figures", "quality", "service", "targets"}
    assert all(path.exists() for path in built.sources_of(ROOT / "tests" / "built.py"))
    assert built.sources_of(ROOT / "mgrec_core" / "foundation" / "errors.py") == (
        ROOT / "mgrec_core" / "__init__.py",
    )


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import mgrec_core.data.rules", {"data"}),
        ("def f():\n    from mgrec_core.model.model import build_model, Model", {"model"}),
        ("from mgrec_core import engine, model", {"engine", "model"}),
        ("import numpy, mgrec_corelike", set()),
    ],
)
def test_imports_are_seen_wherever_they_are(code: str, found: set[str], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(code)
    assert built._reached([tmp_path / "a.py"]) == found


def test_relative_imports_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "ROOT", tmp_path)
    folder = tmp_path / "mgrec_core" / "map"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("from ..errors import InputError\nfrom .b import x")
    assert built._reached([folder / "a.py"]) == {"errors", "map"}


@pytest.mark.parametrize(
    "names",
    [GRANULARITIES, METRICS, RULES, FUSION_MODES, WORLDS],
    ids=lambda names: f"{len(names)} names",
)
def test_what_tests_go_through_is_not_empty(names: Collection[str]) -> None:
    assert len(names) > 1


tried: list[int] = []


@settings(max_examples=40, deadline=None)
@given(st.integers())
def test_examples_follow_the_profile(number: int) -> None:
    tried.append(number)


def test_so_many_were_tried() -> None:
    if tried:  # the test before ran in this process
        assert (len(tried) >= 40) if PROFILE == "ci" else (3 <= len(tried) <= FEW)


def test_every_test_has_one_group(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        assert len([name for name in GROUPS if item.get_closest_marker(name)]) == 1, item.nodeid


def test_every_folder_of_tests_has_a_group() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert {group_of(folder / "test_x.py") for folder in folders} == set(GROUPS)
    with pytest.raises(pytest.UsageError, match="tests/new belongs to no group"):
        group_of(ROOT / "tests" / "new" / "test_x.py")
