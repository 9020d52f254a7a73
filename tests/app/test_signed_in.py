"""What the served dashboard takes from whom: raw requests and websocket messages, not of a browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from websockets.exceptions import ConnectionClosed

from pages.ui.serving import visitors
from tests import login, support
from tests.login import Served, run, session_of


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    base = tmp_path_factory.mktemp("signed-in")
    root = support.copy_root(support.built_root(tmp_path_factory.getbasetemp()), base / "workspaces")
    with login.serving(base, root) as found:
        yield found


def test_a_visitor_without_a_login_sends_no_file(served: Served) -> None:
    with served.open() as socket:
        session = session_of(run(socket))
        assert served.put(session, b"a,b\n1,2\n") == 403
        for cookie in (
            "x",
            served.cookie(sub="ann", secret="d" * 64),
            served.cookie(sub="ann", exp=1),
            served.cookie(sub="ann", is_logged_in=False),
            served.cookie(sub="nobody"),
        ):
            assert served.put(session, b"a,b\n1,2\n", cookie) == 403


@pytest.mark.parametrize(("who", "answer"), [("vera", 403), ("abel", 204), ("ann", 204)])
def test_those_send_files_who_may_use_them(served: Served, who: str, answer: int) -> None:
    cookie = served.cookie(sub=who)
    with served.open(cookie) as socket:
        assert served.put(session_of(run(socket)), b"{}", cookie) == answer


def test_a_websocket_without_a_login_gets_the_sign_in_page_and_is_closed_when_it_asks_on(
    served: Served,
) -> None:
    with served.open() as socket:
        assert b"Sign in to go on" in b"".join(m.SerializeToString() for m in run(socket, "user"))
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(2 * visitors.MESSAGES):
                socket.send(BackMsg(rerun_script={"page_name": "user"}).SerializeToString())
                time.sleep(0.005)
            while True:
                socket.recv(timeout=30)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == visitors.TOO_MUCH


def test_a_large_message_without_a_login_ends_the_websocket(served: Served) -> None:
    large = BackMsg(rerun_script={"query_string": "x" * 2 * visitors.SIZE}).SerializeToString()
    with served.open() as socket, pytest.raises(ConnectionClosed) as closed:
        socket.send(large)
        while True:
            socket.recv(timeout=30)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == visitors.TOO_MUCH
    with served.open(served.cookie()) as socket:
        socket.send(large)
        assert isinstance(socket.recv(timeout=60), bytes)


@pytest.mark.parametrize(
    "asked",
    [
        BackMsg(clear_cache=True),
        BackMsg(file_urls_request={"request_id": "x", "file_names": ["a.csv"]}),
        BackMsg(backend_operation_request={"request_id": "x", "install_skills": {}}),
    ],
    ids=["clear what is kept for all", "where to send files", "write files"],
)
def test_a_websocket_without_a_login_asks_for_nothing_but_pages(served: Served, asked: BackMsg) -> None:
    with served.open() as socket, pytest.raises(ConnectionClosed) as closed:
        run(socket)
        socket.send(asked.SerializeToString())
        while True:
            socket.recv(timeout=30)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == visitors.TOO_MUCH


class Browser(httpx.Client):
    """What a person signs in with, but for the scripts."""

    def __init__(self, served: Served) -> None:
        super().__init__(timeout=60)
        self.served = served

    def ask(self) -> str:
        """Click on "Sign in"; returns the provider's address, with the state and the nonce of this login."""
        with self.served.open() as socket:
            (button,) = {
                m.delta.new_element.button.id
                for m in run(socket)
                if m.delta.new_element.button.label == "Sign in"
            }
            found = run(socket, states={button: {"trigger_value": True}})
        (to,) = [m.auth_redirect.url for m in found if m.WhichOneof("type") == "auth_redirect"]
        answer = self.get(self.served.address + to if to.startswith("/") else to)
        assert answer.status_code == 302
        return answer.headers["location"]

    def agree(self, address: str, who: str) -> str:
        """Say at the provider who one is; returns where it sends the browser."""
        answer = self.post(address, data={"sub": who, "action": "authorize"})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def signed_in(self) -> bool:
        """Whether the server has given this browser a login."""
        return bool(self.cookies.get(USER_COOKIE_NAME))


def changed(address: str, **values: str | None) -> str:
    """An address with other values in its query; None takes one away."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query)) | values
    return parts._replace(query=urlencode({n: v for n, v in query.items() if v is not None})).geturl()


def test_signing_in_works_once_and_not_again(served: Served) -> None:
    with Browser(served) as browser:
        back = browser.agree(browser.ask(), "ann")
        browser.get(back)
        assert browser.signed_in()
        browser.cookies.delete(USER_COOKIE_NAME)
        browser.get(back)  # the same answer of the provider once more
        assert not browser.signed_in()
    with Browser(served) as other:
        other.get(back)
        assert not other.signed_in()


@pytest.mark.parametrize("nonce", ["another", "", None])
def test_a_token_with_a_wrong_nonce_signs_nobody_in(served: Served, nonce: str | None) -> None:
    with Browser(served) as browser:
        address = browser.ask()
        assert "nonce" in dict(parse_qsl(urlsplit(address).query))
        browser.get(browser.agree(changed(address, nonce=nonce), "ann"))
        assert not browser.signed_in()


def test_an_older_nonce_signs_nobody_in(served: Served) -> None:
    with Browser(served) as browser:
        old = dict(parse_qsl(urlsplit(browser.ask()).query))["nonce"]
        browser.get(browser.agree(changed(browser.ask(), nonce=old), "ann"))
        assert not browser.signed_in()


def test_the_answer_to_another_browser_signs_nobody_in(served: Served) -> None:
    with Browser(served) as attacker, Browser(served) as victim:
        attackers = attacker.agree(attacker.ask(), "abel")
        victim.ask()
        victim.get(attackers)
        assert not victim.signed_in()


def test_no_traceback_of_ours_was_written(served: Served) -> None:
    said = served.log.read_text(encoding="utf-8", errors="replace")
    assert "pages/ui" not in said and "mgrec_core/" not in said


def test_who_may_see_no_workspace_is_not_sent_to_import_one(served: Served) -> None:
    rules = served.root / "access.yaml"
    before = rules.read_text()
    rules.write_text("people: {ann: admin, abel: analyst}\nworkspaces: {shop: {people: {abel: none}}}\n")
    try:
        for page in ("", "user"):
            with served.open(served.cookie(sub="abel")) as socket:
                shown = b"".join(m.SerializeToString() for m in run(socket, page))
            assert b"There is no workspace that you may look at" in shown
            assert b"Import page" not in shown and b"sample data" not in shown
        with served.open(served.cookie(sub="ann")) as socket:
            assert b"Look at a user" in b"".join(m.SerializeToString() for m in run(socket))
    finally:
        rules.write_text(before)
