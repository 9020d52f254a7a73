"""`item` and `compare` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict, str]:  # type: ignore[type-arg]
    code = main([*map(str, arguments), "--json", "--quiet"])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def test_an_item_as_a_document(shop: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--workspace", shop.workspace.path)
    item = shop.item_ids[0]
    code, found, _ = run(capsys, "item", *where, "--item", item, "--k", 3, "--weights", "recent=0.2")
    assert code == 0 and found["item_id"] == item and found["weights"]["recent"] == 0.2
    assert len(found["neighbours"]["fused"]) == 3 and found["audience"]["k"] == 3
    assert found["standing"]["n_items"] == len(shop.item_ids)


def test_a_comparison_as_a_document(shop: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--workspace", shop.workspace.path, "--user", shop.user_ids[0], "--k", 4)
    code, found, _ = run(capsys, "compare", *where, "--with-user", shop.user_ids[1])
    assert code == 0 and found["second"]["user_id"] == shop.user_ids[1]
    assert sum(found["making_the_difference"].values()) == pytest.approx(1)
    code, found, _ = run(capsys, "compare", *where, "--with-preset", "equal")
    assert code == 0 and found["names"][1] == "equal" and found["second"]["user_id"] == shop.user_ids[0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("item", "--item", "nothing"), "unknown item 'nothing'"),
        (("item", "--item", "{item}", "--segment", "moon"), "unknown segment 'moon'"),
        (("item", "--item", "{item}", "--k", "0"), "k is 0"),
        (("compare", "--user", "{user}"), "compare with one thing"),
        (("compare", "--user", "{user}", "--with-user", "nobody"), "unknown user 'nobody'"),
        (("compare", "--user", "{user}", "--with-preset", "none"), "preset"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    shop: Engine, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    path: Path = shop.workspace.path
    given = [a.format(item=shop.item_ids[0], user=shop.user_ids[0]) for a in arguments]
    code, found, err = run(capsys, *given, "--workspace", path)
    assert code == 2 and not found
    assert sentence in err and len(err.strip().splitlines()) == 1
