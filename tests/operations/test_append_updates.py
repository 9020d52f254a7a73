"""What an addition leaves of the build before it: kept where nothing changed, and equal to a full rebuild."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.updating import update
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import write_manifest
from tests.operations.support import assert_equal_builds, assert_equal_tables
from tests.operations.test_append import write

Rows = list[list[object]]
EVENTS = ["user_id", "item_id", "event", "weight", "timestamp"]
TRIPLES = ["head_id", "relation", "tail_id", "tail_label"]
DAYS = [f"2025-06-0{n + 1}" for n in range(4)]
MAPPED = "tables: [{table: tags, file: tags.csv, columns: {user_id: user_id, item_id: item_id, tag: tag}}]"
#: What is added, the parts that stay, and how many users' weights over `behaviour` are others then.
KINDS: dict[str, tuple[dict[str, Rows], set[str], int]] = {
    "events": (
        {"interactions": [EVENTS, ["u00", "i07", "purchase", 2, DAYS[0]], ["u01", "i03", "click", 1, ""]]},
        {"language"},
        2,
    ),
    "an impression": (
        {"interactions": [EVENTS, ["u00", "i07", "impression", "", "2025-06-01"]]},
        {"language", "learned texts", "items", "factors"},
        0,
    ),
    "new items": (
        {
            "interactions": [EVENTS, ["u00", "new", "purchase", 2, "2025-06-01"]],
            "items": [["item_id", "title"], ["new", "a lamp for the night"], ["other", "tea"]],
        },
        set(),
        1,
    ),
    "new users": (
        {
            "interactions": [EVENTS, *(["someone", f"i0{n}", "click", 1, DAYS[n]] for n in range(4))],
            "users": [["user_id", "country"], ["nobody", "NO"]],
        },
        {"language"},
        2,
    ),
    "friendships": (
        {"social": [["user_id", "friend_id", "weight"], ["u00", "u05", 1], ["u03", "u04", 0.5]]},
        {"language", "learned texts", "items", "factors"},
        0,
    ),
    "profiles": (
        {"users": [["user_id", "country"], ["u00", "NO"]]},
        {"language", "learned texts", "items", "factors"},
        0,
    ),
    "a graph": (
        {"kg": [TRIPLES, ["i00", "by", "x", "X"], ["i01", "by", "x", "X"]]},
        {"language", "learned texts", "items", "factors"},
        0,
    ),
    "tags": (
        {
            "tags": [
                ["user_id", "item_id", "tag"],
                *([u, f"i0{n}", "cosy"] for u in ("u00", "u01") for n in range(4)),
            ]
        },
        {"language", "learned texts", "items", "factors"},
        0,
    ),
    "other words": (
        {"items": [["item_id", "title"], ["i00", "a name that is not the old one"]]},
        {"items", "factors"},
        0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_kept_or_computed_anew_it_is_what_a_full_rebuild_gives(
    kind: str, own_world: Workspace, tmp_path: Path
) -> None:
    rows, kept, users = KINDS[kind]
    before = own_world.manifest()
    source = write(tmp_path / "more", **rows)
    if "tags" in rows:  # no known format has them alone
        (source / "mapping.yaml").write_text(MAPPED, encoding="utf-8")
    import_data(own_world, source, append=True)
    done = update(own_world)
    assert done is not None and done["since"] == before.build
    assert set(done["kept"]) == kept
    assert done["granularities"]["behaviour"]["users"] == users

    fresh = Workspace.create(tmp_path / "fresh")
    shutil.copy(own_world.database, fresh.database)
    shutil.copytree(own_world.path / "cache", fresh.path / "cache")
    manifest, _ = build(fresh, with_map=False)
    assert manifest.kept == []
    assert_equal_tables(own_world, fresh)
    assert_equal_builds(own_world, fresh)
    assert own_world.manifest().parts == manifest.parts


def added(workspace: Workspace, source: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict:  # type: ignore[type-arg]
    code = main(["import", str(source), "--workspace", str(workspace.path), "--append", "--json", *words])
    out, err = capsys.readouterr()
    return json.loads(out) if code == 0 else {"code": code, "error": err}


def test_one_command_adds_and_updates(
    own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = own_world.current_build
    one, two = (
        write(tmp_path / str(n), interactions=[EVENTS, ["u00", f"i1{n}", "purchase", 1, "2025-06-01"]])
        for n in (1, 2)
    )
    told = added(own_world, one, capsys)
    assert told["update"]["since"] == before and told["update"]["kept"] == ["language"]
    assert told["update"]["granularities"]["social"]["users"] == 0
    assert not own_world.status().stale and own_world.current_build != before
    assert added(own_world, one, capsys)["update"] == {}  # everything was there
    now = own_world.current_build
    assert "update" not in added(own_world, two, capsys, "--no-build")
    assert own_world.status().stale and own_world.current_build == now


def test_the_update_has_the_builds_own_options(own_world: Workspace, tmp_path: Path) -> None:
    options = tmp_path / "options.yaml"
    options.write_text("recent: {half_life: 3}\ncollaborative: {factors: 0}\n", encoding="utf-8")
    build(own_world, config=options, with_map=False)
    import_data(
        own_world, write(tmp_path / "more", social=[["user_id", "friend_id"], ["u00", "u05"]]), append=True
    )
    update(own_world)
    assert own_world.manifest().config["recent"]["half_life"] == 3


def test_an_addition_to_a_workspace_without_a_build_builds_nothing(
    own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(own_world.vectors)
    source = write(tmp_path / "more", social=[["user_id", "friend_id"], ["u00", "u05"]])
    assert added(own_world, source, capsys)["update"] is None
    assert own_world.current_build is None


def test_an_addition_stays_when_the_build_cannot_be_updated(
    own_world: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = own_world.vectors / str(own_world.current_build)
    write_manifest(folder, own_world.manifest().model_copy(update={"model_source": "gone/away"}))
    source = write(tmp_path / "more", social=[["user_id", "friend_id"], ["u00", "u05"]])
    told = added(own_world, source, capsys)
    assert told["code"] == 2 and "the source was added, but the build could not be updated" in told["error"]
    assert "Traceback" not in told["error"] and own_world.status().stale


@pytest.mark.parametrize("harm", ["flipped", "gone", "another version"])
def test_a_damaged_build_gives_nothing_to_keep(harm: str, own_world: Workspace, tmp_path: Path) -> None:
    folder = own_world.vectors / str(own_world.current_build)
    (name,) = own_world.manifest().parts["language"].arrays
    if harm == "flipped":
        content = bytearray((folder / f"{name}.npy").read_bytes())
        content[-3] ^= 64
        (folder / f"{name}.npy").write_bytes(content)
    elif harm == "gone":
        (folder / f"{name}.npy").unlink()
    else:
        write_manifest(folder, own_world.manifest().model_copy(update={"engine_version": "0"}))
    source = write(tmp_path / "more", social=[["user_id", "friend_id"], ["u00", "u05"]])
    import_data(own_world, source, append=True)
    manifest, _ = build(own_world, with_map=False)
    assert "language" not in manifest.kept
    fresh = Workspace.create(tmp_path / "fresh")
    shutil.copy(own_world.database, fresh.database)
    shutil.copytree(own_world.path / "cache", fresh.path / "cache")
    build(fresh, with_map=False)
    assert_equal_builds(own_world, fresh)
