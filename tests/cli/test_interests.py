"""``interests``: a user's interests as named themes."""

from __future__ import annotations

import json

import pytest

from mgrec_core.cli.main import main
from mgrec_core.workspace.folder import Workspace


def asked(marketplace: Workspace, *more: str) -> list[str]:
    return ["interests", "--workspace", str(marketplace.path), "--user", "U001", "--quiet", *more]


def test_the_document(marketplace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(marketplace, "--json", "--top", "2")) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["user_id", "granularities"] and found["user_id"] == "U001"
    assert "popularity" not in found["granularities"] and "social" in found["granularities"]
    for held in found["granularities"].values():
        themes = held["themes"]
        assert 1 <= len(themes) <= 6 and sum(t["share"] for t in themes) == pytest.approx(1.0)
        for theme in themes:
            assert {"name", "share", "items", "trend", "apart", "evidence"} <= set(theme)
            assert theme["name"] and 1 <= len(theme["items"]) <= 2
            assert all(one.startswith("P") for one in theme["items"])


def test_one_granularity_and_a_table_for_people(
    marketplace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(asked(marketplace, "--json", "--granularity", "attribute")) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["granularities"]) == ["attribute"]
    assert main(asked(marketplace, "--granularity", "attribute")) == 0
    said = capsys.readouterr().out
    assert found["granularities"]["attribute"]["themes"][0]["name"] in said and "points" in said


def test_pseudonyms_for_the_user_and_for_friends(
    marketplace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(asked(marketplace, "--json")) == 0
    plain = json.loads(capsys.readouterr().out)
    assert main(asked(marketplace, "--json", "--pseudonymise")) == 0
    text = capsys.readouterr().out
    friends = [one for t in plain["granularities"]["social"]["themes"] for one in t["evidence"]]
    assert friends and not any(f'"{one}"' in text for one in ["U001", *friends])
    assert json.loads(text)["granularities"]["attribute"] == plain["granularities"]["attribute"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--top", "0"], "at least 1"),
        (["--granularity", "popularity"], "a prior, the same for everybody"),
        (["--granularity", "taste"], "unknown granularity"),
    ],
)
def test_refusals_are_one_line(
    marketplace: Workspace, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert main(asked(marketplace, "--json", *more)) == 2
    found = capsys.readouterr()
    assert found.out == "" and said in found.err and found.err.count("\n") == 1


def test_words_of_an_item_are_told_with_their_completeness(
    marketplace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    which = ["--workspace", str(marketplace.path), "--user", "U001", "--quiet", "--json"]
    assert main(["rank", *which]) == 0
    item = json.loads(capsys.readouterr().out)["items"][0]["item_id"]
    assert main(["explain", *which, "--item", item, "--words"]) == 0
    found = json.loads(capsys.readouterr().out)["words"]
    total = found["baseline"] + sum(one["value"] for one in found["words"])
    assert total == pytest.approx(found["cosine"], abs=found["completeness_error"] + 1e-6)
    assert found["completeness_error"] < 1e-3 and found["steps"] >= 32
    assert all(one["word"] in found["text"] for one in found["words"])
    assert main(["explain", *which, "--item", item, "--words", "--target", "users"]) == 2
    assert "--words is for items" in capsys.readouterr().err


def test_an_explanation_for_people_says_ways_in_words(
    marketplace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    which = ["--workspace", str(marketplace.path), "--user", "U001", "--quiet"]
    assert main(["rank", *which, "--json"]) == 0
    item = json.loads(capsys.readouterr().out)["items"][0]["item_id"]
    assert main(["explain", *which, "--item", item]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "{'" not in said and "joined" in said and "themes: recent" in said
    assert "rank_if_unseen" not in said
