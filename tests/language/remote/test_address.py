"""Addresses of models: one reading of each, and no quoting of what may be a secret."""

from __future__ import annotations

import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.language import load_encoder, model_fingerprint, read_through
from mgrec_core.language.model_files import find_model
from mgrec_core.language.remote.address import Address, is_address


@pytest.mark.parametrize(
    "text",
    [
        "https://models.example/v1#BAAI/bge-m3",
        "https://models.example/v1/embeddings#BAAI/bge-m3",
        "HTTPS://Models.Example.:443/v1/#BAAI/bge-m3",
        "  https://models.example/v1/embeddings/ # BAAI/bge-m3 ",
    ],
)
def test_ways_to_write_one_address_have_one_fingerprint(text: str) -> None:
    text = text.replace("/ #", "/#")
    assert str(Address.parse(text)) == "https://models.example/v1#BAAI/bge-m3"
    assert model_fingerprint(text) == model_fingerprint("https://models.example/v1#BAAI/bge-m3")


def test_what_decides_the_vectors_decides_the_fingerprint() -> None:
    base = "https://models.example/v1#e5"
    others = [
        *("http://models.example/v1#e5", "https://models.example:8443/v1#e5", "https://models.example/v2#e5"),
        *("https://other.example/v1#e5", "https://models.example/v1#e6", "https://models.example/v1#e5#2"),
    ]
    found = {model_fingerprint(one) for one in (base, *others)} | {model_fingerprint(base, prompt="query: ")}
    assert len(found) == len(others) + 2
    assert find_model(base, prompt="query: ").prompt == "query: "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://me:secret-7@localhost/v1#e5", "a user or a password has no place"),
        ("http://secret-7@localhost/v1#e5", "a user or a password has no place"),
        ("http://me:secret-7/x@localhost/v1#e5", "a user or a password has no place"),
        ("https://localhost/v1?key=secret-7#e5", "a query has no place"),
        ("https://localhost/v1/secret-7", "names no model"),
        ("https://localhost/v1/secret-7#", "names no model"),
        ("https://localhost/v1/secret-7# #2", "names no model"),
        ("https:/secret-7/v1#e5", "does not begin"),
        ("https://secret-7 /v1#e5", "does not begin"),
        ("https://localhost:secret-7/v1#e5", "no host name"),
        ("https://lócalhost/v1#secret-7", "no host name"),
        ("https://localhost:70000/v1#secret-7", "from 1 to 65535"),
        ("https://[::gg]/v1#secret-7", "no host name"),
        ("https://[1::2::3]/v1#secret-7", "no IP address"),
        ("https:///v1#secret-7", "no host name"),
        ("https://localhost#secret-7", "no path"),
        ("https://localhost/../v1#secret-7", "no path"),
        ("https://localhost/v1#secret-7\x1b[2J", "control characters"),
        ("https://localhost/v1#" + "secret-7" * 300, "longer than"),
    ],
)
def test_one_that_cannot_be_read_is_refused_without_quoting_it(text: str, said: str) -> None:
    for refuse in (Address.parse, find_model, load_encoder):
        with pytest.raises(InputError, match=said) as caught:
            refuse(text)
        assert "secret" not in str(caught.value) and "https://HOST/v1#MODEL" in str(caught.value)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        *((host, True) for host in ("localhost", "127.0.0.1", "127.9.9.9:80", "[::1]:8000")),
        *((host, False) for host in ("localhost.example", "0.0.0.0", "127.1", "10.0.0.1", "[::2]")),
        *((host, False) for host in ("127.0.0.1.example", "local", "2130706433")),
    ],
)
def test_only_loopback_is_this_machine(host: str, own: bool) -> None:
    assert Address.parse(f"http://{host}/v1#e5").loopback is own


def test_folders_and_names_are_no_addresses() -> None:
    assert not any(map(is_address, ("BAAI/bge-m3", "/models/http", "./https", "all-MiniLM-L6-v2", "", None)))


def test_of_such_a_model_nothing_is_known_that_is_not_asked_for() -> None:
    address = "https://models.example/v1#e5"
    assert read_through(["some", "texts"], address) is None
    with pytest.raises(InputError, match=r"cannot pool long texts, since a server reads them: .*cut"):
        find_model(address, long_texts="pool")
    with pytest.raises(InputError, match="leave max_length out"):
        find_model(address, max_length=64)
