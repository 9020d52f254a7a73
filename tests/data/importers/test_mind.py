"""MIND news: histories, impressions, entities."""

from __future__ import annotations

from datetime import datetime

from tests.data.importers.sources import MIND

MORNING, NOON = datetime(2019, 11, 11, 9, 5, 58), datetime(2019, 11, 11, 12, 5, 58)


def test_clicks_are_dated_and_histories_come_before(run) -> None:
    imported = run(MIND)
    assert imported.rows("SELECT user_id, item_id, event, timestamp, session_id FROM events") == [
        ("U1", "N3", "click", MORNING, "1"),
        ("U2", "N1", "click", NOON, "2"),
        ("U1", "N1", "click", None, None),
        ("U1", "N2", "click", None, None),
        ("U3", "N2", "click", None, None),
    ]
    assert imported.reasons("behaviors.tsv") == {"missing_user_id": 1, "unlabelled_impression": 1}


def test_what_was_shown_is_feedback(run) -> None:
    imported = run(MIND)
    assert imported.rows("FROM feedback") == [
        ("U1", "N1", "impression", datetime(2019, 11, 12, 9, 5, 58)),
        ("U1", "N2", "impression", MORNING),
        ("U1", "N3", "click", MORNING),
        ("U2", "N1", "click", NOON),
        ("U2", "N9", "impression", NOON),
    ]
    assert imported.rows("SELECT title FROM items WHERE item_id = 'N9'") == [(None,)]


def test_news_and_their_entities(run) -> None:
    imported = run(MIND)
    assert imported.rows("SELECT * FROM items WHERE item_id = 'N1'") == [("N1", 'A "day" in Oslo', "Rain.")]
    assert imported.rows("SELECT attribute, value FROM item_attributes WHERE item_id = 'N2'") == [
        ("category", "sports"), ("subcategory", "ski"),
    ]  # fmt: skip
    assert imported.rows("FROM kg") == [
        ("N1", "mentions", "entity:Q585", "Oslo", "given", 1.0),
        ("N2", "mentions", "entity:Q585", "Oslo", "given", 1.0),
    ]


def test_entities_that_are_no_list(run) -> None:
    bad = ["oops", "{}", '[{"Label": 3}]', "[1, null]", '[{"WikidataId": ""}]', '"Q1"', "null", ""]
    lines = "".join(f"N{n}\tnews\tworld\tTitle\t\t\t{text}\t\n" for n, text in enumerate(bad))
    imported = run({**MIND, "news.tsv": lines})
    assert imported.reasons("news.tsv")["broken_entities"] == 3
    given = imported.rows("SELECT head_id, tail_id FROM kg WHERE source = 'given'")
    assert given == [("N2", "entity:3")]


def test_odd_impressions(run) -> None:
    lines = "1\tU1\tsoon\tN1\t\n2\tU1\t11/11/2019 9:05:58 AM\t\tN1-1  N2-0\n3\tU2\t\t\t\n4\tU3\t\t\tN1-2\n"
    imported = run({**MIND, "behaviors.tsv": lines})
    assert imported.reasons("behaviors.tsv") == {
        "missing_item_id": 1, "bad_timestamp": 1, "unlabelled_impression": 1,
    }  # fmt: skip
    assert imported.rows("SELECT user_id, item_id, timestamp FROM events") == [
        ("U1", "N1", MORNING), ("U1", "N1", None),
    ]  # fmt: skip


def test_a_missing_file_is_named(refuse) -> None:
    assert "news.tsv" in refuse({"behaviors.tsv": MIND["behaviors.tsv"]}, format="mind")


def test_an_entity_is_as_sure_as_the_set_says(run) -> None:
    def found(*entities: tuple[str, str]) -> str:
        return "[" + ", ".join(f'{{"WikidataId": "{q}", "Confidence": {sure}}}' for q, sure in entities) + "]"

    cells = [
        (found(("Q1", "0.25"), ("Q2", "1.0")), found(("Q1", "0.75"))),
        (found(("Q1", "0")), "[]"),
        (found(("Q1", '"high"')), "[]"),
        (found(("Q1", "1.5"), ("Q1", "0.5")), "[]"),
        (found(("Q1", "null")), '[{"WikidataId": "Q2"}]'),
    ]
    lines = "".join(f"N{n}\tnews\tworld\tTitle\t\t\t{a}\t{b}\n" for n, (a, b) in enumerate(cells))
    imported = run({**MIND, "news.tsv": lines})
    given = imported.rows("SELECT head_id, tail_id, confidence FROM kg WHERE source = 'given' ORDER BY ALL")
    assert given == [
        ("N0", "entity:Q1", 0.75), ("N0", "entity:Q2", 1.0), ("N1", "entity:Q1", 1.0),
        ("N2", "entity:Q1", 1.0), ("N3", "entity:Q1", 0.5), ("N4", "entity:Q1", 1.0),
        ("N4", "entity:Q2", 1.0),
    ]  # fmt: skip
    assert imported.reasons("news.tsv") == {"ignored_column": 1, "confidence_out_of_range": 3}
