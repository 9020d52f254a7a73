"""A TCP server that is no PostgreSQL, or only the beginning of one: it notes what a client sends."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

STARTUP, SSL, GSS = 196608, 80877103, 80877104


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def refusal(text: bytes, state: bytes = b"28P01") -> bytes:
    return message(b"E", b"SFATAL\0VFATAL\0C" + state + b"\0M" + text + b"\0\0")


class Peer:
    """Listens on loopback.

    Attributes
    ----------
    port
        Where.
    passwords
        Every password that a client sent when asked for it in clear text.
    answer
        Sent in place of the question for a password, if it is set.
    """

    def __init__(self) -> None:
        self.passwords: list[str] = []
        self.answer: bytes | None = None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # else a waiting accept keeps it open
        self._socket.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, struct.error):
            self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        while True:
            (size,) = struct.unpack("!i", client.recv(4, socket.MSG_WAITALL))
            body = client.recv(size - 4, socket.MSG_WAITALL)
            (code,) = struct.unpack("!i", body[:4])
            if code == STARTUP:
                break
            client.sendall(b"N")
        if self.answer is not None:
            client.sendall(self.answer)
            return
        client.sendall(message(b"R", struct.pack("!i", 3)))
        client.recv(1)
        (size,) = struct.unpack("!i", client.recv(4, socket.MSG_WAITALL))
        self.passwords.append(client.recv(size - 4, socket.MSG_WAITALL).rstrip(b"\0").decode())
        client.sendall(refusal(b"password authentication failed <script>"))


@contextlib.contextmanager
def listening() -> Iterator[Peer]:
    peer = Peer()
    try:
        yield peer
    finally:
        peer.close()
