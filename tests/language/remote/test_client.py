"""Whatever a server does is one sentence that names it and the way out; the key is never part of it."""

from __future__ import annotations

import datetime
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mgrec_core.foundation.errors import InputError
from mgrec_core.language.remote import client as module
from mgrec_core.language.remote.address import Address
from mgrec_core.language.remote.client import ATTEMPTS, SECONDS, Client, TooMuchError
from tests.language.remote.serving import Script, Server, always, serving

KEY = "MGREC_EMBEDDINGS_KEY"
SECRET = "sk-abc.DEF_123"


def refused(server: Server, *scripts: Script) -> str:
    """What is said when the server answers so; waits are passed over."""
    server.scripts[:] = scripts
    with pytest.raises(InputError) as caught:
        Client(Address.parse(server.address), KEY, sleep=lambda _: None).post("embeddings", {"input": ["a"]})
    said = str(caught.value)
    assert "\n" not in said and SECRET not in said and len(said) < 400
    assert said.startswith(f"the model tiny at 127.0.0.1:{server.port} ") and ": " in said
    return said


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (always(404, {"error": {"message": "model 'tiny' not found"}}), "(404: model 'tiny' not found)"),
        (always(404, {"error": "model not found, try pulling"}), "(404: model not found, try pulling)"),
        (always(404, {"detail": "Not Found"}), "(404: Not Found): check the model's name and the path"),
        (lambda _: (404, {}, b"<h1>nothing</h1>"), "(404: Not Found)"),
        (always(401, {"error": {"message": "no key"}}), f"asks for a key (401): set it in {KEY}"),
        (always(403, {}), f"asks for a key (403): set it in {KEY}"),
        (always(302, {}, Location="https://elsewhere.example/v1"), "another address (302), which is not"),
        (always(308, {}, Location="/v1/embeddings/"), "another address (308)"),
        (always(418, {"error": {"message": "I am\na teapot\x1b[2J"}}), "(418: I am a teapot [2J)"),
        (always(200, {"error": {"message": "out of cheese"}}), "answers with an error (out of cheese)"),
        (always(200, {"error": {"code": 7}}), "answers with an error (it says nothing of it)"),
        (always(200, ["a"]), "no JSON object"),
        (lambda _: (200, {}, b"<html>welcome</html>"), "no JSON object: check the path"),
        (lambda _: (200, {}, b"[" * 100_000), "no JSON object"),
        (lambda _: (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08"), "no JSON object"),
    ],
)
def test_an_answer_that_does_not_do_is_told_at_once(server: Server, script: Script, said: str) -> None:
    assert said in refused(server, script)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (always(429, {"error": {"message": "slow down"}}), "takes no more for now (429: slow down): wait"),
        (always(500, {"error": {"message": "oops"}}), "fails (500: oops): look at its log"),
        (lambda _: (503, {}, b"<h1>"), "fails (503: Service Unavailable)"),
        (lambda _: None, "broke off"),
        (lambda _: (200, {"Content-Length": "9"}, b"{}"), "broke off"),
    ],
)
def test_a_busy_or_broken_one_is_asked_again_and_then_told(server: Server, script: Script, said: str) -> None:
    assert said in refused(server, *[_closing(script)] * ATTEMPTS)
    assert len(server.requests) == ATTEMPTS


def _closing(script: Script) -> Script:
    def answer(document: dict[str, Any]) -> Any:
        found = script(document)
        return None if found is None else (found[0], {"Connection": "close", **found[1]}, found[2])

    return answer


def test_one_that_recovers_is_not_spoken_of(server: Server) -> None:
    waited: list[float] = []
    client = Client(Address.parse(server.address), KEY, sleep=waited.append, draw=lambda: 0.5)
    busy = [always(503, {}), lambda _: None, always(429, {}, Retry_After="7"), always(500, {})]
    server.scripts[:] = [*busy, always(200, {"data": []})]
    assert client.post("embeddings", {"input": ["a"]}) == {"data": []}
    assert waited == [1, 2, 7.5, 8]  # doubled each time, but for what the server asks for
    assert [request.document for request in server.requests] == [{"model": "tiny", "input": ["a"]}] * 5


def test_who_waits_waits_a_little_more_or_less_than_others(server: Server) -> None:
    found = []
    for drawn in (0.0, 0.25, 0.999):
        waited: list[float] = []
        server.scripts[:] = [always(503, {}), always(200, {})]
        Client(Address.parse(server.address), KEY, waited.append, lambda d=drawn: d).post("embeddings", {})
        found += waited
    assert found == sorted(set(found)) and min(found) >= 0.5 and max(found) < 1.5


@pytest.mark.parametrize(
    ("asked", "waits"),
    [("Wed, 21 Oct 2015 07:28:00 GMT", 0.5), ("soon", 1.0), ("-3", 1.0), ("0", 0.5), ("1.5", 2.0)],
)
def test_retry_after_in_every_form(server: Server, asked: str, waits: float) -> None:
    waited: list[float] = []
    server.scripts[:] = [always(429, {}, Retry_After=asked), always(200, {})]
    Client(Address.parse(server.address), KEY, waited.append, lambda: 0.5).post("embeddings", {})
    assert waited == [waits]


def test_one_that_wants_nobody_for_an_hour_is_not_waited_for(server: Server) -> None:
    assert "asks to come back in 3,600 s (429)" in refused(server, always(429, {}, Retry_After="3600"))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_may_be_too_much_is_told_apart(server: Server, status: int) -> None:
    server.scripts[:] = [always(status, {"error": {"message": "too long"}})]
    with pytest.raises(TooMuchError, match=rf"refuses what it was asked \({status}: too long\)") as caught:
        Client(Address.parse(server.address), KEY).post("embeddings", {})
    assert (caught.value.status, caught.value.said) == (status, "too long")


def test_an_answer_without_an_end_is_cut_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1 << 20)
    assert "answers with more than 1 MB" in refused(server, lambda _: (200, {}, b" " * (1 << 21)))


def test_a_server_that_does_not_answer_in_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "0.2")
    done = threading.Event()
    late: Script = lambda _: done.wait(20) and None  # noqa: E731
    said = refused(server, late, late)
    done.set()
    assert "did not answer within 0.2 s: try again, or give it longer with MGREC_ADDRESS_SECONDS=0.4" in said
    assert len(server.requests) == 2


@pytest.mark.parametrize("given", ["0", "-1", "soon", "1e3"])
def test_a_time_that_is_none(server: Server, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, given)
    with pytest.raises(InputError, match="is no number of seconds"):
        Client(Address.parse(server.address), KEY)


def test_nobody_listens_and_nobody_of_that_name() -> None:
    with serving() as gone:
        pass
    assert "(connection refused): start its server or check the port" in refused(gone)
    with pytest.raises(InputError, match=r"at nobody\.invalid cannot be reached \(no such host\): check"):
        Client(Address.parse("http://nobody.invalid/v1#tiny"), KEY).post("embeddings", {})


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    day = datetime.datetime(2020, 1, 1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day.replace(year=2120))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "both.pem"
    plain_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(plain_key + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    monkeypatch.setenv(KEY, SECRET)
    with serving(always(200, {}), context) as server:
        address = Address.parse(f"https://localhost:{server.port}/v1#tiny")
        with pytest.raises(InputError, match=r"cannot be called safely \(certificate verify failed.*mend"):
            Client(address, KEY).post("embeddings", {})
        assert server.requests == []
        plain_one = Address.parse(f"https://127.0.0.1:{server.port}/v1#tiny")
        with pytest.raises(InputError, match="cannot be called safely"):
            Client(plain_one, KEY).post("embeddings", {})


# The key


@pytest.fixture
def with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, f" {SECRET}\n")


@pytest.mark.usefixtures("with_key")
def test_the_key_goes_to_the_server_and_nowhere_else(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    echo = always(400, {"error": {"message": f"Incorrect key provided: {SECRET}"}})
    caplog.set_level("DEBUG")
    assert "Incorrect key provided: …" in refused(server, echo)
    assert server.requests[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert SECRET not in server.requests[0].path + str(server.requests[0].document)
    for status in (401, 403):
        script = always(status, {"error": {"message": SECRET}})
        assert f"refuses the key in {KEY} ({status}): set one that may use it" in refused(server, script)
    refused(server, *[always(500, {"error": {"message": SECRET}})] * ATTEMPTS)
    refused(server, always(200, {"error": {"message": SECRET}}))
    assert SECRET not in caplog.text


@pytest.mark.usefixtures("with_key")
def test_the_key_does_not_go_unencrypted_over_a_network(server: Server) -> None:
    with pytest.raises(InputError, match=r"would go to 0\.0\.0\.0:\d+ unencrypted: write https://"):
        Client(Address.parse(server.not_loopback), KEY)
    assert server.requests == []


def test_without_a_key_none_is_sent(server: Server) -> None:
    Client(Address.parse(server.address), KEY).post("embeddings", {"input": ["a"]})
    assert "Authorization" not in server.requests[0].headers


@pytest.mark.parametrize("key", ["two words", "naïve", "line\nbreak"])
def test_a_key_that_is_none(server: Server, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, key)
    with pytest.raises(InputError, match=f"{KEY} holds characters that no key has") as caught:
        Client(Address.parse(server.address), KEY)
    assert key not in str(caught.value)


def test_a_proxy_does_not_stand_between_here_and_here(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(always(200, {"via": "proxy"})) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert "data" in Client(Address.parse(server.address), KEY).post("embeddings", {"input": ["a"]})
        assert proxy.requests == []
        away = Address.parse(server.not_loopback)
        assert Client(away, KEY).post("embeddings", {"input": ["a"]}) == {"via": "proxy"}
