"""Folders that are made from what they mean: forms of time, scales, lists, ids, encodings, verbs of a mapping.

A maker writes the rows of the tables first and then the files that say them, in one of the ways in which
people do; an import must bring back exactly these rows.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from pathlib import Path

import duckdb

from mgrec_core.data.receipt import ImportReport
from mgrec_core.foundation.errors import InputError

EVENTS = "SELECT user_id, item_id, event, weight, rating, timestamp FROM events"
VALUES = "SELECT item_id, attribute, value FROM item_attributes"
TITLES = "SELECT item_id, title FROM items WHERE title IS NOT NULL"
NULLS = ("NULL", "nan", "None", "N/A", "\\N", "undefined", "#N/A", "(not set)", "<NA>", "NaT", "", " ")
Time = datetime.datetime
Rows = Iterable[Sequence[object]]


@dataclass
class Meant:
    """What a folder means.

    Attributes
    ----------
    what
        How it is written, for messages.
    files
        Name → content.
    tables
        SQL → the rows that it must give after the import, in any order.
    refused
        A part of the sentence with which it is refused instead; empty where it is imported.
    """

    what: str
    files: dict[str, bytes]
    tables: dict[str, Counter[tuple[object, ...]]] = field(default_factory=dict)
    refused: str = ""


def meant(chance: random.Random) -> Meant:
    """Make a folder of one kind."""
    return chance.choice(MAKERS)(chance)


def check(one: Meant, found: ImportReport | InputError, database: Path) -> int:
    """Compare an import with what was meant; return how many values that were.

    Raises
    ------
    AssertionError
        It is another.
    """
    if isinstance(found, InputError):
        assert one.refused and one.refused in str(found), (one.what, str(found))
        return 1
    assert not one.refused, (one.what, "was not refused", one.refused)
    compared = 0
    with duckdb.connect(str(database), read_only=True) as connection:
        for sql, rows in one.tables.items():
            there = Counter(connection.execute(sql).fetchall())
            more, lost = there - rows, rows - there
            assert there == rows, (one.what, sql[:60], "more", list(more)[:3], "lost", list(lost)[:3])
            compared += sum(len(row) * n for row, n in rows.items())
    return compared


def _csv(head: Sequence[str], rows: Rows, sign: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    written = csv.writer(out, delimiter=sign, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    written.writerows([head, *rows])
    return out.getvalue()


def _mapping(*tables: dict[str, object]) -> bytes:
    return json.dumps({"name": "made", "tables": [*tables]}, ensure_ascii=False).encode()


def _moments(chance: random.Random, many: int, *, days: bool = False, minutes: bool = False) -> list[Time]:
    step = 86_400 if days else 60 if minutes else 1
    first = Time(2015, 1, 1)
    return [
        first + datetime.timedelta(seconds=chance.randrange(280_000_000 // step) * step) for _ in range(many)
    ]


def _zoned(one: Time, sign: str) -> str:
    return (one + datetime.timedelta(hours=5, minutes=30)).strftime("%Y-%m-%d %H:%M:%S") + sign


def _since(unit: float) -> Callable[[Time], str]:
    return lambda one: str(round(one.replace(tzinfo=datetime.UTC).timestamp() * unit))


FORMS: dict[str, tuple[Callable[[Time], str], str]] = {
    "seconds": (_since(1), ""),
    "milliseconds": (_since(1e3), ""),
    "microseconds": (_since(1e6), ""),
    "nanoseconds": (lambda one: _since(1)(one) + "0" * 9, ""),
    "iso": (lambda one: one.isoformat(), ""),
    "offset": (lambda one: _zoned(one, "+05:30"), ""),
    "offset apart": (lambda one: _zoned(one, " +0530"), ""),
    "day /": (lambda one: one.strftime("%d/%m/%Y %H:%M:%S"), ""),
    "day / short": (lambda one: f"{one.day}/{one.month}/{one:%y %H:%M}", "minutes"),
    "month /": (lambda one: one.strftime("%m/%d/%Y %H:%M"), "minutes"),
    "month / afternoon": (lambda one: one.strftime("%m/%d/%Y %I:%M:%S %p"), ""),
    "day .": (lambda one: one.strftime("%d.%m.%Y %H:%M"), "minutes"),
    "day -": (lambda one: one.strftime("%d-%m-%Y"), "days"),
    "month -": (lambda one: one.strftime("%m-%d-%Y"), "days"),
    "digits": (lambda one: one.strftime("%Y%m%d"), "days"),
    "digits to seconds": (lambda one: one.strftime("%Y%m%d%H%M%S"), ""),
    "serial": (lambda one: str((one - Time(1899, 12, 30)).days), "days"),
    "serial with a fraction": (lambda one: f"{(one - Time(1899, 12, 30)) / datetime.timedelta(days=1):.9f}", "minutes"),
    "words": (lambda one: one.strftime("%d %b %Y %H:%M:%S"), ""),
    "mail": (lambda one: format_datetime(one.replace(tzinfo=datetime.UTC)), ""),
    "comma": (lambda one: one.strftime("%Y-%m-%d %H:%M:%S,000"), ""),
    "days since 1970": (lambda one: str((one - Time(1970, 1, 1)).days), "days"),
}  # fmt: skip
"""Name → how a moment is written, and what of it is lost in that."""


def _times(chance: random.Random) -> Meant:
    name = chance.choice([*FORMS])
    write, lost = FORMS[name]
    moments = _moments(chance, chance.randrange(2, 60), days=lost == "days", minutes=lost == "minutes")
    ordered = name.startswith(("day /", "month", "day -"))
    open_ = ordered and chance.random() < 0.2
    if open_:
        moments = [one.replace(day=one.day % 12 + 1) for one in moments]
        moments[0] = moments[0].replace(day=3, month=4)
    elif ordered:
        moments[-1] = moments[-1].replace(day=25)
    rows = [(f"u{at}", f"i{at % 5}", write(one)) for at, one in enumerate(moments)]
    files = {"interactions.csv": _csv(("user_id", "item_id", "timestamp"), rows).encode()}
    said = name == "days since 1970" or (open_ and chance.random() < 0.5)
    if said:
        form = "days" if name == "days since 1970" else {
            "day /": "%d/%m/%Y %H:%M:%S", "day / short": "%d/%m/%y %H:%M", "day -": "%d-%m-%Y", "month -": "%m-%d-%Y",
            "month /": "%m/%d/%Y %H:%M", "month / afternoon": "%m/%d/%Y %I:%M:%S %p",
        }[name]  # fmt: skip
        columns = {"user_id": "user_id", "item_id": "item_id", "timestamp": "timestamp"}
        entry = {"table": "interactions", "file": "interactions.csv", "columns": columns, "timestamp": form}
        files["mapping.yaml"] = _mapping(entry)
    events = [
        (user, item, "interaction", None, None, moment)
        for (user, item, _), moment in zip(rows, moments, strict=True)
    ]
    refused = "say it with --time-form" if open_ and not said else ""
    return Meant(f"times: {name}, open {open_}, said {said}", files, {EVENTS: Counter(events)}, refused)


def _scale(chance: random.Random) -> Meant:
    steps, none = chance.choice((
        ([1, 2, 3, 4, 5], -1), ([*range(1, 11)], -1), ([1, 2, 3, 4, 5], 99), ([*range(1, 11)], 0), ([1, 2, 3, 4, 5], None),
        ([0.5 * one for one in range(1, 11)], -1), ([-9.5, -3.25, 0.5, 4.75, 9.25], 99),
    ))  # fmt: skip
    rows = [(f"u{at % 20}", f"i{at}", chance.choice(steps)) for at in range(200)]
    if none is not None:
        rows += [(f"u{at % 20}", f"j{at}", none) for at in range(400)]
    chance.shuffle(rows)
    digits = chance.choice((str, lambda one: f"{one:.2f}"))
    text = _csv(("user_id", "item_id", "rating"), [(user, item, digits(one)) for user, item, one in rows])
    read = Counter((user, item, float(one)) for user, item, one in rows if one != none)
    unrated = Counter((user, item) for user, item, one in rows if one == none)
    return Meant(
        f"scale: {steps}, none {none}",
        {"interactions.csv": text.encode()},
        {
            "SELECT value FROM no_rating": Counter([(float(none),)] if none is not None else []),
            "SELECT user_id, item_id, rating FROM v_events WHERE rating IS NOT NULL": read,
            "SELECT user_id, item_id FROM v_events WHERE rating IS NULL": unrated,
        },
    )


_WORDS = ("Drama", "Sci-Fi", "Film noir", "O'Neill", "Thriller", "Müsik", "日本", "R&B", "Kids")


def _listed(values: Sequence[str], form: str) -> str:
    if form == "json":
        return json.dumps([*values], ensure_ascii=False)
    if form == "python":
        return str([*values])
    if form == "objects":
        return json.dumps([{"id": at, "name": one} for at, one in enumerate(values)])
    if form == "python objects":
        return str([{"id": at, "name": one} for at, one in enumerate(values)])
    if form == "braces":
        return "{" + ",".join(f'"{one}"' if " " in one else one for one in values) + "}"
    return form.join(values)


def _lists(chance: random.Random) -> Meant:
    form = chance.choice(
        ("json", "python", "objects", "python objects", "braces", "|", ", ", ";", ",", " / ")
    )
    items = {
        f"i{at}": chance.sample(_WORDS, chance.randrange(1, 4)) for at in range(chance.randrange(20, 60))
    }
    rows = [(item, f"Title {item}", _listed(values, form)) for item, values in items.items()]
    files = {
        "interactions.csv": b"user_id,item_id\nu1,i1\n",
        "items.csv": _csv(("item_id", "title", "genres"), rows).encode(),
    }
    values = Counter((item, "genres", one) for item, found in items.items() for one in found)
    titles = Counter((item, f"Title {item}") for item in items)
    return Meant(f"lists: {form!r}", files, {VALUES: values, TITLES: titles})


def _nothing(chance: random.Random) -> Meant:
    rows, events = [], []
    for at in range(60):
        user, item, kind = f"u{at}", f"i{at % 7}", chance.choice(("view", "purchase"))
        cells = [user, item, kind, str(at)]
        place = chance.randrange(6)
        if place < 4:
            cells[place] = chance.choice(NULLS)
        rows.append(cells)
        if place not in (0, 1):
            events.append(
                (
                    user,
                    item,
                    "interaction" if place == 2 else kind,
                    None if place == 3 else float(at),
                    None,
                    None,
                )
            )
    items = [(f"i{at}", chance.choice(("Tea", *NULLS)), chance.choice(("red", *NULLS))) for at in range(7)]
    files = {
        "interactions.csv": _csv(("user_id", "item_id", "event", "weight"), rows).encode(),
        "items.csv": _csv(("item_id", "title", "colour"), items).encode(),
    }
    titles = Counter((item, title) for item, title, _ in items if title == "Tea")
    values = Counter((item, "colour", colour) for item, _, colour in items if colour == "red")
    return Meant("null words", files, {EVENTS: Counter(events), TITLES: titles, VALUES: values})


def _ids(chance: random.Random) -> Meant:
    form = chance.choice(("decimals", "formula", "zeros kept", "long", "quotes"))
    write = {
        "decimals": lambda one: f"{one}.0", "formula": lambda one: f'="{one:05}"', "zeros kept": lambda one: f"{one:08}",
        "long": lambda one: str(9_007_199_254_740_993 + one), "quotes": lambda one: f'"{one}"',
    }[form]  # fmt: skip
    kept = {
        "decimals": str, "formula": lambda one: f"{one:05}", "zeros kept": write, "long": write, "quotes": lambda one: f'"{one}"',
    }[form]  # fmt: skip
    numbers = [chance.randrange(1, 40) for _ in range(chance.randrange(5, 60))]
    rows = [(f"u{at}", write(one)) for at, one in enumerate(numbers)]
    items = [(str(one) if form == "decimals" else write(one), f"Title {one}") for one in range(1, 40)]
    files = {
        "interactions.csv": _csv(("user_id", "item_id"), rows).encode(),
        "items.csv": _csv(("item_id", "title"), items).encode(),
    }
    found = Counter((f"u{at}", kept(one), f"Title {one}") for at, one in enumerate(numbers))
    joined = "SELECT user_id, item_id, title FROM events JOIN items USING (item_id)"
    return Meant(f"ids: {form}", files, {joined: found})


_TITLES = {
    "cp1251": "Книга о чае номер", "gb18030": "手机壳蓝色第", "shift_jis": "掃除機とお茶の", "cp1252": "Café crème für",
    "euc_kr": "한국어 책 제목", "utf-16": "Ünï 日本 🎸", "utf-8-sig": "Ünï 日本 🎸", "utf-8": "Ünï 日本 🎸",
}  # fmt: skip


def _dialect(chance: random.Random) -> Meant:
    encoding = chance.choice([*_TITLES])
    sign, quoting = chance.choice(",;\t|"), chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    comma = sign != "," and chance.random() < 0.5
    thousands = chance.choice(("", "." if comma else ",")) if sign != "," else ""
    skip, header = chance.choice((0, 0, 3)), chance.random() < 0.8
    # What is not usual has to be said: such numbers, and lines without names.
    said = chance.random() < 0.6 or bool(thousands) or (comma and sign != ";") or not header
    amounts = [round(chance.uniform(0, 90_000), 2) for _ in range(60)]
    titles = [f"{_TITLES[encoding]} {at}, {sign} " + chance.choice(("x", '"x"')) for at in range(60)]

    def number(one: float) -> str:
        text = f"{one:,.2f}" if thousands else f"{one:.2f}"
        return text.translate(str.maketrans(",.", ".,")) if comma else text

    rows = [(f"u{at % 9}", f"i{at}", number(one), titles[at]) for at, one in enumerate(amounts)]
    head = ("who", "what", "amount", "name")
    text = _csv(head, rows, sign, quoting)
    text = text if header else text.partition("\n")[2]
    if said:
        text = "Report of sales\n" * skip + text
    dialect: dict[str, object] = {
        "delimiter": sign,
        "quote": '"',
        "encoding": encoding.removesuffix("-sig"),
        "skip": skip,
    }
    dialect |= (
        {"header": header}
        | ({"thousands": thousands} if thousands else {})
        | ({"decimal": ","} if comma else {})
    )
    names = head if header else ("c1", "c2", "c3", "c4")
    entry = {"file": "sales.txt", **({"dialect": dialect} if said else {})}
    event = {
        "table": "interactions",
        "columns": dict(zip(("user_id", "item_id", "weight"), names, strict=False)),
        **entry,
    }
    items = {"table": "items", "columns": {"item_id": names[1], "title": names[3]}, "attributes": {}, **entry}
    files = {"sales.txt": text.encode(encoding), "mapping.yaml": _mapping(event, items)}
    events = Counter((f"u{at % 9}", f"i{at}", one) for at, one in enumerate(amounts))
    return Meant(
        f"dialect: {encoding} {sign!r} comma {comma} thousands {thousands!r} skip {skip} header {header} said {said}",
        files,
        {
            "SELECT user_id, item_id, weight FROM events": events,
            TITLES: Counter((f"i{at}", title) for at, title in enumerate(titles)),
        },
    )


def _event(file: str, columns: dict[str, str], **verbs: object) -> dict[str, object]:
    return {
        "table": "interactions",
        "file": file,
        "columns": columns,
        "constants": {"event": "purchase"},
        **verbs,
    }


def _orders(chance: random.Random) -> Meant:
    """Orders and their lines: joined, some left out by their state, the buyer in one of two columns."""
    states = ("paid", "Cancelled", "refunded", "PAID ", "")
    orders = {
        f"o{at}": (chance.choice(states), chance.choice(("e", "p", "both")), f"b{at % 8}") for at in range(30)
    }
    lines = [
        (f"o{chance.randrange(33)}", f"i{chance.randrange(9)}", chance.randrange(0, 5)) for _ in range(80)
    ]
    mails = [
        (
            order, state,
            f"m{buyer}" if who != "p" else chance.choice(NULLS), f"p{buyer}" if who != "e" else chance.choice(NULLS),
        )
        for order, (state, who, buyer) in orders.items()
    ]  # fmt: skip
    files = {
        "orders.csv": _csv(("id", "state", "login", "card"), mails).encode(),
        "lines.csv": _csv(("order", "sku", "pieces"), lines).encode(),
        "mapping.yaml": _mapping(
            _event(
                "lines.csv",
                {"user_id": "who", "item_id": "sku", "weight": "pieces"},
                join=[{"file": "orders.csv", "keys": {"order": "id"}}],
                coalesce={"who": ["orders.login", "orders.card"]},
                where=[
                    {"column": "orders.state", "not_in": ["cancelled", "refunded"]},
                    {"column": "pieces", "above": 0},
                ],
            )
        ),
    }
    events = Counter(
        (
            f"{'p' if orders[order][1] == 'p' else 'm'}{orders[order][2]}",
            item,
            "purchase",
            float(pieces),
            None,
            None,
        )
        for order, item, pieces in lines
        if order in orders and orders[order][0].strip().lower() in ("paid", "") and pieces > 0
    )
    return Meant("verbs: join, coalesce, where", files, {EVENTS: events})


def _baskets(chance: random.Random) -> Meant:
    """Products of an order in one cell: as JSON objects, as Python prints them, or separated."""
    form = chance.choice(("json", "python", ";", ","))
    rows, events = [], []
    for at in range(40):
        products = [
            (f"i{chance.randrange(9)}", chance.randrange(1, 4)) for _ in range(chance.randrange(0, 4))
        ]
        objects = [{"sku": item, "pieces": n, "name": "it's"} for item, n in products]
        cell = {"json": json.dumps(objects), "python": str(objects)}.get(form) or form.join(
            item for item, _ in products
        )
        rows.append((f"u{at}", cell if products or chance.random() < 0.5 else ""))
        for item, n in products:
            amount = float(n) if form in ("json", "python") else None
            events.append((f"u{at}", item, "purchase", amount, None, None))
    names = {"user_id": "user", "item_id": "products.sku", "weight": "products.pieces"}
    if form in (";", ","):
        names = {"user_id": "user", "item_id": "products"}
    explode = "products" if form in ("json", "python") else {"column": "products", "separator": form}
    if not events:
        rows.append(("u", json.dumps([{"sku": "i1", "pieces": 1}])))
    files = {"orders.csv": _csv(("user", "products"), rows).encode()}
    files["mapping.yaml"] = _mapping(_event("orders.csv", names, explode=explode))
    return Meant(f"verbs: explode {form}", files, {EVENTS: Counter(events)})


def _matrix(chance: random.Random) -> Meant:
    """A column for each item, with values that mean none; and properties of items as rows."""
    wide, rated = [], []
    for at in range(20):
        cells = [chance.choice(("1", "4.5", "-3", "99", *NULLS, "NA")) for _ in range(6)]
        wide.append((f"u{at}", *cells))
        rated += [(f"u{at}", f"{n}", float(one)) for n, one in enumerate(cells) if one in ("1", "4.5", "-3")]
    long, titles, values = [], [], []
    for at in range(6):
        long += [(f"{at}", "name", f"Joke {at}"), (f"{at}", "kind", chance.choice(("pun", "riddle")))]
        titles.append((f"{at}", f"Joke {at}"))
        values.append((f"{at}", "kind", long[-1][2]))
    chance.shuffle(long)
    files = {
        "wide.csv": _csv(("user", *(f"joke_{n}" for n in range(6))), wide).encode(),
        "long.csv": _csv(("item", "property", "value"), long).encode(),
        "mapping.yaml": _mapping(
            {
                "table": "interactions", "file": "wide.csv", "missing": {"joke_*": [99]},
                "columns": {"user_id": "user", "item_id": "item", "rating": "rating"},
                "unpivot": {"columns": "joke_*", "name": "item", "value": "rating", "without": "joke_"},
            },
            {
                "table": "items", "file": "long.csv", "columns": {"item_id": "item", "title": "name"},
                "pivot": {"rows": ["item"], "name": "property", "value": "value"},
            },
        ),
    }  # fmt: skip
    return Meant(
        "verbs: unpivot, missing, pivot",
        files,
        {
            "SELECT user_id, item_id, rating FROM events": Counter(rated),
            TITLES: Counter(titles),
            VALUES: Counter(values),
        },
    )


def _labels(chance: random.Random) -> Meant:
    """A label that is taken apart, words that mean kinds, and headings above their rows."""
    rows, events, titles, values = [], [], {}, set()
    for at in range(40):
        item, kind = chance.randrange(6), chance.choice(("True", "false", "yes"))
        brand, name = f"Brand {item % 3}", chance.choice((f"Thing {item}", f"Thing {item} - large"))
        name = titles.setdefault(f"i{item}", name)
        values.add((f"i{item}", "brand", brand))
        rows.append((f"u{at}", f"i{item}", f"{brand} - {name}", kind))
        word = {"True": "recommend", "false": "not_recommend", "yes": "yes"}[kind]
        events.append((f"u{at}", f"i{item}", word, None, None, None))
    entry = {"file": "x.csv", "split": [{"column": "label", "by": " - ", "into": ["brand", "model"]}]}
    event = {
        "table": "interactions", "columns": {"user_id": "u", "item_id": "i", "event": "ok"}, **entry,
        "values": {"ok": {"true": "recommend", "false": "not_recommend"}},
    }  # fmt: skip
    items = {
        "table": "items",
        "columns": {"item_id": "i", "title": "model"},
        "attributes": {"brand": "brand"},
        **entry,
    }
    files = {"x.csv": _csv(("u", "i", "label", "ok"), rows).encode(), "mapping.yaml": _mapping(event, items)}
    tables = {EVENTS: Counter(events), TITLES: Counter(titles.items()), VALUES: Counter(values)}
    return Meant("verbs: split, values", files, tables)


def _headings(chance: random.Random) -> Meant:
    lines, events = [], []
    for movie in range(1, 8):
        lines.append(f"{movie}:")
        for _ in range(chance.randrange(0, 6)):
            user, rating, day = (
                chance.randrange(1000),
                chance.randrange(1, 6),
                _moments(chance, 1, days=True)[0],
            )
            lines.append(f"{user},{rating},{day:%Y-%m-%d}")
            events.append((str(user), str(movie), "rating", None, float(rating), day))
    events = [*dict.fromkeys(events)]
    lines += ["9:", "1,5,2020-01-01"]
    events.append(("1", "9", "rating", None, 5.0, Time(2020, 1, 1)))
    entry = {
        "table": "interactions", "file": "all.txt", "dialect": {"header": False, "delimiter": ",", "pad": True},
        "carry": {"column": "c1", "ending": ":", "name": "movie"},
        "columns": {"user_id": "c1", "item_id": "movie", "rating": "c2", "timestamp": "c3"},
    }  # fmt: skip
    files = {"all.txt": "\n".join(lines).encode(), "mapping.yaml": _mapping(entry)}
    return Meant("verbs: carry", files, {EVENTS: Counter(events)})


def _friends(chance: random.Random) -> Meant:
    """Friendships in both directions, triples that repeat, and titles with markup."""
    people = [f"u{at}" for at in range(12)]
    pairs = [tuple(chance.sample(people, 2)) for _ in range(30)]
    weights = [chance.choice((0.5, 1.0, 2.0)) for _ in pairs]
    social: dict[tuple[str, str], float] = {}
    for (one, other), weight in zip(pairs, weights, strict=True):
        key = (min(one, other), max(one, other))
        social[key] = max(weight, social.get(key, 0))
    triples = [
        (f"i{chance.randrange(5)}", chance.choice(("made_by", "part of")), f"e{chance.randrange(4)}")
        for _ in range(30)
    ]
    marked = (
        ("Rock &#039;n&#039; roll", "Rock 'n' roll"),
        ("<b>Bold</b> &amp; brave", "Bold & brave"),
        ("a < b", "a < b"),
        ("AT&T", "AT&T"),
    )
    items = [(f"i{at}", *chance.choice(marked)) for at in range(5)]
    files = {
        "interactions.csv": _csv(("user_id", "item_id"), [(one, "i1") for one in people]).encode(),
        "items.csv": _csv(("item_id", "title"), [(item, raw) for item, raw, _ in items]).encode(),
        "social.csv": _csv(
            ("user_id", "friend_id", "weight"), [(*pair, w) for pair, w in zip(pairs, weights, strict=True)]
        ).encode(),
        "kg.csv": _csv(("head_id", "relation", "tail_id"), triples).encode(),
    }
    return Meant(
        "friends, triples, markup",
        files,
        {
            "SELECT user_id, friend_id, weight FROM social": Counter((*key, w) for key, w in social.items()),
            "SELECT head_id, relation, tail_id FROM kg WHERE source = 'given'": Counter({*triples}),
            TITLES: Counter((item, plain) for item, _, plain in items),
        },
    )


MAKERS = (
    _times, _times, _scale, _lists, _lists, _nothing, _ids, _dialect, _dialect, _orders, _baskets, _matrix, _labels,
    _headings, _friends,
)  # fmt: skip
