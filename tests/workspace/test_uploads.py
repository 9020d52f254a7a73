"""Damaged zip files and long names in an upload: one sentence, and nothing stays behind."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from mgrec_core.foundation.errors import InputError, NoRoomError
from mgrec_core.workspace import uploads
from tests.support import upload

METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}


def pack(method: int, r: random.Random) -> bytes:
    rows = "".join(f"u{r.random()},i{r.random()}\n" for _ in range(200))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        file.writestr("interactions.csv", "user_id,item_id\n" + rows)
    return packed.getvalue()


@pytest.mark.parametrize("method", METHODS)
def test_a_damaged_zip_file_is_refused_in_a_sentence(method: str, tmp_path: Path) -> None:
    r = random.Random(1)
    whole = pack(METHODS[method], r)
    refused = 0
    for n in range(120):
        damaged = bytearray(whole)
        for _ in range(r.choice((1, 2, 8))):
            damaged[r.randrange(len(damaged))] = r.randrange(256)
        content = bytes(damaged[: r.randrange(len(damaged))] if n % 5 == 0 else damaged)
        try:
            folder = upload(tmp_path, [("data.zip", io.BytesIO(content))], "data")
        except InputError as error:
            assert "data.zip" in str(error) and "\n" not in str(error), error
            assert not any((tmp_path / uploads.FOLDER).iterdir())
            refused += 1
        else:
            uploads.remove(tmp_path, folder)
    assert refused > 100


@pytest.mark.parametrize("name", ["文" * 100 + ".csv", "a" * 300 + ".csv", "é" * 100, "." + "b" * 300])
def test_a_long_name_is_shortened_to_what_a_disk_takes(name: str, tmp_path: Path) -> None:
    folder = upload(tmp_path, [(name, io.BytesIO(b"x"))], "文" * 90)
    (stored,) = folder.iterdir()
    assert len(stored.name.encode()) <= 120 and stored.read_bytes() == b"x"
    assert stored.suffix == (".csv" if name.endswith(".csv") else "")


def test_a_disk_that_cannot_be_written_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(NoRoomError, match="the upload cannot be written: its disk is full"):
        upload(tmp_path, [("data.zip", io.BytesIO(pack(zipfile.ZIP_DEFLATED, random.Random(2))))], "x")
