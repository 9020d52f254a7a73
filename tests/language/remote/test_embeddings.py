"""Vectors from an address: in the order of the texts, of one length, or refused."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.language import load_encoder
from mgrec_core.language.remote.address import Address
from mgrec_core.language.remote.client import Client
from mgrec_core.language.remote.embeddings import KEY, Embeddings
from tests.language.remote.serving import Answer, Script, Server, always, embeddings, plain, vector

TEXTS = [f"text {n}" for n in range(10)]


def asked(server: Server, prompt: str = "") -> Embeddings:
    return Embeddings(Client(Address.parse(server.address), KEY, sleep=lambda _: None), prompt)


def unit(texts: list[str]) -> np.ndarray:
    rows = np.array([vector(text) for text in texts])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("backwards", [False, True])
def test_vectors_are_the_servers_in_the_order_of_the_texts(server: Server, backwards: bool) -> None:
    server.usual = embeddings(backwards=backwards)
    found = asked(server).encode(TEXTS, 4)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, unit(TEXTS), atol=1e-6)
    assert [len(request.document["input"]) for request in server.requests] == [4, 4, 2]
    assert {request.path for request in server.requests} == {"/v1/embeddings"}
    assert all(set(request.document) == {"model", "input"} for request in server.requests)


def test_without_texts_nothing_is_asked(server: Server) -> None:
    assert asked(server).encode([], 4).shape == (0, 0) and server.requests == []


def test_the_prompt_stands_before_every_text_and_nothing_is_sent_empty(server: Server) -> None:
    asked(server, "passage: ").encode(["one", ""], 4)
    asked(server).encode(["", "half of a character: \ud800"], 4)
    assert server.texts == ["passage: one", "passage: ", " ", "half of a character: ?"]


def test_vectors_in_base64(server: Server) -> None:
    def answer(document: dict[str, Any]) -> Answer:
        rows = [np.array(vector(text), "<f4").tobytes() for text in document["input"]]
        return plain(200, {"data": [{"embedding": base64.b64encode(row).decode()} for row in rows]})

    server.usual = answer
    np.testing.assert_allclose(asked(server).encode(TEXTS, 4), unit(TEXTS), atol=1e-6)


def no_more_than(texts: int, status: int) -> Script:
    def answer(document: dict[str, Any]) -> Answer:
        if len(document["input"]) > texts:
            return plain(status, {"error": {"message": f"batch size exceeds {texts}"}})
        return embeddings()(document)

    return answer


@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_what_is_too_much_at_once_is_halved_and_stays_so(server: Server, status: int) -> None:
    server.usual = no_more_than(2, status)
    np.testing.assert_allclose(asked(server).encode(TEXTS, 8), unit(TEXTS), atol=1e-6)
    assert [len(request.document["input"]) for request in server.requests] == [8, 4, 2, 2, 2, 2, 2]


def test_a_text_that_is_too_long_is_named(server: Server) -> None:
    long = "a book about\nwhales " * 100

    def answer(document: dict[str, Any]) -> Answer:
        if max(map(len, document["input"])) > 1_000:
            return plain(413, {"error": "inputs must have less than 512 tokens", "error_type": "Validation"})
        return embeddings()(document)

    server.usual = answer
    with pytest.raises(InputError) as caught:
        asked(server).encode([*TEXTS, long], 64)
    said = str(caught.value)
    assert "does not read texts of 2,000 characters (413: inputs must have less than 512 tokens)" in said
    assert "begins “a book about whales a book" in said and "shorten the texts" in said and "\n" not in said


def test_a_refusal_that_is_not_for_length_is_told_as_it_is(server: Server) -> None:
    server.usual = always(400, {"error": {"message": "this model makes pictures"}})
    with pytest.raises(InputError, match=r"\(400: this model makes pictures\): check that it is a model for"):
        asked(server).encode(TEXTS, 64)
    assert [len(request.document["input"]) for request in server.requests] == [10, 5, 2, 1]


def rows(*found: Any) -> Script:
    return always(200, {"data": [{"embedding": one} for one in found]})


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (rows([1.0, 2.0]), "with 1 vector for 2 texts"),
        (rows([1.0], [1.0], [1.0]), "with 3 vectors for 2 texts"),
        (rows([1.0, 2.0], [1.0]), "with vectors of different lengths"),
        (rows([], []), "with empty vectors"),
        (rows([1.0, 2.0], [math.nan, 1.0]), "with vectors of NaN, infinity or nothing but zeros"),
        (rows([1.0, 2.0], [math.inf, 1.0]), "with vectors of NaN, infinity or nothing but zeros"),
        (rows([1.0, 2.0], [0.0, 0.0]), "with vectors of NaN, infinity or nothing but zeros"),
        (rows([1.0, 2.0], [10**400, 1]), "without vectors"),
        (rows([1.0, 2.0], ["a", "b"]), "without vectors"),
        (rows([1.0, 2.0], [True, None]), "without vectors"),
        (rows([1.0, 2.0], "not base64"), "without vectors"),
        (rows([1.0, 2.0], {"values": [1.0]}), "without vectors"),
        (always(200, {"data": "none"}), "without vectors"),
        (always(200, {"data": [1, 2]}), "without vectors"),
        (always(200, {"choices": []}), "without vectors"),
    ],
)
def test_an_answer_that_is_no_vector_a_text(server: Server, script: Script, said: str) -> None:
    server.usual = script
    with pytest.raises(InputError, match=f"the model tiny at 127.*answers {said}: check that it is a model"):
        asked(server).encode(TEXTS[:2], 64)


def test_another_length_than_before(server: Server) -> None:
    model = asked(server)
    assert model.encode(TEXTS, 64).shape == (10, 8) and model.dimensions == 8
    server.usual = embeddings(dimensions=5)
    with pytest.raises(InputError, match="answers with vectors of 5 numbers after 8 before"):
        model.encode(["more"], 64)


def test_as_an_encoder(server: Server) -> None:
    encoder = load_encoder(server.address, prompt="passage: ")
    assert (encoder.backend, encoder.name, encoder.dimensions) == ("address", server.address, 8)
    assert encoder.encode(["one"]).shape == (1, 8) and server.texts[-1] == "passage: one"
    with pytest.raises(InputError, match="cannot keep the ends of long texts"):
        encoder.encode(["one"], truncate_left=True)
    with pytest.raises(InputError, match=r"is no address: name one as https://HOST/v1#MODEL"):
        load_encoder(backend="address")
