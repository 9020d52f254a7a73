"""Beyond this machine only when somebody says so: the address that is listened on, and arrived at."""

from __future__ import annotations

import ipaddress
import os
import sys

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from pages.ui.serving import hosts, login

FLAG, VARIABLE = "--i-know", "MGREC_I_KNOW"

_WAY_OUT = (
    "anyone who reaches that address could read every workspace and the data files of this machine. Set up "
    "a login ([auth] in .streamlit/secrets.toml, docs/security.md), listen on 127.0.0.1 behind a proxy that "
    f"asks for one, or say that you know with `streamlit run app.py -- {FLAG}` or {VARIABLE}=1."
)


def refusal() -> str | None:
    """Return why the server must not listen where its configuration says, or None."""
    listened = config.get_option("server.address") or ""
    if is_loopback(listened) or known() or login.configured():
        return None
    place = f"on {listened}" if listened else "on every address of this machine"
    return f"mgrec does not listen {place} without a login: {_WAY_OUT}"


def known() -> bool:
    """Whether somebody has said that the server may be reached from other machines."""
    return FLAG in sys.argv[1:] or os.environ.get(VARIABLE, "") not in ("", "0")


def beyond_loopback() -> bool:
    """Whether other machines may reach the server.

    It listens for them, or it goes by a name that is not this machine's own: a proxy then passes them on.
    """
    listened = config.get_option("server.address") or ""
    return known() or not is_loopback(listened) or not set(hosts.configured()) <= set(hosts.LOOPBACK)


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address: 127.0.0.0/8, ::1, localhost, a Unix socket."""
    if address.lower() == "localhost" or address.startswith("unix://"):
        return True
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(number, "ipv4_mapped", None) or number).is_loopback


class Arrivals:
    """Refuse what arrived over an address other machines reach.

    :func:`refusal` reads Streamlit's configuration, and so does not see the address given to another
    server: ``uvicorn app:app --host 0.0.0.0`` would open everything to everybody.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.open = known() or login.configured()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a connection from another machine unless people sign in or somebody said it may come."""
        if scope["type"] in ("http", "websocket") and not self.open and _came_from_outside(scope):
            answer = PlainTextResponse(f"mgrec is not open to other machines: {_WAY_OUT}\n", 403)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _came_from_outside(scope: Scope) -> bool:
    """Whether the connection's end on this machine is an address that others reach.

    A Unix socket's end is a path without a port, or nothing.
    """
    host, port = scope.get("server") or (None, None)
    return host is not None and port is not None and not is_loopback(host)
