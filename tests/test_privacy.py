"""Pseudonyms are equal for equal ids, unequal otherwise, and nothing without the key."""

from __future__ import annotations

import hmac
import re
import threading
from pathlib import Path

import pytest

from mgrec_core.errors import InputError, WorkspaceBrokenError
from mgrec_core.privacy import KEY_FILE, WorkspaceKey
from tests.worlds import ODD_IDS


def test_a_person_has_one_pseudonym_in_a_workspace(tmp_path: Path) -> None:
    key = WorkspaceKey(tmp_path)
    ids = [*ODD_IDS, "", "x" * 100_000, "\ud800"]
    names = key.pseudonyms(ids)
    assert len(set(names)) == len(ids)
    assert all(re.fullmatch(r"p_[a-z2-7]{24}", name) for name in names)
    assert WorkspaceKey(tmp_path).pseudonyms(ids) == names
    assert key.pseudonym("1", "item") != key.pseudonym("1")
    (tmp_path / "other").mkdir()
    assert not set(WorkspaceKey(tmp_path / "other").pseudonyms(ids)) & set(names)


def test_it_is_hmac_sha_256_under_the_key_in_the_file(tmp_path: Path) -> None:
    import base64

    name = WorkspaceKey(tmp_path).pseudonym("ü")
    secret = bytes.fromhex((tmp_path / KEY_FILE).read_text())
    digest = hmac.new(secret, "user\0ü".encode(), "sha256").digest()
    assert name == "p_" + base64.b32encode(digest[:15]).decode().lower()


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
    with pytest.raises(InputError, match="cannot be read or made"):
        WorkspaceKey(tmp_path / "absent").pseudonym("u")
