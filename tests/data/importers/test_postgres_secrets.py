"""Which password a host gets: the driver itself calls a server that asks for it in clear text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mgrec_core.data.importers.sources import open_source
from mgrec_core.data.importers.sources.libpq import connection_string, handed_on, resolved
from mgrec_core.data.importers.sources.postgres import PostgresAddress
from mgrec_core.foundation.errors import InputError
from tests.data.importers.peer import Peer, listening, message, refusal

Env = pytest.MonkeyPatch


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening() as found:
        yield found


@pytest.fixture
def env(monkeypatch: Env, tmp_path: Path) -> Env:
    """An environment without any setting of libpq, and an empty home."""
    for name in [one for one in os.environ if one.startswith(("PG", "MGREC_DATABASE"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def sent(peer: Peer, host: str = "127.0.0.1", query: str = "", login: str = "u@") -> list[str]:
    """Call the peer and return the passwords it got."""
    peer.passwords.clear()
    with pytest.raises(InputError) as caught:
        open_source(PostgresAddress(f"postgres://{login}{host}:{peer.port}/db{query}"))
    assert "<" not in str(caught.value)
    return peer.passwords


def pgpass(home: Path, *lines: str) -> None:
    (home / ".pgpass").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (home / ".pgpass").chmod(0o600)


def test_the_environments_password_goes_to_its_host(peer: Peer, env: Env) -> None:
    env.setenv("PGPASSWORD", "secret")
    assert sent(peer) == ["secret"], "without PGHOST it is for a local server"
    env.setenv("PGHOST", "db.example")
    assert sent(peer) == []
    assert sent(peer, query="?hostaddr=127.0.0.1", host="db.example") == [], "a name is not who answers"
    env.setenv("PGHOST", "127.0.0.1")
    assert sent(peer) == ["secret"]
    env.setenv("PGPORT", str(peer.port + 1))
    assert sent(peer) == [], "another port is another server"
    assert sent(peer, login="u:typed@") == ["typed"]


def test_one_foreign_host_among_several_is_enough_to_send_nothing(env: Env) -> None:
    env.setenv("PGPASSWORD", "secret")
    for hosts, is_sent in {
        "localhost,[::1]": True,
        "localhost.": True,
        "%2Frun%2Fx": True,
        "localhost,evil.example": False,
        "evil.example,localhost": False,
        "127.0.0.1.evil.example": False,
        "2130706433": False,
    }.items():
        told = connection_string(PostgresAddress(f"postgres://u@{hosts}/db"))
        assert ("secret" in told) == is_sent, hosts
    told = connection_string(PostgresAddress("postgres://u@localhost/db?hostaddr=192.0.2.1"))
    assert "secret" not in told


def test_password_files_count_for_hosts_they_name(peer: Peer, env: Env, tmp_path: Path) -> None:
    pgpass(tmp_path, "*:*:*:*:secret")
    assert sent(peer) == [], "whoever names an address would choose who gets it"
    pgpass(tmp_path, "other.example:*:*:*:no", "127.0.0.1:1:*:*:no", r"127.0.0.1:*:db:u:se\:c\\ret")
    assert sent(peer) == ["se:c\\ret"]
    assert sent(peer, login="other@") == []
    (tmp_path / ".pgpass").chmod(0o644)
    assert sent(peer) == [], "others may read it"


def test_a_password_that_was_typed_goes_on_with_its_host(peer: Peer, env: Env) -> None:
    address = PostgresAddress(f"postgres://u@127.0.0.1:{peer.port}/db")
    for name, value in handed_on(address, "typed").items():
        env.setenv(name, value)
    assert sent(peer) == ["typed"]
    assert sent(peer, host="localhost") == [], "another name, though the same machine"
    assert handed_on(address, "") == {}


def test_nothing_of_the_environment_goes_to_another_host(env: Env, tmp_path: Path) -> None:
    services = tmp_path / "services"
    services.write_text("[x]\nhost=inside.example\npassword=secret\nsslcert=/secret.crt\nuser=secret\n")
    (tmp_path / ".postgresql").mkdir()
    for name, value in {
        "PGHOST": "db.example",
        "PGHOSTADDR": "192.0.2.7",
        "PGUSER": "secret",
        "PGDATABASE": "secret",
        "PGPASSWORD": "secret",
        "PGSERVICE": "x",
        "PGSERVICEFILE": str(services),
        "PGSSLCERT": "/secret.crt",
        "PGSSLKEY": "/secret.key",
        "PGOPTIONS": "-c secret=1",
        "PGKRBSRVNAME": "secret",
        "PGGSSDELEGATION": "1",
    }.items():
        env.setenv(name, value)
    told = connection_string(PostgresAddress("postgres://evil.example/db"))
    assert "secret" not in told and "192.0.2.7" not in told
    for option in ("sslcertmode=disable", "gssdelegation=0", "passfile=%2Fdev%2Fnull%2Fnone", "hostaddr=&"):
        assert option in told + "&"
    own = connection_string(PostgresAddress("postgres://db.example/db"))
    assert "password=secret" in own and "user=secret" in own and "hostaddr=192.0.2.7" in own
    assert "passfile=%2Fdev%2Fnull%2Fnone" in own and "sslcert" not in own


def test_an_address_cannot_have_the_environments_password_sent_carelessly(env: Env) -> None:
    env.setenv("PGHOST", "db.example")
    env.setenv("PGPASSWORD", "secret")
    env.setenv("PGSSLMODE", "verify-full")
    assert "sslmode=verify-full" in connection_string(
        PostgresAddress("postgres://db.example/x?sslmode=disable")
    )
    assert "sslmode=disable" in connection_string(
        PostgresAddress("postgres://u:p@db.example/x?sslmode=disable")
    )


def test_an_address_without_a_host_is_that_of_the_environment(env: Env) -> None:
    def hosts(url: str) -> list[str]:
        return [str(one) for one in resolved(PostgresAddress(url)).hosts]

    assert hosts("postgres:///db") == [":5432"]
    env.setenv("PGHOST", "A.example,/run/x")
    env.setenv("PGPORT", "6000,6001")
    assert hosts("postgres:///db") == ["a.example:6000", "/run/x:6001"]
    env.setenv("PGHOST", "a b")
    with pytest.raises(InputError, match="PGHOST"):
        hosts("postgres:///db")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 400 <script>alert(1)</script>\r\n\r\n", "no PostgreSQL"),
        (b"\x00" * 64, "no PostgreSQL"),
        (b"", "connection broke off"),
        (refusal(b"<script> \xff\xfe\x1b[31m"), "refused"),
        (refusal(b'database "<script>" does not exist', b"3D000"), "no database of this name"),
        (message(b"R", b"\0\0\0\x2a<script>"), "cannot be used"),
        (message(b"R", b"\0\0\0\0") + message(b"Z", b"I") + b"<script>" * 999, "no PostgreSQL"),
        (b"E\x7f\xff\xff\xff" + b"<script>" * 99, "connection broke off"),
    ],
    ids=["http", "zeros", "nothing", "refusal", "database", "login", "after", "length"],
)
def test_what_answers_is_never_quoted(answer: bytes, words: str, peer: Peer, env: Env) -> None:
    peer.answer = answer
    with pytest.raises(InputError) as caught:
        open_source(PostgresAddress(f"postgres://u@127.0.0.1:{peer.port}/db"))
    said = str(caught.value)
    assert words in said and "script" not in said and said.isprintable() and "400" not in said


def test_where_nothing_listens_is_said(env: Env) -> None:
    with listening() as gone:
        pass
    for url, words in {
        f"postgres://u@127.0.0.1:{gone.port}/db": "nothing listens",
        "postgres://u@no-such-host.invalid/db": "not known",
        "postgres://u@%2Fnowhere/db": "no server listens at this socket",
        f"postgres://u@127.0.0.1:{gone.port}/db?sslmode=<b>": "a value that does not exist",
    }.items():
        with pytest.raises(InputError, match=words) as caught:
            open_source(PostgresAddress(url))
        assert "<" not in str(caught.value)
