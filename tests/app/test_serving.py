"""The layers before Streamlit's server: who is answered, what every answer says, what gets through."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.ui.serving import address, headers, hosts, messages

RERUN = BackMsg(app_heartbeat=True).SerializeToString()
FOREIGN = BackMsg(rerun_script={"widget_states": {"widgets": [{"id": "view"}]}}).SerializeToString()


async def page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("a page", headers={"X-Frame-Options": "ALLOW"})


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_bytes(await socket.receive_bytes())
    except WebSocketDisconnect:
        pass


def client(
    *layers: Middleware,
    base_url: str = "http://localhost:8501",
    at: tuple[str, int | None] = ("127.0.0.1", 8501),
) -> TestClient:
    app = Starlette(routes=[Route("/", page), WebSocketRoute("/ws", echo)], middleware=list(layers))

    async def arrived(scope, receive, send):  # type: ignore[no-untyped-def]
        await app(scope | {"server": at}, receive, send)

    return TestClient(arrived, base_url=base_url)


def by_name(*names: str, origins: tuple[str, ...] = ()) -> Middleware:
    return Middleware(hosts.HostsAndOrigins, names=names or hosts.LOOPBACK, origins=frozenset(origins))


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8501", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:80", "[::1]", "[0:0::1]:9"]
)
def test_this_machines_names_are_answered(host: str) -> None:
    assert client(by_name()).get("/", headers={"Host": host}).text == "a page"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:8501",
        "localhost@evil.example",
        "::1",
        "[::1",
        "[::2]",
        "[::1]x",
        "localhost:port",
        "localhost:8501:1",
        "127.0.0.2",
        "localhost/",
        "localhost ",
        "",
        "*",
        "[localhost]",
    ],
)
def test_other_names_are_not(host: str) -> None:
    answer = client(by_name()).get("/", headers={"Host": host})
    assert (answer.status_code, "server.allowedHosts" in answer.text) == (400, True)


def test_two_hosts_are_none() -> None:
    with client(by_name()) as found:
        assert found.get("/", headers=[("Host", "localhost"), ("Host", "localhost")]).status_code == 400


def test_an_operator_names_hosts_and_whole_domains() -> None:
    found = client(by_name("mgrec.example.org", "*.example.net"))
    answers = {
        h: found.get("/", headers={"Host": h}).status_code
        for h in (
            "mgrec.example.org",
            "a.example.net",
            "a.b.example.net",
            "example.net",
            "xexample.net",
            "localhost",
        )
    }
    assert [h for h, status in answers.items() if status == 200] == [
        "mgrec.example.org",
        "a.example.net",
        "a.b.example.net",
    ]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8501", 200),
        ("https://localhost:8501", 200),
        ("http://localhost:3000", 403),
        ("http://127.0.0.1:8501", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("https://friend.example", 200),
    ],
)
def test_pages_of_other_sites_are_refused(origin: str, status: int) -> None:
    found = client(by_name(origins=("https://friend.example",)))
    assert found.get("/", headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize("sent", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_a_websocket_is_refused_before_it_opens(sent: dict[str, str]) -> None:
    with pytest.raises(WebSocketDenialResponse), client(by_name()).websocket_connect("/ws", headers=sent):
        pass


@pytest.mark.parametrize(
    ("given", "bad"),
    [
        (["localhost", "::1"], None),
        (["*.example.org"], None),
        (["http://a.example"], "http://a.example"),
        (["a.example:80"], "a.example:80"),
        (["*.*"], "*.*"),
    ],
)
def test_a_name_that_is_none_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, given: list[str], bad: str | None
) -> None:
    monkeypatch.setattr(hosts.config, "get_option", lambda key: {"server.allowedHosts": given}[key])
    said = hosts.refusal()
    assert said is None if bad is None else said is not None and repr(bad) in said


def test_no_name_means_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts.config, "get_option", lambda key: {"server.allowedHosts": []}[key])
    assert hosts.configured() == hosts.LOOPBACK


@pytest.mark.parametrize(
    ("place", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("unix://socket", True),
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("a.example", False),
    ],
)
def test_which_addresses_are_this_machine_alone(place: str, here: bool) -> None:
    assert address.is_loopback(place) is here


@pytest.mark.parametrize(
    ("at", "status"), [(("192.0.2.1", 80), 403), (("::1", 80), 200), (("/socket", None), 200)]
)
def test_what_arrives_from_outside_is_refused(
    monkeypatch: pytest.MonkeyPatch, at: tuple[str, int | None], status: int
) -> None:
    monkeypatch.delenv(address.VARIABLE, raising=False)
    assert client(Middleware(address.Arrivals), at=at).get("/").status_code == status
    monkeypatch.setenv(address.VARIABLE, "1")
    assert client(Middleware(address.Arrivals), at=at).get("/").status_code == 200


def test_every_answer_carries_the_policy_refusals_included() -> None:
    found = client(Middleware(headers.Policy), by_name())
    for answer in (found.get("/"), found.get("/nothing"), found.get("/", headers={"Host": "evil.example"})):
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers.get_list("X-Frame-Options") == ["DENY"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_lets_nothing_come_from_elsewhere() -> None:
    sources = {part.split()[0]: part.split()[1:] for part in headers.policy().split("; ")}
    assert sources["default-src"] == ["'none'"]
    assert "'unsafe-inline'" not in sources["script-src"]
    known = ("'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "'sha256-", "data:", "blob:")
    assert [s for values in sources.values() for s in values if not s.startswith(known)] == []


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("text", messages.NO_BINARY),
        (b"\xff\xff", messages.BROKEN),
        (RERUN[:1], messages.BROKEN),
        (b"", messages.BROKEN),
        (FOREIGN, messages.BROKEN),
    ],
)
def test_a_websocket_closes_at_what_is_no_message(sent: str | bytes, code: int) -> None:
    with client(Middleware(messages.WholeMessages)).websocket_connect("/ws") as socket:
        socket.send_bytes(RERUN)
        assert socket.receive_bytes() == RERUN
        socket.send_text(sent) if isinstance(sent, str) else socket.send_bytes(sent)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_bytes()
    assert closed.value.code == code
