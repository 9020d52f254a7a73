"""Memory and open files of a served dashboard while sessions come and go.

    python benchmarks/sessions.py [--sessions 1000] [--workspaces DIR]

Every session opens the websocket as a browser does, asks for a page, takes all that the server answers and
closes. What is Streamlit's own is the peer, in the same run: a script of one line, opened as often.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import support  # noqa: E402

PAGES = ("", "user", "map", "item", "quality", "lab", "knowledge", "compare", "sql", "importing")


def session(server: str, page: str) -> int:
    """Open a page over the websocket, take the whole answer, close; returns the bytes that came."""
    asked = BackMsg(rerun_script={"query_string": "", "page_name": page})
    size = 0
    with connect(f"ws://{server}/_stcore/stream", origin=f"http://{server}", max_size=None) as opened:  # type: ignore[arg-type]
        opened.send(asked.SerializeToString())
        finished = 0
        while True:
            # The first run may end with another one, which declares the pages: wait for silence after it.
            try:
                data = opened.recv(timeout=0.05 if finished else 120)
            except TimeoutError:
                return size
            assert isinstance(data, bytes)
            size += len(data)
            finished += ForwardMsg.FromString(data).WhichOneof("type") == "script_finished"


def held(pid: int) -> tuple[float, int, int, int]:
    """Resident megabytes, open files, threads and child processes of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return int(fields["VmRSS"].split()[0]) / 1024, files, int(fields["Threads"]), len(children)


def measure(name: str, address: str, pid: int, number: int, pages: tuple[str, ...]) -> None:
    """Open sessions one after another and print what the server holds in between."""
    server = address.removeprefix("http://")
    marks = {0, 10, 50, 100, 200, 300, 500, 700, number}
    begin = time.perf_counter()
    received = 0
    for done in range(number + 1):
        if done in marks:
            memory, files, threads, children = held(pid)
            print(
                f"{name} | {done} sessions | {memory:.0f} MB | {files} open files | {threads} threads | "
                f"{children} children | {received / max(1, done) / 1024:.0f} KB each | "
                f"{time.perf_counter() - begin:.0f} s",
                flush=True,
            )
        if done < number:
            received += session(server, pages[done % len(pages)])


def main() -> None:
    """Serve a dashboard and Streamlit's smallest script; print what both hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument(
        "--workspaces", type=Path, help="a folder of workspaces; a small one where none is given"
    )
    parser.add_argument("--only", choices=["mgrec", "streamlit"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mgrec-sessions-") as scratch:
        if options.only != "streamlit":
            root = options.workspaces or support.built_root(Path(scratch))
            with support.serving(root, Path(scratch) / "server.log") as address:
                measure("mgrec", address, listening(address), options.sessions, PAGES)
        if options.only != "mgrec":
            script = Path(scratch) / "smallest.py"
            script.write_text("import streamlit as st\nst.write('peer')\n", "utf-8")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"]
            with subprocess.Popen(
                [*command, "--server.port", str(port), "--browser.gatherUsageStats", "false"],
                cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ) as peer:  # fmt: skip
                while not support.healthy(f"http://127.0.0.1:{port}"):
                    time.sleep(0.1)
                measure("streamlit", f"http://127.0.0.1:{port}", peer.pid, options.sessions, ("",))
                peer.terminate()


def listening(address: str) -> int:
    """The child of this process that serves: the only one there is."""
    (pid,) = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return int(pid)


if __name__ == "__main__":
    main()
