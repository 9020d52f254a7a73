"""One small real workspace for the tests of the pages: imported and built once a session."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.workspace import uploads
from tests.built import built

ROOT = Path(__file__).resolve().parent.parent

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>window.owned = true</script>",
    "$x^2$ and :material/home: and :red[no]",
    "[a](javascript:alert(1)) **bold** `code`",
    "=HYPERLINK(1)",
)
"""Titles that run, render or break out where a page forgets that they are text."""

USERS, ITEMS = 40, 60


def write_shop(folder: Path) -> Path:
    """Write a small canonical folder: dated events, hostile titles, attributes, friends."""
    folder.mkdir(parents=True)
    random_ = random.Random(7)
    genres = ("tea", "coffee", "books", "bikes")
    items = ["item_id,title,genre,price"]
    for i in range(ITEMS):
        title = HOSTILE[i] if i < len(HOSTILE) else f"{genres[i % 4].capitalize()} number {i}"
        items.append(f'i{i:02},"{title}",{genres[i % 4]},{5 + i % 9}')
    events = ["user_id,item_id,event,timestamp"]
    for u in range(USERS):
        liked = [i for i in range(ITEMS) if i % 4 == u % 4]
        for n, i in enumerate(random_.sample(liked, 8) + random_.sample(range(ITEMS), 3)):
            kind = random_.choice(("click", "purchase"))
            events.append(f"u{u:02},i{i:02},{kind},{1_700_000_000 + 86_400 * n + u}")
    social = ["user_id,friend_id"] + [f"u{u:02},u{(u + 4) % USERS:02}" for u in range(USERS)]
    users = ["user_id,town"] + [f"u{u:02},{('Ulm', 'Bonn')[u % 2]}" for u in range(USERS)]
    for name, lines in {"items": items, "interactions": events, "social": social, "users": users}.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


KONGS = {"k1": "King Kong (1933)", "k2": "King Kong (1976)", "k3": "King Kong (2005)"}
"""Three films of one title, and what tells them apart."""


def write_kongs(folder: Path) -> Path:
    """Write a small canonical folder with three films called King Kong, which some users have seen."""
    folder.mkdir(parents=True)
    films = [f"{item},King Kong,{said[-5:-1]}" for item, said in KONGS.items()]
    films += [f"i{n},Film {n},{1990 + n}" for n in range(12)]
    events = [f"u{n},i{(n + m) % 12},{1_700_000_000 + 60 * m}" for n in range(12) for m in range(5)]
    events += [f"u{n},k{1 + n % 3},1700001000" for n in range(1, 7)]
    for name, header, rows in (
        ("items", "item_id,title,year", films),
        ("interactions", "user_id,item_id,timestamp", events),
        ("kg", "head_id,relation,tail_id", [f"{item},about,apes" for item in KONGS]),
    ):
        (folder / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


def built_root(where: Path) -> Path:
    """Return a folder of workspaces with ``shop``, imported and built; made once for each place."""
    root = where / "workspaces"
    if not root.exists():
        root.mkdir()
        built(root / "shop", write_shop(where / "shop-data"), "canonical")
    return root


def copy_root(root: Path, target: Path) -> Path:
    """Return a copy that a test may break."""
    shutil.copytree(root, target)
    return target


@contextmanager
def serving(root: Path, log: Path, port: int = 0) -> Iterator[str]:
    """Run the dashboard on a port, by default a free one; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*command, "--server.headless", "true", "--server.address", "127.0.0.1"],
            cwd=ROOT, stdout=out, stderr=out, env=os.environ | {"MGREC_WORKSPACES": str(root)},
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not healthy(address):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the dashboard did not start: {log.read_text()[-800:]}")
            time.sleep(0.05)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def upload(root: Path, files: Iterable[tuple[str, IO[bytes]]], name: str) -> Path:
    """Take files as a server and then the reader's process do; nothing stays of what is refused."""
    folder = uploads.receive(root, files, name)
    try:
        uploads.unpack(folder)
    except InputError:
        uploads.remove(root, folder)
        raise
    return folder
