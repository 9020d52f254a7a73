"""What stands between the network and the dashboard.

The layers that :func:`layers` puts in front of Streamlit's own server, outermost first: what every answer
says to the browser (``headers``), over which address a request may come (``address``), under which name and
from which site (``hosts``), what somebody may ask who has not signed in (``visitors``), and which websocket
messages get through (``messages``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.middleware import Middleware
from streamlit import cli_util, config
from streamlit.web.server import server_util

from pages.ui.serving import address, headers, hosts, login, messages, visitors

Rule = Callable[[visitors.Claims], bool]


def layers(holds: Rule, may_upload: Rule) -> list[Middleware]:
    """Return the layers for ``st.App``, or end the process where the server must not start.

    Parameters
    ----------
    holds, may_upload
        Whether a login with some claims holds now, and whether that person may send files.

    Raises
    ------
    SystemExit
        With one sentence, where the configuration asks for what may not be; the exit code is 1.
    """
    refusal = login.refusal() or address.refusal() or hosts.refusal()
    if refusal:
        raise SystemExit(refusal)
    return [
        Middleware(headers.Policy),
        Middleware(address.Arrivals),
        Middleware(hosts.HostsAndOrigins, names=hosts.configured(), origins=hosts.configured_origins()),
        Middleware(visitors.Visitors, holds=holds, may_upload=may_upload),
        Middleware(messages.WholeMessages),
    ]


@asynccontextmanager
async def opened(_app: object) -> AsyncIterator[None]:
    """Open the browser once the server is up, as ``streamlit run`` does for a script without layers."""
    if not config.get_option("server.headless"):
        place = config.get_option("browser.serverAddress")
        cli_util.open_browser(server_util.get_url(server_util.get_display_address(place)))
    yield
