"""Curves of a training that go elsewhere too: nowhere unless asked for, and offline where that is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mgrec_core.adaptation.reporting import reporters
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace
from tests.adaptation.conftest import world


def test_nothing_is_sent_unless_a_project_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_PROJECT", raising=False)
    for name in ("TENSORBOARD_LOGGING_DIR", "WANDB_DIR", "WANDB_SILENT"):
        monkeypatch.setenv(name, "")  # so that they are put back
    assert reporters(tmp_path) == ["tensorboard"]
    monkeypatch.setenv("WANDB_PROJECT", "mgrec")
    assert reporters(tmp_path) == ["tensorboard", "wandb"]


def test_offline_everything_stays_in_the_workspace(encoder: ModelFiles, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "own")
    import_data(workspace, world().write(tmp_path / "data"), "canonical")
    build(workspace, str(encoder.folder), with_map=False)
    words = ["adapt", "--workspace", str(workspace.path), "--method", "contrastive", "--steps", "3"]
    done = subprocess.run(
        [sys.executable, "-m", "mgrec_core", *words, "--no-build", "--json"],
        env={**os.environ, "WANDB_PROJECT": "mgrec", "WANDB_MODE": "offline", "HOME": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0 and json.loads(done.stdout)["method"] == "contrastive", done.stderr
    (run,) = workspace.path.glob("models/*/contrastive/logs/wandb/offline-run-*/run-*.wandb")
    assert run.stat().st_size > 0
