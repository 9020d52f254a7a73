"""What the tables must hold of the files of each format, as the formats' documents say it."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator

from tests.data.importers.fuzz_reader import (
    Record,
    bare,
    ids,
    lower,
    numbers,
    pairs,
    parts,
    said,
    same,
    texts,
    times,
)
from tests.data.importers.fuzz_values import EVENTS, ITEMS, Allowed, Claim

USERS = "SELECT user_id FROM users WHERE user_id NOT IN (SELECT id FROM implied WHERE kind = 'user')"
ATTRIBUTES = "SELECT {0}_id, lower(attribute), value FROM {0}_attributes"
KG = (
    "SELECT head_id, relation, tail_id, tail_label, confidence FROM kg"
    " WHERE NOT regexp_matches(source, '^(rule|linked|attribute|co|franchise|text|same)')"
)
SOCIAL = "SELECT user_id, friend_id FROM social"
TAGS = "SELECT user_id, item_id, tag, timestamp FROM tags"
NONE: set[object] = {None}


def prose(cell: str) -> set[object]:
    """What a title may be: the cell, or the cell without markup."""
    found: set[object] = set(texts(cell))
    plain = re.sub(r"\s+", " ", re.sub(r"<[^<>]*>", " ", html.unescape(cell)))
    tight = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^<>]*>", "", cell)))
    return found | {bare(same(plain)), bare(same(tight))}


def _events(
    user: str, item: str, kind: str | None = None, **more: str
) -> Callable[[Record], Iterable[Allowed]]:
    """Rows of events; ``kind`` is what all are, if no column says it."""

    def allows(record: Record) -> Iterator[Allowed]:
        event = {kind} if kind else {one or "interaction" for one in lower(record[more["event"]])}
        cell = {name: record[column] for name, column in more.items()}
        if "rating" in more and not kind and said(cell["rating"]):
            event = event | {"rating"}
        yield (
            ids(record[user]) - NONE,
            ids(record[item]) - NONE,
            event,
            numbers(cell.get("weight", "")),
            numbers(cell.get("rating", "")),
            times(cell.get("timestamp", "")),
            texts(cell.get("session_id", "")),
        )

    return allows


def _items(
    item: str, title: str | None, description: str | None = None
) -> Callable[[Record], Iterable[Allowed]]:
    def allows(record: Record) -> Iterator[Allowed]:
        yield (
            ids(record[item]) - NONE,
            prose(record[title]) if title else NONE,
            prose(record[description]) if description else NONE,
        )

    return allows


def _attributes(owner: str, *apart: str, **named: str) -> Callable[[Record], Iterable[Allowed]]:
    """Values of every column but some, or of ``named`` ones under another name."""

    def allows(record: Record) -> Iterator[Allowed]:
        found = {name: cell for name, cell in record.items() if name not in (owner, *apart)}
        found |= {name: record[column] for name, column in named.items()}
        for name, cell in found.items():
            values = parts(cell) - NONE
            if name == "year":
                values |= set(re.findall(r"\d{4}", cell))
            yield ids(record[owner]) - NONE, {name, name.replace("_", " ")}, {one for one in values if one}

    return allows


def _kg(
    head: str, relation: str, tail: str, label: str = "", prefix: str = "", item: str = ""
) -> Callable[[Record], Iterable[Allowed]]:
    def allows(record: Record) -> Iterator[Allowed]:
        ends = {f"{prefix}{one}" for one in ids(record[tail]) | texts(record[tail]) if one}
        if item:
            ends |= ids(record[item])
        called = {one for one in texts(record[label or tail]) if one} | (
            ends if not said(record[label or tail]) else set()
        )
        sure = {
            one
            for one in numbers(record["confidence"] or record["score"])
            if one is not None and 0 < one <= 1
        }
        yield ids(record[head]) - NONE, texts(record[relation]) - NONE, ends, called | ends, sure or {1.0}

    return allows


def _social(user: str, friend: str) -> Callable[[Record], Iterable[Allowed]]:
    def allows(record: Record) -> Iterator[Allowed]:
        for one, other in itertools.product(ids(record[user]) - NONE, ids(record[friend]) - NONE):
            low, high = pairs((one, other))
            yield {low}, {high}

    return allows


def _said(user: str, item: str, kind: str, time: str = "") -> Callable[[Record], Iterable[Allowed]]:
    def allows(record: Record) -> Iterator[Allowed]:
        yield (
            ids(record[user]) - NONE,
            ids(record[item]) - NONE,
            lower(record[kind]) - NONE,
            times(record[time]),
        )

    return allows


_canonical = (
    Claim("interactions", ("user_id", "item_id"), EVENTS,
          _events("user_id", "item_id", event="event", weight="weight", rating="rating", timestamp="timestamp",
                  session_id="session_id")),
    Claim("items", ("item_id",), ITEMS, _items("item_id", "title", "description"), once=True),
    Claim("items", ("item_id",), ATTRIBUTES.format("item"), _attributes("item_id", "title", "description"), once=True),
    Claim("users", ("user_id",), USERS, lambda one: [[ids(one["user_id"])]], once=True),
    Claim("users", ("user_id",), ATTRIBUTES.format("user"), _attributes("user_id"), once=True),
    Claim("kg", ("head_id", "relation", "tail_id"), KG, _kg("head_id", "relation", "tail_id", "tail_label"), once=True),
    Claim("social", ("user_id", "friend_id"), SOCIAL, _social("user_id", "friend_id"), once=True),
    Claim("feedback", ("user_id", "item_id", "kind"), "SELECT user_id, item_id, kind, timestamp FROM feedback",
          _said("user_id", "item_id", "kind", "timestamp"), once=True),
    Claim("ads", ("ad_id",), "SELECT ad_id, title FROM ads", lambda one: [[ids(one["ad_id"]), prose(one["title"])]], once=True),
    Claim("ad_items", ("ad_id", "item_id"), "SELECT ad_id, item_id FROM ad_items",
          lambda one: [[ids(one["ad_id"]), ids(one["item_id"])]], once=True),
    Claim("ad_events", ("user_id", "ad_id", "kind"), "SELECT user_id, ad_id, kind, timestamp FROM ad_events",
          _said("user_id", "ad_id", "kind", "timestamp"), once=True),
)  # fmt: skip

_RATING = ("userid", "movieid", "rating", "timestamp")
_FILM = ("movieid", "title", "released", "video", "url", *(f"g{number}" for number in range(19)))
_GENRES = (
    "unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir Horror Musical"
    " Mystery Romance Sci-Fi Thriller War Western"
).split()
_AGES = {
    "1": "under 18",
    "18": "18-24",
    "25": "25-34",
    "35": "35-44",
    "45": "45-49",
    "50": "50-55",
    "56": "56+",
}
_JOBS = ("other", "educator", "artist", "clerical", "student (college)", "customer service", "doctor", "executive",
    "farmer", "homemaker", "student (school)", "lawyer", "programmer", "retired", "sales", "scientist",
    "self-employed", "engineer", "tradesman", "unemployed", "writer")  # fmt: skip
_rated = _events("userid", "movieid", "rating", rating="rating", timestamp="timestamp")


def _flags(record: Record) -> Iterator[Allowed]:
    film = ids(record["movieid"]) - NONE
    for number, genre in enumerate(_GENRES):
        if number and bare(record[f"g{number}"]) == "1":
            yield film, {"genre"}, {genre}
    yield film, {"year"}, set(re.findall(r"\d{4}", record["title"] + " " + record["released"]))


def _people(record: Record) -> Iterator[Allowed]:
    user = ids(record["userid"]) - NONE
    yield user, {"gender"}, parts(record["gender"])
    yield user, {"age"}, {_AGES.get(bare(record["age"])), *parts(record["age"])}
    job = bare(record["occupation"])
    yield user, {"occupation"}, {_JOBS[int(job)] if job.isdecimal() and int(job) < 21 else job, *parts(job)}


def _retail(record: Record) -> Iterator[Allowed]:
    amounts = {abs(one) for one in numbers(record["quantity"]) if one}
    # Of what is taken back in part any amount may be left.
    left = {float(one) for most in amounts if most <= 1e4 for one in range(1, int(most) + 1)}
    products = {one.upper() for one in ids(record["stockcode"]) if one}
    yield (
        ids(record["customerid"]) - NONE, products, {"purchase"}, amounts | left, NONE,
        times(record["invoicedate"]), texts(record["invoiceno"]),
    )  # fmt: skip


def _journey(record: Record) -> Iterator[Allowed]:
    amounts = {1.0 if one > 1000 else one for one in numbers(record["quantity"]) if one is not None}
    yield (
        ids(record["household_id"]) - NONE, ids(record["product_id"]) - NONE, {"purchase"}, amounts, NONE,
        times(record["transaction_timestamp"]), texts(record["basket_id"]),
    )  # fmt: skip


def _behaviour(record: Record) -> Iterator[Allowed]:
    no = bare(record["label"]).lower() in ("0", "0.0", "-1", "-1.0", "false", "no", "f", "n")
    kinds = {one or "interaction" for one in lower(record["behavior"])} | ({"impression"} if no else set())
    rating = NONE | (numbers(record["label"]))
    yield (
        ids(record["user_id"]) - NONE, ids(record["item_id"]) - NONE, kinds, NONE, rating,
        times(record["timestamp"]), NONE,
    )  # fmt: skip


def _impressions(record: Record) -> Iterator[Allowed]:
    user, time = ids(record["user_id"]) - NONE, times(record["time"])
    for piece in record["impressions"].split():
        if piece.endswith("-1"):
            yield user, ids(piece[:-2]) - NONE, {"click"}, NONE, NONE, time, texts(record["impression_id"])
    for piece in record["history"].split():
        yield user, ids(piece) - NONE, {"click"}, NONE, NONE, NONE, NONE


def _shown(record: Record) -> Iterator[Allowed]:
    for piece in record["impressions"].split():
        kind = {"-1": "click", "-0": "impression"}.get(piece[-2:])
        if kind:
            yield ids(record["user_id"]) - NONE, ids(piece[:-2]) - NONE, {kind}, times(record["time"])


def _entities(record: Record) -> Iterator[Allowed]:
    for column in ("title_entities", "abstract_entities"):
        try:
            found = json.loads(record[column].replace("\0", "\ufffd"))
        except (ValueError, RecursionError):
            continue
        for one in found if isinstance(found, list) else []:
            if isinstance(one, dict):
                named = [str(one[key]) for key in ("WikidataId", "Label") if one.get(key)]
                sure = {1.0, *(numbers(str(one.get("Confidence"))) - NONE)}
                yield (
                    ids(record["news_id"]),
                    {"mentions"},
                    {f"entity:{name}" for name in named},
                    {*named},
                    sure,
                )


def _reviews(record: Record) -> Iterator[Allowed]:
    item = ids(record["parent_asin"]) - NONE if said(record["parent_asin"]) else ids(record["asin"]) - NONE
    kind = "verified_review" if record["verified_purchase"] == "true" else "review"
    yield (
        ids(record["user_id"]) - NONE,
        item,
        {kind},
        NONE,
        numbers(record["rating"]),
        times(record["timestamp"]),
        NONE,
    )


_NEWS = (
    "news_id",
    "category",
    "subcategory",
    "title",
    "abstract",
    "url",
    "title_entities",
    "abstract_entities",
)
_SHOWN = ("impression_id", "user_id", "time", "history", "impressions")

CLAIMS: dict[str, tuple[Claim, ...]] = {
    "canonical": _canonical,
    "canonical, advertisements": _canonical,
    "database, sqlite": _canonical,
    "database, duckdb": _canonical,
    "mapping, workbook": (
        *(one for one in _canonical if one.file not in ("items", "feedback")),
        Claim("feedback", ("user_id", "item_id", "kind"), "SELECT user_id, item_id, kind, timestamp FROM feedback",
              _said("user_id", "item_id", "kind"), once=True),
        Claim("items", ("item_id",), ITEMS, _items("item_id", "title"), once=True),
        Claim("items", ("item_id",), ATTRIBUTES.format("item"), _attributes("item_id", "title"), once=True),
    ),
    "movielens": (
        Claim("ratings", ("userId", "movieId", "rating", "timestamp"), EVENTS, _rated),
        Claim("movies", ("movieId", "title", "genres"), ITEMS, _items("movieid", "title"), once=True),
        Claim("movies", ("movieId", "title", "genres"), ATTRIBUTES.format("item"),
              _attributes("movieid", "title", "genres", genre="genres", year="title"), once=True),
        Claim("tags", ("userId", "movieId", "tag"), TAGS, _said("userid", "movieid", "tag", "timestamp"), once=True),
        Claim("kg_triples", ("movieId", "relation", "entity"), KG, _kg("movieid", "relation", "entity", prefix="entity:"),
              once=True),
    ),
    "movielens 100k": (
        Claim("u.data", _RATING, EVENTS, _rated, headless=True),
        Claim("u.item", _FILM, ITEMS, _items("movieid", "title"), headless=True, once=True),
        Claim("u.item", _FILM, ATTRIBUTES.format("item"), _flags, headless=True, once=True),
        Claim("u.user", ("userid", "age", "gender", "occupation", "postcode"), ATTRIBUTES.format("user"),
              _attributes("userid", "postcode"), headless=True, once=True),
    ),
    "movielens 1m": (
        Claim("ratings", _RATING, EVENTS, _rated, headless=True),
        Claim("movies", ("movieid", "title", "genres"), ITEMS, _items("movieid", "title"), headless=True, once=True),
        Claim("movies", ("movieid", "title", "genres"), ATTRIBUTES.format("item"),
              _attributes("movieid", "title", "genres", genre="genres", year="title"), headless=True, once=True),
        Claim("users", ("userid", "gender", "age", "occupation", "postcode"), ATTRIBUTES.format("user"), _people,
              headless=True, once=True),
    ),
    "lastfm": (
        Claim("user_artists", ("userID", "artistID", "weight"), EVENTS,
              _events("userid", "artistid", "listen", weight="weight")),
        Claim("artists", ("id", "name"), ITEMS, _items("id", "name"), once=True),
        Claim("user_friends", ("userID", "friendID"), SOCIAL, _social("userid", "friendid"), once=True),
        Claim("user_taggedartists", ("userID", "artistID", "tagID"), "SELECT user_id, item_id FROM tags",
              lambda one: [[ids(one["userid"]), ids(one["artistid"])]], once=True),
        Claim("tags", ("tagID", "tagValue"), "SELECT tag FROM tags", lambda one: [[{same(bare(one["tagvalue"])).lower()}]], once=True),
        Claim("kg_triples", ("artistID", "relation", "entity"), KG,
              _kg("artistid", "relation", "entity", prefix="entity:", item="entity_artistid"), once=True),
    ),
    "online-retail": (
        Claim("orders", ("InvoiceNo", "StockCode", "Quantity", "CustomerID"), EVENTS, _retail),
        Claim("orders", ("InvoiceNo", "StockCode", "Quantity", "CustomerID"), ATTRIBUTES.format("user"),
              lambda one: [[ids(one["customerid"]), {"country"}, texts(one["country"])]], once=True),
    ),
    "complete-journey": (
        Claim("transactions", ("household_id", "product_id", "quantity"), EVENTS, _journey),
        Claim("demographics", ("household_id",), ATTRIBUTES.format("user") + " WHERE attribute NOT LIKE '%campaign'",
              _attributes("household_id"), once=True),
    ),
    "seed-csv": (
        Claim("user_behavior", ("user_id",), EVENTS, _behaviour),
    ),
    "recbole": (
        Claim("ml", ("user_id", "item_id"), EVENTS,
              _events("user_id", "item_id", event="event", rating="rating", timestamp="timestamp")),
        Claim("ml", ("item_id",), ITEMS, _items("item_id", "movie_title"), once=True),
        Claim("ml", ("source_id",), SOCIAL, _social("source_id", "target_id"), once=True),
    ),
    "mind": (
        Claim("behaviors", _SHOWN, EVENTS, _impressions, headless=True),
        Claim("behaviors", _SHOWN, "SELECT user_id, item_id, kind, timestamp FROM feedback", _shown, headless=True),
        Claim("news", _NEWS, KG + " AND relation = 'mentions'", _entities, headless=True, once=True),
        Claim("news", _NEWS, ATTRIBUTES.format("item"), _attributes("news_id"), headless=True, once=True),
    ),
    "amazon reviews": (
        Claim("All_Beauty", (), EVENTS, _reviews),
        Claim("meta_All_Beauty", (), "SELECT item_id, title FROM items WHERE title IS NOT NULL",
              lambda one: [[ids(one["parent_asin"]), prose(one["title"])]], once=True),
    ),
    "mapping": (
        Claim("orders", ("Kunde", "Artikel", "Datum", "Menge"), EVENTS + " WHERE event = 'purchase'",
              _events("kunde", "artikel", "purchase", weight="menge", timestamp="datum")),
        Claim("clicks", ("who", "what", "when"), EVENTS + " WHERE event <> 'purchase'",
              _events("who", "what", "click", timestamp="when")),
        Claim("artikel", ("Artikel", "Name"), ITEMS, _items("artikel", "name"), once=True),
        Claim("artikel", ("Artikel", "Name"), ATTRIBUTES.format("item"), _attributes("artikel", "name"), once=True),
    ),
}  # fmt: skip
"""Source of :mod:`sources` → its claims."""
