"""A small folder of every format, with a little of everything that the format can hold."""

from __future__ import annotations

import csv
import io
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import openpyxl

Files = dict[str, str | bytes]


@dataclass(frozen=True)
class Source:
    """A folder of one format and what the tests must know of it.

    Attributes
    ----------
    format
        What ``--format`` calls it.
    files
        Name → content.
    change
        Two equally good values, of which the first is in the files.
    headless
        Files without a header line.
    unread
        Files that the importer leaves alone.
    needed
        File → columns it cannot do without.
    """

    format: str
    files: Files
    change: tuple[bytes, bytes]
    headless: bool = False
    unread: frozenset[str] = frozenset()
    needed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    text: bool = True
    """Whether the files are lines of text, which a test may reorder and damage line by line."""

    @property
    def read(self) -> set[str]:
        """What the importer reads."""
        return set(self.files) - self.unread

    def changed(self) -> dict[str, bytes]:
        """The files with one value changed."""
        return {name: content.replace(*self.change) for name, content in self.data.items()}

    @property
    def data(self) -> dict[str, bytes]:
        return {name: c.encode() if isinstance(c, str) else c for name, c in self.files.items()}

    def reversed(self) -> dict[str, bytes]:
        """The same rows in the opposite order."""
        turned = {}
        for name, content in self.data.items():
            if name in self.unread:
                turned[name] = content
                continue
            lines = content.splitlines(keepends=True)
            head = [] if self.headless else lines[:1]
            turned[name] = b"".join(head + list(reversed(lines[len(head) :])))
        return turned


CANONICAL: Files = {
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


ADS: Files = {
    "interactions.csv": CANONICAL["interactions.csv"],
    "ads.csv": "ad_id,title,starts,ends,channel\na1,Tea week,2024-03-01,2024-03-08,mail|web\n"
    "a2,Late,2024-03-08,2024-03-01,\na2,Later,,,web\n,lost,,,\n",
    "ad_items.csv": "ad_id,item_id\na1,i1\na1,i2\na1,i1\na9,i1\na2,nothing\n",
    "ad_events.csv": "user_id,ad_id,kind,timestamp\nu1,a1,Shown,1709290000\nu1,a1,redeemed,1709290001\n"
    "u1,a1,redeemed,1709290001\nnobody,a1,shown,\nu2,a9,shown,\nu2,a2,sold,\nu2,a2,clicked,\n",
}


def tables() -> dict[str, list[list[str]]]:
    """The canonical folder's files as rows of text, the first the column names."""
    return {
        name.removesuffix(".csv"): list(csv.reader(io.StringIO(str(content))))
        for name, content in CANONICAL.items()
    }


def _cells(row: list[str]) -> list[str | None]:
    return [cell or None for cell in row]


def pack_sqlite(found: dict[str, list[list[str]]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sqlite"
        connection = sqlite3.connect(path)
        for name, (head, *rows) in found.items():
            connection.execute(f"CREATE TABLE {name} ({', '.join(head)})")
            marks = ", ".join("?" * len(head))
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", [_cells(row) for row in rows])
        connection.commit()
        connection.close()
        return path.read_bytes()


def pack_duckdb(found: dict[str, list[list[str]]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.duckdb"
        with duckdb.connect(str(path)) as connection:
            for name, (head, *rows) in found.items():
                connection.execute(f"CREATE TABLE {name} ({', '.join(f'{one} VARCHAR' for one in head)})")
                marks = ", ".join("?" * len(head))
                connection.executemany(f"INSERT INTO {name} VALUES ({marks})", [_cells(row) for row in rows])
        return path.read_bytes()


def pack_workbook(found: dict[str, list[list[str]]]) -> bytes:
    book = openpyxl.Workbook()
    for name, rows in found.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(_cells(row))
    book.remove(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


PACKERS = {"shop.sqlite": pack_sqlite, "shop.duckdb": pack_duckdb, "book.xlsx": pack_workbook}


@dataclass(frozen=True)
class Tables(Source):
    """Tables of a database or sheets of a workbook: rows that the test may turn and change."""

    text: bool = False

    @property
    def read(self) -> set[str]:
        (name,) = set(self.files) - self.unread
        return {f"{name} [{table}]" for table in tables()}

    def packed(self, turned: dict[str, list[list[str]]]) -> dict[str, bytes]:
        kept = {name: content for name, content in self.data.items() if name in self.unread}
        (name,) = set(self.files) - self.unread
        return {name: PACKERS[name](turned), **kept}

    def reversed(self) -> dict[str, bytes]:
        return self.packed({name: [rows[0], *rows[:0:-1]] for name, rows in tables().items()})

    def changed(self) -> dict[str, bytes]:
        old, new = (one.decode() for one in self.change)
        turned = tables()
        (row,) = [row for row in turned["interactions"] if row[-1] == old][:1]
        row[-1] = new
        return self.packed(turned)


MOVIELENS: Files = {
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
LASTFM: Files = {
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
ONLINE_RETAIL: Files = {
    "orders.csv": "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "536365,85123A,WHITE HANGING  HEART T-LIGHT HOLDER ,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    "536365,85123A,CREAM HANGING HEART T-LIGHT HOLDER,6,2010-12-02 08:26:00,2.95,17850.0,United Kingdom\n"
    "536366,71053,WHITE METAL LANTERN,4,2010-12-01 08:28:00,3.39,17850.0,United Kingdom\n"
    "C536400,71053,WHITE METAL LANTERN,-1,2010-12-03 09:00:00,3.39,17850.0,United Kingdom\n"
    "536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.0,12583.0,France\n"
    "536371,85123a,WHITE HANGING HEART T-LIGHT HOLDER,1,2010-12-01 08:45:00,2.55,12583,France\n"
    "536371,22086,PAPER CHAIN KIT 50'S CHRISTMAS,80,2010-12-01 09:00:00,2.55,,United Kingdom\n",
}
COMPLETE_JOURNEY: Files = {
    "transactions.csv": "household_id,store_id,basket_id,product_id,"
    "quantity,sales_value,transaction_timestamp\n"
    "1,309,b1,900000,2.0,3.86,1485630413.0\n1,309,b1,92,1.0,1.59,1485630413.0\n"
    "2,309,b2,92,0.0,0.0,1485630500.0\n2,309,b3,fuel,8776.0,23.25,2017-02-01T10:00:00Z\n",
    "products.csv": "product_id,manufacturer_id,department,brand,product_category,product_type,package_size\n"
    "9e+05,2,GROCERY,National,FRZN ICE,ICE - CRUSHED/CUBED,22 LB\n92,69,PASTRY,Private,BREAD,,\n"
    "92,70,PASTRY,Private,,,\n",
    "demographics.csv": "household_id,age,income\n1,65+,35-49K\n7,19-24,\n",
    "campaign_descriptions.csv": "campaign_id,campaign_type,start_date,end_date\n1,Type B,17228.0,17265.0\n",
    "campaigns.csv": "campaign_id,household_id\n1,1\n1,8\n2,1\n1,1\n",
    "coupons.csv": "coupon_upc,product_id,campaign_id\n51,92,1\n51,900000,1\n51,nowhere,1\n",
    "coupon_redemptions.csv": "household_id,coupon_upc,campaign_id,redemption_date\n"
    "1,51,1,17230.0\n1,52,1,17230\n",
}
SEED: Files = {
    "user_behavior.csv": "user_id,behavior,item_id,label,timestamp\n"
    "u1,click,i1,1,1709290000\nu1,Purchase,i2,1,1709290001\nu2,click,i2,0,1709290002\n,click,i1,1,\n",
    "item_features.csv": "item_id,item_attr,price\n"
    "i1,title:Tea|origin:India|hot,3.5\ni2,Coffee beans; origin = Brazil,\ni2,dark,\n,dark,\n",
    "kg_data.csv": "item_id,kg_feature\ni1,grown_by:Farm\ni2,grown_by:Farm\ni2,bitter\ni2,\n",
}
RECBOLE: Files = {
    "ml.inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    "1\t10\t4\t964982703.0\n1\t20\t3.5\t964982704\n2\t10\tbad\t964982703\n",
    "ml.item": "item_id:token\tmovie_title:token_seq\tclass:token_seq\tyear:float\tvector:float_seq\n"
    '10\tToy "Story"\tAnimation Children\'s\t1995\t0.1 0.2\n20\tHeat\tCrime\t1995\t\n20\tHeat 2\t\t\t\n',
    "ml.user": "user_id:token\tage:token\n1\t24\n3\t50\n",
    "ml.kg": "head_id:token\trelation_id:token\ttail_id:token\n"
    "m.1\tfilm.director\tm.9\nm.1\tsequel\tm.2\nm.9\tborn_in\tm.8\nm.9\tborn_in\tm.8\n",
    "ml.link": "item_id:token\tentity_id:token\n10\tm.1\n20\tm.2\n77\tm.3\n30\t\n",
    "ml.net": "source_id:token\ttarget_id:token\n1\t2\n2\t1\n3\t3\n",
}
_ENTITY = '[{"Label": "Oslo", "Type": "G", "WikidataId": "Q585", "SurfaceForms": ["Oslo"]}]'
MIND: Files = {
    "news.tsv": f'N1\tnews\tworld\tA "day" in Oslo\tRain.\thttps://x\t{_ENTITY}\t[]\n'
    f"N2\tsports\tski\tSki jump\t\thttps://x\t[]\t{_ENTITY}\nN3\tnews\tworld\tNo entities\t\t\toops\t\n"
    "N3\tnews\tworld\tAgain\t\t\t\t\n",
    "behaviors.tsv": "1\tU1\t11/11/2019 9:05:58 AM\tN1 N2\tN3-1 N2-0\n"
    "2\tU2\t11/11/2019 12:05:58 PM\t\tN9-0 N1-1\n3\tU1\t11/12/2019 9:05:58 AM\tN1 N2\tN1-0\n"
    "4\tU3\t11/15/2019 9:05:58 AM\tN2\tN1 N2\n5\t\t11/15/2019 9:05:58 AM\tN2\tN1-1\n",
}
_FLAGS = "|".join(["0"] * 15)
ML_100K: Files = {
    "u.data": "1\t1\t4\t964982703\n1\t2\t3\t964982704\n2\t1\tbad\t964982703\n2\t1\t4\n",
    "u.item": (
        f"1|Toy Story (1995)|01-Jan-1995||http://x|0|0|0|1|{_FLAGS}\n"
        f"2|Misérables, Les|01-Jan-1996||http://x|1|1|0|0|{_FLAGS}\n"
    ).encode("latin-1"),
    "u.user": "1|24|M|technician|85711\n3|53|F|other|94043\n",
}
ML_1M: Files = {
    "ratings.dat": "1::1::5::964982703\n1::2::3::964982704\n2::1::bad::1\n",
    "movies.dat": "1::Toy Story (1995)::Animation|Children's\n2::Misérables, Les (1995)::Drama\n".encode(
        "latin-1"
    ),
    "users.dat": "1::F::1::10::48067\n3::M::56::16::70072\n",
}

AMAZON: Files = {
    "All_Beauty.jsonl": '{"rating": 5.0, "title": "Good", "text": "x|y", "images": [], "asin": "B1a",'
    ' "parent_asin": "B1", "user_id": "A1", "timestamp": 1588687728923, "helpful_vote": 0,'
    ' "verified_purchase": true}\n'
    '{"rating": 4.0, "title": "Ok", "text": "", "images": [{"small_image_url": "u"}], "asin": "B2",'
    ' "parent_asin": "B2", "user_id": "A1", "timestamp": 1588615855070, "helpful_vote": 1,'
    ' "verified_purchase": false}\n'
    '{"rating": "bad", "title": "", "text": "", "images": [], "asin": "B2", "parent_asin": null,'
    ' "user_id": "A2", "timestamp": 1588615855070, "helpful_vote": 0, "verified_purchase": true}\n'
    "broken {\n"
    '{"rating": 3.0, "title": "", "text": "", "images": [], "asin": "B3", "parent_asin": null,'
    ' "user_id": "A2", "timestamp": 1588615855071, "helpful_vote": 0, "verified_purchase": true}\n',
    "meta_All_Beauty.jsonl": '{"main_category": "All Beauty", "title": "Tea \\u2013 soap",'
    ' "average_rating": 4.8, "rating_number": 10, "features": ["Soft", "Mild"],'
    ' "description": ["A soap."], "price": 12.5, "images": [{"large": "u"}], "videos": [],'
    ' "store": "Howard", "categories": ["Beauty", "Bath", "Soap"],'
    ' "details": {"Brand": "Howard", "Best Sellers Rank": {"Soap": 3}}, "parent_asin": "B1",'
    ' "bought_together": ["B2"]}\n'
    '{"main_category": "All Beauty", "title": "Brush", "average_rating": 4.0, "rating_number": 1,'
    ' "features": [], "description": [], "price": null, "images": [], "videos": [], "store": null,'
    ' "categories": ["Beauty", "Tools"], "details": {"Color": "Red | blue"}, "parent_asin": "B2",'
    ' "bought_together": null}\n',
}
MAPPING: Files = {
    "orders.csv": "Kunde;Artikel;Datum;Menge\nk1;a1;24.12.2023 18:00;2\nk1;a2;25.12.2023 08:00;1,5\n"
    "k2;a1;never;1\n;a1;24.12.2023 18:00;1\n",
    "clicks.tsv": "who\twhat\twhen\nk1\ta2\t1703440800000\nk2\ta2\t1703440900000\n",
    "artikel.csv": "Artikel,Name,Gruppe,Farbe\na1,Tee,Getränk/heiß,grün\na2,Tasse,Haushalt,\n",
    "mapping.yaml": "name: laden\ntables:\n"
    "- {table: interactions, file: orders.csv, columns: {user_id: Kunde, item_id: Artikel, timestamp: Datum,"
    " weight: Menge}, constants: {event: purchase}, timestamp: '%d.%m.%Y %H:%M'}\n"
    "- {table: interactions, file: clicks.tsv, columns: {user_id: who, item_id: what, timestamp: when},"
    " constants: {event: click}, timestamp: milliseconds}\n"
    "- {table: items, file: artikel.csv, columns: {item_id: Artikel, title: Name}, list_separator: /}\n"
    "strengths: {click: 0.2}\n",
}
_SHEETS = (
    "tables:\n"
    "- {table: interactions, file: 'book.xlsx [interactions]', columns: {user_id: user_id, item_id: item_id,"
    " event: event, weight: weight, timestamp: timestamp, session_id: session_id}}\n"
    "- {table: items, file: 'book.xlsx [items]', columns: {item_id: item_id, title: title}}\n"
    "- {table: users, file: 'book.xlsx [users]', columns: {user_id: user_id}}\n"
    "- {table: kg, file: 'book.xlsx [kg]', columns: {head_id: head_id, relation: relation,"
    " tail_id: tail_id}}\n"
    "- {table: social, file: 'book.xlsx [social]', columns: {user_id: user_id, friend_id: friend_id}}\n"
    "- {table: feedback, file: 'book.xlsx [feedback]', columns: {user_id: user_id, item_id: item_id,"
    " kind: kind}}\n"
)

SOURCES: dict[str, Source] = {
    "canonical": Source(
        "canonical",
        CANONICAL,
        (b"u1,i2,", b"u1,i1,"),
        needed={
            "interactions.csv": ("user_id", "item_id"),
            "items.csv": ("item_id",),
            "users.csv": ("user_id",),
            "kg.csv": ("head_id", "relation", "tail_id"),
            "social.csv": ("user_id", "friend_id"),
            "feedback.csv": ("user_id", "item_id", "kind"),
        },
    ),
    "canonical, advertisements": Source(
        "canonical",
        ADS,
        (b"u2,a2,clicked", b"u2,a2,redeemed"),
        needed={
            "ads.csv": ("ad_id",),
            "ad_items.csv": ("ad_id", "item_id"),
            "ad_events.csv": ("user_id", "ad_id", "kind"),
        },
    ),
    "movielens": Source(
        "movielens",
        MOVIELENS,
        (b"964982704", b"964982705"),
        unread=frozenset({"links.csv"}),
        needed={
            "ratings.csv": ("userId", "movieId", "rating", "timestamp"),
            "movies.csv": ("movieId", "title", "genres"),
            "tags.csv": ("userId", "movieId", "tag"),
            "kg_triples.tsv": ("movieId", "relation", "entity"),
        },
    ),
    "lastfm": Source(
        "lastfm",
        LASTFM,
        (b"11690", b"11691"),
        needed={
            "user_artists.dat": ("userID", "artistID", "weight"),
            "artists.dat": ("id", "name"),
            "tags.dat": ("tagID", "tagValue"),
            "user_taggedartists.dat": ("userID", "artistID", "tagID", "day", "month", "year"),
            "user_friends.dat": ("userID", "friendID"),
            "kg_triples.tsv": ("artistID", "relation", "entity"),
        },
    ),
    "online-retail": Source(
        "online-retail",
        ONLINE_RETAIL,
        (b",4,2010", b",5,2010"),
        needed={"orders.csv": ("Description", "InvoiceDate", "UnitPrice")},
    ),
    "complete-journey": Source(
        "complete-journey",
        COMPLETE_JOURNEY,
        (b"92,1.0", b"92,3.0"),
        needed={
            "transactions.csv": ("product_id", "quantity", "transaction_timestamp"),
            "products.csv": ("product_id", "department", "brand", "product_type", "package_size"),
            "demographics.csv": ("household_id",),
            "campaign_descriptions.csv": ("campaign_id", "start_date"),
            "campaigns.csv": ("campaign_id", "household_id"),
            "coupons.csv": ("coupon_upc", "product_id"),
            "coupon_redemptions.csv": ("household_id", "coupon_upc", "redemption_date"),
        },
    ),
    "seed-csv": Source(
        "seed-csv",
        SEED,
        (b"1709290001", b"1709290009"),
        needed={"user_behavior.csv": ("user_id",), "item_features.csv": ("item_id",)},
    ),
    "recbole": Source(
        "recbole",
        RECBOLE,
        (b"964982704", b"964982709"),
        needed={
            "ml.inter": ("user_id", "item_id"),
            "ml.user": ("user_id",),
            "ml.kg": ("head_id", "relation_id", "tail_id"),
            "ml.link": ("entity_id",),
        },
    ),
    "mind": Source("mind", MIND, (b"N3-1", b"N2-1"), headless=True),
    "movielens 100k": Source("movielens", ML_100K, (b"964982704", b"964982709"), headless=True),
    "movielens 1m": Source("movielens", ML_1M, (b"964982704", b"964982709"), headless=True),
    "amazon reviews": Source("amazon-reviews", AMAZON, (b"1588615855070", b"1588615899070"), headless=True),
    "mapping": Source(
        "mapping",
        MAPPING,
        (b"a2;25", b"a1;25"),
        unread=frozenset({"mapping.yaml"}),
        needed={
            "orders.csv": ("Kunde", "Artikel", "Datum", "Menge"),
            "clicks.tsv": ("who", "what", "when"),
            "artikel.csv": ("Artikel", "Name"),
        },
    ),
    "database, sqlite": Tables("database", {"shop.sqlite": pack_sqlite(tables())}, (b"s1", b"s2")),
    "database, duckdb": Tables("database", {"shop.duckdb": pack_duckdb(tables())}, (b"s1", b"s2")),
    "mapping, workbook": Tables(
        "mapping",
        {"book.xlsx": pack_workbook(tables()), "mapping.yaml": _SHEETS},
        (b"s1", b"s2"),
        unread=frozenset({"mapping.yaml"}),
    ),
}
