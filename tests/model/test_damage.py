"""Whatever is done to the files of a build, it answers as before or refuses; nothing ends the process."""

from __future__ import annotations

import collections
import json
from pathlib import Path

import numpy as np
import pytest

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine
from mgrec_core.engine.info import info
from mgrec_core.foundation.errors import WorkspaceBrokenError
from mgrec_core.operations.building import build
from mgrec_core.workspace.digests import CHECKED
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import MANIFEST, Manifest, read_manifest, write_manifest
from tests.model.damage import KINDS, lists, outcomes, without_digests

DAMAGES = 63


def folder_of(workspace: Workspace) -> Path:
    return workspace.vectors / str(workspace.current_build)


def flip(path: Path, place: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_damage_is_refused_or_harmless(own_world: Workspace) -> None:
    found = outcomes(own_world.path, 7, DAMAGES)
    assert len(found) > DAMAGES * 0.9 and {one["kind"] for one in found} == set(KINDS)
    odd = [one for one in found if one["outcome"] not in ("same", "broken")]
    assert not odd, odd
    for one in found:
        assert one["outcome"] == "same" or f"build --workspace {own_world.path}` again" in one["said"]
        assert one["outcome"] == "same" or str(folder_of(own_world)) in one["said"]


def test_no_damage_of_a_build_without_digests_ends_the_process(own_world: Workspace) -> None:
    without_digests(folder_of(own_world))
    ends = collections.Counter(one["outcome"] for one in outcomes(own_world.path, 8, DAMAGES))
    assert not [end for end in ends if end.startswith("signal")], ends
    assert ends["broken"] > DAMAGES / 2


@pytest.mark.parametrize(
    "name", ["behaviour.weights.data.npy", "items.parquet", "global_scale.npy", MANIFEST]
)
def test_one_flipped_bit_is_named(own_world: Workspace, name: str) -> None:
    Engine.open(own_world.path)  # what is remembered of the file as it was does not count for the changed one
    file = folder_of(own_world) / name
    flip(file, -20)
    with pytest.raises(WorkspaceBrokenError, match=name) as told:
        Engine.open(own_world.path)
    assert f"run `python -m mgrec_core build --workspace {own_world.path}` again" in str(told.value)
    assert "\n" not in str(told.value)
    assert own_world.status().problem == str(told.value)


def test_building_again_mends_it(own_world: Workspace) -> None:
    whole = lists(own_world.path)
    flip(folder_of(own_world) / "behaviour.weights.data.npy")
    _, changed = build(own_world, with_map=False)
    assert changed and lists(own_world.path) == whole


def test_building_again_renews_a_build_without_digests(own_world: Workspace) -> None:
    whole, folder = lists(own_world.path), folder_of(own_world)
    without_digests(folder)
    (note,) = info(own_world)["notes"]
    command = f"python -m mgrec_core build --workspace {own_world.path}"
    assert "holds no digests" in note and note.endswith(f"run `{command}` again") and "\n" not in note
    assert lists(own_world.path) == whole  # it answers as ever
    assert main([*command.split()[3:], "--no-map", "--quiet"]) == 0
    assert own_world.manifest().digests and "notes" not in info(own_world)
    assert lists(own_world.path) == whole
    _, changed = build(own_world, with_map=False)
    assert not changed


def test_building_again_mends_a_damaged_build_without_digests(own_world: Workspace) -> None:
    whole, folder = lists(own_world.path), folder_of(own_world)
    without_digests(folder)
    indptr = np.load(folder / "seen.indptr.npy")
    indptr[1] = 10**6
    np.save(folder / "seen.indptr.npy", indptr)
    _, changed = build(own_world, with_map=False)
    assert changed and lists(own_world.path) == whole


def test_bounds_hold_even_where_digests_are_forged(own_world: Workspace) -> None:
    folder = folder_of(own_world)
    indices = np.load(folder / "behaviour.weights.indices.npy")
    indices[0] = 2**30
    np.save(folder / "behaviour.weights.indices.npy", indices)
    from mgrec_core.workspace.digests import digest_of_file

    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    manifest.digests["behaviour.weights.indices.npy"] = digest_of_file(
        folder / "behaviour.weights.indices.npy"
    )
    write_manifest(folder, manifest)
    read_manifest(folder, anew=True)  # the forgery is a good one
    with pytest.raises(
        WorkspaceBrokenError, match=r"behaviour\.weights\.indices\.npy is damaged \(ValueError\)"
    ):
        Engine.open(own_world.path)


def test_a_seal_or_digests_that_were_taken_out_of_a_manifest(own_world: Workspace) -> None:
    file = folder_of(own_world) / MANIFEST
    whole = file.read_text(encoding="utf-8")
    for name in ("seal", "digests"):
        manifest = json.loads(whole)
        del manifest[name]
        file.write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        with pytest.raises(WorkspaceBrokenError, match=r"manifest\.json is damaged"):
            Engine.open(own_world.path)


def test_an_open_engine_refuses_once_a_file_was_cut_off_under_it(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    user, file = engine.user_ids[0], folder_of(own_world) / "language.items.npy"
    content = file.read_bytes()
    with file.open("r+b") as opened:
        opened.truncate(10)
    with pytest.raises(WorkspaceBrokenError, match=r"language\.items\.npy was changed while it was in use"):
        engine.rank(user, weights=None)
    file.write_bytes(content)
    assert Engine.open(own_world.path).rank(user).items


def test_an_open_engine_answers_on_when_its_build_is_replaced(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    before = engine.rank(engine.user_ids[0]).to_dict()
    file = folder_of(own_world) / "language.items.npy"
    other = file.with_suffix(".other")
    other.write_bytes(bytes(file.stat().st_size))
    other.replace(file)
    assert engine.rank(engine.user_ids[0]).to_dict() == before


@pytest.mark.parametrize("text", ["", "[]", "null", '{"x": 1}', '{"a/b": [1, 2, 3, 4, "c"]}', "\x00"])
def test_a_damaged_memory_of_digests_costs_time_only(own_world: Workspace, text: str) -> None:
    whole = lists(own_world.path)
    (own_world.path / CHECKED).write_text(text, encoding="utf-8")
    assert lists(own_world.path) == whole


def test_what_was_checked_is_not_read_again(own_world: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from mgrec_core.workspace import digests

    read: list[str] = []
    monkeypatch.setattr(digests, "_known", {})
    real = digests.digest_of_file
    monkeypatch.setattr(digests, "digest_of_file", lambda path: (read.append(path.name), real(path))[1])
    (own_world.path / CHECKED).unlink(missing_ok=True)
    own_world.manifest()
    assert sorted(read) == sorted(p.name for p in folder_of(own_world).iterdir() if p.name != MANIFEST)
    read.clear()
    own_world.manifest()
    digests._known.clear()  # another process, which has the file only
    own_world.manifest()
    assert read == []
    file = folder_of(own_world) / "seen.data.npy"
    file.write_bytes(file.read_bytes())  # the same content at another time
    own_world.manifest()
    assert read == ["seen.data.npy"]


def test_current_that_names_no_build(own_world: Workspace) -> None:
    (own_world.vectors / "CURRENT").write_text("nothing")
    with pytest.raises(WorkspaceBrokenError, match="CURRENT is damaged, it names no build: run"):
        Engine.open(own_world.path)
    assert "names no build" in str(own_world.status().problem)
    build(own_world, with_map=False)
    assert Engine.open(own_world.path).user_ids
