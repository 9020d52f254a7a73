"""What a visitor may name as a source: folders, databases, options; never what only trying would tell."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mgrec_core.data.importers.sources.postgres import PostgresAddress
from mgrec_core.data.importers.sources.reach import Reach
from mgrec_core.foundation.errors import InputError

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "reach.example.yaml"
UPLOAD = "0123456789abcdef" * 2


class House:
    """A folder of workspaces beside a folder that is listed and one that is not."""

    def __init__(self, place: Path) -> None:
        self.root, self.listed, self.other = place / "workspaces", place / "listed", place / "other"
        self.uploads = self.root / ".uploads"
        for folder in (
            self.root / "shop",
            self.listed / "inside",
            self.other,
            self.uploads / UPLOAD / "mine",
        ):
            folder.mkdir(parents=True)
        (self.other / "key.json").write_text("{}")

    def refusal(self, reach: Reach, place: Path | PostgresAddress) -> str:
        with pytest.raises(InputError) as caught:
            reach.check(place, self.uploads)
        return str(caught.value)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    for name in ("MGREC_REACH", "PGHOST", "PGPORT", "PGSERVICEFILE"):
        monkeypatch.delenv(name, raising=False)
    return House(tmp_path)


def test_listed_folders_and_what_is_inside_may_be_named(house: House) -> None:
    reach = Reach(folders=(house.listed,))
    for place in (house.listed, house.listed / "inside", house.listed / "inside" / ".." / "new.csv"):
        assert reach.check(place, house.uploads) == Path(place).resolve()


def test_a_refusal_is_the_same_whatever_is_there(house: House) -> None:
    reach = Reach(folders=(house.listed,))
    (house.listed / "link").symlink_to(house.other)
    (house.listed / "loop").symlink_to(house.listed / "loop")
    (house.listed / "inside" / "a.csv").symlink_to(house.other / "key.json")
    said = {
        house.refusal(reach, place)
        for place in (
            house.other / "key.json",
            house.other / "none.json",
            house.listed / "link" / "key.json",
            house.listed / "link" / "none.json",
            house.listed / "inside" / "a.csv",
            house.listed / "inside",
            house.listed / ".." / "other",
            house.listed.with_name("listed2"),
            house.root,
            house.root / "shop",
            house.uploads,
            house.uploads / UPLOAD,
            house.uploads / "x" / "y",
            house.uploads / UPLOAD / ".." / ".." / "shop",
            Path("~no-such-user/x"),
            Path("a\0b"),
            Path("/" + "x" * 5000),
            Path("relative"),
        )
    }
    assert len(said) == 1 and str(house.listed)[:40] in said.pop()


def test_workspaces_are_no_source_even_where_their_folder_is_listed(house: House) -> None:
    reach = Reach(folders=(house.root.parent,))
    assert reach.check(house.other, house.uploads) == house.other.resolve()
    house.refusal(reach, house.root / "shop")
    house.refusal(reach, house.uploads)
    assert reach.check(house.uploads / UPLOAD / "mine", house.uploads).name == "mine"


def test_without_a_file_the_way_in_decides(house: House) -> None:
    here = Reach.of(house.root, beyond_loopback=False)
    assert here.check(house.root / "shop", house.uploads)
    assert here.check(PostgresAddress("postgres://any.example/x"), house.uploads)
    assert "passfile" in house.refusal(here, PostgresAddress("postgres://any.example/x?passfile=/etc/passwd"))
    there = Reach.of(house.root, beyond_loopback=True)
    assert there.check(house.uploads / UPLOAD / "mine", house.uploads)
    for place in (house.other, house.listed / "none", PostgresAddress("postgres://127.0.0.1/x")):
        assert "upload" in house.refusal(there, place)


def test_a_file_holds_wherever_it_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    (house.root / "reach.yaml").write_text(f"folders: ['{house.listed}']\n")
    elsewhere = house.other / "mine.yaml"
    elsewhere.write_text(f"folders: ['{house.other}']\n")
    for beyond in (False, True):
        assert Reach.of(house.root, beyond).check(house.listed, house.uploads)
        house.refusal(Reach.of(house.root, beyond), house.other)
    monkeypatch.setenv("MGREC_REACH", str(elsewhere))
    assert Reach.of(house.root, True).check(house.other, house.uploads)
    house.refusal(Reach.of(house.root, False), house.listed)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"folders: [", "no YAML"),
        (b"\xff\xfe\xfa", "no UTF-8"),
        (b"- a", "the whole"),
        (b"folders: /data", "folders"),
        (b"folders: [data]", "'data' is no absolute path"),
        (b"folder: [/data]", "folder: "),
        (b"databases: ['*.']", "'\\*.' is no host"),
        (b"databases: [a/b]", "'a/b' is no host"),
        (b"databases: [5]", "databases"),
        (b"schemes: [http]", "'http' is not known"),
        (b"options: [nonsense]", "'nonsense' is not known"),
        (b"[" * 5000, "no YAML"),
        (b"a: !!python/object:os.system x", "no YAML"),
    ],
)
def test_a_damaged_file_closes_everything(content: bytes, words: str, house: House) -> None:
    (house.root / "reach.yaml").write_bytes(content)
    for beyond in (False, True):
        reach = Reach.of(house.root, beyond)
        for place in (
            house.listed,
            house.uploads / UPLOAD / "mine",
            PostgresAddress("postgres://localhost/x"),
        ):
            with pytest.raises(InputError, match=rf"reach.yaml.*{words}.*whoever runs the server"):
                reach.check(place, house.uploads)


def test_a_file_that_is_missing_where_one_is_meant_closes_everything(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = house.root / "reach.yaml"
    path.symlink_to(house.root / "gone")
    assert "cannot be used" in house.refusal(Reach.of(house.root, False), house.listed)
    path.unlink()
    path.mkdir()
    assert "cannot be used" in house.refusal(Reach.of(house.root, False), house.listed)
    monkeypatch.setenv("MGREC_REACH", str(house.other / "none.yaml"))
    assert "none.yaml" in house.refusal(Reach.of(house.root, False), house.listed)


@pytest.mark.parametrize(
    ("listed", "fits", "does_not"),
    [
        (
            "db.example",
            "db.example DB.example.:5433 db.example,db.example:1",
            "evil.example xdb.example a.db.example",
        ),
        ("db.example:5433", "db.example:5433", "db.example db.example:5432"),
        ("db.example:5432", "db.example db.example:5432", "db.example:5433"),
        ("*.db.example", "a.db.example a.b.db.example", "db.example xdb.example db.example.evil.example"),
        ("localhost", "localhost localhost:1", "127.0.0.1 [::1] %2Ftmp 2130706433 localhost,evil.example"),
        ("[::1]:5432", "[::1] [0:0::1]", "[::2] [::1]:1"),
        ("::1", "[::1]:7", "[::2]"),
        ("/run/postgresql", "%2Frun%2Fpostgresql", "%2Frun%2Fpostgresql%2F..%2Fx %2Ftmp localhost"),
        ("*", "a b:1 %2Ftmp [::1]", ""),
    ],
)
def test_every_host_has_to_be_listed(listed: str, fits: str, does_not: str, house: House) -> None:
    reach = Reach(databases=(listed,))
    for host in fits.split():
        assert reach.check(PostgresAddress(f"postgres://u@{host}/x"), house.uploads), host
    said = {house.refusal(reach, PostgresAddress(f"postgres://u@{host}/x")) for host in does_not.split()}
    assert len(said) <= 1


def test_hosts_of_options_services_and_the_environment_count(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = Reach(databases=("db.example",), options=("hostaddr", "service"))
    services = house.other / "services"
    services.write_text(
        "[good]\nhost=db.example\n[bad]\nhost=evil.example\n[odd]\nhost=db.example\nhostaddr=192.0.2.1\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    assert allowed.check(PostgresAddress("postgres://?service=good"), house.uploads)
    for query in ("service=bad", "service=odd", "service=none", "host=evil.example", "hostaddr=192.0.2.1"):
        house.refusal(allowed, PostgresAddress(f"postgres:///x?{query}"))
    house.refusal(allowed, PostgresAddress("postgres://db.example/x?hostaddr=192.0.2.1"))
    house.refusal(allowed, PostgresAddress("postgres:///x"))
    monkeypatch.setenv("PGHOST", "db.example")
    assert allowed.check(PostgresAddress("postgres:///x"), house.uploads)


def test_options_are_those_that_are_listed(house: House) -> None:
    usual = Reach(databases=("*",))
    for query in (
        "sslmode=require&connect_timeout=3",
        "options=-c%20search_path=a,b",
        "options=endpoint%3Dx-1",
    ):
        assert usual.check(PostgresAddress(f"postgres://h/x?{query}"), house.uploads)
    for option in ("passfile", "sslkey", "sslcert", "sslrootcert", "service", "krbsrvname", "hostaddr"):
        value = "192.0.2.1" if option == "hostaddr" else "/etc/passwd"
        said = house.refusal(usual, PostgresAddress(f"postgres://h/x?{option}={value}"))
        assert option in said and value not in said
    house.refusal(usual, PostgresAddress("postgres://h/x?options=-c%20session_preload_libraries=x"))
    wide = Reach(databases=("*",), options=("sslrootcert",), schemes=("postgres",))
    assert wide.check(PostgresAddress("postgres://h/x?sslrootcert=/ca.pem"), house.uploads)
    house.refusal(wide, PostgresAddress("postgres://h/x?sslmode=require"))
    house.refusal(wide, PostgresAddress("postgresql://h/x"))


@pytest.mark.parametrize(
    ("listed", "fits", "does_not"),
    [
        ("models.example", "https://models.example http://Models.Example.:8000", "https://evil.example"),
        ("models.example:443", "https://models.example", "http://models.example https://models.example:444"),
        ("*.example", "https://a.example", "https://example https://aexample"),
        ("localhost:11434", "http://localhost:11434", "http://localhost http://127.0.0.1:11434"),
        ("*", "https://a https://[::1]:1", ""),
    ],
)
def test_models_behind_an_address_are_listed_too(listed: str, fits: str, does_not: str) -> None:
    reach = Reach(models=(listed,))
    for host in fits.split():
        reach.check_model(f"{host}/v1#e5")
    for host in does_not.split():
        with pytest.raises(InputError, match=r"calls no such models for visitors; .* models in reach\.yaml"):
            reach.check_model(f"{host}/v1#e5")


def test_models_by_name_are_none_of_its_business_and_the_way_in_decides(house: House) -> None:
    there, here = Reach.of(house.root, beyond_loopback=True), Reach.of(house.root, beyond_loopback=False)
    there.check_model("all-MiniLM-L6-v2")
    here.check_model("http://localhost:8000/v1#e5")
    with pytest.raises(InputError, match="calls no such models"):
        there.check_model("http://localhost:8000/v1#e5")
    with pytest.raises(InputError, match="cannot be read") as caught:
        here.check_model("http://me:secret@localhost/v1#e5")
    assert "secret" not in str(caught.value)
    with pytest.raises(InputError, match="calls no such models"):
        Reach.closed("reach.yaml").check_model("http://localhost/v1#e5")


def test_the_example_is_a_file_that_holds(house: House) -> None:
    reach = Reach.load(EXAMPLE)
    assert set(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))) == set(Reach.model_fields)
    assert reach.check(Path("/data/shops/2024"), house.uploads)
    assert reach.check(PostgresAddress("postgres://reader@a.db.example.com/x?sslmode=require"), house.uploads)
    house.refusal(reach, Path("/data"))


def test_folders_of_models_are_those_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models" / "mine").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "models" / "link").symlink_to(tmp_path / "other")
    (tmp_path / "owner" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    some = Reach(folders=(tmp_path / "models",))
    for name in (
        str(tmp_path / "models" / "mine"),
        "all-MiniLM-L6-v2",
        "BAAI/bge-small-en-v1.5",
        "",
        "mine-lora-1",
    ):
        some.check_model(name)
    for name in (
        str(tmp_path / "other"), str(tmp_path / "models" / "link"), "../other", "~/x", "a/b/c", "owner/name",
        "/nowhere", "~nobody-of-that-name/x", "/a\0b",
    ):  # fmt: skip
        with pytest.raises(InputError, match=r"under folders in reach\.yaml") as caught:
            some.check_model(name)
        assert "\n" not in str(caught.value) and str(tmp_path) not in str(caught.value)
        Reach.open().check_model(name)
    with pytest.raises(InputError, match="reads no such models"):
        Reach.closed().check_model(str(tmp_path / "models" / "mine"))
