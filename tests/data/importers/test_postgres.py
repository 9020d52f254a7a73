"""A real PostgreSQL server: canonical names, mappings, one snapshot, and no password anywhere."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.data.cleaning import literal
from mgrec_core.data.importers import import_source
from mgrec_core.data.importers.mapping import parse
from mgrec_core.data.importers.sources import as_place, open_source
from mgrec_core.foundation.errors import InputError
from tests.data.importers.conftest import Imported
from tests.data.importers.sources import tables

PASSWORD = "s3cret/ü@x"
QUOTED = "s3cret%2F%C3%BC%40x"


def binaries() -> Path | None:
    found = [Path(p).parent for p in (shutil.which("initdb"),) if p]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((one for one in found if (one / "initdb").exists()), None)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of our own, without user and password."""
    folder = binaries()
    if folder is None:
        pytest.skip("no PostgreSQL server is installed (Debian's package postgresql)")
    place = Path("/tmp") / f"mgrec-postgres-{os.getpid()}"  # the path of a socket must be short
    place.mkdir(mode=0o700)
    user = None
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            user = pwd.getpwnam("postgres").pw_name
        except KeyError:
            shutil.rmtree(place)
            pytest.skip("PostgreSQL does not run as root and there is no user postgres")
        shutil.chown(place, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"user": user, "cwd": place, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    (place / "password").write_text(PASSWORD, encoding="utf-8")
    (place / "password").chmod(0o644)
    subprocess.run(
        [folder / "initdb", "-D", place / "data", "-U", "analyst", "-E", "UTF8", "--locale=C",
         "-A", "scram-sha-256", "--pwfile", place / "password", "--no-sync"],
        check=True, **options,  # type: ignore[call-overload]
    )  # fmt: skip
    process = subprocess.Popen(
        [folder / "postgres", "-D", place / "data", "-p", str(port), "-h", "127.0.0.1", "-k", place,
         "-c", "fsync=off"],
        **options,  # type: ignore[call-overload]
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                fill(f"postgresql://analyst:{QUOTED}@127.0.0.1:{port}/postgres")
                break
            except Exception:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield f"127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(place, ignore_errors=True)


def fill(url: str) -> None:
    import adbc_driver_postgresql.dbapi as driver

    with driver.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for name, (head, *rows) in tables().items():
            cursor.execute(f"CREATE TABLE {name} ({', '.join(f'{one} text' for one in head)})")
            for row in rows:
                cells = ", ".join(literal(cell) if cell else "NULL" for cell in row)
                cursor.execute(f"INSERT INTO {name} VALUES ({cells})")
        cursor.execute("CREATE SCHEMA shop")
        cursor.execute(
            'CREATE TABLE shop."Orders ""x""" (customer bigint, sku numeric(8,2), at timestamptz, n float8,'
            " marks text[], ok boolean, raw bytea, doc jsonb)"
        )
        cursor.execute(
            'INSERT INTO shop."Orders ""x""" VALUES'
            " (7, 12.00, '2024-03-01 12:00:00+02', 2, '{a,b}', true, '\\x41', '{\"k\": 1}'),"
            " (8, 12.50, '2024-03-02 00:00:00+00', 0.5, NULL, NULL, NULL, NULL)"
        )


@pytest.fixture
def url(server: str) -> str:
    return f"postgresql://analyst:{QUOTED}@{server}"


def test_canonical_names_are_read_as_the_folder_is(url, run, tmp_path) -> None:
    from tests.data.importers.sources import CANONICAL

    database = tmp_path / "pg.duckdb"
    report = import_source(url, database)
    imported = Imported(report, database)
    assert report.format == "database" and report.dataset == "postgres"
    assert imported.fingerprint == run(CANONICAL).fingerprint
    assert {file.file for file in report.files} == {f"postgres [{name}]" for name in tables()}


def test_types_become_text_and_odd_names_work(url, tmp_path) -> None:
    mapping = parse(
        "name: pg\ntables:\n- {table: interactions, file: 'postgres [shop.Orders \"x\"]', columns:"
        " {user_id: customer, item_id: sku, timestamp: at, weight: n}}\n"
    )
    database = tmp_path / "pg.duckdb"
    imported = Imported(import_source(url, database, mapping=mapping), database)
    rows = imported.rows("SELECT user_id, item_id, weight, CAST(timestamp AS VARCHAR) FROM events")
    assert rows == [("7", "12", 2.0, "2024-03-01 10:00:00"), ("8", "12.5", 0.5, "2024-03-02 00:00:00")]


def test_it_is_one_read_only_snapshot(url) -> None:
    import adbc_driver_postgresql.dbapi as driver
    import duckdb

    source = open_source(as_place(url))
    with driver.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO users VALUES ('later', '1')")
        try:
            staged = source.stage(connection=duckdb.connect(), table="postgres [users]", scratch=Path())
            assert staged.columns.keys() == {"user_id", "age"}
            with duckdb.connect() as own:
                table = source.stage(own, "postgres [users]", Path()).table
                assert own.execute(f"SELECT count(*) FROM {table}").fetchall() == [(2,)]
            with pytest.raises(source._failure):  # type: ignore[attr-defined]
                source._execute("DELETE FROM users")  # type: ignore[attr-defined]
        finally:
            source.close()
            cursor.execute("DELETE FROM users WHERE user_id = 'later'")


def test_the_password_is_nowhere(url, tmp_path, capfd) -> None:
    workspace = tmp_path / "w"
    assert main(["import", url, "--workspace", str(workspace), "--json"]) == 0
    said = "".join(capfd.readouterr())
    for path in [one for one in workspace.rglob("*") if one.is_file()]:
        said += path.read_bytes().decode("latin-1")
    assert QUOTED not in said and "s3cret" not in said


@pytest.mark.parametrize("change", ["password", "database", "port"])
def test_a_refusal_is_one_line_without_the_password(change: str, url: str, tmp_path: Path) -> None:
    bad = {
        "password": url.replace("s3cret", "wr0ng"),
        "database": url + "x",
        "port": url.replace(url.rsplit(":", 1)[1].split("/")[0], "1"),
    }[change]
    with pytest.raises(InputError) as caught:
        import_source(bad, tmp_path / "x.duckdb")
    message = str(caught.value)
    assert "\n" not in message and "s3cret" not in message and "wr0ng" not in message
    assert "check" in message


def test_the_servers_password_reaches_its_own_host_only(server, tmp_path, monkeypatch) -> None:
    """The real server asks for SCRAM; libpq is told the password, and finds none by itself."""
    bare = f"postgresql://analyst@{server}"
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    open_source(as_place(bare)).close()
    monkeypatch.setenv("PGHOST", "db.example")
    with pytest.raises(InputError, match="none is set for this host"):
        open_source(as_place(bare))
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    open_source(as_place(bare)).close()
    monkeypatch.delenv("PGPASSWORD")
    kept = tmp_path / "pgpass"
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    monkeypatch.setenv("PGPASSFILE", str(kept))
    for entry, opens in ((f"*:*:*:*:{escaped}", False), (f"127.0.0.1:*:*:analyst:{escaped}", True)):
        kept.write_text(f"# hosts\n{entry}\n", encoding="utf-8")
        kept.chmod(0o600)
        if opens:
            open_source(as_place(bare)).close()
        else:
            with pytest.raises(InputError, match="none is set for this host"):
                open_source(as_place(bare))


def test_a_socket_and_a_service_are_read(server, tmp_path, monkeypatch) -> None:
    port = server.split(":")[1].split("/")[0]
    folder = f"{tempfile.gettempdir()}/mgrec-postgres-{os.getpid()}"
    open_source(as_place(f"postgres://analyst:{QUOTED}@{folder.replace('/', '%2F')}:{port}/postgres")).close()
    open_source(as_place(f"postgres://analyst:{QUOTED}@/postgres?host={folder}&port={port}")).close()
    services = tmp_path / "services"
    services.write_text(
        f"[other]\nhost=evil.example\n[shop]\nhost=127.0.0.1\nport={port}\ndbname=postgres\nuser=analyst\n"
        f"password={PASSWORD}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    open_source(as_place("postgres://?service=shop")).close()
    with pytest.raises(InputError, match="one of them"):
        open_source(as_place("postgres://127.0.0.1/postgres?service=shop"))
    monkeypatch.setenv("PGSERVICE", "shop")
    with pytest.raises(InputError, match="none is set for this host"):
        open_source(as_place(f"postgres://analyst@{server}"))


def test_what_a_server_says_is_not_quoted(url) -> None:
    source = open_source(as_place(url))
    try:
        source._tables["postgres [gone]"] = ("<b>", "x", ["a"], ["text"])  # type: ignore[attr-defined]
        import duckdb

        with duckdb.connect() as own, pytest.raises(InputError) as caught:
            source.stage(own, "postgres [gone]", Path())
        assert "is not there any more" in str(caught.value) and "<b>" not in str(caught.value)
    finally:
        source.close()


def test_odd_names_of_columns_do_not_hide_the_other_tables(url) -> None:
    import adbc_driver_postgresql.dbapi as driver
    import duckdb

    with driver.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute('CREATE TABLE odd ("a\x01b" text, "c,""d" text)')
        source = open_source(as_place(url))
        try:
            with duckdb.connect() as own:
                assert source.stage(own, "postgres [odd]", Path()).columns
                assert source.stage(own, "postgres [users]", Path()).columns
        finally:
            source.close()
            cursor.execute("DROP TABLE odd")
