"""Websocket messages: whole binary messages of Streamlit's protocol get through, nothing else does.

For anything else Streamlit's own endpoint writes a traceback into the log, one for each message that
somebody cares to send.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

NO_BINARY, BROKEN = 1003, 1002
"""Codes of RFC 6455 with which a connection is closed: a kind of data not taken; a breach of protocol."""

_WIDGET = "$$"
"""With this begin the names that Streamlit gives to widgets."""


class WholeMessages:
    """Close a websocket at the first message that is text, cannot be read, or names what is no widget."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; of a websocket only what is whole."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return

        async def whole() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and (code := fault(message)):
                await send({"type": "websocket.close", "code": code})
                return {"type": "websocket.disconnect", "code": code}
            return message

        await self.app(scope, whole, send)


def fault(message: Message) -> int | None:
    """Return the code to close a connection with after this message, or None where it is whole."""
    data = message.get("bytes")
    if data is None:
        return NO_BINARY
    try:
        read = BackMsg.FromString(data)
    except DecodeError:
        return BROKEN
    if read.WhichOneof("type") is None:
        return BROKEN
    # A name of another kind counts as a key of the session that is in nobody's hands: a KeyError in the page.
    named = (widget.id for widget in read.rerun_script.widget_states.widgets)
    return None if all(name.startswith(_WIDGET) for name in named) else BROKEN
