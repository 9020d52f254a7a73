"""Hosts and origins by name: what is asked under another name, or by another site's page, is refused.

A page of any site can make its own name point to 127.0.0.1 (DNS rebinding); the browser then takes this
server for a part of that site and lets its scripts read everything. Only the ``Host`` header tells. Streamlit
looks at it for the websocket alone; here it holds for every route.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""The names that hold where ``server.allowedHosts`` is empty, which for Streamlit means any."""

_HOST = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9_.-]{1,253}))(?::[0-9]{1,5})?")
_NAME = re.compile(r"\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]*")

_OTHER_NAME = (
    "mgrec does not answer to this name: open it as http://localhost, or have its operator add the name to "
    "server.allowedHosts (docs/security.md).\n"
)
_OTHER_SITE = (
    "mgrec does not answer to pages of other sites: open it itself, or have its operator add the page's "
    "origin to server.corsAllowedOrigins (docs/security.md).\n"
)


def configured() -> tuple[str, ...]:
    """Return the names of ``server.allowedHosts``, or those of this machine where there is none."""
    given = [name.strip() for name in config.get_option("server.allowedHosts")]
    return tuple(canonical(name) for name in given if name) or LOOPBACK


def configured_origins() -> frozenset[str]:
    """Return the origins of ``server.corsAllowedOrigins``: sites that may use the server from their pages."""
    return frozenset(o.strip().lower().rstrip("/") for o in config.get_option("server.corsAllowedOrigins"))


def refusal() -> str | None:
    """Return the sentence about the first entry of ``server.allowedHosts`` that is no name, or None."""
    for name in configured():
        if not _NAME.fullmatch(name):
            return (
                f"server.allowedHosts holds {name!r}, which is no host name: write names without scheme, "
                "port or path, such as mgrec.example.org or *.example.org."
            )
    return None


def canonical(name: str) -> str:
    """Return a name or address as it is compared: lower case, an address in its shortest form."""
    name = name.lower().removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


def name_of(host: str) -> str | None:
    """Return the name in a ``Host`` header without its port, or None where there is none that is valid."""
    found = _HOST.fullmatch(host)
    if found is None:
        return None
    if found["six"] is None:
        return canonical(found["name"])
    try:
        return str(ipaddress.IPv6Address(found["six"]))
    except ValueError:
        return None


def is_allowed(host: str, names: Iterable[str]) -> bool:
    """Whether a ``Host`` header holds one of the names; ``*.example.org`` stands for all names under it."""
    name = name_of(host)
    if name is None:
        return False
    return any(
        name.endswith(allowed[1:]) if allowed.startswith("*.") else allowed in ("*", name)
        for allowed in names
    )


class HostsAndOrigins:
    """Refuse requests and websockets for other names (400) or from other sites' pages (403).

    Streamlit takes the origin of any port of this machine, and asks a server on the internet for this
    machine's address when it sees another one; here an origin is the one asked for, or one that is listed.
    """

    def __init__(self, app: ASGIApp, names: tuple[str, ...], origins: frozenset[str] = frozenset()) -> None:
        self.app = app
        self.names = names
        self.origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what names another host or comes from another site's page."""
        if scope["type"] in ("http", "websocket"):
            sent = Headers(scope=scope)
            hosts, origins = sent.getlist("host"), sent.getlist("origin")
            refused = None
            if len(hosts) != 1 or not is_allowed(hosts[0], self.names):
                refused = PlainTextResponse(_OTHER_NAME, 400)
            elif not all(self._is_ours(origin.lower(), hosts[0].lower()) for origin in origins):
                refused = PlainTextResponse(_OTHER_SITE, 403)
            if refused is not None:
                await refused(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_ours(self, origin: str, host: str) -> bool:
        """Whether an origin is the one asked for, over http or, before a proxy that ends TLS, https."""
        return origin in (f"http://{host}", f"https://{host}") or origin in self.origins
