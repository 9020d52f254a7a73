"""``describe``: a user's interests in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.workspace.folder import Workspace
from tests.language.generation.test_generators import writer
from tests.language.remote.serving import always, serving


def asked(marketplace: Workspace, *more: str) -> list[str]:
    return ["describe", "--workspace", str(marketplace.path), "--user", "U001", "--quiet", *more]


def test_the_document(marketplace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(marketplace, "--json", "--top", "2")) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["user_id", "generator", "granularities"] and found["generator"] is None
    for told in found["granularities"].values():
        assert list(told) == ["text", "by", "refused", "evidence"] and len(told["evidence"]) <= 2


def test_for_people_each_reason_is_told_once(
    marketplace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(writer(tmp_path / "model", positions=64))
    assert main(asked(marketplace, "--generator", folder)) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "attribute: Above all “brand: Hoshino” (14 %)" in said
    assert said.count("stands in for the model's") == 1 and "choose a model that reads more" in said


def test_pseudonyms_for_the_user_and_for_friends(
    marketplace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(asked(marketplace, "--json")) == 0
    plain = json.loads(capsys.readouterr().out)
    assert main(asked(marketplace, "--json", "--pseudonymise")) == 0
    text = capsys.readouterr().out
    hidden = json.loads(text)
    friends = plain["granularities"]["social"]["evidence"]
    assert friends and not any(f'"{one}"' in text for one in ["U001", *friends])
    assert hidden["granularities"]["attribute"] == plain["granularities"]["attribute"]


def test_refusals_are_one_line(
    marketplace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("MGREC_CHAT_KEY", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(always(200, {})) as server:
        for more, said in (
            (["--send-texts"], "name it with --generator"),
            (["--generator", "owner/model"], "there is no folder"),
            (["--generator", "http://me:pw@localhost/v1#x"], "a user or a password has no place"),
            (["--generator", server.not_loopback], "add --send-texts to send it"),
            (["--top", "0"], "at least 1"),
        ):
            assert main(asked(marketplace, "--json", *more)) == 2
            found = capsys.readouterr()
            assert found.out == "" and said in found.err.splitlines()[-1]
        assert server.requests == []
        assert main(asked(marketplace, "--json", "--generator", server.not_loopback, "--send-texts")) == 0
    assert "answers without a text" in capsys.readouterr().out
