"""Addresses of PostgreSQL databases: read in one way, or refused in a sentence that quotes nothing."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mgrec_core.data.importers.sources import as_place
from mgrec_core.data.importers.sources.libpq import connection_string
from mgrec_core.data.importers.sources.postgres import PostgresAddress
from mgrec_core.data.importers.sources.reach import Reach
from mgrec_core.foundation.errors import InputError

PASSWORD = "s3cret/ü@x"
QUOTED = "s3cret%2F%C3%BC%40x"


@pytest.mark.parametrize(
    ("url", "hosts", "database"),
    [
        ("postgres://", [], "postgres"),
        ("postgresql:///shop", [], "shop"),
        ("POSTGRES://U@Shop.Example:5433/a%20b", ["shop.example:5433"], "a b"),
        ("postgres://a,b:1,[2001:DB8::1]:2/x", ["a:5432", "b:1", "[2001:db8::1]:2"], "x"),
        ("postgres://u@[fe80::1%25eth0]/x", ["[fe80::1%eth0]:5432"], "x"),
        ("postgres://u@%2Fvar%2Frun/x", ["/var/run:5432"], "x"),
        ("postgres:///x?host=/tmp&port=6000", ["/tmp:6000"], "x"),
        ("postgres:///x?host=a,b&port=6000", ["a:6000", "b:6000"], "x"),
        ("postgres://?hostaddr=192.0.2.1&dbname=y", ["192.0.2.1:5432"], "y"),
    ],
)
def test_hosts_and_database_are_those_that_are_called(url: str, hosts: list[str], database: str) -> None:
    place = as_place(f" {url} ")
    assert isinstance(place, PostgresAddress)
    assert ([str(one) for one in place.asked.hosts], place.database) == (hosts, database)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://[bad/x",
        "postgres://[127.0.0.1",
        "postgres://u:s3cret@evil@host/x",
        "postgres://u:s3cret/x@host/x",
        "postgres://u:s3cret?x@host/x",
        "postgres://host:s3cret/x",
        "postgres://host:0/x",
        "postgres://host:99999/x",
        "postgres://ho%zz/x",
        "postgres://%2Ftmp%2Cs3cret.example/x",
        "postgres://a%2Cs3cret.example/x",
        "postgres://a%40s3cret.example/x",
        "postgres:///x?host=/tmp,@s3cret%2Cb&host=c",
        "postgres://a/x?host=s3cret.example",
        "postgres://a:1/x?port=2",
        "postgres://a/x?port=1,2",
        "postgres://a,b/x?hostaddr=192.0.2.1",
        "postgres://a/x?hostaddr=s3cret.example",
        "postgres://u@a/x?user=s3cret",
        "postgres://a/x?sslmode",
        "postgres://a/x?nonsense=s3cret",
        "postgres://a/x%00y",
        "postgres://a/x?application_name=%0a",
        "postgres://a/%ff",
        "postgres://a b/x",
        "postgres://bücher.example/x",
        "postgres://-a/x",
        "postgres://" + ",".join("a" * 17),
        "postgres://a/" + "x" * 5000,
    ],
)
def test_what_can_be_read_in_two_ways_is_a_sentence(url: str) -> None:
    with pytest.raises(
        InputError, match=r"the PostgreSQL address cannot be read: .*; write postgres://user@"
    ) as caught:
        as_place(url)
    assert "s3cret" not in str(caught.value) and str(caught.value).isprintable()


SIGNS = "@ : / ? & = , [ ] % %40 %2F %2C %00 # \\ ::1 . * ü host hostaddr service sslmode options port 5432"
PIECES = st.sampled_from([*SIGNS.split(), "ok.example", "evil.example", " ", "\0"])


@given(st.lists(PIECES | st.text(max_size=3), max_size=14).map("".join))
@example("[bad/x")
@example("ok.example/x?host=evil.example")
@example("evil.example%2Cok.example/x")
def test_any_address_is_read_or_a_sentence_and_calls_only_what_was_checked(
    tmp_path_factory, rest: str
) -> None:
    reach = Reach(databases=("ok.example",))
    try:
        address = PostgresAddress(f"postgres://{rest}")
        reach.check(address, tmp_path_factory.getbasetemp())
    except InputError as error:
        assert str(error).isprintable()
        return
    told = dict(one.split("=") for one in connection_string(address).partition("?")[2].split("&"))
    assert set(told["host"].split("%2C")) == {"ok.example"} and not told["hostaddr"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_any_password_is_taken_out_and_put_in_again(password: str) -> None:
    address = PostgresAddress("postgres://u@h:5/db?sslmode=require").with_password(password)
    assert address.asked.password == password
    assert address.without_password() == ("postgres://u@h:5/db?sslmode=require", password)


def test_an_address_hides_its_password() -> None:
    for url in (f"postgres://u:{QUOTED}@h/db", "postgres://u@h/db?password=s3cret&sslmode=prefer"):
        address = PostgresAddress(url)
        assert "s3cret" not in f"{address!r} {address} {address.asked!r} {address.without_password()[0]}"
        assert "s3cret" in address.without_password()[1]
    plain, password = PostgresAddress(f"postgres://u:{QUOTED}@h:5/db").without_password()
    assert (plain, password) == ("postgres://u@h:5/db", PASSWORD)
    assert PostgresAddress(plain).with_password(password).url == f"postgres://u:{QUOTED}@h:5/db"
    assert PostgresAddress("postgres://?user=u").with_password(quote("a b")).asked.user == "u"
