"""What every answer says to the browser: no frames, nothing from elsewhere, no guessing of types."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui.serving import inline

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)

_SOURCES = {
    "default-src": "'none'",
    # blob: Streamlit hands the script of a component (mixer, undo, zoom of the map) to the browser as a blob.
    # 'unsafe-eval': Plotly compiles the drawing of the map's points (WebGL) from strings; without it the map
    # says that the browser has no WebGL. It lets no script in, it lets those that run make more.
    "script-src": "'self' 'unsafe-eval' blob: {scripts}",
    # Streamlit's widgets, tables and charts write their styles while they run; no hash can name those.
    "style-src": "'self' 'unsafe-inline'",
    # Plotly draws an image to be downloaded from a blob; icons within charts and styles are data.
    "img-src": "'self' data: blob:",
    # Streamlit's table brings the font of its icons in its style sheet.
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}

_OTHERS = {
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # addresses of pages hold ids of users
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=(), clipboard-read=(), clipboard-write=(self)"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@cache
def policy() -> str:
    """Return the Content-Security-Policy: what the dashboard's pages may load, and who may frame them."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    scripts = [*_INLINE.findall(page.read_text("utf-8")), *inline.SCRIPTS]
    hashes = " ".join(f"'{digest(script)}'" for script in scripts)
    return "; ".join(f"{name} {sources.format(scripts=hashes)}" for name, sources in _SOURCES.items())


def digest(script: str) -> str:
    """Return the hash by which a policy names an inline script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


class Policy:
    """Send the policy and its kin with every answer, refusals included; bodies pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = {"Content-Security-Policy": policy(), **_OTHERS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add the headers to whatever is answered."""

        async def with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] in ("http", "websocket") else send)
