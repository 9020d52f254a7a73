"""How long somebody stays who has not signed in, and how many of them: with a clock that does not wait."""

from __future__ import annotations

import asyncio
import json
import selectors
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.ui.serving import login
from pages.ui.serving.visitors import AT_ONCE, MINUTES, TOO_MUCH, Visitors

SECRET = "c" * 64
LONG = 60.0 * MINUTES


class _NoWait(selectors.SelectSelector):
    """Where nothing is to be done for some time, that time has passed."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout is None:
            raise AssertionError("nothing would ever happen again")
        if not found:
            self.passed += timeout or 0.0
        return found


class Clock(asyncio.SelectorEventLoop):
    """An event loop in which an hour takes no time."""

    def __init__(self) -> None:
        self.selector = _NoWait()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.passed


class Visit:
    """One websocket: what its page was handed, and when the server closed it with which code."""

    def __init__(self, server: Visitors, cookie: str = "") -> None:
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.handed: list[bytes] = []
        self.code: int | None = None
        self.closed_after = -1.0
        self.opened = asyncio.get_running_loop().time()
        headers = [(b"cookie", f"{USER_COOKIE_NAME}={cookie}".encode())] if cookie else []
        scope: Scope = {"type": "websocket", "path": "/_stcore/stream", "headers": headers}
        self.task = asyncio.ensure_future(server({**scope, "visit": self}, self.inbox.get, self.send))

    async def send(self, message: Message) -> None:
        self.code = message["code"]
        self.closed_after = asyncio.get_running_loop().time() - self.opened

    def says(self, content: bytes = b"") -> None:
        """A message of the browser."""
        self.inbox.put_nowait({"type": "websocket.receive", "bytes": content})

    def leaves(self) -> None:
        """The browser closes its page."""
        self.inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """Take messages until the end, as Streamlit does."""
    while (message := await receive())["type"] != "websocket.disconnect":
        scope["visit"].handed.append(message["bytes"])


@pytest.fixture
def cookie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The cookie of a login, of a server where people sign in."""
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://localhost/oauth2callback"\ncookie_secret = "{SECRET}"\n'
        'client_id = "mgrec"\nclient_secret = "x"\nserver_metadata_url = "http://localhost/x"\n'
    )
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(secrets)])
    secrets_singleton._reset()
    monkeypatch.setattr(login, "_seen", False)
    assert login.configured()
    yield create_signed_value(
        SECRET, USER_COOKIE_NAME, json.dumps({"is_logged_in": True, "sub": "ann"})
    ).decode()
    config.set_option("secrets.files", before)
    secrets_singleton._reset()


def run(
    happens: Callable[[Visitors], Awaitable[None]],
    holds: Callable[[Mapping[str, Any]], bool] = lambda who: True,
) -> None:
    """Let something happen at a new server, in a thread: Playwright keeps a loop running in this one."""

    def there() -> None:
        with asyncio.Runner(loop_factory=Clock) as runner:
            runner.run(happens(Visitors(page, holds, lambda who: True)))  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as thread:
        thread.submit(there).result()


def test_a_silent_visitor_is_closed_after_ten_minutes(cookie: str) -> None:
    async def happens(server: Visitors) -> None:
        visit = Visit(server)
        await asyncio.sleep(LONG - 1)
        assert not visit.task.done() and visit.code is None
        await asyncio.sleep(2)
        assert visit.task.done() and visit.code == TOO_MUCH and visit.closed_after == pytest.approx(LONG)
        assert not server.strangers

    run(happens)


def test_what_a_visitor_says_does_not_prolong_the_ten_minutes(cookie: str) -> None:
    async def happens(server: Visitors) -> None:
        visit = Visit(server)
        for _ in range(2 * MINUTES - 1):
            await asyncio.sleep(30)
            visit.says()
        await asyncio.sleep(31)
        assert len(visit.handed) == 2 * MINUTES - 1
        assert visit.code == TOO_MUCH and visit.closed_after == pytest.approx(LONG)

    run(happens)


def test_who_has_signed_in_stays(cookie: str) -> None:
    async def happens(server: Visitors) -> None:
        visit = Visit(server, cookie)
        for _ in range(24):
            await asyncio.sleep(3600)
            visit.says()
        await asyncio.sleep(1)
        assert len(visit.handed) == 24 and visit.code is None and not visit.task.done()
        visit.leaves()
        await visit.task

    run(happens)


@pytest.mark.parametrize("forged", ["x", "another secret", "signed out"])
def test_a_cookie_that_is_no_login_is_a_visitors(cookie: str, forged: str) -> None:
    claims = json.dumps({"is_logged_in": forged != "signed out", "sub": "ann"})
    secret = "d" * 64 if forged == "another secret" else SECRET
    sent = "x" if forged == "x" else create_signed_value(secret, USER_COOKIE_NAME, claims).decode()

    async def happens(server: Visitors) -> None:
        visit = Visit(server, sent)
        await asyncio.sleep(LONG + 1)
        assert visit.code == TOO_MUCH and visit.closed_after == pytest.approx(LONG)

    run(happens)


def test_of_a_login_that_holds_no_more_the_next_message_is_the_last(cookie: str) -> None:
    held = [True]

    async def happens(server: Visitors) -> None:
        visit = Visit(server, cookie)
        await asyncio.sleep(2 * LONG)
        held[0] = False
        visit.says()
        await asyncio.sleep(1)
        assert visit.code == TOO_MUCH and visit.task.done()

    run(happens, lambda who: held[0])


def test_of_more_than_two_hundred_visitors_the_oldest_are_closed(cookie: str) -> None:
    async def happens(server: Visitors) -> None:
        visits = [Visit(server) for _ in range(AT_ONCE)]
        signed_in = [Visit(server, cookie) for _ in range(20)]
        await asyncio.sleep(1)
        assert not any(visit.task.done() for visit in (*visits, *signed_in))
        visits += [Visit(server) for _ in range(3)]
        await asyncio.sleep(1)
        assert [visit.code for visit in visits] == [TOO_MUCH] * 3 + [None] * AT_ONCE
        visits[50].leaves()  # who goes makes room
        await asyncio.sleep(1)
        visits.append(Visit(server))
        await asyncio.sleep(1)
        assert not visits[3].task.done() and len(server.strangers) == AT_ONCE
        visits.append(Visit(server))
        await asyncio.sleep(1)
        assert visits[3].code == TOO_MUCH and not visits[4].task.done()
        assert not any(visit.task.done() for visit in signed_in)
        for visit in (*visits, *signed_in):
            visit.leaves()
        await asyncio.gather(*(visit.task for visit in (*visits, *signed_in)))
        assert not server.strangers

    run(happens)


def test_without_a_login_to_ask_for_nobody_is_closed(cookie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config.set_option("secrets.files", [])
    secrets_singleton._reset()
    monkeypatch.setattr(login, "_seen", False)

    async def happens(server: Visitors) -> None:
        visits = [Visit(server) for _ in range(AT_ONCE + 5)]
        await asyncio.sleep(2 * LONG)
        assert not any(visit.task.done() for visit in visits)
        for visit in visits:
            visit.leaves()
        await asyncio.gather(*(visit.task for visit in visits))

    run(happens)
