"""A served dashboard where people sign in: a real OpenID Connect provider on loopback, real cookies."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, generate_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME, XSRF_COOKIE_NAME
from websockets.sync.client import ClientConnection, connect

from tests import support

COOKIE_SECRET = "c" * 64
ROLES = {"vera": "viewer", "abel": "analyst", "ann": "admin"}
ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
"""How a run of a whole page ends that no other follows."""
ACCESS = "people: {ann: admin, vera: viewer, abel: analyst}\n"


@dataclass
class Served:
    """A dashboard where people sign in."""

    address: str
    root: Path
    log: Path

    @property
    def host(self) -> str:
        """Name and port."""
        return self.address.removeprefix("http://")

    def cookie(self, secret: str = COOKIE_SECRET, **claims: object) -> str:
        """Return the cookie of a login as the server itself would sign it."""
        now = int(time.time())
        user = {
            "sub": "abel", "iat": now, "exp": now + 3600, "origin": self.address, "is_logged_in": True,
            "provider": "default", **claims,
        }  # fmt: skip
        return create_signed_value(secret, USER_COOKIE_NAME, json.dumps(user)).decode()

    def open(self, cookie: str = "") -> ClientConnection:
        """Open the websocket as a browser does, with a login or without one."""
        token = generate_xsrf_token_string()
        cookies = [f"{XSRF_COOKIE_NAME}={token}", *([f"{USER_COOKIE_NAME}={cookie}"] if cookie else [])]
        return connect(
            f"ws://{self.host}/_stcore/stream",
            origin=self.address,  # type: ignore[arg-type]
            subprotocols=["streamlit", token],  # type: ignore[list-item]
            additional_headers={"Cookie": "; ".join(cookies)},
            max_size=None,
        )

    def put(self, session: str, content: bytes, cookie: str = "") -> int:
        """Send a file to a session's upload address; the status of the answer."""
        token = generate_xsrf_token_string()
        cookies = {XSRF_COOKIE_NAME: token} | ({USER_COOKIE_NAME: cookie} if cookie else {})
        return httpx.put(
            f"{self.address}/_stcore/upload_file/{session}/file",
            files={"file": ("data.csv", content)},
            headers={"X-Xsrftoken": token, "Cookie": "; ".join(f"{n}={v}" for n, v in cookies.items())},
            timeout=60,
        ).status_code


@contextmanager
def serving(base: Path, root: Path, **provider: Any) -> Iterator[Served]:
    """Serve workspaces to those who sign in with a provider of its own."""
    oidc = pytest.importorskip("oidc_provider_mock", reason="oidc-provider-mock is not installed")
    (root / "access.yaml").write_text(ACCESS)
    with oidc.run_server_in_thread(**provider) as found, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        secrets = base / "secrets.toml"
        secrets.write_text(
            f"""[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"
client_id = "mgrec"
client_secret = "not-looked-at"
server_metadata_url = "http://localhost:{found.server_port}/.well-known/openid-configuration"
"""
        )
        probe.close()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STREAMLIT_SECRETS_FILES", str(secrets))
            log = base / "server.log"
            with support.serving(root, log, port=port) as address:
                yield Served(address.replace("127.0.0.1", "localhost"), root, log)


def run(
    socket: ClientConnection,
    page: str = "",
    states: dict[str, dict[str, object]] | None = None,
    **more: object,
) -> list[ForwardMsg]:
    """Let a page run, with values of its widgets; everything that the server answered until it was done."""
    widgets = [{"id": name, **value} for name, value in (states or {}).items()]
    asked = {"query_string": "", "page_name": page, "widget_states": {"widgets": widgets}, **more}
    socket.send(BackMsg(rerun_script=asked).SerializeToString())
    found: list[ForwardMsg] = []
    while True:
        data = socket.recv(timeout=60)
        assert isinstance(data, bytes)
        found.append(one := ForwardMsg.FromString(data))
        # a run that ends early, for another, or was one of a fragment is followed by the one asked for
        if one.WhichOneof("type") == "script_finished" and one.script_finished in ENDS:
            return found


def session_of(answers: list[ForwardMsg]) -> str:
    """The session's id, which Streamlit tells its browser."""
    (first, *_) = (m.new_session for m in answers if m.WhichOneof("type") == "new_session")
    return first.initialize.session_id


def controls(answers: list[ForwardMsg]) -> dict[str, tuple[str, Any]]:
    """The widgets in what the server answered: id → kind and message, the last one drawn."""
    found: dict[str, tuple[str, Any]] = {}

    def walk(message: Any) -> None:
        for field, value in message.ListFields():
            if field.message_type is None or field.message_type.GetOptions().map_entry:
                continue
            for one in [value] if hasattr(value, "ListFields") else value:
                name = getattr(one, "id", "")
                if isinstance(name, str) and name.startswith("$$"):
                    found[name] = (field.name, one)
                walk(one)

    for answer in answers:
        if answer.WhichOneof("type") == "delta":
            walk(answer.delta)
    return found


def key_of(widget: str) -> str:
    """The key that a page gave to a widget."""
    return widget.split("-", 2)[-1]


def deferred(socket: ClientConnection, session: str, file: str) -> str:
    """Ask for a file that is made on a click; its address, or why there is none."""
    asked = {"request_id": file, "session_id": session, "deferred_file": {"file_id": file}}
    socket.send(BackMsg(backend_operation_request=asked).SerializeToString())
    while True:
        data = socket.recv(timeout=60)
        assert isinstance(data, bytes)
        answer = ForwardMsg.FromString(data)
        if answer.WhichOneof("type") == "backend_operation_response":
            return answer.backend_operation_response.deferred_file.url or (
                answer.backend_operation_response.error_msg
            )
