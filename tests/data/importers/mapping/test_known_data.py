"""Files in the forms of public data sets and exports are guessed and imported; the values are made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from mgrec_core.data.importers import import_source
from mgrec_core.data.importers.mapping import parse
from mgrec_core.data.importers.mapping.guess import guess
from mgrec_core.data.preview import sample
from tests.data.importers.conftest import Imported

Rows = list[tuple[object, ...]]
DAY = datetime(2024, 1, 2)


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def python(*rows: object) -> str:
    return "".join(f"{row!r}\n" for row in rows)


EVENTS = "SELECT user_id, item_id, event, rating, weight, timestamp FROM events ORDER BY ALL"
ITEMS = "SELECT item_id, title FROM items WHERE title IS NOT NULL ORDER BY ALL"
CHINESE = "用户,商品,评分,时间\n张三,手机壳,5,2024-01-02\n李四,手机壳,2,2024-01-02\n"
EXPOSED = "user_id,video_id,time_ms,is_click,is_like,is_hate,duration_ms\n"

SETS: dict[str, tuple[dict[str, str | bytes], Rows, Rows]] = {
    "Book-Crossing": (
        {
            "BX-Book-Ratings.csv": '"User-ID";"ISBN";"Book-Rating"\n"7";"034";"0"\n"8";"034";"9"\n',
            "BX-Books.csv": '"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication"\n'
            '"034";"The \\"great\\" caf\xe9";"A. Writer";"1999"\n'.encode("latin-1"),
            "BX-Users.csv": '"User-ID";"Location";"Age"\n"7";"reno, nevada, usa";NULL\n',
        },
        [("7", "034", "interaction", None, None, None), ("8", "034", "rating", 9.0, None, None)],
        [("034", 'The "great" café')],
    ),
    "goodbooks-10k": (
        {
            "ratings.csv": "user_id,book_id,rating\n1,258,5\n2,258,4\n",
            "to_read.csv": "user_id,book_id\n9,8\n",
            "books.csv": "book_id,goodreads_book_id,authors,title,average_rating\n"
            "258,2767052,A. Writer,A book,4.3\n",
        },
        [
            ("1", "258", "rating", 5.0, None, None),
            ("2", "258", "rating", 4.0, None, None),
            ("9", "8", "to_read", None, None, None),
        ],
        [("258", "A book")],
    ),
    "Netflix prize": (
        {
            "combined_data_1.txt": "1:\n1488844,3,2005-09-06\n822109,5,2005-05-13\n2:\n885013,4,2005-10-19\n",
            "movie_titles.csv": "1,2003,A Film\n2,2004,Isle of M\xe1n\n3,1998,Third\n".encode("latin-1"),
        },
        [
            ("1488844", "1", "rating", 3.0, None, datetime(2005, 9, 6)),
            ("822109", "1", "rating", 5.0, None, datetime(2005, 5, 13)),
            ("885013", "2", "rating", 4.0, None, datetime(2005, 10, 19)),
        ],
        [("1", "A Film"), ("2", "Isle of Mán"), ("3", "Third")],
    ),
    "Jester": (
        {
            "jester.csv": "user_id,n_rated,joke_1,joke_2,joke_3,joke_4,joke_5\n0,2,-4.5,99,99,99,1\n"
            "1,1,99,99,9.5,99,99\n"
        },
        [
            ("0", "joke_1", "rating", -4.5, None, None),
            ("0", "joke_5", "rating", 1.0, None, None),
            ("1", "joke_3", "rating", 9.5, None, None),
        ],
        [],
    ),
    "RetailRocket": (
        {
            "events.csv": "timestamp,visitorid,event,itemid,transactionid\n1704153600000,25,view,355,\n"
            "1704153600000,25,transaction,356,4000\n",
            "item_properties_part1.csv": "timestamp,itemid,property,value\n1,355,categoryid,12\n"
            "1,355,790,n5.0\n",
            "category_tree.csv": "categoryid,parentid\n12,1\n",
        },
        [("25", "355", "view", None, None, DAY), ("25", "356", "transaction", None, None, DAY)],
        [],
    ),
    "Instacart": (
        {
            "orders.csv": "order_id,user_id,eval_set,order_number,order_dow\n11,u1,prior,1,2\n"
            "12,u2,prior,1,3\n",
            "order_products__prior.csv": "order_id,product_id,add_to_cart_order,reordered\n11,p1,1,0\n"
            "11,p2,2,0\n12,p1,1,0\n",
            "products.csv": "product_id,product_name,aisle_id,department_id\np1,Oat milk,3,1\np2,Tea,4,1\n",
            "aisles.csv": "aisle_id,aisle\n3,milk\n4,tea\n",
        },
        [
            ("u1", "p1", "purchase", None, None, None),
            ("u1", "p2", "purchase", None, None, None),
            ("u2", "p1", "purchase", None, None, None),
        ],
        [("p1", "Oat milk"), ("p2", "Tea")],
    ),
    "Yelp": (
        {
            "yelp_review.json": lines(
                {"review_id": "r", "user_id": "u1", "business_id": "b1", "stars": 4.0, "useful": 0,
                 "text": "Nice", "date": "2024-01-02 00:00:00"},
            ),
            "yelp_business.json": lines({"business_id": "b1", "name": "Cafe", "categories": "Tea, Cake"}),
            "yelp_user.json": lines(
                {"user_id": "u1", "review_count": 5, "friends": "u2, u3"},
                {"user_id": "u2", "review_count": 5, "friends": "None"},
            ),
        },
        [("u1", "b1", "rating", 4.0, None, DAY)],
        [("b1", "Cafe")],
    ),
    "Steam reviews, a dump of Python": (
        {
            "user_reviews.json": python({
                "user_id": "who", "user_url": "u",
                "reviews": [
                    {"posted": "Posted January 2, 2024.", "item_id": "10", "recommend": True,
                     "review": "it's ok"},
                    {"posted": "Posted January 2, 2024.", "item_id": "20", "recommend": False,
                     "review": "no"},
                ],
            }),
            "broken.json": "{nothing",
        },
        [("who", "10", "recommend", None, None, DAY), ("who", "20", "not_recommend", None, None, DAY)],
        [],
    ),
    "Steam recommendations": (
        {
            "recommendations.csv": "app_id,helpful,funny,date,is_recommended,hours,user_id,review_id\n"
            "10,0,0,2024-01-02,true,36.3,51580,0\n20,4,0,2024-01-02,false,11.5,2586,1\n",
            "games.csv": "app_id,title,win\n10,A game,true\n",
        },
        [("2586", "20", "not_recommend", None, 11.5, DAY), ("51580", "10", "recommend", None, 36.3, DAY)],
        [("10", "A game")],
    ),
    "steam-200k": (
        {"steam-200k.csv": "151,A Game,purchase,1.0,0\n151,A Game,play,27.3,0\n152,A Game,play,2.0,0\n"},
        [
            ("151", "A Game", "play", None, 27.3, None),
            ("151", "A Game", "purchase", None, 1.0, None),
            ("152", "A Game", "play", None, 2.0, None),
        ],
        [("A Game", "A Game")],
    ),
    "Last.fm-360K": (
        {
            "usersha1-artmbid-artname-plays.tsv": "00aa\t3bd7\tbetty blowtorch\t2137\n"
            "00aa\t\tdie \"ärzte\"\t1099\n"
            "00bb\t3bd7\tbetty blowtorch\t3\n",
            "usersha1-profile.tsv": "00aa\tf\t22\tGermany\tFeb 1, 2007\n00bb\tm\t30\tPeru\tFeb 2, 2007\n"
            "00cc\tm\t31\tPeru\tFeb 3, 2007\n",
        },
        [
            ("00aa", "3bd7", "play", None, 2137.0, None),
            ("00aa", 'die "ärzte"', "play", None, 1099.0, None),
            ("00bb", "3bd7", "play", None, 3.0, None),
        ],
        [("3bd7", "betty blowtorch"), ('die "ärzte"', 'die "ärzte"')],
    ),
    "YOOCHOOSE": (
        {
            "yoochoose-clicks.dat": "420,2024-01-02T00:00:00.000Z,2145,0\n"
            "420,2024-01-02T00:00:00.000Z,2146,0\n"
            "421,2024-01-02T00:00:00.000Z,2145,0\n",
            "yoochoose-buys.dat": "420,2024-01-02T00:00:00.000Z,2145,12462,2\n"
            "421,2024-01-02T00:00:00.000Z,2146,12462,1\n422,2024-01-02T00:00:00.000Z,2146,12462,1\n",
        },
        [
            ("420", "2145", "click", None, None, DAY),
            ("420", "2145", "purchase", None, 2.0, DAY),
            ("420", "2146", "click", None, None, DAY),
            ("421", "2145", "click", None, None, DAY),
            ("421", "2146", "purchase", None, 1.0, DAY),
            ("422", "2146", "purchase", None, 1.0, DAY),
        ],
        [],
    ),
    "Amazon 2014 with metadata": (
        {
            "ratings.csv": "user,asin,rating,timestamp\nA1,B01,5.0,1704153600\n",
            "meta.json": python(
                {"asin": "B01", "title": "It's a \"cup\"", "price": 9.5, "imUrl": "http://x/y.jpg",
                 "related": {"also_bought": ["B02"]}, "categories": [["Home", "Cups"]]},
            ),
        },
        [("A1", "B01", "rating", 5.0, None, DAY)],
        [("B01", 'It\'s a "cup"')],
    ),
    "Amazon 2018 with metadata": (
        {
            "reviews.jsonl": lines(
                {"overall": 4.0, "reviewerID": "A1", "asin": "B01", "unixReviewTime": 1704153600,
                 "summary": "s"}
            ),
            "meta.jsonl": lines({"asin": "B01", "title": "Cup", "feature": ["blue"], "category": ["Home",
             "Cups"]}),
        },
        [("A1", "B01", "rating", 4.0, None, DAY)],
        [("B01", "Cup")],
    ),
    "H&M": (
        {
            "transactions_train.csv": "t_dat,customer_id,article_id,price,sales_channel_id\n"
            "2024-01-02,00ab,0108775015,0.05,2\n",
            "articles.csv": "article_id,product_code,prod_name,product_type_name,detail_desc\n"
            "0108775015,0108775,Strap top,Vest top,Jersey top\n",
            "customers.csv": "customer_id,FN,Active,club_member_status,age\n00ab,,,ACTIVE,49\n",
        },
        [("00ab", "0108775015", "purchase", None, None, DAY)],
        [("0108775015", "Strap top")],
    ),
    "KuaiRec": (
        {
            "big_matrix.csv": "user_id,video_id,play_duration,video_duration,time,date,timestamp,"
            "watch_ratio\n"
            "0,3649,13838,10867,2024-01-02 00:00:00,20240102,1704153600.0,1.27\n"
        },
        [("0", "3649", "interaction", None, 1.27, DAY)],
        [],
    ),
    "KuaiRand": (
        {
            "log_random.csv": EXPOSED + "0,1,1704153600000,1,0,0,5\n0,2,1704153600000,0,0,0,5\n"
            "1,1,1704153600000,1,1,0,5\n1,3,1704153600000,1,0,1,5\n"
        },
        [
            ("0", "1", "click", None, None, DAY),
            ("0", "2", "impression", None, None, DAY),
            ("1", "1", "like", None, None, DAY),
            ("1", "3", "dislike", None, None, DAY),
        ],
        [],
    ),
    "Tenrec": (
        {"ctr_data.csv": "user_id,item_id,click,follow,like,share,video_category\n1,9,1,0,1,0,2\n"
        "1,8,0,0,0,0,2\n"},
        [("1", "8", "impression", None, None, None), ("1", "9", "like", None, None, None)],
        [],
    ),
    "GA4 export": (
        {
            "events.jsonl": lines(
                {"event_date": "20240102", "event_timestamp": "1704153600000000", "event_name": "view_item",
                 "event_params": [{"key": "page", "value": {"string_value": "x"}}], "user_id": None,
                 "user_pseudo_id": "77.1", "items": [{"item_id": "S1", "item_name": "Cup",
                  "item_category": "Home"}]},
                {"event_date": "20240102", "event_timestamp": "1704153600000000", "event_name": "purchase",
                 "event_params": [], "user_id": "ann", "user_pseudo_id": "77.2",
                 "items": [{"item_id": "S1", "item_name": "Cup", "quantity": "2"},
                           {"item_id": "S2", "item_name": "Pot", "quantity": "1"}]},
                {"event_date": "20240102", "event_timestamp": "1704153600000000",
                 "event_name": "session_start",
                 "event_params": [], "user_id": None, "user_pseudo_id": "77.2", "items": []},
            )
        },
        [
            ("77.1", "S1", "view_item", None, None, DAY),
            ("ann", "S1", "purchase", None, 2.0, DAY),
            ("ann", "S2", "purchase", None, 1.0, DAY),
        ],
        [("S1", "Cup"), ("S2", "Pot")],
    ),
    "Segment": (
        {
            "track.jsonl": lines(
                {"type": "track", "anonymousId": "a1", "userId": None, "event": "Product Viewed",
                 "properties": {"product_id": "p1", "name": "Cup"}, "timestamp": "2024-01-02T00:00:00Z"},
                {"type": "track", "anonymousId": "a1", "userId": "u1", "event": "Order Completed",
                 "properties": {"order_id": "o1", "products": [{"product_id": "p1", "name": "Cup",
                  "quantity": 2},
                                                               {"product_id": "p2", "name": "Pot"}]},
                 "timestamp": "2024-01-02T00:00:00Z"},
            )
        },
        [
            ("a1", "p1", "product viewed", None, None, DAY),
            ("u1", "p1", "order completed", None, 2.0, DAY),
            ("u1", "p2", "order completed", None, None, DAY),
        ],
        [("p1", "Cup"), ("p2", "Pot")],
    ),
    "Shopify": (
        {
            "orders_export.csv": "Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem name,"
            "Lineitem sku,Cancelled at,Vendor\n"
            "#1,12,paid,2024-01-02 05:00:00 +0500,2,Soap,S1,,Demo\n"
            "#1,12,,2024-01-02 05:00:00 +0500,1,Brush,,,Demo\n"
            "#2,13,refunded,2024-01-02 05:00:00 +0500,1,Soap,S1,2024-01-03 05:00:00 +0500,Demo\n"
            "#2,13,,2024-01-02 05:00:00 +0500,1,Brush,,,Demo\n"
        },
        [("12", "Brush", "purchase", None, 1.0, DAY), ("12", "S1", "purchase", None, 2.0, DAY)],
        [("Brush", "Brush"), ("S1", "Soap")],
    ),
    "WooCommerce": (
        {
            "orders.json": json.dumps([
                {"id": 1, "status": "completed", "date_created": "2024-01-02T00:00:00", "customer_id": 7,
                 "line_items": [{"id": 91, "name": "Cup", "product_id": 501, "quantity": 2, "sku": ""}]},
                {"id": 2, "status": "cancelled", "date_created": "2024-01-02T00:00:00", "customer_id": 8,
                 "line_items": [{"id": 92, "name": "Pot", "product_id": 502, "quantity": 1, "sku": ""}]},
            ])
        },
        [("7", "501", "purchase", None, 2.0, DAY)],
        [("501", "Cup"), ("502", "Pot")],
    ),
    "Matomo": (
        {
            "visits.json": json.dumps([
                {"idVisit": 5, "visitorId": "ab12", "serverTimestamp": 1704153600, "actionDetails": [
                    {"type": "action", "url": "/cup", "pageTitle": "Cup", "timestamp": 1704153600},
                    {"type": "download", "url": "/pot", "pageTitle": "Pot", "timestamp": 1704153600},
                ]},
            ])
        },
        [("ab12", "/cup", "action", None, None, DAY), ("ab12", "/pot", "download", None, None, DAY)],
        [("/cup", "Cup"), ("/pot", "Pot")],
    ),
    "anime": (
        {
            "anime.csv": 'anime_id,name,genre,type,rating\n32281,Kimi,"Drama, Romance",Movie,9.37\n',
            "rating.csv": "user_id,anime_id,rating\n1,32281,-1\n2,32281,10\n",
        },
        [("1", "32281", "interaction", None, None, None), ("2", "32281", "rating", 10.0, None, None)],
        [("32281", "Kimi")],
    ),
    "MovieLens 100k alone": (
        {"ratings.data": "196\t242\t3\t1704153600\n186\t302\t3\t1704153600\n22\t377\t1\t1704153600\n"},
        [
            ("186", "302", "rating", 3.0, None, DAY),
            ("196", "242", "rating", 3.0, None, DAY),
            ("22", "377", "rating", 1.0, None, DAY),
        ],
        [],
    ),
    "Chinese names": (
        {
            "订单.csv": CHINESE.encode("gb18030"),
            "商品.csv": "商品,名称,类别\n手机壳,红色手机壳,配件\n".encode("gb18030"),
        },
        [("张三", "手机壳", "rating", 5.0, None, DAY), ("李四", "手机壳", "rating", 2.0, None, DAY)],
        [("手机壳", "红色手机壳")],
    ),
    "German orders and their lines": (
        {
            "Bestellungen.csv": "Bestellnummer;Kundennummer;Bestelldatum;Status\n1;k1;02.01.2024;bezahlt\n"
            "2;k2;02.01.2024;storniert\n",
            "Positionen.csv": "Bestellnummer;Artikelnr;Stückzahl;Preis\n1;a1;2;1.000,50\n1;a2;1;3,00\n"
            "2;a1;1;1,00\n",
            "Artikel.csv": "Artikelnr;Bezeichnung\na1;Tee\na2;Tasse\n",
        },
        [("k1", "a1", "purchase", None, 2.0, DAY), ("k1", "a2", "purchase", None, 1.0, DAY)],
        [("a1", "Tee"), ("a2", "Tasse")],
    ),
}  # fmt: skip


@pytest.fixture
def guessed(write: Callable[..., Path], tmp_path: Path) -> Callable[..., Imported]:
    def run(files: dict[str, str | bytes]) -> Imported:
        folder = write(files)
        mapping = guess(sample(folder, unread=[]), "guessed")
        assert parse(mapping.to_yaml()) == mapping
        database = tmp_path / "guessed.duckdb"
        return Imported(import_source(folder, database, mapping=mapping), database)

    return run


@pytest.mark.parametrize("name", SETS)
def test_it_is_guessed_and_imported(guessed: Callable[..., Imported], name: str) -> None:
    files, events, items = SETS[name]
    found = guessed(files)
    assert found.rows(EVENTS) == events
    assert found.rows(ITEMS) == items


def test_what_else_is_guessed_of_them(guessed: Callable[..., Imported]) -> None:
    found = guessed(SETS["Yelp"][0])
    assert found.rows("SELECT user_id, friend_id FROM social ORDER BY ALL") == [("u1", "u2"), ("u1", "u3")]


def test_names_of_numbers_are_joined_to_the_items(guessed: Callable[..., Imported]) -> None:
    found = guessed(SETS["Instacart"][0])
    values = found.rows(
        "SELECT item_id, value FROM item_attributes WHERE attribute = 'aisles.aisle' ORDER BY ALL"
    )
    assert values == [("p1", "milk"), ("p2", "tea")]


def test_properties_become_attributes(guessed: Callable[..., Imported]) -> None:
    found = guessed(SETS["RetailRocket"][0])
    assert found.rows("FROM item_attributes") == [("355", "categoryid", "12")]
