from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.foundation.errors import NotFoundError, WorkspaceBrokenError
from mgrec_core.workspace.models import (
    ModelRecord,
    folder_of,
    free_name,
    models_of,
    path_of,
    read_record,
    remove_model,
    seen_in_training,
    write_record,
)


def made(workspace: Path, name: str, **facts: object) -> ModelRecord:
    folder = folder_of(workspace, name)
    (folder / "model").mkdir(parents=True)
    record = ModelRecord(name=name, base="base", base_fingerprint="f" * 64, method="static", **facts)  # type: ignore[arg-type]
    write_record(folder, record)
    return record


def test_a_name_is_a_place_in_the_workspace(tmp_path: Path) -> None:
    made(tmp_path, "small-1")
    assert path_of(tmp_path, "small-1") == str(tmp_path / "models" / "small-1" / "model")
    for other in (None, "small-2", "owner/model", "/some/where", "../models/small-1", ".hidden", "Small-1"):
        assert path_of(tmp_path, other) == other


def test_records_come_newest_first_and_damaged_ones_are_left_out(tmp_path: Path) -> None:
    made(tmp_path, "old-1", made="2025-01-01T00:00:00+00:00")
    made(tmp_path, "new-1", made="2026-01-01T00:00:00+00:00")
    made(tmp_path, "damaged-1")
    (folder_of(tmp_path, "damaged-1") / "record.json").write_text("{")
    (tmp_path / "models" / "begun-1" / "training").mkdir(parents=True)
    (tmp_path / "models" / "junk").write_text("")
    assert [record.name for record in models_of(tmp_path)] == ["new-1", "old-1"]
    with pytest.raises(WorkspaceBrokenError, match=r"record\.json is damaged: remove the folder"):
        read_record(tmp_path, "damaged-1")


@pytest.mark.parametrize("name", ["gone-1", "../models/old-1", "", "x" * 500])
def test_what_is_not_there_is_said(tmp_path: Path, name: str) -> None:
    made(tmp_path, "old-1")
    with pytest.raises(NotFoundError, match=r"has no model .*: it has old-1"):
        remove_model(tmp_path, name)
    assert folder_of(tmp_path, "old-1").is_dir()


def test_names_are_plain_and_free(tmp_path: Path) -> None:
    assert free_name(tmp_path, "owner/All MiniLM_L6", "int8") == "all-minilm-l6-int8-1"
    made(tmp_path, "all-minilm-l6-int8-1")
    assert free_name(tmp_path, "owner/All MiniLM_L6", "int8") == "all-minilm-l6-int8-2"
    assert path_of(tmp_path, free_name(tmp_path, "模型", "static")) == "static-1"


def test_a_model_tells_what_it_has_learned_from(tmp_path: Path) -> None:
    kept = {part: {"fingerprint": part[0] * 16} for part in ("test", "validation", "new")}
    made(tmp_path, "taught-1", held_out=kept)
    made(tmp_path, "small-1")
    assert seen_in_training(tmp_path, "taught-1", "t" * 16) is None
    assert seen_in_training(tmp_path, "taught-1", "t" * 16, "v" * 16) is None
    assert "learned from some of the pairs" in str(seen_in_training(tmp_path, "taught-1", "0" * 16))
    assert "learned from some of the pairs" in str(seen_in_training(tmp_path, "taught-1", "t" * 16, "0" * 16))
    assert seen_in_training(tmp_path, "small-1", "0" * 16) is None
    assert seen_in_training(tmp_path, None, "0" * 16) is None


def test_a_model_whose_training_has_not_ended_is_told_as_such(tmp_path: Path) -> None:
    (folder_of(tmp_path, "half") / "training").mkdir(parents=True)
    with pytest.raises(NotFoundError, match="training of model half has not ended: ask"):
        path_of(tmp_path, "half")
    (folder_of(tmp_path, "half") / "model").mkdir()
    assert path_of(tmp_path, "half") == str(folder_of(tmp_path, "half") / "model")
