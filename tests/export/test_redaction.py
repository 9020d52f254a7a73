"""Pseudonyms are equal for equal ids, unequal otherwise, and nothing without the key."""

from __future__ import annotations

import hmac
import json
import re
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from mgrec_core.cli.main import main as cli
from mgrec_core.engine.engine import Engine
from mgrec_core.evaluation.segments import Segmentation
from mgrec_core.export.redaction import hide_ranked
from mgrec_core.foundation.errors import InputError, WorkspaceBrokenError
from mgrec_core.foundation.results import RankedItem, RankedList
from mgrec_core.metrics.small_groups import MIN_GROUP, suppressed
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import KEY_FILE, WorkspaceKey
from mgrec_core.workspace.pseudonyms import Pseudonyms
from tests import worlds
from tests.built import built
from tests.worlds import ODD_IDS


def test_a_person_has_one_pseudonym_in_a_workspace(tmp_path: Path) -> None:
    key = WorkspaceKey(tmp_path)
    ids = [*ODD_IDS, "", "x" * 100_000, "\ud800"]
    names = key.pseudonyms(ids)
    assert len(set(names)) == len(ids)
    assert all(re.fullmatch(r"p_[0-9a-f]{24}", name) for name in names)
    assert WorkspaceKey(tmp_path).pseudonyms(ids) == names
    assert key.pseudonym("1", "item") != key.pseudonym("1")
    (tmp_path / "other").mkdir()
    assert not set(WorkspaceKey(tmp_path / "other").pseudonyms(ids)) & set(names)


def test_it_is_hmac_sha_256_under_the_key_in_the_file(tmp_path: Path) -> None:
    name = WorkspaceKey(tmp_path).pseudonym("ü")
    secret = bytes.fromhex((tmp_path / KEY_FILE).read_text())
    assert name == "p_" + hmac.new(secret, "user\0ü".encode(), "sha256").hexdigest()[:24]


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    key = WorkspaceKey(tmp_path)
    assert not key.path.exists(), "no key before it is asked for"
    first = key.pseudonym("u")
    assert key.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    key.path.chmod(0o644)
    assert WorkspaceKey(tmp_path).pseudonym("u") == first
    assert key.path.stat().st_mode & 0o777 == 0o600


def test_many_that_ask_at_once_get_one_key(tmp_path: Path) -> None:
    found: list[str] = []
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        found.append(WorkspaceKey(tmp_path).pseudonym("u"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1


@pytest.mark.parametrize("content", [b"", b"abcd", b"\xff\xfe", b"z" * 64])
def test_a_damaged_key_makes_no_other_pseudonyms(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(WorkspaceBrokenError, match="damaged: restore it"):
        WorkspaceKey(tmp_path).pseudonym("u")
    assert (tmp_path / KEY_FILE).read_bytes() == content


def test_no_place_for_a_key(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        WorkspaceKey(tmp_path / "absent").pseudonym("u")


@pytest.mark.parametrize("sizes", [[3, 40, 9], [1, 1, 50], [4, 5], [8, 9], [4], [2, 2, 2], [1, 100, 100, 3]])
def test_no_small_group_is_shown_or_computed_from_the_total(sizes: list[int]) -> None:
    hidden = suppressed(sizes)
    gone = [size for size, out in zip(sizes, hidden, strict=True) if out]
    assert all(size >= 5 for size, out in zip(sizes, hidden, strict=True) if not out)
    if min(sizes) >= 5:
        assert not gone
    else:
        assert len(gone) == len(sizes) or (len(gone) > 1 and sum(gone) >= 5)


def test_small_segments_are_named_without_figures() -> None:
    values = np.full((60, 3), np.nan)
    values[:3, 0], values[3:20, 1], values[20:, 2] = 0.1, 0.5, 0.9
    found = Segmentation("x", ["few", "some", "many"], values).to_dict(200)
    few, some, many = found["groups"]
    assert few == {"group": "few", "n": None, "suppressed": "suppressed (< 5 users)"}
    assert some["n"] is None and (many["n"], many["mean"]) == (40, pytest.approx(0.9))
    assert "gap" not in found
    shown = Segmentation("x", ["few", "some", "many"], values).to_dict(200, min_group=1)
    assert [row["n"] for row in shown["groups"]] == [3, 17, 40] and shown["gap"]["worst"] == "few"


def test_files_with_pseudonyms_hold_no_id(own_world: Workspace, tmp_path: Path) -> None:
    out, workspace = tmp_path / "out", str(own_world.path)
    words = ["export", "--workspace", workspace, "--user", "u03", "--out", str(out), "--pseudonymise"]
    assert cli([*words, "--format", "json,csv,html,md", "--k", "5", "--quiet"]) == 0
    name = WorkspaceKey(own_world.path).pseudonym("u03")
    files = sorted(out.iterdir())
    assert len(files) == 7 and all(name in path.name for path in files)
    for path in files:
        assert not re.search(r"\bu\d\d\b", path.read_text()), path.name
    recs = tmp_path / "recs.parquet"
    words = ["recommend", "--workspace", workspace, "--k", "2", "--out", str(recs), "--pseudonymise"]
    assert cli([*words, "--quiet"]) == 0
    users = pq.read_table(recs).column("user_id").to_pylist()
    assert name in users and all(user.startswith("p_") for user in users)


def test_documents_with_pseudonyms_hold_no_id(
    own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    item = _seen_by_many(own_world)
    for words in (
        ["compare", "--user", "u03", "--with-user", "u04", "--k", "3"],
        ["interests", "--user", "u03"],
        ["compare", "--user", "u03", "--with-preset", "equal", "--k", "3"],
        ["item", "--item", item, "--k", "3"],
        ["quality"],
    ):
        said = []
        for more in ([], ["--pseudonymise"]):
            assert cli([*words, *more, "--workspace", str(own_world.path), "--json", "--quiet"]) == 0
            said.append(capsys.readouterr().out)
        assert re.search(r"\bu\d\d\b", said[0]) and not re.search(r"\bu\d\d\b", said[1]), words
        assert "p_" in said[1]
        plain, hidden = (json.loads(one) for one in said)
        assert plain.keys() == hidden.keys()
    out = tmp_path / "quality.html"
    words = ["quality", "--workspace", str(own_world.path), "--out", str(out), "--pseudonymise", "--quiet"]
    assert cli(words) == 0
    assert "p_" in out.read_text() and not re.search(r"\bu\d\d\b", out.read_text())


def _seen_by_many(workspace: Workspace) -> str:
    engine = Engine.open(workspace.path)
    seen = Counter(i.item_id for user in ("u02", "u03", "u04") for i in engine.rank(user, 3).items)
    return seen.most_common(1)[0][0]


def test_an_evaluation_names_nobody(own_world: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """Its groups are of five users or more, and it says nothing of single ones."""
    words = ["evaluate", "--workspace", str(own_world.path), "--segments", "activity,taste,cold-users,items"]
    assert cli([*words, "--json", "--quiet"]) == 0
    said = capsys.readouterr().out
    assert not re.search(r"\bu\d\d\b", said)
    groups = [row for segment in json.loads(said)["segments"].values() for row in segment["groups"]]
    assert groups and all(row["n"] is None or row["n"] >= MIN_GROUP for row in groups)


@pytest.mark.parametrize(("target", "stays"), [("users", False), ("ads", True)])
def test_people_among_ranked_targets_are_hidden_and_ads_are_not(
    tmp_path: Path, target: str, stays: bool
) -> None:
    key = Pseudonyms(["u1"], ["t1"], WorkspaceKey(tmp_path))
    rows = (RankedItem(1, "t1", "t1", 0.5, {"a": 0.5}, {"friends_in_common": 2}),)
    found = hide_ranked(RankedList("u1", 1, {"a": 1.0}, "a", "score", {}, 3, rows, target), key)
    assert found.user_id == key.pseudonym("u1")
    assert (found.items[0].item_id == "t1") == stays == (found.items[0].title == "t1")
    assert found.items[0].score == 0.5 and found.items[0].about == {"friends_in_common": 2}


def test_planted_ids_come_out_of_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ids of users in titles, tags, values and graph ends: no file, name of a file or line holds one."""
    world = worlds.full()
    items = tuple(
        (i, f"Remembering u0{n % 9} (u03)", f"by u0{n % 9}.") for n, (i, *_) in enumerate(world.items)
    )
    known = [str(row[0]) for row in items]
    world = replace(
        world,
        items=items,
        attributes=(*world.attributes, *((i, "maker", f"u0{n % 9}") for n, i in enumerate(known))),
        kg=(*world.kg, *((i, "u05 likes", f"u0{n % 9}", f"u0{n % 9} & sons") for n, i in enumerate(known))),
        user_attributes=(*world.user_attributes, ("u03", "referrer", "u04"), ("u03", "u05", "of u06")),
    )
    own = built(tmp_path / "own", world.write(tmp_path / "source"))
    out = tmp_path / "out"
    item = str(Engine.open(own.path).rank("u03", 1).items[0].item_id)
    for words in (
        ["export", "--user", "u03", "--k", "5", "--out", str(out), "--format", "json,csv,html,md"],
        ["export", "--user", "u03", "--item", item, "--out", str(out), "--format", "json,csv,html,md"],
        ["export", "--user", "u03", "--with-user", "u04", "--out", str(out), "--format", "json,csv,html,md"],
        ["export", "--quality", "--out", str(out), "--format", "json,csv,html,md"],
        ["compare", "--user", "u03", "--with-user", "u04", "--k", "3"],
        ["item", "--item", item, "--k", "3"],
        ["quality", "--out", str(out / "quality.html")],
        ["query", "SELECT * FROM v_kg", "--out", str(out / "kg.csv")],
        ["query", "SELECT i.*, a.* FROM v_items i JOIN v_item_values a USING (item_id)"],
    ):
        for shape in ([], ["--json"]):
            command = [*words, "--workspace", str(own.path), "--pseudonymise", "--quiet", *shape]
            assert cli(command) == 0
            said = capsys.readouterr().out
            assert not re.search(r"\bu\d\d\b", said), (words, said)
    files = list(out.iterdir())
    assert len(files) == 26
    for path in files:
        assert not re.search(r"(?<![^\W_])u\d\d(?![^\W_])", path.name + path.read_text()), path.name
    assert any("Remembering p_" in path.read_text() for path in files)
