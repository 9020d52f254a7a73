"""Column mappings: what they do, how they are guessed, kept and refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.data.importers import import_source
from mgrec_core.data.importers.mapping import parse
from mgrec_core.data.importers.mapping.guess import Table, guess
from mgrec_core.data.importers.mapping.kept import kept
from mgrec_core.data.preview import preview, propose, sample
from mgrec_core.foundation.errors import InputError
from mgrec_core.workspace import uploads
from tests.data.importers.conftest import Imported
from tests.data.importers.sources import AMAZON, MAPPING, pack_sqlite
from tests.support import upload

ORDERS = "Kunde;Artikel;Datum;Menge\nk1;a1;24.12.2023 18:00;2\nk1;a2;25.12.2023 08:00;1,5\nk2;a1;never;1\n"


def test_formats_units_constants_lists_and_strengths(run) -> None:
    imported = run(MAPPING)
    assert imported.rows("SELECT user_id, item_id, event, weight, timestamp FROM events") == [
        ("k1", "a1", "purchase", 2.0, datetime(2023, 12, 24, 18)),
        ("k1", "a2", "click", None, datetime(2023, 12, 24, 18)),
        ("k2", "a2", "click", None, datetime(2023, 12, 24, 18, 1, 40)),
        ("k1", "a2", "purchase", 1.5, datetime(2023, 12, 25, 8)),
        ("k2", "a1", "purchase", 1.0, None),
    ]
    assert imported.reasons("orders.csv")["bad_timestamp"] == 1
    assert imported.rows(
        "SELECT attribute, value FROM item_attributes WHERE item_id = 'a1' ORDER BY ALL"
    ) == [
        ("Farbe", "grün"), ("Gruppe", "Getränk"), ("Gruppe", "heiß"),
    ]  # fmt: skip
    strengths = dict(imported.rows("SELECT event, strength FROM event_types"))
    assert strengths == {"purchase": 1.0, "click": 0.2}


def test_one_file_may_fill_two_tables_and_overlapping_exports_count_once(run) -> None:
    mapping = (
        "tables:\n- {table: interactions, file: a.csv, columns: {user_id: u, item_id: i, timestamp: t}}\n"
        "- {table: interactions, file: b.csv, columns: {user_id: u, item_id: i, timestamp: t}}\n"
        "- {table: items, file: a.csv, columns: {item_id: i, title: name}, attributes: {}}\n"
    )
    a = "u,i,t,name\n1,x,2024-01-01,X\n2,y,2024-01-02,Y\n"
    b = "u,i,t\n2,y,2024-01-02\n3,z,2024-01-03\n"
    imported = run({"a.csv": a, "b.csv": b, "mapping.yaml": mapping})
    assert imported.report.counts["events"] == 3 and imported.report.counts["items"] == 3
    assert imported.reasons("b.csv")["duplicate_event"] == 1
    assert imported.file("a.csv → items")[0] == 2


def test_interactions_may_be_missing_in_what_is_added_only(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "words.csv").write_text("code,name\na1,Tea\nnew,Cup\n", encoding="utf-8")
    (tmp_path / "tags.csv").write_text("who,code,word\nk1,a1,warm\nnobody,a1,odd\n", encoding="utf-8")
    orders = parse(
        "tables: [{table: interactions, file: orders.csv, columns: {user_id: Kunde, item_id: Artikel}}]"
    )
    words = parse("tables: [{table: items, file: words.csv, columns: {item_id: code, title: name}}]")
    tags = parse("tables: [{table: tags, file: tags.csv, columns: {user_id: who, item_id: code, tag: word}}]")
    before = tmp_path / "before.duckdb"
    for mapping in (words, tags):
        with pytest.raises(InputError, match=r"nothing in the mapping fills interactions.*--append"):
            import_source(tmp_path, before, mapping=mapping)
    assert not before.exists()
    assert preview(tmp_path, mapping=words).report.counts["items"] == 2
    assert preview(tmp_path, mapping=tags).report.counts["tags"] == 0  # it knows no workspace's items
    import_source(tmp_path, before, mapping=orders)
    report = import_source(tmp_path, tmp_path / "words.duckdb", mapping=words, earlier=before)
    assert (report.counts["items"], report.counts["events"]) == (3, 3)
    report = import_source(tmp_path, tmp_path / "tags.duckdb", mapping=tags, earlier=before)
    assert report.counts["tags"] == 2


def test_nested_records_with_a_contact_are_orders_and_not_friendships(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is personal within them is found, too, on whatever level; a terminal is told in short."""
    orders = [
        {
            "customer": {"id": f"c{n % 4}", "contact": {"email": f"ann{n}@windmill.example"}},
            "product": {"sku": f"s{n % 3}", "title": "Tea", "note": f"ask bob{n}@windmill.example please"},
            "when": "2025-01-01",
        }
        for n in range(9)
    ]
    source = tmp_path / "orders.json"
    source.write_text(json.dumps(orders), encoding="utf-8")
    out, where = tmp_path / "m.yaml", tmp_path / "w"
    assert main(["mapping", str(source), "--workspace", str(where), "--out", str(out), "--quiet"]) == 0
    told = capsys.readouterr().out
    assert "user_id ← customer.id" in told and "event_id" not in told and "@windmill" not in told
    mapped = parse(out.read_text(encoding="utf-8")).model_dump(mode="json")
    assert [one["table"] for one in mapped["tables"]] == ["interactions", "items"]
    assert mapped["tables"][1]["columns"] == {"item_id": "product.sku", "title": "product.title"}
    mapped["tables"][1].update({
        "table": "items", "file": "orders.json",
        "columns": {"item_id": "product.sku", "title": "product.title", "description": "product.note"},
        "attributes": {"contact": "customer.contact"},
    })  # fmt: skip
    out.write_text(json.dumps(mapped), encoding="utf-8")
    words = ["import", str(source), "--workspace", str(where), "--mapping", str(out), "--quiet"]
    assert main(words) == 0, capsys.readouterr().err
    files = b"".join(path.read_bytes() for path in where.rglob("*") if path.is_file())
    assert b"@windmill" not in files


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tables: [", "valid YAML (line"),
        ("just text", "holds no mapping"),
        ("tables: []", "at least 1 item"),
        ("tables: [{table: shops, file: a, columns: {}}]", "table"),
        ("tables: [{table: interactions, file: a, columns: {user_id: x}}]", "needs 'item_id'"),
        ("tables: [{table: interactions, file: a, columns: {user_id: x, item_id: y, price: z}}]", "'price'"),
        (
            "tables: [{table: interactions, file: a, columns: {user_id: x, item_id: y}, timestamp: noon}]",
            "no form of time",
        ),
        (
            "tables: [{table: interactions, file: a, columns: {user_id: x, item_id: y}}]\nstrengths: {a: 2}",
            "1",
        ),
    ],
)
def test_a_wrong_mapping_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, "mine.yaml")
    assert said in str(caught.value) and "\n" not in str(caught.value) and "mine.yaml" in str(caught.value)


def test_a_mapping_comes_back_from_its_yaml() -> None:
    mapping = parse(str(MAPPING["mapping.yaml"]))
    assert parse(mapping.to_yaml()) == mapping


def test_a_file_or_column_that_is_not_there_is_named(refuse) -> None:
    files = {**MAPPING, "artikel.csv": "Nummer,Name\na1,Tee\n"}
    assert "artikel.csv has no column 'Artikel'" in refuse(files)
    gone = {name: content for name, content in MAPPING.items() if name != "artikel.csv"}
    message = refuse(gone, name="gone")
    assert "artikel.csv" in message and "orders.csv" in message


def test_a_renamed_file_is_found_by_its_columns(run) -> None:
    renamed = {("orders-2024.csv" if n == "orders.csv" else n): c for n, c in MAPPING.items()}
    assert run(renamed).report.counts["events"] == 5


def test_guessing_from_names_and_values(write) -> None:
    folder = write({
        "orders.csv": ORDERS,
        "products.csv": "sku,product_name,colour\na1,Tea,green\n",
        "log.jsonl": '{"visitor": 1, "product": {"id": "a1"}, "x": "click", "z": "2024-01-01T00:00:00Z"}\n'
        '{"visitor": 2, "product": {"id": "a2"}, "x": "view", "z": "2024-01-02T00:00:00Z"}\n',
    })  # fmt: skip
    found = {one.file: one for one in guess(sample(folder), "my shop!").tables}
    orders = found["orders.csv"]
    assert orders.columns == {
        "user_id": "Kunde",
        "item_id": "Artikel",
        "timestamp": "Datum",
        "weight": "Menge",
    }
    assert found["products.csv"].table == "items"
    assert found["products.csv"].columns == {"item_id": "sku", "title": "product_name"}
    assert found["log.jsonl"].columns["event"] == "x" and found["log.jsonl"].columns["timestamp"] == "z"


def test_what_orders_say_of_their_products_is_offered_as_items() -> None:
    orders = {"customer": ["1", "2", "2"], "sku": ["a", "a", "b"], "product_name": ["Tea", "Tea", "Cup"],
              "Category": ["Drinks", "Drinks", "Things"], "colour": ["red", "red", "blue"]}  # fmt: skip
    events, items = guess([Table("orders.csv", orders)]).tables
    assert events.table == "interactions" and items.table == "items" and items.file == "orders.csv"
    assert items.columns == {"item_id": "sku", "title": "product_name"}
    assert items.attributes == {"Category": "Category"}, "what is not known to be the item's is left out"
    catalogue = Table("products.csv", {"sku": ["a"], "name": ["Tea"]})
    assert [one.file for one in guess([Table("orders.csv", orders), catalogue]).tables] == [
        "orders.csv",
        "products.csv",
    ]
    notes = orders | {"product_name": ["for Ann", "for Bob", "x"], "Category": []}
    reviews = {"user": ["1", "2"], "asin": ["a", "b"], "rating": ["5", "1"], "title": ["Fine", "No"],
               "text": ["I like it", "I do not"]}  # fmt: skip
    del notes["Category"]
    for table in (notes, reviews):
        assert [one.table for one in guess([Table("x.csv", table)]).tables] == ["interactions"]


def test_nothing_to_guess_is_a_sentence() -> None:
    with pytest.raises(InputError, match="user and an item"):
        guess([Table("a.csv", {"x": ["1"], "y": ["2"]})])


def test_the_preview_shows_rows_and_rules_and_writes_nothing(write) -> None:
    folder = write(MAPPING)
    found = preview(folder, rows=2)
    assert found.frames["events"]["user_id"].tolist()[:2] == ["k1", "k1"]
    assert sum(file.read for file in found.report.files) == 6
    assert sorted(path.name for path in folder.iterdir()) == sorted(MAPPING)
    json.dumps(found.to_dict(), default=str)


def test_a_preview_of_a_large_file_reads_its_beginning(tmp_path: Path) -> None:
    body = "user_id,item_id,event\n" + "".join(f"u{n},i{n},{'x' * 90}\n" for n in range(110_000))
    for name, data in (("a.csv", body.encode()), ("b.csv.gz", gzip.compress(body.encode(), 1))):
        (tmp_path / name).write_bytes(data)
        columns = "{user_id: user_id, item_id: item_id}"
        mapping = parse(f"tables: [{{table: interactions, file: {name}, columns: {columns}}}]")
        assert preview(tmp_path / name, mapping, rows=50).report.files[0].read == 50


def test_the_command_line_guesses_imports_and_remembers(write, tmp_path, capfd) -> None:
    folder, workspace, out = write({"orders.csv": ORDERS}), tmp_path / "w", tmp_path / "m.yaml"
    where = ["--workspace", str(workspace)]
    assert main(["import", str(folder), *where]) == 2
    assert "--mapping FILE" in capfd.readouterr().err and not workspace.exists()
    assert main(["mapping", str(folder / "orders.csv"), *where, "--out", str(out), "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert said["origin"] == "guessed" and said["preview"]["receipt"]["counts"]["events"] == 3
    assert main(["import", str(folder), *where, "--mapping", str(out), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["counts"]["events"] == 3
    assert list(kept(workspace)) == ["orders"]
    (folder / "orders.csv").rename(folder / "next.csv")
    found, again = propose(workspace, sample(folder), "x")
    assert again and found.name == "orders"
    capfd.readouterr()
    assert main(["import", str(folder), *where]) == 2
    assert "add --mapping orders" in capfd.readouterr().err
    assert main(["import", str(folder), *where, "--mapping", "orders", "--json"]) == 0
    assert main(["import", str(folder), *where, "--mapping", "nobody"]) == 2


def test_json_in_its_forms(run, tmp_path: Path) -> None:
    rows = [{"u": {"id": 1}, "i": "a", "tags": ["x", "y"], "n": None}, {"u": {"id": 2}, "i": "b", "n": 2.0}]
    forms = {
        "l.jsonl": "\n".join(map(json.dumps, rows)),
        "a.json": json.dumps(rows, indent=1),
        "o.json": json.dumps({"total": 2, "rows": rows}),
        "g.jsonl.gz": gzip.compress("\n".join(map(json.dumps, rows)).encode()),
    }
    for number, (name, content) in enumerate(forms.items()):
        columns = "{user_id: u.id, item_id: i, weight: n}"
        mapping = f"tables: [{{table: interactions, file: {name}, columns: {columns}}}]"
        imported = run({name: content, "mapping.yaml": mapping}, name=f"{number}/shop")
        assert imported.rows("SELECT user_id, item_id, weight FROM events") == [
            ("1", "a", None),
            ("2", "b", 2.0),
        ]


def test_amazon_reviews_and_products(run) -> None:
    imported = run(AMAZON)
    when = "date_trunc('second', timestamp)"
    assert imported.rows(f"SELECT user_id, item_id, event, rating, {when} FROM events") == [
        ("A1", "B2", "review", 4.0, datetime(2020, 5, 4, 18, 10, 55)),
        ("A2", "B3", "verified_review", 3.0, datetime(2020, 5, 4, 18, 10, 55)),
        ("A1", "B1", "verified_review", 5.0, datetime(2020, 5, 5, 14, 8, 48)),
    ]
    assert imported.reasons("All_Beauty.jsonl") | {"ignored_column": 1} == {
        "malformed_line": 1, "rating_not_a_number": 1, "ignored_column": 1,
    }  # fmt: skip
    assert imported.rows("SELECT * FROM items WHERE item_id = 'B1'") == [
        ("B1", "Tea – soap", "Soft Mild A soap.")
    ]
    assert imported.rows(
        "SELECT attribute, value FROM item_attributes WHERE item_id = 'B2' ORDER BY ALL"
    ) == [
        ("Color", "Red / blue"), ("category", "Beauty"), ("category", "Tools"),
        ("main_category", "All Beauty"),
    ]  # fmt: skip
    assert imported.rows("SELECT head_id, relation, tail_id, tail_label FROM kg") == [
        ("B1", "bought_together", "B2", "B2"),
        ("B1", "in_category", "category:Beauty > Bath > Soap", "Soap"),
        ("B2", "in_category", "category:Beauty > Tools", "Tools"),
        ("category:Beauty > Bath", "part_of", "category:Beauty", "Beauty"),
        ("category:Beauty > Bath > Soap", "part_of", "category:Beauty > Bath", "Bath"),
        ("category:Beauty > Tools", "part_of", "category:Beauty", "Beauty"),
    ]


def test_amazon_reviews_alone_as_one_packed_file(write, tmp_path: Path) -> None:
    folder = write({"All_Beauty.jsonl.gz": gzip.compress(AMAZON["All_Beauty.jsonl"].encode())})
    database = tmp_path / "x.duckdb"
    imported = Imported(import_source(folder / "All_Beauty.jsonl.gz", database), database)
    assert imported.report.format == "amazon-reviews" and imported.report.counts["events"] == 3
    assert imported.rows("SELECT count(*) FROM items WHERE title IS NULL") == [(3,)]


def test_a_database_without_interactions_says_what_it_has(write, tmp_path: Path) -> None:
    folder = write({"x.db": pack_sqlite({"orders": [["who", "what"], ["1", "2"]]})})
    with pytest.raises(InputError, match=r"has no table interactions .it has: orders.*--mapping"):
        import_source(folder / "x.db", tmp_path / "y.duckdb")


def test_uploads_take_plain_names_and_refuse_bombs(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../evil/items.csv", "item_id\n1\n")
    packed.seek(0)
    folder = upload(tmp_path, [("/etc/../a b.csv", io.BytesIO(b"x")), ("z.zip", packed)], "my data")
    assert sorted(path.name for path in folder.iterdir()) == ["a b.csv", "items.csv"]
    assert folder.is_relative_to(tmp_path / uploads.FOLDER)
    assert not uploads.remove(tmp_path, tmp_path) and folder.exists()
    assert uploads.remove(tmp_path, folder) and not folder.exists()
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (40 << 20))
    for name, content in (("b.zip", bomb), ("c.zip", io.BytesIO(b"no zip"))):
        content.seek(0)
        with pytest.raises(InputError, match=name):
            upload(tmp_path, [(name, content)], "bad")
    with pytest.raises(InputError, match="two files"):
        upload(tmp_path, [("a/x.csv", io.BytesIO(b"1")), ("b/x.csv", io.BytesIO(b"2"))], "bad")
    assert not any((tmp_path / uploads.FOLDER).iterdir())


def test_an_upload_is_removed_after_its_import_and_nothing_else_ever(tmp_path: Path, capfd) -> None:
    content = b"user_id,item_id\nu1,i1\n"
    root, own = tmp_path / "root", tmp_path / "own"
    own.mkdir()
    (own / "interactions.csv").write_bytes(content)
    folder = upload(root, [("interactions.csv", io.BytesIO(content))], "shop")
    for source in (folder, own):
        assert main(["import", str(source), "--workspace", str(root / "w"), "--remove-upload"]) == 0
    assert not folder.exists() and own.exists()
    bad = upload(root, [("interactions.csv", io.BytesIO(b"x,y\n1,2\n"))], "bad")
    assert main(["import", str(bad), "--workspace", str(root / "w"), "--remove-upload"]) == 2
    assert bad.exists()
