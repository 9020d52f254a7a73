"""``--target`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine
from mgrec_core.workspace.key import WorkspaceKey


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main([*arguments, "--json", "--quiet"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("target", "fixture"), [("users", "friends"), ("ads", "coupons")])
def test_rank_explain_and_recommend(
    target: str, fixture: str, request: pytest.FixtureRequest, capsys, tmp_path: Path
) -> None:
    engine: Engine = request.getfixturevalue(fixture)
    where = ("--workspace", str(engine.workspace.path), "--target", target)
    document = run(capsys, "rank", *where, "--user", "u01", "--k", "3")
    assert len(document[target]) == 3
    row = document[target][0]
    for part, value in row["contributions"].items():
        total = sum(e["value"] for e in row["evidence"][part]) + row["rest"][part] + row["baseline"][part]
        assert total == pytest.approx(value, abs=1e-5)
    why = run(capsys, "explain", *where, "--user", "u01", "--item", row["target_id"])
    assert why["rank"] == 1 and why["score"] == pytest.approx(row["score"])
    out = tmp_path / "out.parquet"
    said = run(capsys, "recommend", *where, "--k", "4", "--out", str(out))
    table = pq.read_table(out).to_pandas()
    assert len(table) == said["rows"] and said["users"] == table["user_id"].nunique()
    names = [c for c in table.columns if c.startswith("contribution_")]
    assert (table[names].sum(axis=1) - table["score"]).abs().max() < 1e-5
    mine = table[table["user_id"] == "u01"]
    assert mine["target_id"].tolist()[:3] == [r["target_id"] for r in document[target]]
    assert mine["rank"].tolist() == list(range(1, len(mine) + 1))


def test_recommended_people_have_pseudonyms_too(friends: Engine, capsys, tmp_path: Path) -> None:
    where = ("--workspace", str(friends.workspace.path), "--target", "users", "--k", "2")
    plain, hidden = tmp_path / "plain.parquet", tmp_path / "hidden.parquet"
    run(capsys, "recommend", *where, "--out", str(plain))
    run(capsys, "recommend", *where, "--out", str(hidden), "--pseudonymise")
    key = WorkspaceKey(friends.workspace.path)
    for column in ("user_id", "target_id"):
        expected = key.pseudonyms(pq.read_table(plain)[column].to_pylist())
        assert pq.read_table(hidden)[column].to_pylist() == expected and expected


def test_ads_that_run_at_a_moment(coupons: Engine, capsys) -> None:
    where = ("--workspace", str(coupons.workspace.path), "--target", "ads", "--user", "u01")
    every = run(capsys, "rank", *where)
    assert every["ads"] and run(capsys, "rank", *where, "--active-at", "2025-02-01")["ads"] == every["ads"]
    assert run(capsys, "rank", *where, "--active-at", "2025-03-02T00:00+00:00")["ads"] == []
    people = (*where[:3], "users", *where[4:])
    for words in ((*where, "--active-at", "soon"), (*people, "--active-at", "2025-02-01")):
        assert main(["rank", *words]) == 2
        assert "--active-at" in capsys.readouterr().err


def test_options_of_items_are_refused_for_others(friends: Engine, capsys) -> None:
    where = ("--workspace", str(friends.workspace.path), "--target", "users")
    for arguments in (
        ("rank", *where, "--user", "u01", "--preset", "default"),
        ("rank", *where, "--user", "u01", "--fusion", "vector"),
        ("rank", *where, "--user", "u01", "--weights", "smell=1"),
        ("evaluate", *where, "--certify"),
        ("rank", *where[:-1], "cats", "--user", "u01"),
    ):
        assert main(list(arguments)) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
