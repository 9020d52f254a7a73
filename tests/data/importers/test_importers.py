"""What every importer must do, whatever its format."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from mgrec_core.data.importers import FORMATS, detect_format, import_source
from mgrec_core.errors import Cancelled, InputError

CANONICAL = {
    "interactions.csv": "user_id,item_id,event,weight,timestamp,session_id\n"
    "u1,i1,purchase,2,2024-03-01T10:00:00Z,s1\nu1,i2,view,,1709290000,s1\nu2,i2,purchase,1,,\n"
    "u2,i2,purchase,1,,\nü3,i3,click,x,1709290000,\nü3,i9, Click,1,1709290000,\nu1,i2,view,,1709290000,s1\n",
    "items.csv": "item_id,title,description,category,price\ni1,Tea,black,drinks|hot,3.50\n"
    "i2,Café,,drinks,2\ni2,Coffee,,drinks,2\ni3,,,,\n",
    "users.csv": "user_id,age\nu1,30\nu7,40\n",
    "kg.csv": "head_id,relation,tail_id,tail_label\ni1,made_in,e1,India\n"
    "e1,part_of,e2,Asia\ni1,made_in,e1,India\n",
    "social.csv": "user_id,friend_id,weight\nu1,u2,0.5\nu2,u1,1\nu1,u8,\nu1,u1,1\n",
    "feedback.csv": "user_id,item_id,kind,timestamp\nu1,i1,Like,1709290000\nnobody,i1,like,\nu1,none,like,\n",
}
MOVIELENS = {
    "ratings.csv": "userId,movieId,rating,timestamp\r\n"
    "1,1,4.0,964982703\r\n1,2,3.5,964982704\r\n2,1,bad,964982703\r\n",
    "movies.csv": "movieId,title,genres\r\n1,Toy Story (1995),Adventure|Animation\r\n"
    '2,"Good, The Bad",(no genres listed)\r\n',
    "tags.csv": "userId,movieId,tag,timestamp\r\n"
    "1,1, Funny,964982703\r\n1,1,funny,964982800\r\n1,77,x,964982800\r\n",
    "links.csv": "movieId,imdbId,tmdbId\r\n1,0114709,862\r\n",
    "kg_triples.tsv": "movieId\trelation\tentity\tsource\n1\tdirected_by\tJohn Lasseter\ta\n"
    "1\tdirected_by\tJohn Lasseter\tb\n9\tdirected_by\tNobody\ta\n",
}
LASTFM = {
    "user_artists.dat": "userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n3\t51\t-4\n",
    "artists.dat": 'id\tname\turl\tpictureURL\n51\t"Weird Al" Yankovic\thttp://a\thttp://b\n'
    "52\tRoyce 5'9\"\t\t\n",
    "tags.dat": "tagID\ttagValue\n1\ttropicália\n2\tmetal\n".encode("latin-1"),
    "user_taggedartists.dat": "userID\tartistID\ttagID\tday\tmonth\tyear\n2\t51\t1\t1\t4\t2009\n"
    "2\t52\t2\t1\t4\t1956\n2\t999\t1\t1\t4\t2009\n2\t52\t77\t1\t4\t2009\n",
    "user_friends.dat": "userID\tfriendID\n2\t3\n3\t2\n2\t4\n4\t2\n",
    "kg_triples.tsv": 'artistID\trelation\tentity\tentity_artistID\n51\tgenre\tComedy "rock"\t\n'
    "51\tassociatedBand\tRoyce\t52\n51\tassociatedBand\tGone\t888\n",
}
SOURCES = {"canonical": CANONICAL, "movielens": MOVIELENS, "lastfm": LASTFM}


def reversed_rows(content: str | bytes) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    header, *rows = data.splitlines(keepends=True)
    return header + b"".join(reversed(rows))


@pytest.fixture(params=FORMATS)
def format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_format_has_a_source_here() -> None:
    assert set(SOURCES) == set(FORMATS)


def test_the_format_is_found_from_the_files(format, write) -> None:
    assert detect_format(write(SOURCES[format])) == format


def test_the_receipt_adds_up_and_is_kept(format, run) -> None:
    imported = run(SOURCES[format])  # the fixture checks the sums
    kept = imported.rows("SELECT file, target, read, accepted, repaired, rejected FROM import_files")
    assert kept == [
        (f.file, f.target, f.read, f.accepted, f.repaired, f.rejected) for f in imported.report.files
    ]
    rules = {(r.file, r.rule) for r in imported.report.reasons if r.action != "ignored"}
    assert set(imported.rows("SELECT DISTINCT file, rule FROM import_examples")) == rules
    assert imported.report.to_dict()["counts"] == imported.report.counts


def test_row_order_does_not_matter(format, run) -> None:
    forward = run(SOURCES[format])
    backward = run({name: reversed_rows(content) for name, content in SOURCES[format].items()}, name="b/shop")
    assert forward.fingerprint == backward.fingerprint
    for table in ("events", "items", "users", "item_attributes", "kg", "social", "tags", "feedback"):
        assert forward.rows(f"FROM {table}") == backward.rows(f"FROM {table}"), table


def test_importing_again_gives_the_same(format, run, write) -> None:
    folder = write(SOURCES[format])
    first, second = run(folder), run(folder)
    assert first.fingerprint == second.fingerprint
    assert first.report == second.report


def test_one_changed_value_changes_the_fingerprint(format, run) -> None:
    files = {name: c.encode() if isinstance(c, str) else c for name, c in SOURCES[format].items()}
    changed = {name: content.replace(b"964982704", b"964982705") for name, content in files.items()}
    changed = {
        name: c.replace(b"11690", b"11691").replace(b"u1,i2,", b"u1,i1,") for name, c in changed.items()
    }
    assert run(files).fingerprint != run(changed, name="b/shop").fingerprint


def test_ids_are_texts_and_known(format, run) -> None:
    imported = run(SOURCES[format])
    assert imported.rows("SELECT typeof(user_id), typeof(item_id) FROM events LIMIT 1") == [
        ("VARCHAR", "VARCHAR")
    ]
    assert imported.rows("FROM events ANTI JOIN users USING (user_id)") == []
    assert imported.rows("FROM events ANTI JOIN items USING (item_id)") == []
    assert imported.rows("FROM item_attributes ANTI JOIN items USING (item_id)") == []
    n = imported.report.counts["events"]
    assert [row[0] for row in imported.rows("SELECT event_id FROM events ORDER BY ALL")] == list(range(n))


def test_every_event_kind_has_a_strength_and_views_work(format, run) -> None:
    imported = run(SOURCES[format])
    assert imported.rows("SELECT DISTINCT event FROM events ANTI JOIN event_types USING (event)") == []
    assert imported.rows("SELECT count(*) FROM v_pairs WHERE strength NOT BETWEEN 0 AND 1") == [(0,)]
    assert imported.rows("SELECT count(*) FROM event_types WHERE strength NOT BETWEEN 0 AND 1") == [(0,)]


def test_meta_names_the_source_without_its_path(format, run) -> None:
    meta = dict(run(SOURCES[format]).rows("FROM meta"))
    assert meta["dataset"] == meta["source"] == "shop" and meta["format"] == format
    assert len(meta["data_fingerprint"]) == 64 and meta["schema_version"]


def test_windows_and_old_macintosh_line_ends(format, run) -> None:
    texts = {name: c.encode() if isinstance(c, str) else c for name, c in SOURCES[format].items()}
    texts = {name: c.replace(b"\r\n", b"\n") for name, c in texts.items()}
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


def test_progress_names_each_file(format, write, tmp_path) -> None:
    calls: list[tuple[str, int, int, str]] = []
    import_source(
        write(SOURCES[format]),
        tmp_path / "x.duckdb",
        progress=lambda s, d, t, detail="": calls.append((s, d, t, detail)),
    )
    read = {name for name in SOURCES[format] if name != "links.csv"}
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
    assert "is a file" in refuse(write(CANONICAL, name="other") / "items.csv")
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
    files = {name: content for name, content in SOURCES[format].items() if name != file}
    message = refuse(files, format=format)
    assert file in message and "missing" in message


def columns_needed() -> list[tuple[str, str, str]]:
    optional = {
        "event",
        "weight",
        "timestamp",
        "session_id",
        "description",
        "category",
        "price",
        "age",
        "tail_label",
        "source",
        "url",
        "pictureURL",
        "entity_artistID",
        "imdbId",
        "tmdbId",
    }
    found = []
    for format, files in SOURCES.items():
        for file, content in files.items():
            text = content if isinstance(content, str) else content.decode("latin-1")
            header = text.splitlines()[0].replace("\t", ",").split(",")
            wanted = set(header) - optional - ({"timestamp"} if file != "ratings.csv" else set())
            if file == "user_artists.dat" or file == "ratings.csv":
                wanted |= {"weight", "timestamp"} & set(header)
            found += [(format, file, column) for column in sorted(wanted) if file != "links.csv"]
    return found


@pytest.mark.parametrize(("format", "file", "column"), columns_needed())
def test_a_missing_column_is_named(format: str, file: str, column: str, refuse: Callable[..., str]) -> None:
    content = SOURCES[format][file]
    data = content.encode() if isinstance(content, str) else content
    files = {**SOURCES[format], file: data.replace(column.encode(), b"other", 1)}
    message = refuse(files)
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
