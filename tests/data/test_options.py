"""The command line's choices about an import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.data.options import ImportOptions
from mgrec_core.foundation.errors import InputError

ROWS = "user_id,item_id,timestamp\nu1,i1,1709290000\nu1,i1,1709290000\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "interactions.csv").write_text(ROWS)
    return folder


def test_rules_are_listed_without_a_workspace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--json"]) == 0
    rules = {rule["name"]: rule for rule in json.loads(capsys.readouterr().out)["rules"]}
    assert rules["duplicate_event"]["switchable"] and not rules["missing_user_id"]["switchable"]
    assert all(rule["explanation"] and rule["otherwise"] for rule in rules.values())


@pytest.mark.parametrize("way", ["option", "file"])
def test_a_rule_is_switched_off(way: str, source: Path, tmp_path: Path, capsys) -> None:
    file = tmp_path / "options.yaml"
    file.write_text("without: [duplicate_event]\n")
    chosen = ["--without", "duplicate_event"] if way == "option" else ["--options", str(file)]
    assert main(["import", str(source), "--workspace", str(tmp_path / "ws"), "--json", *chosen]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["counts"]["events"] == 2
    assert [one["action"] for one in report["reasons"]] == ["switched off"]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (["--without", "duplicate_evnt"], "did you mean duplicate_event"),
        (["--without", "missing_user_id"], "cannot be switched off"),
        (["--identifiers", "sell"], "choose drop, hash or keep"),
        (["--drop-column", "nowhere"], "no file has a column 'nowhere'"),
        (["--options", "nowhere.yaml"], "does not exist"),
        (["--options", "x.yaml", "--identifiers", "keep"], "either in the file"),
    ],
)
def test_wrong_choices_are_one_line(
    chosen: list[str], said: str, source: Path, tmp_path: Path, capsys
) -> None:
    assert main(["import", str(source), "--workspace", str(tmp_path / "ws"), *chosen]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert said in error and not (tmp_path / "ws").exists()


ITEMS = "item_id,title,kind,ref\n" + "".join(f"i{n},Item {n},a/b,{n}\n" for n in range(9))


@pytest.mark.parametrize("way", ["option", "file"])
def test_columns_get_roles_and_separators(way: str, source: Path, tmp_path: Path, capsys) -> None:
    (source / "items.csv").write_text(ITEMS)
    file = tmp_path / "options.yaml"
    file.write_text("roles: {ref: number}\nseparators: {kind: /}\n")
    given = ["--role", "ref=number", "--separator", "kind=/"]
    chosen = given if way == "option" else ["--options", str(file)]
    workspace = str(tmp_path / "ws")
    assert main(["import", str(source), "--workspace", workspace, "--json", *chosen]) == 0
    capsys.readouterr()
    query = "SELECT name, role, separator FROM v_columns ORDER BY 1"
    assert main(["query", "--workspace", workspace, query, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [list(row.values()) for row in rows] == [["kind", "list", "/"], ["ref", "number", ""]]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (["--role", "ref=size"], "choose one of attribute, list, number"),
        (["--role", "ref"], "write COLUMN=ROLE"),
        (["--role", "ref=id", "--role", "ref=number"], "given twice"),
        (["--separator", "kind=a long sign"], "at most 5 characters"),
        (["--role", "other=id"], "no file has an attribute column 'other'"),
    ],
)
def test_wrong_roles_are_refused(chosen: list[str], said: str, source: Path, tmp_path: Path, capsys) -> None:
    (source / "items.csv").write_text(ITEMS)
    assert main(["import", str(source), "--workspace", str(tmp_path / "ws"), *chosen]) == 2
    assert said in capsys.readouterr().err


def test_names_of_the_command_line_are_keys_of_the_file_too(tmp_path: Path) -> None:
    file = tmp_path / "options.yaml"
    file.write_text(
        "strength: {save: 0.6}\nrole: {ean: id}\nseparator: {tags: ';'}\ndrop-column: [city]\n"
        "no-rating: '-1,99'\nliked: 4\njoin-ids: zeros\ntime-form: days\n",
        encoding="utf-8",
    )
    assert ImportOptions.load(file) == ImportOptions.of(
        strengths={"save": 0.6},
        roles={"ean": "id"},
        separators={"tags": ";"},
        drop_columns=["city"],
        ratings={"missing": [-1, 99], "liked": 4},
        join_ids=["zeros"],
        time_form="days",
    )
    assert ImportOptions.from_dict({"no_rating": "none"}) == ImportOptions.of(ratings={"missing": []})
    for twice in ({"role": {}, "roles": {}}, {"liked": 4, "ratings": {"liked": 3}}):
        with pytest.raises(InputError, match=r"keep one of them|within ratings or beside"):
            ImportOptions.from_dict(twice)
