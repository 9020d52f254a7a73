"""MovieLens: a small folder with its quirks, and the real one."""

from __future__ import annotations

from datetime import datetime

MOVIES = (
    "movieId,title,genres\r\n1,Toy Story (1995),Adventure|Animation\r\n"
    '2,"Death Note: Desu nôto (2006–2007)",(no genres listed)\r\n3,Babylon 5,Sci-Fi\r\n'
    "4,Toy Story (1995) ,\r\n"
)


def test_a_small_folder(run) -> None:
    imported = run(
        {
            "ratings.csv": "userId,movieId,rating,timestamp\r\n1,1,4.0,964982703\r\n"
            "1,9,0.5,964982704\r\n1,2,,1\r\n",
            "movies.csv": MOVIES,
            "tags.csv": "userId,movieId,tag,timestamp\r\n1,1, Funny ,964982703\r\n2,1,funny,964982800\r\n"
            "1,77,x,964982800\r\n1,1,,964982800\r\n",
            "links.csv": "movieId,imdbId,tmdbId\r\n1,0114709,862\r\n",
            "kg_triples.tsv": 'movieId\trelation\tentity\tsource\n1\tdirected_by\tJohn "J" Lasseter\ta\n'
            '1\tdirected_by\tJohn "J" Lasseter\tb\n'
            '1\tstarring\tJohn "J" Lasseter\ta\n88\tstarring\tNobody\ta\n',
        }
    )
    assert imported.rows("FROM items") == [
        ("1", "Toy Story (1995)", None),
        ("2", "Death Note: Desu nôto (2006–2007)", None),
        ("3", "Babylon 5", None),
        ("4", "Toy Story (1995)", None),
        ("9", None, None),
    ]
    assert imported.rows("FROM item_attributes ORDER BY ALL") == [
        ("1", "genre", "Adventure"),
        ("1", "genre", "Animation"),
        ("1", "year", "1995"),
        ("2", "year", "2006"),
        ("3", "genre", "Sci-Fi"),
        ("4", "year", "1995"),
    ]
    assert imported.rows(
        "SELECT user_id, item_id, event, rating, timestamp FROM events ORDER BY event_id DESC LIMIT 1"
    ) == [("1", "9", "rating", 0.5, datetime(2000, 7, 30, 18, 45, 4))]
    assert imported.rows("SELECT user_id, tag FROM tags") == [("1", "funny"), ("2", "funny")]
    assert imported.file("tags.csv") == (4, 1, 1, 2)
    assert imported.reasons("links.csv") == {"ignored_file": 1}
    entity = 'entity:John "J" Lasseter'
    assert imported.rows("FROM kg") == [
        ("1", "directed_by", entity, 'John "J" Lasseter', "a, b", 1.0),
        ("1", "starring", entity, 'John "J" Lasseter', "a", 1.0),
    ]
    assert imported.reasons("kg_triples.tsv") == {"duplicate_triple": 1, "unknown_item": 1}


def test_without_the_optional_files_a_graph_is_derived(run) -> None:
    imported = run(
        {"ratings.csv": "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n", "movies.csv": MOVIES}
    )
    assert imported.report.counts["tags"] == 0
    assert imported.rows("SELECT count(*) > 0 FROM kg WHERE source <> 'given'") == [(True,)]


def test_the_real_set_has_its_published_counts(real) -> None:
    imported = real("ml-latest-small")
    assert imported.report.counts == {
        "users": 610,
        "items": 9742,
        "events": 100836,
        "item_attributes": 31780,
        "kg": 61259,
        "social": 0,
        "feedback": 0,
        "tags": 3683,
    }
    assert imported.file("ratings.csv") == (100836, 100836, 0, 0)
    assert imported.file("kg_triples.tsv") == (62989, 61259, 0, 1730)
    assert imported.rows("SELECT count(*) FROM item_attributes WHERE value ILIKE '%no genres%'") == [(0,)]
    years = imported.rows(
        "SELECT count(*), min(value), max(value) FROM item_attributes WHERE attribute = 'year'"
    )
    assert years == [(9730, "1902", "2018")]
    assert imported.rows(
        "SELECT min(timestamp)::DATE::VARCHAR, max(timestamp)::DATE::VARCHAR FROM events"
    ) == [("1996-03-29", "2018-09-24")]
