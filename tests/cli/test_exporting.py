"""``export``: one document or many, and what does not go together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.workspace.folder import Workspace
from tests.cli.test_cli import document


def test_everybody_twice_writes_once(built_world: Workspace, tmp_path: Path) -> None:
    words = ("export", "--workspace", built_world.path, "--everybody", "--out", tmp_path / "all", "--k", 2)
    first = document(*words, "--format", "md")
    assert first["written"] == first["users"] == 22 and first["kept"] == 0
    assert len(list((tmp_path / "all").glob("user-*.md"))) == 22
    assert document(*words, "--format", "md")["kept"] == 22


def test_users_of_a_file(built_world: Workspace, tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("user_id\nu00\nit's\n")
    told = document(
        *("export", "--workspace", built_world.path, "--users", tmp_path / "ids.txt"),
        *("--out", tmp_path / "some", "--format", "json", "--pseudonymise"),
    )
    assert told["written"] == 2
    for line in (tmp_path / "some" / "index.jsonl").read_text().splitlines():
        assert json.loads(line)["user_id"].startswith("p_") and "u00" not in line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "is required"),
        (["--user", "u00", "--quality"], "not allowed with"),
        (["--quality", "--item", "i05"], "go with --user"),
        (["--user", "u00", "--item", "i05", "--with-preset", "equal"], "one of them at a time"),
        (["--user", "u00", "--with-preset", "none such"], "none such"),
        (["--experiment", "99"], "there is no experiment 99"),
        (["--cohort", "none such"], "none such"),
        (["--user", "u00", "--item", "none such"], "none such"),
        (["--users", "{folder}/none.txt"], "does not exist"),
    ],
)
def test_what_does_not_go_is_one_line(
    built_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    given = [word.format(folder=tmp_path) for word in words]
    out = ["--out", str(tmp_path / "x")]
    assert main(["export", "--workspace", str(built_world.path), *given, *out, "--quiet"]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert said in line and not (tmp_path / "x").exists()
