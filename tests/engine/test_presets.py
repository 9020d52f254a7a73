"""Named weights: built-in, saved, tuned, and a state file that others write too."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from mgrec_core import Engine
from mgrec_core.engine.presets import PresetStore, built_in, choose
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError, WorkspaceLockedError
from mgrec_core.foundation.results import Weights
from mgrec_core.model.granularities import GRANULARITIES
from mgrec_core.workspace.folder import Workspace

SOME = {"behaviour": 0.25, "collaborative": 1.0}
PRESENT = ("behaviour", "collaborative")


@pytest.fixture
def store(tmp_path: Path) -> PresetStore:
    return PresetStore(tmp_path / "state.duckdb")


def test_the_presets_that_every_workspace_has() -> None:
    found = built_in(GRANULARITIES)
    assert list(found) == ["default", "equal", "base only"]
    for preset in found.values():
        assert preset.base == "collaborative" and preset.weights["collaborative"] == 1
        assert list(preset.weights) == list(GRANULARITIES) and preset.origin == "built-in"
    assert set(found["equal"].weights.values()) == {1.0}
    assert sum(found["base only"].weights.values()) == 1


def test_what_is_saved_is_there_again(store: PresetStore, tmp_path: Path) -> None:
    assert "mine" not in store.all(PRESENT)
    saved = store.save("  my   own ", SOME, "collaborative")
    assert saved.name == "my own"
    again = PresetStore(tmp_path / "state.duckdb").all(PRESENT)
    assert again["my own"] == saved and list(again)[:3] == ["default", "equal", "base only"]
    store.save("my own", {**SOME, "behaviour": 0.5}, "collaborative")
    assert store.all(PRESENT)["my own"].weights["behaviour"] == 0.5
    store.delete("my own")
    with pytest.raises(NotFoundError, match="my own"):
        store.delete("my own")


def test_nothing_to_delete(store: PresetStore) -> None:
    for name in ("mine", "default"):
        with pytest.raises(NotFoundError, match=name):
            store.delete(name)


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 61, "default", "equal", "base only", "learned", "base  only"]
)
def test_names_that_are_none(store: PresetStore, name: str) -> None:
    with pytest.raises(InputError):
        store.save(name, SOME, "collaborative")


@pytest.mark.parametrize("name", ["Ünï 日本", "'; DROP TABLE presets; --", "<b>", "a" * 60])
def test_any_other_name_is_kept_as_it_is(store: PresetStore, name: str) -> None:
    store.save(name, SOME, "collaborative")
    assert store.all(PRESENT)[name].weights == SOME


def test_only_what_is_present_is_kept_of_a_preset(store: PresetStore) -> None:
    store.save("wide", {**SOME, "social": 0.5}, "collaborative")
    store.save("of friends", {"social": 1.0}, "social")
    found = store.all(PRESENT)
    assert found["wide"].weights == SOME
    assert "of friends" not in found  # its base is absent here


def test_what_was_learned_is_active(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    assert engine.active_preset().name == "default" and engine.base == "collaborative"
    default = [i.item_id for i in engine.rank("u00").items]
    engine.store_learned("learned", Weights({"collaborative": 0.2}, "recent"))
    assert engine.active_preset().name == "learned" and engine.base == "recent"
    assert engine.rank("u00").weights["collaborative"] == 0.2
    assert [i.item_id for i in engine.rank("u00", weights=Weights(preset="default")).items] == default
    engine.delete_preset("learned")
    assert engine.active_preset().name == "default"


def test_unknown_presets() -> None:
    with pytest.raises(NotFoundError, match="'mine': choose among default, equal, base only"):
        choose(built_in(PRESENT), "mine")


@pytest.mark.parametrize("content", [b"", b"no database", b"\x00" * 20_000])
def test_a_damaged_state_file_is_told_and_built_in_presets_go_on(
    own_world: Workspace, content: bytes
) -> None:
    """Weights from nowhere would be wrong without a word, so only those asked for by name go on."""
    own_world.state.write_bytes(content)
    engine = Engine.open(own_world.path)
    for use in (engine.presets, lambda: engine.rank("u00"), lambda: engine.save_preset("mine", {})):
        with pytest.raises(WorkspaceBrokenError, match="put back a copy of it, or move it") as raised:
            use()
        assert str(own_world.state) in str(raised.value) and "\n" not in str(raised.value)
    default = engine.resolve(Weights(preset="default"))
    assert engine.rank("u00", weights=default).items, "complete weights need no preset"


def test_content_that_is_no_preset(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    engine.save_preset("mine", {"recent": 0.5})
    for text in ("{", "[1]", '{"recent": "much"}', '{"recent": null}'):
        with duckdb.connect(str(own_world.state)) as connection:
            connection.execute("UPDATE presets SET weights = ?", [text])
        with pytest.raises(WorkspaceBrokenError, match="put back a copy of it, or move it"):
            engine.presets()


def test_a_state_file_without_presets_has_none(own_world: Workspace) -> None:
    with duckdb.connect(str(own_world.state)) as connection:
        connection.execute("CREATE TABLE feedback (user_id VARCHAR)")
    engine = Engine.open(own_world.path)
    assert list(engine.presets()) == ["default", "equal", "base only"]
    engine.save_preset("mine", {"recent": 0.5})
    assert engine.presets()["mine"].weights["recent"] == 0.5


def test_a_state_file_that_another_process_holds(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    engine.save_preset("mine", {"recent": 0.5})
    code = (
        f"import duckdb, sys\nc = duckdb.connect({str(own_world.state)!r})\n"
        "print('open', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        with pytest.raises(WorkspaceLockedError, match="try again"):
            engine.presets()
        assert engine.rank("u00", weights=Weights(preset="equal")).items
        leaves = threading.Timer(0.3, other.communicate, [""])
        leaves.start()
        assert "mine" in engine.presets()  # waits for it
        leaves.join()


def test_threads_save_and_read_at_once(own_world: Workspace) -> None:
    engine = Engine.open(own_world.path)
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            for n in range(4):
                engine.save_preset(f"p{number}", {"recent": n / 10})
                engine.rank("u00", 1)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert {f"p{n}" for n in range(3)} <= set(engine.presets())
