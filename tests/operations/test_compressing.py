"""``compress``: smaller models beside the original, kept with their records, switched to by name and back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mgrec_core import Engine, build, compress
from mgrec_core.cli.console import print_result
from mgrec_core.cli.language import _shown
from mgrec_core.cli.main import main
from mgrec_core.engine.models import models
from mgrec_core.foundation.errors import InputError, NoRoomError
from mgrec_core.language.compression import KINDS
from mgrec_core.language.embedded import MINILM, USE
from mgrec_core.operations import compressing
from mgrec_core.operations.compressing import suggest
from mgrec_core.operations.doctor import examine
from mgrec_core.operations.forgetting import forget
from mgrec_core.operations.importing import import_data
from mgrec_core.operations.locking import writing
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.models import models_of, read_record
from tests.language.conftest import write_bert
from tests.operations.test_language import shop

ROOT = Path(__file__).resolve().parents[2]
ROW = {
    *("name", "kind", "MB", "texts_per_second", "speedup", "dimensions", "warm", "cold", "fused"),
    *("fused_share", "differences", "weights"),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights, of which nothing is expected but that it runs."""
    return write_bert(tmp_path_factory.mktemp("base") / "Tiny BERT", num_hidden_layers=2)


@pytest.fixture(scope="module")
def english(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("english")
    workspace = Workspace.create(folder / "workspace")
    import_data(workspace, shop(folder / "source", "English"))
    build(workspace, str(base), with_map=False)
    return workspace


@pytest.fixture(scope="module", autouse=True)
def processor() -> Iterator[None]:
    """One that does not compute in bfloat16, whatever this one does: the kind that is refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mgrec_core.language.compression.bf16.computes_in_bf16", lambda able: False)
        yield


@pytest.fixture(scope="module")
def found(english: Workspace) -> dict[str, Any]:
    return compress(english, kinds=("layers", "static", "bf16"))


@pytest.fixture
def own(english: Workspace, found: dict[str, Any], tmp_path: Path) -> Workspace:
    """A copy with two smaller models, to break."""
    return Workspace(Path(shutil.copytree(english.path, tmp_path / "workspace")))


def test_each_is_beside_the_original(found: dict[str, Any], base: Path) -> None:
    assert list(found)[:4] == ["model", "original", "variants", "suggested"] and found["model"] == str(base)
    assert [row["kind"] for row in (found["original"], *found["variants"])] == [
        "original",
        "layers",
        "static",
    ]
    assert found["original"]["speedup"] == 1 and found["original"]["fused_share"] == 1
    for row in found["variants"]:
        assert set(row) == ROW and row["MB"] <= found["original"]["MB"]
        assert row["fused_share"] == pytest.approx(row["fused"] / found["original"]["fused"], abs=0.01)
        for part, told in row["differences"].items():
            assert told["mean"] == pytest.approx(told["after"] - told["before"])
            assert told["low"] <= told["mean"] <= told["high"]
            if part in row:
                assert (row[part], found["original"][part]) == (
                    pytest.approx(told["after"], abs=1e-4),
                    pytest.approx(told["before"], abs=1e-4),
                )
    assert list(found["refused"]) == ["bf16"]
    assert json.dumps(found, allow_nan=False)


def test_they_are_kept_with_their_records(found: dict[str, Any], english: Workspace, base: Path) -> None:
    names = [row["name"] for row in found["variants"]]
    assert names == ["tiny-bert-layers-1", "tiny-bert-static-1"]
    assert {record.name for record in models_of(english.path)} == set(names)
    record = read_record(english.path, names[0])
    assert (record.base, record.method, record.facts["layers"]) == (str(base), "layers", "0 of 2")
    assert (
        set(record.facts["measured_on"]) == {"test", "validation", "new", "new_validation"}
        and "fused" in record.figures
    )
    assert record.held_out == {}  # it has read texts alone: on any split its figures are honest
    assert sorted(path.name for path in (english.path / "models").iterdir()) == names
    assert english.manifest().model == str(base)  # nothing is switched by itself


def test_switched_to_and_back(own: Workspace, found: dict[str, Any], base: Path) -> None:
    before = Engine.open(own.path).rank("u00", 5)
    for row in found["variants"]:
        manifest, changed = build(own, row["name"], with_map=False)
        assert changed and manifest.model == row["name"]
        engine = Engine.open(own.path)
        ranked = engine.rank("u00", 5).items
        assert sum(engine.explain("u00", ranked[0].item_id).contributions.values()) == pytest.approx(
            ranked[0].score, abs=1e-5
        )
        assert [one["name"] for one in models(own) if one["chosen"]] == [row["name"]]
    build(own, str(base), with_map=False)
    assert Engine.open(own.path).rank("u00", 5) == before


def test_a_smaller_model_can_be_named_as_what_they_are_made_of(own: Workspace) -> None:
    made = compress(own, "tiny-bert-layers-1", kinds=("static",))
    assert [row["name"] for row in made["variants"]] == ["tiny-bert-layers-1-static-1"]
    with pytest.raises(InputError, match="as fast as can be"):
        compress(own, "tiny-bert-static-1", kinds=("static",))


def test_what_cannot_be_made_leaves_everything_as_it_was(own: Workspace, tmp_path: Path) -> None:
    before = sorted(path.name for path in own.path.rglob("*"))
    (broken := write_bert(tmp_path / "broken")).joinpath("tokenizer.json").unlink()
    for model, kinds, said in (
        (USE.name, ("int8", "layers"), "its own package runs it"),
        (None, ("int4",), "there is no kind 'int4': choose among int8"),
        (None, (), "no kind of smaller model"),
        (None, ("bf16",), "bf16 is nothing for this processor"),
        (str(broken), ("layers", "static"), "^[^;]* has no tokenizer [^;]*$"),
        (str(tmp_path / "none"), ("layers",), "does not exist"),
    ):
        with pytest.raises(InputError, match=said) as caught:
            compress(own, model, kinds)
        assert "\n" not in str(caught.value)
    assert sorted(path.name for path in own.path.rglob("*")) == before


def test_a_full_disk_keeps_what_was_there(own: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> dict[str, object]:
        raise OSError(28, "No space left on device")

    before = [record.name for record in models_of(own.path)]
    monkeypatch.setitem(KINDS, "layers", full)
    with pytest.raises(NoRoomError, match="its disk is full"):
        compress(own, kinds=("layers",))
    assert [record.name for record in models_of(own.path)] == before
    assert not list((own.path / "models").glob("*.part"))


def test_killed_in_the_middle_nothing_half_is_left(own: Workspace) -> None:
    before = sorted(path.name for path in (own.path / "models").iterdir())
    words = ["-m", "mgrec_core", "compress", "--workspace", str(own.path), "--kinds", "layers", "--quiet"]
    running = subprocess.Popen([sys.executable, *words], cwd=ROOT)
    while not list((own.path / "models").glob("*.part/layers/model")):
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert {record.name for record in models_of(own.path)} == set(before)
    left = list((own.path / "models").glob("*.part"))
    assert len(left) == 1
    with writing(own):  # the next writer
        assert sorted(path.name for path in (own.path / "models").iterdir()) == before


def test_what_a_living_process_makes_is_not_tidied_away(own: Workspace) -> None:
    mine = own.path / "models" / f"compress.x.{os.getpid()}-0.part"
    mine.mkdir()
    with writing(own):
        assert mine.is_dir()


def test_to_the_doctor_and_to_forgetting_a_model_is_the_workspaces_own(own: Workspace) -> None:
    words = own.path / "models" / "tiny-bert-static-1" / "model" / "vocab.txt"
    words.write_text("u00\ni00\n")  # a number or a word of a vocabulary may be anybody's id
    assert not [one for one in examine(own.path)["findings"] if "models" in one["file"]]
    forget(own, "user", "u00")
    assert words.is_file() and len(models_of(own.path)) == 2


def test_without_a_build_the_model_of_the_texts_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    with pytest.raises(InputError, match="import"):
        compress(workspace)
    import_data(workspace, shop(tmp_path / "source", "English"))
    seen = []
    monkeypatch.setattr(compressing, "_made", lambda original, *_: seen.append(original.name) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        compress(workspace)
    assert seen == [MINILM.name] and not (workspace.path / "models").exists()


def test_new_items_texts_are_not_looked_at(own: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def makes(files: object, texts: list[str], *_: object) -> dict[str, object]:
        given.extend(texts)
        raise InputError("enough")

    monkeypatch.setitem(KINDS, "layers", makes)
    with pytest.raises(InputError, match="enough"):
        compress(own, kinds=("layers",))
    with own.reading() as connection:
        new = compressing.hold_out(own.path, connection).new.test["item_id"]
        texts = compressing.item_texts(connection)
    assert given and not {texts[item] for item in new} & set(given)


def row(name: str, share: float, high: float, megabytes: float) -> dict[str, Any]:
    return {
        "name": name,
        "fused_share": share,
        "MB": megabytes,
        "speedup": 2.0,
        "differences": {"fused": {"high": high}},
    }


def test_the_smallest_that_is_as_good_is_suggested() -> None:
    rows = [row("big", 1.0, 0.1, 90), row("small", 0.98, 0.0, 15), row("poor", 0.97, 0.1, 5)]
    assert suggest(rows)[0] == "small" and "small is the smallest" in suggest(rows)[1]
    rows[1]["differences"] |= {"warm": {"before": 0.1, "after": 0.09}, "cold": {"before": 0.1, "after": 0.05}}
    assert suggest(rows)[1].endswith("it keeps 0.90 on known items and 0.50 on new items")
    assert suggest([row("worse for sure", 0.99, -0.001, 1)]) == (None, suggest([])[1])
    assert "stay with the original" in suggest([])[1]


def test_on_the_command_line(own: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compress", "--workspace", str(own.path), "--kinds"]
    assert main([*words, "layers", "--json"]) == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert [row["name"] for row in document["variants"]] == ["tiny-bert-layers-2"]  # a name of its own
    assert "making layers" in said.err and "measuring layers" in said.err
    assert main([*words, "int4"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and "choose among int8" in said.err


def test_for_people_it_is_one_table(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    print_result(_shown(found), as_json=False)
    shown = capsys.readouterr().out
    assert all(f" {word} " in shown for word in ("MB", "texts/s", "cold", "share", "λ behaviour"))
    assert all(row["name"] in shown for row in found["variants"]) and found["refused"]["bf16"] in shown
