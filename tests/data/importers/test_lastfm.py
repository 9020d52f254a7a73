"""Last.fm HetRec: a small folder with its quirks, and the real one."""

from __future__ import annotations

from datetime import datetime

from tests.data.importers.sources import LASTFM

FOLDER = {
    "user_artists.dat": "userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n3\t51\t-4\n",
    "artists.dat": 'id\tname\turl\tpictureURL\n51\t"Weird Al" Yankovic\thttp://a\thttp://b\n'
    "52\tRoyce 5'9\"\t\t\n",
    "tags.dat": "tagID\ttagValue\n1\ttropicália\n2\tmetal\n".encode("latin-1"),
    "user_taggedartists.dat": "userID\tartistID\ttagID\tday\tmonth\tyear\n2\t51\t1\t1\t4\t2009\n"
    "2\t52\t2\t1\t4\t1956\n2\t999\t1\t1\t4\t2009\n2\t52\t77\t1\t4\t2009\n4\t51\t2\t\t\t\n",
    "user_friends.dat": "userID\tfriendID\n2\t3\n3\t2\n2\t4\n4\t2\n",
    "kg_triples.tsv": 'artistID\trelation\tentity\tentity_artistID\n51\tgenre\tComedy "rock"\t\n'
    "51\tassociatedBand\tRoyce\t52\n51\tassociatedBand\tGone\t888\n",
}


def test_a_small_folder(run) -> None:
    imported = run(FOLDER)
    assert imported.rows("FROM items") == [("51", '"Weird Al" Yankovic', None), ("52", "Royce 5'9\"", None)]
    assert imported.rows("SELECT user_id, item_id, event, weight, timestamp FROM events") == [
        ("2", "51", "listen", 13883.0, None),
        ("2", "52", "listen", 11690.0, None),
    ]
    assert imported.rows("FROM social") == [("2", "3", 1.0), ("2", "4", 1.0)]
    assert imported.file("user_friends.dat") == (4, 2, 2, 0)
    assert imported.rows("FROM users") == [("2",), ("3",), ("4",)]
    assert imported.rows("FROM tags") == [
        ("2", "51", "tropicália", datetime(2009, 4, 1)),
        ("2", "52", "metal", None),
        ("4", "51", "metal", None),
    ]
    assert imported.file("tags.dat") == (2, 1, 1, 0)
    assert imported.reasons("user_taggedartists.dat") == {
        "unknown_item": 1,
        "unknown_tag": 1,
        "impossible_date": 1,
    }
    assert imported.rows("FROM kg") == [
        ("51", "associatedBand", "52", "Royce", "given", 1.0),
        ("51", "associatedBand", "entity:Gone", "Gone", "given", 1.0),
        ("51", "genre", 'entity:Comedy "rock"', 'Comedy "rock"', "given", 1.0),
    ]
    assert imported.reasons("kg_triples.tsv") == {"unknown_tail_item": 1}


def test_only_plays_and_artists_are_needed(run) -> None:
    imported = run({name: FOLDER[name] for name in ("user_artists.dat", "artists.dat")})
    assert imported.report.counts["events"] == 2 and imported.report.counts["tags"] == 0


def test_the_real_set_has_its_published_counts(real) -> None:
    imported = real("lastfm-hetrec")
    counts = imported.report.counts
    assert {name: counts[name] for name in ("users", "items", "events", "social", "kg")} == {
        "users": 1892,
        "items": 17632,
        "events": 92834,
        "social": 12717,
        "kg": 116425,
    }
    assert imported.file("user_friends.dat") == (25434, 12717, 12717, 0)
    read, _, _, rejected = imported.file("user_taggedartists.dat")
    assert read == 186479 and rejected == imported.reasons("user_taggedartists.dat")["unknown_item"]
    assert counts["tags"] == read - rejected
    assert imported.reasons("user_taggedartists.dat")["impossible_date"] == 5
    assert imported.rows("SELECT count(*) FROM tags WHERE tag = 'rock français'")[0][0] > 0
    assert imported.rows("SELECT min(timestamp)::DATE::VARCHAR, max(timestamp)::DATE::VARCHAR FROM tags") == [
        ("2005-08-01", "2011-05-09")
    ]
    assert imported.rows("SELECT count(*) > 0 FROM v_kg WHERE tail_is_item") == [(True,)]


def test_lines_with_too_many_or_too_few_fields_are_rejected(run) -> None:
    plays = "userID\tartistID\tweight\n2\t51\t1\n2\t52\t1\t9\n2\t51\n2\t52\t\n"
    imported = run({**FOLDER, "user_artists.dat": plays})
    assert imported.file("user_artists.dat") == (4, 1, 0, 3)
    assert imported.reasons("user_artists.dat") == {"malformed_line": 2, "missing_weight": 1}


def test_words_with_many_further_columns_are_joined_all_the_same(run) -> None:
    """Found by the fuzzer: columns of both files had the same names in SQL."""
    wide = b"".join(line + b"\tmore" * 9 + b"\n" for line in LASTFM["tags.dat"].splitlines())
    wide = wide.replace(b"\tmore" * 9, b"".join(b"\tmore%d" % n for n in range(9)), 1)
    plain, imported = run(LASTFM), run({**LASTFM, "tags.dat": wide}, name="wide/lastfm")
    assert imported.rows("FROM tags") == plain.rows("FROM tags") != []
