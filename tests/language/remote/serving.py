"""A server on loopback that answers as an OpenAI-compatible one, or as a broken one does."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

Answer = tuple[int, dict[str, str], bytes]
Script = Callable[[dict[str, Any]], Answer | None]
"""Takes what was asked; ``None`` closes the connection without a word."""


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    document: dict[str, Any]


@dataclass
class Server:
    """Answers with the scripts in turn, and with ``usual`` after them."""

    usual: Script
    scripts: list[Script] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1#tiny"

    @property
    def not_loopback(self) -> str:
        """The same server by a name that is no name of this machine's own loopback."""
        return f"http://0.0.0.0:{self.port}/v1#tiny"

    @property
    def texts(self) -> list[str]:
        return [text for request in self.requests for text in request.document.get("input", [])]


def vector(text: str, dimensions: int = 8, salt: str = "") -> list[float]:
    """A vector that depends on the text alone."""
    seed = int.from_bytes(hashlib.sha256((salt + text).encode()).digest()[:8])
    return [float(value) for value in np.random.default_rng(seed).normal(size=dimensions)]


def embeddings(dimensions: int = 8, salt: str = "", *, backwards: bool = False) -> Script:
    def answer(document: dict[str, Any]) -> Answer:
        rows = [
            {"object": "embedding", "index": n, "embedding": vector(text, dimensions, salt)}
            for n, text in enumerate(document["input"])
        ]
        return plain(200, {"object": "list", "data": rows[::-1] if backwards else rows})

    return answer


def plain(status: int, document: Any, **headers: str) -> Answer:
    return (
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        json.dumps(document).encode(),
    )


def always(status: int, document: Any, **headers: str) -> Script:
    return lambda asked: plain(status, document, **headers)


@contextlib.contextmanager
def serving(usual: Script | None = None, context: Any = None) -> Iterator[Server]:
    server = Server(usual or embeddings())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(Request(self.path, dict(self.headers), document))
            answer = (server.scripts.pop(0) if server.scripts else server.usual)(document)
            if answer is None:
                self.close_connection = True
                return
            status, headers, body = answer
            with contextlib.suppress(OSError):  # who asked may be gone
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None: ...

    with Quiet(("127.0.0.1", 0), Handler) as http:
        if context is not None:
            http.socket = context.wrap_socket(http.socket, server_side=True)
        server.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
