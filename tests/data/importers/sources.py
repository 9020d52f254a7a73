"""A small folder of every format, with a little of everything that the format can hold."""

from __future__ import annotations

from dataclasses import dataclass, field

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

    @property
    def data(self) -> dict[str, bytes]:
        return {name: c.encode() if isinstance(c, str) else c for name, c in self.files.items()}

    def reversed(self) -> dict[str, bytes]:
        """The same rows in the opposite order."""
        turned = {}
        for name, content in self.data.items():
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

SOURCES: dict[str, Source] = {
    "canonical": Source(
        "canonical",
        CANONICAL,
        (b"u1,i2,", b"u1,i1,"),
        needed={
            "interactions.csv": ("user_id", "item_id"),
            "items.csv": ("item_id", "title"),
            "users.csv": ("user_id",),
            "kg.csv": ("head_id", "relation", "tail_id"),
            "social.csv": ("user_id", "friend_id"),
            "feedback.csv": ("user_id", "item_id", "kind"),
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
}
