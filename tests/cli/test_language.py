"""``models``: what is at hand, and how it reads a workspace's texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.language import model_fingerprint
from mgrec_core.language.embedded import MINILM, USE
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace
from tests.language.conftest import write_bert
from tests.operations.test_language import shop

KEYS = ["name", "fingerprint", "dimensions", "unknown_tokens", "distinct_texts", "distinct_vectors", "chosen"]


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chinese")
    import_data(Workspace.create(folder / "workspace"), shop(folder / "source", "Chinese"))
    return folder / "workspace"


def test_without_a_workspace_nothing_is_said_of_texts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert [row["name"] for row in rows] == [MINILM.name, USE.name]
    assert [row["fingerprint"] for row in rows] == [model_fingerprint(), model_fingerprint(USE.name)]
    assert [row["dimensions"] for row in rows] == [384, 512]
    assert all(row[key] is None for row in rows for key in KEYS[3:6]) and not any(r["chosen"] for r in rows)


def test_of_a_workspace_it_says_who_reads_the_texts(
    chinese: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = str(write_bert(tmp_path / "model"))
    assert main(["models", "--workspace", str(chinese), "--model", other, "--json"]) == 0
    default, multilingual, named = json.loads(capsys.readouterr().out)
    assert [row["chosen"] for row in (default, multilingual, named)] == [False, True, False]
    assert default["unknown_tokens"] > 0.5 > 0.1 > multilingual["unknown_tokens"]
    assert default["distinct_vectors"] < default["distinct_texts"] == multilingual["distinct_vectors"] == 30
    assert named["name"] == other and named["dimensions"] == 32


def test_for_people_there_are_size_speed_and_languages(
    chinese: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "--workspace", str(chinese)]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("MB", "texts/s", "languages", MINILM.name))


def test_a_model_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--model", str(tmp_path / "none"), "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "does not exist" in said.err.splitlines()[-1]
