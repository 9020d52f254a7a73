"""A model behind an address that has become another is noticed before vectors of both are mixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.language import LazyEncoder, TextCache
from mgrec_core.language.remote.sign import SIGN
from tests.language.remote.serving import Server, embeddings


def read(server: Server, folder: Path, *texts: str, revision: str = "") -> None:
    cache = TextCache(folder)
    cache.encode(LazyEncoder(server.address + revision, cache.dimensions_of), texts)


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each build loads its model, as one of another day does."""
    from mgrec_core.language import encoder

    monkeypatch.setattr(encoder, "load_encoder", encoder.load_encoder.__wrapped__)


def test_the_same_model_is_asked_for_new_texts_only(server: Server, tmp_path: Path) -> None:
    read(server, tmp_path, "one", "two")
    read(server, tmp_path, "two", "three", "one")
    assert server.texts == ["a", "one", "two", "a", "three"]
    read(server, tmp_path, "one")
    assert len(server.texts) == 5  # nobody is asked where nothing is missing


@pytest.mark.parametrize(
    ("other", "said"), [(embeddings(salt="other"), "cosine"), (embeddings(5), "5 numbers after 8 before")]
)
def test_another_model_is_refused_and_a_revision_is_the_way_out(
    server: Server, tmp_path: Path, other: object, said: str
) -> None:
    read(server, tmp_path, "one")
    server.usual = other  # type: ignore[assignment]
    with pytest.raises(InputError, match=said) as caught:
        read(server, tmp_path, "one", "two")
    assert f"name it {server.address}#2, where" in str(caught.value) and "two" not in server.texts
    read(server, tmp_path, "one", "two", revision="#2")
    assert server.texts[-2:] == ["one", "two"]
    assert {request.document["model"] for request in server.requests} == {"tiny"}
    server.usual = embeddings(salt="third")
    with pytest.raises(InputError, match=f"name it {server.address}#2-2, where"):
        read(server, tmp_path, "three", revision="#2")


def test_a_damaged_sign_is_made_anew_but_the_length_still_counts(server: Server, tmp_path: Path) -> None:
    read(server, tmp_path, "one")
    (sign,) = tmp_path.glob(f"*/{SIGN}")
    sign.write_text("{not json")
    read(server, tmp_path, "two")
    assert sign.read_text().startswith("[")
    sign.unlink()
    server.usual = embeddings(5)
    with pytest.raises(InputError, match="5 numbers after 8 before"):
        read(server, tmp_path, "three")


def test_what_was_answered_is_kept_although_the_server_fails_later(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mgrec_core.language import encoder
    from tests.language.remote.serving import always

    monkeypatch.setattr(encoder, "_KEEP_EVERY", 3)
    texts = [f"text {n}" for n in range(10)]
    server.scripts[:] = [embeddings()] * 3 + [always(404, {})]
    with pytest.raises(InputError, match="404"):
        read(server, tmp_path, *texts)
    sent = set(server.texts)
    server.requests.clear()
    read(server, tmp_path, *texts)
    again = sent & set(server.texts) - {"a"}
    assert len(again) == 3 and len(server.texts) == 5  # those of one answer, one more, the sign


def test_missing_texts_are_counted_once(server: Server, tmp_path: Path) -> None:
    cache = TextCache(tmp_path)
    lazy = LazyEncoder(server.address, cache.dimensions_of)
    assert cache.missing(lazy.fingerprint, ["one", " one ", "two"]) == ["one", "two"]
    cache.encode(lazy, ["one"])
    assert cache.missing(lazy.fingerprint, ["one", " one ", "two"]) == ["two"]
    assert cache.missing("another", ["one"]) == ["one"]
