"""The served dashboard on loopback: names, origins, addresses, and what a visitor may throw at it."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests import support

FUZZED = int(os.environ.get("MGREC_FUZZ", "200"))
"""Odd headers, and odd messages, that one run sends."""

SMALL = 3 * 1024 * 1024


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "server.log"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[str]:
    """Host and port of a dashboard without workspaces."""
    root = log.parent / "workspaces"
    root.mkdir()
    with support.serving(root, log) as address:
        yield urlsplit(address).netloc


def status(server: str, method: str, path: str, **headers: str) -> int:
    connection = HTTPConnection(server, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def opened(server: str, *, host: str | None = None, origin: str | None = None) -> ClientConnection:
    """Open the dashboard's websocket under another name or from another site's page."""
    place = socket.create_connection(tuple(server.split(":")), timeout=30)
    return connect(f"ws://{host or server}/_stcore/stream", sock=place, origin=origin, max_size=None)  # type: ignore[arg-type]


ROUTES = [
    ("GET", "/"),
    ("GET", "/user"),
    ("GET", "/_stcore/health"),
    ("GET", "/_stcore/host-config"),
    ("GET", "/_stcore/metrics"),
    ("GET", "/media/x.csv"),
    ("PUT", "/_stcore/upload_file/session/file"),
    ("DELETE", "/_stcore/upload_file/session/file"),
    ("GET", "/_stcore/bidi-components/x/y.js"),
    ("POST", "/_stcore/agent/interact"),
    ("POST", "/_stcore/agent/mcp"),
    ("GET", "/auth/login"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_to_another_name_or_another_site(server: str, method: str, path: str) -> None:
    assert status(server, method, path, Host="evil.example") == 400
    assert status(server, method, path, Host=f"evil.example:{server.split(':')[1]}") == 400
    assert status(server, method, path, Origin="http://evil.example") == 403
    assert status(server, method, path, Origin="null") == 403


def test_this_machines_names_are_served(server: str) -> None:
    port = server.split(":")[1]
    for host in (server, f"localhost:{port}", f"[::1]:{port}"):
        assert status(server, "GET", "/", Host=host) == 200


def test_the_websocket_opens_for_its_own_page_alone(server: str) -> None:
    port = server.split(":")[1]
    for host in (None, f"localhost:{port}"):
        with opened(server, host=host, origin=f"http://{host or server}") as found:
            assert found.state.name == "OPEN"
    evil = f"evil.example:{port}"
    for host, origin, code in (
        (evil, f"http://{evil}", 400),
        (evil, None, 400),
        (None, "http://evil.example", 403),
        (None, f"http://localhost:{int(port) - 1}", 403),
    ):
        with pytest.raises(InvalidStatus) as refused:
            opened(server, host=host, origin=origin)
        assert refused.value.response.status_code == code


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    known = {name: value for name, value in os.environ.items() if name != "MGREC_I_KNOW"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    return subprocess.Popen(
        [*command, "--server.port", "0", *arguments],
        cwd=support.ROOT,
        env=known | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("place", ["0.0.0.0", "::", ""])
def test_everybody_is_not_listened_to(place: str) -> None:
    process = start("--server.address", place)
    _, said = process.communicate(timeout=120)
    sentence = said.strip().splitlines()[-1]
    assert process.returncode == 1
    assert sentence.startswith("mgrec does not listen on ")
    assert "without a login" in sentence and "Traceback" not in said


def test_a_name_that_is_none_ends_the_start() -> None:
    process = start("--server.allowedHosts", "http://mgrec.example.org")
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "is no host name" in said.strip().splitlines()[-1] and "Traceback" not in said


@pytest.mark.parametrize(("after", "environment"), [(["--", "--i-know"], {}), ([], {"MGREC_I_KNOW": "1"})])
def test_somebody_who_knows_may_listen(after: list[str], environment: dict[str, str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start("--server.address", "0.0.0.0", "--server.port", str(port), *after, **environment)
    try:
        while not support.healthy(f"http://127.0.0.1:{port}"):
            assert process.poll() is None
        assert status(f"127.0.0.1:{port}", "GET", "/", Host="evil.example") == 400
    finally:
        process.terminate()
        process.communicate(timeout=60)


def odd_host(chance: random.Random) -> bytes:
    pieces = [b"localhost", b"127.0.0.1", b"[::1]", b"evil.example", b":", b"@", b"[", b"]", b"%00", b" ",
              b"\t", b"/", b"..", b"\xff\xfe", b"xn--", b"8501", b"99999999", b",", b"*", b"\xc3\xa9",
              b"a" * 300]  # fmt: skip
    if chance.random() < 0.3:
        return bytes(chance.choice(range(32, 256)) for _ in range(chance.randrange(60)))
    return b"".join(chance.choices(pieces, k=chance.randrange(1, 6)))


def odd_message(chance: random.Random) -> bytes | str:
    """Return random bytes, text, or a real message that was cut, changed or filled with strange values."""
    message = BackMsg()
    state = message.rerun_script
    state.query_string = "".join(chance.choices("abc=&%\x00é\U0001f600[]~", k=chance.randrange(40)))
    state.page_script_hash = "".join(chance.choices("0123456789abcdef", k=chance.choice((0, 32, 4000))))
    state.fragment_id = chance.choice(("", "x", "é" * 50))
    widget = state.widget_states.widgets.add(
        id=chance.choice(("$$ID-", "")) + "".join(chance.choices("$-_abcID", k=20))
    )
    chance.choice([
        lambda: setattr(widget, "string_value", "x" * chance.choice((1, SMALL))),
        lambda: setattr(widget, "json_value", chance.choice(("{", "[" * 5000, "null", '{"a": NaN}'))),
        lambda: setattr(widget, "int_value", chance.choice((-(2**53), 0, 2**53))),
        lambda: setattr(widget, "double_value", chance.choice((float("nan"), float("inf"), -0.0))),
        lambda: setattr(widget, "bytes_value", chance.randbytes(50)),
        lambda: setattr(widget, "trigger_value", True),
    ])()  # fmt: skip
    others = [
        BackMsg(clear_cache=True), BackMsg(stop_script=True), BackMsg(load_git_info=True),
        BackMsg(set_run_on_save=True), BackMsg(app_heartbeat=True), BackMsg(debug_disconnect_websocket=True),
        BackMsg(debug_shutdown_runtime=True), message, message, message,
    ]  # fmt: skip
    data = bytearray(chance.choice(others).SerializeToString())
    match chance.randrange(5):
        case 0:
            return chance.randbytes(chance.choice((0, 1, 20, 2000)))
        case 1:
            return "".join(chance.choices('{}[]"aé\x00', k=chance.randrange(200)))
        case 2:
            return bytes(data[: chance.randrange(len(data))])
        case 3:
            for _ in range(chance.randrange(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def test_odd_hosts_leave_no_trace(server: str, log: Path) -> None:
    chance = random.Random(16)
    host, port = server.split(":")
    for _ in range(FUZZED):
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(
                b"GET /_stcore/health HTTP/1.1\r\nConnection: close\r\nHost: "
                + odd_host(chance)
                + b"\r\n\r\n"
            )
            first = connection.recv(200)
            assert first.startswith((b"HTTP/1.1 4", b"HTTP/1.1 200"))
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace")
    assert status(server, "GET", "/") == 200


def test_odd_messages_leave_no_trace(server: str, log: Path) -> None:
    chance = random.Random(16)
    connection = opened(server, origin=f"http://{server}")
    for _ in range(FUZZED):
        message = odd_message(chance)
        try:
            connection.send(message)
            connection.recv(timeout=0.02)
        except TimeoutError:
            continue
        except ConnectionClosed:
            connection = opened(server, origin=f"http://{server}")
    connection.close()
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace")
    with opened(server, origin=f"http://{server}") as found:
        found.send(BackMsg(rerun_script={"query_string": ""}).SerializeToString())
        assert isinstance(found.recv(timeout=30), bytes)
    assert status(server, "GET", "/") == 200
