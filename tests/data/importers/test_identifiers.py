"""Direct identifiers are dropped or become pseudonyms at import, and nothing of them is left."""

from __future__ import annotations

import json

import duckdb
import pytest

from mgrec_core.cli.main import main as cli
from mgrec_core.data.identifiers import KINDS, is_id, mask, recognise
from mgrec_core.data.importers.identifiers import KIND
from mgrec_core.data.options import ImportOptions
from mgrec_core.foundation.errors import InputError, WorkspaceBrokenError
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import KEY_FILE, WorkspaceKey
from tests.data.importers.sources import SOURCES

MAILS = [f"{name}@shop{n}.example" for n, name in enumerate(("ann", "Bob.Lee", "c+d", "eve_1"))]
PEOPLE = [
    ("email", "email", MAILS),
    ("email", "Contact", MAILS),
    ("email", "customerEmail", ["hidden", "gone", "x", "y"]),
    ("phone", "phone", ["02079460958", "02079460000"]),
    ("phone", "PhoneNumber", ["5551234567", "5559876543"]),
    ("phone", "reach me", ["+44 20 7946 0958", "+1 (555) 010-9999", "555-010-1234"]),
    ("name", "first_name", ["Ann", "Bob"]),
    ("name", "LastName", ["Lee", "O'Neil"]),
    ("name", "Customer Name", ["Ann Lee", "Bob Ray"]),
    ("name", "name", ["Ann Lee", "Bob Ray"]),
    ("address", "street_address", ["1 High Street", "22 Low Road"]),
    ("address", "Billing Address", ["1 High Street, Leeds"]),
    ("ip", "ip", ["192.168.4.20", "81.2.69.160"]),
    ("ip", "seen_from", ["192.168.4.20", "81.2.69.160", "2001:db8::ff00:42:8329"]),
    ("card", "card_number", ["4111 1111 1111 1111"]),
    ("card", "IBAN", ["DE89370400440532013000"]),
    ("card", "paid_with", ["4111111111111111", "5500005555555559", "340000000000009", "4012888888881881",
      "4222222222222220", "5105105105105100", "4111-1111-1111-1111", "5555555555554444", "378282246310005",
      "371449635398431"]),
]  # fmt: skip
OTHERS = [
    ("email", ["yes", "no"]),  # whether there is one
    ("email_opens", ["1", "2", "3"]),
    ("phone", ["iPhone 12", "Pixel"]),
    ("mobile", ["0", "1"]),
    ("title", ["Ann Lee", "Bob Ray"]),
    ("brand_name", ["Acme", "Globex"]),
    ("product_name", ["Tea", "Coffee"]),
    ("address", ["https://a.example/x", "https://b.example/y"]),
    ("app_version", ["10.2.40.0", "10.3.99.0"]),
    ("category", ["1.2.3.4", "1.2.3.5"]),
    ("ip", ["patent", "licence"]),
    ("timestamp", ["1709290000", "1709290001"]),
    ("date", ["2011-12-09 08:26:00", "2011-12-10 08:26:00"]),
    ("barcode", ["4006381333931", "5901234123457", "9780201379624"] * 4),
    ("basket_id", [str(31198570044 + n) for n in range(50)]),
    ("score", ["4.5", "3.25"]),
    ("card_type", ["visa", "amex"]),
    ("street_style", ["urban", "punk"]),
]


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("Vorname", ["Ann", "Bob"], "name"),
        ("Nachname", ["Leander", "Sagittar"], "name"),
        ("Telefonnummer", ["030 1234567", "0170 7654321"], "phone"),
        ("Handy", ["0170 7654321", "0170 7654322"], "phone"),
        ("Straße", ["Hauptstr. 1", "Gasse 2"], "address"),
        ("Lieferanschrift", ["Hauptstr. 1, Berlin", "Gasse 2, Bonn"], "address"),
        ("E-Mail-Adresse", ["a(at)b", "c(at)d", "e(at)f"], "email"),
    ],
)
def test_german_names_of_columns(column: str, values: list[str], kind: str) -> None:
    assert recognise(column, values) == kind


@pytest.mark.parametrize(("kind", "column", "values"), PEOPLE)
def test_identifiers_are_recognised(kind: str, column: str, values: list[str]) -> None:
    assert recognise(column, values, people=True) == kind and kind in KINDS


@pytest.mark.parametrize(("column", "values"), OTHERS)
def test_other_columns_are_not(column: str, values: list[str]) -> None:
    assert recognise(column, values, people=True) is None


def test_a_name_is_a_persons_only_in_a_file_about_people() -> None:
    assert recognise("name", ["Portishead", "Air"]) is None
    assert is_id("CustomerID") and is_id("user_id:token") and not is_id("email") and not is_id("title")


@pytest.mark.parametrize("text", ["ann@x.example", "", "\0", "é'\U0001f600", "x" * 1000])
def test_pseudonyms_are_the_same_in_sql(text: str, tmp_path) -> None:
    key = WorkspaceKey(tmp_path)
    for kind in (KIND, "user"):
        (found,) = duckdb.execute(f"SELECT {key.sql('t', kind)} FROM (SELECT ? AS t)", [text]).fetchone()
        assert found == key.pseudonym(text, kind)
    assert duckdb.execute(f"SELECT {key.sql('NULL', KIND)}").fetchone() == (None,)


FILES = {
    "interactions.csv": "user_id,item_id,event,timestamp,ip\nann@x.example,i1,click,1709290000,81.2.69.160\n"
    "u2,i1,click,1709290001,81.2.69.161\n ann@x.example,i2,click,,81.2.69.162\n,i2,click,,81.2.69.163\n"
    "ann@x.example,i2,extra,field,here,and,more\n",
    "items.csv": "item_id,title,description,seller_email\n"
    "i1,Tea,write to bob@y.example or ring,bob@y.example\n"
    "i2,Café,plain,\n",
    "users.csv": "user_id,name,age\nann@x.example,Ann Leander,30\nu2,Bob Raymond,40\n",
    "social.csv": "user_id,friend_id\nann@x.example,u2\n",
}
SECRETS = ("ann@x.example", "bob@y.example", "Leander", "Raymond", "81.2.69")


@pytest.fixture
def folder(write):
    return write(FILES)


def test_nothing_of_an_identifier_is_left_in_the_workspace(folder, tmp_path) -> None:
    workspace = Workspace.create(tmp_path / "ws")
    report = import_data(workspace, folder)
    told = json.dumps(report.to_dict(), ensure_ascii=False)
    held = b"".join(path.read_bytes() for path in workspace.path.rglob("*") if path.is_file())
    with workspace.reading() as connection:
        tables = [name for (name,) in connection.execute("SHOW TABLES").fetchall()]
        held += repr([connection.execute(f"FROM {name}").fetchall() for name in tables]).encode()
    for secret in SECRETS:
        assert secret not in told and secret.encode() not in held
    found = {(one.file, one.action) for one in report.reasons if one.rule == "direct_identifier"}
    assert found == {
        ("interactions.csv", "hashed"), ("interactions.csv", "dropped"), ("users.csv", "hashed"),
        ("users.csv", "dropped"), ("items.csv", "dropped"), ("items.csv", "masked"), ("social.csv", "hashed"),
    }  # fmt: skip
    assert (workspace.path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    ann = WorkspaceKey(workspace.path).pseudonym("ann@x.example", KIND)
    with workspace.reading() as connection:
        assert connection.execute("FROM users ORDER BY 1").fetchall() == [(ann,), ("u2",)]
        assert connection.execute("SELECT DISTINCT attribute FROM user_attributes").fetchall() == [("age",)]
        assert ("i1", "Tea", "write to [e-mail] or ring") in connection.execute("FROM items").fetchall()
    first = workspace.meta()["data_fingerprint"]
    import_data(workspace, folder)
    assert workspace.meta()["data_fingerprint"] == first  # the same key, the same pseudonyms


def test_a_key_is_made_only_where_it_is_needed_and_a_broken_one_is_refused(folder, write, tmp_path) -> None:
    workspace = Workspace.create(tmp_path / "ws")
    key = workspace.path / KEY_FILE
    with pytest.raises(InputError, match="nowhere"):
        import_data(workspace, folder, options=ImportOptions.of(drop_columns=["nowhere"]))
    assert not key.exists()  # a refused first import leaves none behind
    import_data(workspace, write({"interactions.csv": "user_id,item_id\nu1,i1\n"}, name="plain/shop"))
    assert not key.exists()
    key.write_text("not a key")
    with pytest.raises(WorkspaceBrokenError, match="damaged: restore it"):
        import_data(workspace, folder)
    assert key.read_text() == "not a key"


def test_a_key_in_use_outlives_a_failed_import(folder, write, tmp_path) -> None:
    """Somebody may export pseudonyms while the import runs: they must not lose their key."""
    workspace = Workspace.create(tmp_path / "ws")
    import_data(workspace, write({"interactions.csv": "user_id,item_id\nu1,i1\n"}, name="plain/shop"))
    first = WorkspaceKey(workspace.path).pseudonym("u1")
    with pytest.raises(InputError, match="nowhere"):
        import_data(workspace, folder, options=ImportOptions.of(drop_columns=["nowhere"]))
    assert WorkspaceKey(workspace.path).pseudonym("u1") == first


def test_hashed_ids_are_exported_under_pseudonyms_of_their_own(folder, tmp_path) -> None:
    workspace = Workspace.create(tmp_path / "ws")
    import_data(workspace, folder)
    key = WorkspaceKey(workspace.path)
    with workspace.reading() as connection:
        users = [user for (user,) in connection.execute("FROM users").fetchall()]
    out = tmp_path / "users.csv"
    words = ["query", "SELECT user_id FROM v_users", "--workspace", str(workspace.path)]
    assert cli([*words, "--out", str(out), "--pseudonymise", "--quiet"]) == 0
    shown = out.read_text().replace('"', "").split()[1:]
    assert sorted(shown) == sorted(key.pseudonyms(users)) and not set(shown) & set(users)


def test_what_the_person_chooses(folder, run, tmp_path) -> None:
    key = WorkspaceKey(tmp_path)
    kept = run(folder, options=ImportOptions.of(identifiers="keep"))
    assert ("ann@x.example",) in kept.rows("SELECT user_id FROM users")
    assert ("Ann Leander",) in kept.rows("SELECT value FROM user_attributes")
    hashed = run(folder, options=ImportOptions.of(identifiers="hash"), key=key)
    names = {value for (value,) in hashed.rows("SELECT value FROM user_attributes WHERE attribute = 'name'")}
    assert names == {key.pseudonym(name, KIND) for name in ("Ann Leander", "Bob Raymond")}
    named = ImportOptions.of(keep_columns=["seller_email"], hash_columns=["user_id"], drop_columns=["age"])
    chosen = run(folder, options=named, key=key)
    assert chosen.rows("SELECT value FROM item_attributes") == [("bob@y.example",)]
    users = {user for (user,) in chosen.rows("FROM users")}
    assert users == {key.pseudonym(user, KIND) for user in ("ann@x.example", "u2")}
    assert chosen.rows("FROM user_attributes") == []
    assert len(chosen.rows("FROM social")) == 1  # friends are users: hashed alike


def test_a_needed_column_cannot_be_dropped(folder, run) -> None:
    with pytest.raises(InputError, match="'user_id' cannot be dropped"):
        run(folder, options=ImportOptions.of(drop_columns=["user_id"]))


def test_parquet_is_held_to_the_same(run, tmp_path) -> None:
    folder = tmp_path / "typed" / "shop"
    folder.mkdir(parents=True)
    duckdb.execute(
        "COPY (SELECT 'a' || i || '@x.example' AS user_id, 'i1' AS item_id FROM range(5) t(i))"
        f" TO '{folder / 'interactions.parquet'}'"
    )
    imported = run(folder)
    assert imported.rows(
        "SELECT count(*) FROM users WHERE user_id LIKE 'p_%' AND NOT contains(user_id, '@')"
    ) == [(5,)]


def test_messages_are_masked() -> None:
    assert mask("row 3: ann@x.example · +44 20 7946 0958 · 12") == "row 3: [e-mail] · [phone] · 12"


def test_a_giant_text_is_masked_in_the_time_of_one_pass() -> None:
    """Quadratic in the length, it would take an hour, where a receipt only wants an example."""
    giant = "x" * 2_100_000
    assert mask(f"{giant} ann@x.example") == f"{giant} [e-mail]"


@pytest.mark.parametrize("name", SOURCES)
def test_no_fixture_is_taken_for_personal(name: str, run) -> None:
    assert "direct_identifier" not in {one.rule for one in run(SOURCES[name].files).report.reasons}


@pytest.mark.parametrize("name", ["movielens", "marketplace"])
def test_no_sample_is_taken_for_personal(name: str, run, sample_data) -> None:
    assert "direct_identifier" not in {one.rule for one in run(sample_data / name).report.reasons}
