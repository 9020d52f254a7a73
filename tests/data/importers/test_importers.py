"""What every importer must do, whatever its format."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from mgrec_core.data.importers import IMPORTERS, detect_format, import_source
from mgrec_core.foundation.errors import Cancelled, InputError
from tests.data.importers.conftest import Imported
from tests.data.importers.sources import CANONICAL, SOURCES, Source

README = Path(__file__).resolve().parents[3] / "README.md"


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> Source:
    return SOURCES[request.param]


@pytest.fixture(scope="module")
def made() -> dict[int, Imported]:
    return {}


@pytest.fixture
def imported(source: Source, run: Callable[..., Imported], made: dict[int, Imported]) -> Imported:
    """The import of the source as it is, made once for all tests; only to be read."""
    if id(source) not in made:
        made[id(source)] = run(source.files)
    return made[id(source)]


def test_every_format_has_a_source_here() -> None:
    assert {source.format for source in SOURCES.values()} == set(IMPORTERS)


@pytest.mark.parametrize("name", IMPORTERS)
def test_every_format_is_declared_whole_and_told(name: str) -> None:
    importer = IMPORTERS[name]
    assert importer.name == name and importer.looks_for
    assert all(0 <= strength <= 1 for strength in importer.strengths.values())
    assert f"`{name}`" in README.read_text(encoding="utf-8")


def test_the_format_is_found_from_the_files(source, write) -> None:
    assert detect_format(write(source.files)) == source.format


def test_the_receipt_adds_up_and_is_kept(imported) -> None:  # the fixture checks the sums
    kept = imported.rows("SELECT file, target, read, accepted, repaired, rejected FROM import_files")
    assert kept == [
        (f.file, f.target, f.read, f.accepted, f.repaired, f.rejected) for f in imported.report.files
    ]
    rules = {(r.file, r.rule) for r in imported.report.reasons if r.action not in ("ignored", "read as")}
    assert set(imported.rows("SELECT DISTINCT file, rule FROM import_examples")) == rules
    assert imported.report.to_dict()["counts"] == imported.report.counts


def test_row_order_does_not_matter(source, imported, run) -> None:
    forward, backward = imported, run(source.reversed(), name="b/shop")
    assert forward.fingerprint == backward.fingerprint
    for table in ("events", "items", "users", "item_attributes", "kg", "social", "tags", "feedback"):
        assert forward.rows(f"FROM {table}") == backward.rows(f"FROM {table}"), table


def test_importing_again_gives_the_same(source, imported, run) -> None:
    again = run(source.files, name="again/shop")
    assert again.fingerprint == imported.fingerprint
    assert again.report == imported.report


def test_one_changed_value_changes_the_fingerprint(source, imported, run) -> None:
    assert imported.fingerprint != run(source.changed(), name="b/shop").fingerprint


def test_ids_are_texts_and_known(imported) -> None:
    assert imported.rows("SELECT typeof(user_id), typeof(item_id) FROM events LIMIT 1") == [
        ("VARCHAR", "VARCHAR")
    ]
    assert imported.rows("FROM events ANTI JOIN users USING (user_id)") == []
    assert imported.rows("FROM events ANTI JOIN items USING (item_id)") == []
    assert imported.rows("FROM item_attributes ANTI JOIN items USING (item_id)") == []
    n = imported.report.counts["events"]
    assert [row[0] for row in imported.rows("SELECT event_id FROM events ORDER BY ALL")] == list(range(n))


def test_every_event_kind_has_a_strength_and_views_work(imported) -> None:
    assert imported.rows("SELECT DISTINCT event FROM events ANTI JOIN event_types USING (event)") == []
    assert imported.rows("SELECT count(*) FROM v_pairs WHERE strength NOT BETWEEN 0 AND 1") == [(0,)]
    assert imported.rows("SELECT count(*) FROM event_types WHERE strength NOT BETWEEN 0 AND 1") == [(0,)]


def test_meta_names_the_source_without_its_path(source, imported) -> None:
    meta = dict(imported.rows("FROM meta"))
    assert meta["dataset"] == meta["source"] == "shop" and meta["format"] == source.format
    assert len(meta["data_fingerprint"]) == 64 and meta["schema_version"]


def test_windows_and_old_macintosh_line_ends(source, run) -> None:
    if not source.text:
        pytest.skip("there are no lines in these files")
    texts = {name: c.replace(b"\r\n", b"\n") for name, c in source.data.items()}
    expected = run(texts).fingerprint
    for place, end in (("b", b"\r\n"), ("c", b"\r")):
        assert (
            run({n: c.replace(b"\n", end) for n, c in texts.items()}, f"{place}/shop").fingerprint == expected
        )
    mixed = {n: c.replace(b"\n", b"\r\n", 2) for n, c in texts.items()}
    assert run(mixed, "d/shop").fingerprint == expected


@pytest.mark.parametrize(
    "name", ["it's", 'q"uote', "star*[a]?", "наука", "a;DROP TABLE events--", "two  words"]
)
def test_hostile_folder_names(name, run) -> None:
    assert run(CANONICAL, name=name).report.counts["events"] == 5


def test_progress_names_each_file(source, write, tmp_path) -> None:
    calls: list[tuple[str, int, int, str]] = []
    import_source(
        write(source.files),
        tmp_path / "x.duckdb",
        progress=lambda s, d, t, detail="": calls.append((s, d, t, detail)),
    )
    read = source.read
    assert {detail for *_, detail in calls if "." in detail} == read
    assert all(done <= total for _, done, total, _ in calls) and calls[-1][1] == calls[-1][2] == len(read)


def test_cancelling_leaves_nothing(write, tmp_path) -> None:
    def stop(stage: str, done: int, total: int, detail: str = "") -> None:
        if done == 2:
            raise Cancelled("stopped")

    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(Cancelled):
        import_source(write(CANONICAL), target / "x.duckdb", progress=stop)
    assert list(target.iterdir()) == []


def test_an_existing_database_is_never_touched(write, tmp_path) -> None:
    database = tmp_path / "kept.duckdb"
    database.write_text("precious")
    with pytest.raises(InputError, match="exists already"):
        import_source(write(CANONICAL), database)
    assert database.read_text() == "precious"


def test_a_target_folder_that_does_not_exist(write, tmp_path) -> None:
    with pytest.raises(InputError) as caught:
        import_source(write(CANONICAL), tmp_path / "no" / "x.duckdb")
    assert "\n" not in str(caught.value)


def test_unknown_format_and_folder(refuse, write, tmp_path) -> None:
    assert "canonical, movielens, lastfm" in refuse(CANONICAL, format="excel")
    assert "does not exist" in refuse(tmp_path / "nowhere")
    assert "the folder that holds it" in refuse(write(CANONICAL, name="other") / "items.csv")
    assert "is a file" in refuse(tmp_path / "other" / "items.csv", format="canonical")
    assert "interactions.csv" in refuse({"notes.txt": "hello"}, name="notes")
    assert "interactions.csv" in refuse(tmp_path / "notes", format="canonical")


@pytest.mark.parametrize(
    ("format", "file"),
    [
        ("movielens", "movies.csv"),
        ("movielens", "ratings.csv"),
        ("lastfm", "artists.dat"),
        ("lastfm", "user_artists.dat"),
        ("lastfm", "tags.dat"),
        ("canonical", "interactions.csv"),
    ],
)
def test_a_missing_file_is_named(format: str, file: str, refuse: Callable[..., str]) -> None:
    files = {name: content for name, content in SOURCES[format].files.items() if name != file}
    message = refuse(files, format=format)
    assert file in message and "missing" in message


NEEDED = [
    (name, file, column)
    for name, source in SOURCES.items()
    for file, columns in source.needed.items()
    for column in columns
]


@pytest.mark.parametrize(("name", "file", "column"), NEEDED)
def test_a_missing_column_is_named(name: str, file: str, column: str, refuse: Callable[..., str]) -> None:
    data = SOURCES[name].data
    message = refuse({**data, file: data[file].replace(column.encode(), b"other", 1)})
    assert file in message and f"'{column}'" in message


@pytest.mark.parametrize("file", ["interactions.csv", "items.csv", "kg.csv", "feedback.csv"])
@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_named(file: str, content: bytes, refuse: Callable[..., str]) -> None:
    message = refuse({**CANONICAL, file: content})
    assert file in message and "empty" in message


def test_damaged_files_are_named(refuse: Callable[..., str], tmp_path: Path) -> None:
    packed = gzip.compress(b"user_id,item_id\n" + b"".join(b"u%d,i%d\n" % (n, n) for n in range(9999)))
    for place, bad in enumerate((packed[: len(packed) // 2], b"not gzip at all", packed[:-4])):
        assert "interactions.csv.gz" in refuse({"interactions.csv.gz": bad}, name=f"gz{place}")
    assert "interactions.parquet" in refuse({"interactions.parquet": b"PAR1 nonsense PAR1"}, name="pq")
    binary = bytes(range(256)) * 2000
    assert "interactions.csv" in refuse({"interactions.csv": binary}, name="binary")


@pytest.mark.parametrize("damage", ["empty", "half", "binary", "hostile", "wide"])
def test_damaged_and_hostile_files_are_read_or_refused_in_one_line(source, damage, write, tmp_path) -> None:
    hostile = b"'); DROP TABLE events; --\t\"=HYPERLINK(1)|<script>,\x00\xff{}[]::$1\\1;%s\n" * 3
    target = tmp_path / "target"
    target.mkdir()
    for number, (name, content) in enumerate(source.data.items()):
        lines = content.splitlines(keepends=True)
        bad = {
            "empty": b"",
            "half": content[: len(content) // 2],
            "binary": bytes(range(256)) * 20,
            "hostile": b"".join(lines) + hostile,
            "wide": b"".join(line.rstrip(b"\r\n") + b"\t,;|x" * 50 + b"\n" for line in lines),
        }[damage]
        folder = write({**source.data, name: bad}, name=f"{number}/shop")
        try:
            import_source(folder, target / f"{number}.duckdb", source.format)
        except InputError as error:
            message = str(error)
            assert "\n" not in message and len(message) < 700
            assert "failed (" not in message, message  # the reason was foreseen
            assert not (target / f"{number}.duckdb").exists()
