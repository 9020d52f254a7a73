"""What somebody who has not signed in may ask of the server: the sign-in page, and little of it.

The gate keeps pages closed, but Streamlit gives a session to everybody who opens the websocket, runs the
script for each of its messages, and keeps what is sent to a session's upload address in memory.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks, get_signing_secret
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.ui.serving import login

MESSAGES, SIZE, MINUTES, AT_ONCE = 100, 64 * 1024, 10, 200
"""Of one websocket without a login: messages, bytes of each, how long it stays; and how many there are."""

TOO_MUCH = 1008
"""Code of RFC 6455 with which such a websocket is closed: a policy is not met."""

KINDS = ("rerun_script", "stop_script", "app_heartbeat", "load_git_info")
"""Messages of a websocket without a login: others empty the memory of all sessions or write files."""

_UPLOADS = re.compile(r"/_stcore/upload_file(?:/|$)")
_REFUSED = "mgrec takes files from those who have signed in and may use them here: sign in first.\n"

Claims = Mapping[str, Any]


def claims(scope: Scope) -> Claims | None:
    """Return the claims in the cookie of a request's login, or None where it has none of this server's."""
    cookies = HTTPConnection(scope).cookies

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        return decode_signed_value(get_signing_secret(), name, value.encode("latin-1")) if value else None

    try:
        found = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
        content = json.loads(found) if found else None
    except ValueError:
        return None
    return content if isinstance(content, dict) and content.get("is_logged_in") is True else None


class Visitors:
    """Refuse uploads without a login, and close a websocket without one that asks for too much.

    Parameters
    ----------
    holds
        Whether the login with these claims holds now.
    may_upload
        Whether the person with these claims may send files.
    """

    def __init__(
        self, app: ASGIApp, holds: Callable[[Claims], bool], may_upload: Callable[[Claims], bool]
    ) -> None:
        self.app = app
        self.holds = holds
        self.may_upload = may_upload
        self.strangers: dict[int, asyncio.Event] = {}  # the oldest first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may be asked."""
        if scope["type"] not in ("http", "websocket") or not login.configured():
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif _UPLOADS.search(scope["path"]) and scope["method"] != "OPTIONS" and not self._uploads(scope):
            await PlainTextResponse(_REFUSED, 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _uploads(self, scope: Scope) -> bool:
        found = claims(scope)
        return found is not None and self.holds(found) and self.may_upload(found)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = claims(scope)
        clock = asyncio.get_running_loop().time
        until, messages = clock() + 60 * MINUTES, 0
        leave = asyncio.Event()

        async def little() -> Message:
            nonlocal messages
            if who is not None and self.holds(who):
                return await receive()
            message = await _before(receive, leave, until - clock())
            if message is not None and message["type"] == "websocket.receive":
                messages += 1
                message = message if messages <= MESSAGES and _is_little(message) else None
            if message is None:
                await send({"type": "websocket.close", "code": TOO_MUCH})
                return {"type": "websocket.disconnect", "code": TOO_MUCH}
            return message

        if who is None or not self.holds(who):
            self.strangers[id(leave)] = leave
            if len(self.strangers) > AT_ONCE:
                self.strangers.pop(next(iter(self.strangers))).set()
        try:
            await self.app(scope, little, send)
        finally:
            self.strangers.pop(id(leave), None)


def _is_little(message: Message) -> bool:
    sent = message.get("bytes") or b""
    if len(sent) > SIZE:
        return False
    try:
        return BackMsg.FromString(sent).WhichOneof("type") in (None, *KINDS)
    except DecodeError:
        return True  # the layer behind this one closes the connection for it


async def _before(receive: Receive, leave: asyncio.Event, seconds: float) -> Message | None:
    """Return the next message, or None where the time is over or the connection has to leave first."""
    if leave.is_set():
        return None
    message, left = asyncio.ensure_future(receive()), asyncio.ensure_future(leave.wait())
    try:
        await asyncio.wait({message, left}, timeout=max(0, seconds), return_when=asyncio.FIRST_COMPLETED)
        return message.result() if message.done() else None
    finally:
        message.cancel()
        left.cancel()
