"""``counterfactual`` on the command line."""

from __future__ import annotations

import json

import pytest

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([*map(str, arguments), "--quiet"])
    out, err = capsys.readouterr()
    return code, out, err


def asked(shop: Engine, user: str) -> tuple[object, ...]:
    item = shop.rank(user, 5).items[-1].item_id
    return ("counterfactual", "--workspace", shop.workspace.path, "--user", user, "--item", item, "--k", 5)


def test_a_document_that_can_be_checked(shop: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    user = shop.user_ids[0]
    code, out, _ = run(capsys, *asked(shop, user), "--json")
    found = json.loads(out)
    assert code == 0 and found["user_id"] == user and found["rank_before"] == 5 and found["k"] == 5
    assert found["verified"] and found["rank_after"] > 5 and found["remove"]


def test_a_reader_gets_sentences_and_tables(shop: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, *asked(shop, shop.user_ids[0]))
    assert code == 0 and "answer: “" in out and "moves" in out


def test_pseudonyms_hide_the_user_and_friends(shop: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    social = "friend" in {g.kind for g in shop.model.granularities.values()}
    for by in ("events", *(("friends",) if social else ())):
        user = shop.user_ids[3]
        code, out, _ = run(capsys, *asked(shop, user), "--by", by, "--json", "--pseudonymise")
        assert code == 0
        found = json.loads(out)
        assert found["user_id"].startswith("p_") and f"user {user} " not in " ".join(found["sentences"])
        if by == "friends":
            assert not {piece["id"] for piece in found["remove"]} & set(shop.user_ids)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--by", "dreams"), "choose events, values, entities, friends"),
        (("--item", "nothing"), "unknown item 'nothing'"),
        (("--user", "nobody"), "unknown user 'nobody'"),
        (("--k", "0"), "k is 0"),
        (("--weights", "recent=2"), "weights lie from 0 to 1"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    shop: Engine, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], sentence: str
) -> None:
    code, out, err = run(capsys, *asked(shop, shop.user_ids[0]), *more)
    assert code == 2 and not out
    assert sentence in err and len(err.strip().splitlines()) == 1
