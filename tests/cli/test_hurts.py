"""Commands with faults of a workspace's files: true words, nothing lost, the others answer as ever."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mgrec_core.workspace.folder import Workspace
from tests.cli.hurts import EVERY, HURTS, attempt, used, wrong
from tests.worlds import full

WHOLE = ("a state that is no database", "tables that are no database", "a flipped bit in the build")
"""Faults that every quick command meets here."""

SOME = ("info", "rank", "doctor", "export", "build", "feedback import")
"""Commands that meet the other faults here: ``python -m tests.cli.hurts`` tries all with all."""

SLOW = (
    *(
        "import",
        "import a new one",
        "append",
        "mapping",
        "sweep",
        "pareto",
        "panel",
        "tune",
        "evaluate people",
    ),
    *("query read", "query", "query cohort", "forget an item", "compress"),
)
"""Commands of a second and more, which meet one fault here."""

UNMET = ("import a new one", "mapping", "compress")
"""Of these, what does not read the state."""

PATIENT = "a state that another program holds"
"""The fault that is waited for."""

CELLS = [
    *((fault, name) for fault in WHOLE for name in EVERY if name not in SLOW),
    *(("a state that is no database", name) for name in SLOW if name not in UNMET),
    *((fault, name) for fault in HURTS for name in SOME if fault not in (*WHOLE, PATIENT)),
    *((PATIENT, name) for name in ("rank", "doctor")),
    *(("a state that is gone", name) for name in ("forget", "cohorts list", "feedback list", "evaluate")),
    ("a flipped bit in the manifest", "compress"),
    *((fault, "append") for fault in ("a writer at work", "tables overwritten in the middle")),
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return full().write(tmp_path_factory.mktemp("hurts") / "source")


@pytest.fixture(scope="module")
def world(built_world: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return used(tmp_path_factory.mktemp("hurts") / "world", built_world.path)


@pytest.fixture(scope="module")
def answers(world: Path, source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What commands print that answer the same each time, where nothing is hurt."""
    found = {}
    for name in ("info", "rank", "explain", "compare", "experiments", "cohorts list", "feedback list", "kg"):
        disk = tmp_path_factory.mktemp("whole") / "disk"
        outcome = attempt(name, None, world, source, disk)
        assert outcome.code == 0 and not outcome.lost
        found[name] = outcome.out
        shutil.rmtree(disk)
    return found


@pytest.mark.parametrize(("fault", "name"), CELLS, ids=lambda value: value)
def test_a_command_on_a_workspace_that_is_hurt(
    fault: str, name: str, world: Path, source: Path, answers: dict[str, str], tmp_path: Path
) -> None:
    found = attempt(name, HURTS[fault], world, source, tmp_path / "disk")
    assert not wrong(name, HURTS[fault], found)
    if found.code == 0 and name in answers:
        assert found.out == answers[name]
    shutil.rmtree(tmp_path / "disk")


def test_every_command_is_in_the_table() -> None:
    from mgrec_core.cli.main import _parser

    def words(parser: object, before: str = "") -> set[str]:
        found = set()
        for action in parser._actions:  # type: ignore[attr-defined]
            if isinstance(action.choices, dict):
                for name, sub in action.choices.items():
                    found |= words(sub, f"{before}{name} ") or {f"{before}{name}"}
        return found

    tried = {" ".join(make(Path("disk"), "user", "item")) for make in EVERY.values()}
    missing = [name for name in words(_parser()) if not any(one.startswith(name) for one in tried)]
    assert sorted(missing) == ["models", "rules"]  # they need no workspace
