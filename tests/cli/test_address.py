"""A model behind an address on the command line and in a job: one line for each refusal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.language.remote.embeddings import KEY
from mgrec_core.operations.importing import import_data
from mgrec_core.service import jobs
from mgrec_core.workspace.folder import Workspace
from tests.language.remote.serving import Server, serving
from tests.operations.test_language import shop


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in (KEY, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("address")
    import_data(Workspace.create(folder / "workspace"), shop(folder / "source", "English"))
    return folder / "workspace"


def test_texts_are_sent_only_with_the_option(
    workspace: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["build", "--workspace", str(workspace), "--model", server.not_loopback, "--no-map", "--json"]
    assert main(command) == 2
    said = capsys.readouterr()
    last = said.err.splitlines()[-1]
    assert said.out == "" and server.requests == []
    assert last.startswith("mgrec: 30 texts (about ") and last.endswith(
        f"would leave this machine to 0.0.0.0:{server.port}, unencrypted: add --send-texts to `build` to"
        " send them"
    )
    assert main([*command, "--send-texts"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == server.not_loopback


def test_a_job_that_is_refused_says_why(workspace: Path, server: Server) -> None:
    command = ["build", "--workspace", str(workspace), "--model", f"{server.not_loopback}#job", "--no-map"]
    job = jobs.start(workspace, command)
    while job.state == "running":
        time.sleep(0.1)
    assert job.error.startswith("30 texts (about ") and "add --send-texts to `build`" in job.error


def test_models_asks_the_one_that_is_named(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--model", server.address, "--json"]) == 0
    row = json.loads(capsys.readouterr().out)[-1]
    assert (row["name"], row["dimensions"], row["distinct_texts"]) == (server.address, 8, None)
    with serving() as gone:
        pass
    assert main(["models", "--model", gone.address, "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "cannot be reached (connection refused)" in said.err.splitlines()[-1]
