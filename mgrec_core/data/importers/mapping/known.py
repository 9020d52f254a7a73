"""Public data sets whose files say nothing about themselves: no header, a sign that means none, flags.

Each function looks at one table and returns its entries, or nothing where the table is another's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from mgrec_core.data.importers.mapping.names import FLAGS, OPINIONS, RECOMMENDED, fold, plain

Samples = dict[str, Sequence[str]]
Entry = dict[str, Any]


def known(name: str, samples: Samples) -> list[Entry]:
    """Return the entries of a table that is one of these; nothing where it is none."""
    for look in _LOOKS:
        found = look(name.lower(), samples)
        if found:
            return [{"file": name, **one} for one in found]
    return []


def _headerless(samples: Samples, width: int) -> bool:
    return [*samples] == [f"c{number + 1}" for number in range(width)]


def _netflix(name: str, samples: Samples) -> list[Entry]:
    if _headerless(samples, 3) and samples["c1"] and re.fullmatch(r"\d+:", samples["c1"][0]):
        columns = {"user_id": "c1", "item_id": "movie", "rating": "c2", "timestamp": "c3"}
        return [{"table": "interactions", "columns": columns, "carry": {"column": "c1", "name": "movie"}}]
    if "movie_titles" in name and "c3" in samples:
        columns = {"item_id": "c1", "title": "c3"}
        return [{"table": "items", "columns": columns, "attributes": {"year": "c2"}}]
    return []


def _yoochoose(name: str, samples: Samples) -> list[Entry]:
    if "yoochoose" not in name or "c3" not in samples:
        return []
    columns = {"user_id": "c1", "session_id": "c1", "timestamp": "c2", "item_id": "c3"}
    if "buys" in name:
        columns["weight"] = "c5"
    kind = "purchase" if "buys" in name else "click"
    made: list[Entry] = [{"table": "interactions", "columns": columns, "constants": {"event": kind}}]
    if "clicks" in name and "c4" in samples:
        made.append({"table": "items", "columns": {"item_id": "c3"}, "attributes": {"category": "c4"}})
    return made


def _lastfm(name: str, samples: Samples) -> list[Entry]:
    if _headerless(samples, 4) and "usersha1" in name and "plays" in name:
        who = {"artist": ["c2", "c3"]}
        columns = {"user_id": "c1", "item_id": "artist", "weight": "c4"}
        return [
            {"table": "interactions", "columns": columns, "coalesce": who, "constants": {"event": "play"}},
            {
                "table": "items",
                "columns": {"item_id": "artist", "title": "c3"},
                "coalesce": who,
                "attributes": {},
            },
        ]
    if "usersha1" in name and "profile" in name and "c4" in samples:
        about = {"gender": "c2", "age": "c3", "country": "c4"}
        return [{"table": "users", "columns": {"user_id": "c1"}, "attributes": about}]
    return []


def _steam_200k(name: str, samples: Samples) -> list[Entry]:
    kinds = {one.strip().lower() for one in samples.get("c3", ())}
    if not ("c4" in samples and kinds and kinds <= {"purchase", "play"}):
        return []
    columns = {"user_id": "c1", "item_id": "c2", "event": "c3", "weight": "c4"}
    return [
        {"table": "interactions", "columns": columns},
        {"table": "items", "columns": {"item_id": "c2", "title": "c2"}, "attributes": {}},
    ]


def _movielens_100k(name: str, samples: Samples) -> list[Entry]:
    """Four columns of numbers: user, item, rating, seconds; the oldest form of all."""
    if not _headerless(samples, 4) or not samples["c4"]:
        return []
    numbers = [[_number(one) for one in samples[column]] for column in samples]
    if any(None in column for column in numbers):
        return []
    ratings, times = ([one for one in column if one is not None] for column in numbers[2:])
    if max(ratings) <= 10 and min(ratings) >= -1 and min(times) >= 1e8:
        columns = {"user_id": "c1", "item_id": "c2", "rating": "c3", "timestamp": "c4"}
        return [{"table": "interactions", "columns": columns}]
    return []


def _jester(name: str, samples: Samples) -> list[Entry]:
    """Jester as it is published: how many jokes somebody rated, then a rating from -10 to 10 of each, or 99."""
    if len(samples) < 20 or not _headerless(samples, len(samples)):
        return []
    first, *others = ([_number(one) for one in values] for values in samples.values())
    rated = [one for column in others for one in column]
    if (
        not first
        or any(one is None or not -10 <= one <= 10 and one != 99 for one in rated)
        or 99 not in rated
    ):
        return []
    if any(one is None or not 0 <= one <= len(others) or one != int(one) for one in first):
        return []
    columns = {"user_id": "row", "item_id": "item", "rating": "rating"}
    jokes = [*samples][1:]
    unpivot = {"columns": jokes, "name": "item", "value": "rating", "row": "row"}
    missing = {"*": ["99"]}
    return [{"table": "interactions", "columns": columns, "missing": missing, "unpivot": unpivot}]


def _properties(name: str, samples: Samples) -> list[Entry]:
    """RetailRocket's item_properties: a row for each property of an item."""
    folded = {fold(column): column for column in samples}
    if not {"itemid", "property", "value"} <= folded.keys() or "visitorid" in folded:
        return []
    item, title = folded["itemid"], folded["property"]
    names = [one for one in dict.fromkeys(samples[title]) if not one.isdigit()][:50]
    pivot = {"rows": [item], "name": title, "value": folded["value"], **({"only": names} if names else {})}
    return [{"table": "items", "columns": {"item_id": item}, "pivot": pivot}]


def _exposures(name: str, samples: Samples) -> list[Entry]:
    """A row for each item that was shown, and columns of zeros and ones for what came of it."""
    flags: dict[str, str] = {}
    for column, values in samples.items():
        folded = fold(column)
        word = folded if folded in FLAGS else folded.removeprefix("is")
        if (
            word in FLAGS
            and values
            and {one.strip().lower() for one in values} <= {"0", "1", "true", "false"}
        ):
            flags[column] = word
    users = [column for column in samples if fold(column) in ("userid", "user", "uid")]
    items = [
        column for column in samples if fold(column) in ("itemid", "videoid", "item", "adid", "newsid", "iid")
    ]
    if len(flags) < 2 or not users or not items:
        return []
    ranked = sorted(flags, key=lambda column: [*FLAGS].index(flags[column]))
    words = {
        column: {
            **dict.fromkeys(("1", "true"), FLAGS[flags[column]]),
            **dict.fromkeys(("0", "false"), "impression" if column == ranked[-1] else ""),
        }
        for column in ranked
    }
    columns = {"user_id": users[0], "item_id": items[0], "event": "what happened"}
    times = ("timems", "timestamp", "time", "ts", "datetime", "date")
    when = min(
        (column for column in samples if fold(column) in times),
        key=lambda column: times.index(fold(column)),
        default=None,
    )
    if when:
        columns["timestamp"] = when
    return [
        {"table": "interactions", "columns": columns, "values": words, "coalesce": {"what happened": ranked}}
    ]


def opinion(samples: Samples, columns: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return a column of opinions in yes and no, and what its values are as kinds of events.

    Parameters
    ----------
    samples
        Column → its first values.
    columns
        Canonical column → column, as guessed by name.
    """
    named = [column for column in samples if plain(column, [*RECOMMENDED]) in RECOMMENDED]
    rated = [columns["rating"]] if "rating" in columns else []
    for column in (*rated, *named):
        values = {one.strip().lower() for one in samples.get(column, ())}
        words = values - {"1", "0", "-1"}
        if values and values <= OPINIONS.keys() and (words or column in named):
            kinds = {True: "recommend", False: "not_recommend"}
            return column, {
                word: kinds[good] for word, good in OPINIONS.items() if word in values | {"true", "false"}
            }
    return None


def missing(samples: Samples, columns: dict[str, str]) -> dict[str, list[str]]:
    """Return values that stand for no rating: −1 below a scale from 1, 0 of Book-Crossing."""
    rating = columns.get("rating")
    numbers = [_number(one) for one in samples.get(rating or "", ())]
    found = [one for one in numbers if one is not None]
    if not rating or not found:
        return {}
    if min(found) == -1 and all(one == -1 or one >= 1 for one in found) and max(found) > 1:
        return {rating: ["-1"]}
    if fold(rating) == "bookrating" and min(found) == 0:
        return {rating: ["0"]}
    return {}


def matrix(samples: Samples, user: str | None) -> dict[str, Any] | None:
    """Return how a wide table of ratings becomes rows: columns with one name and a number, all of numbers."""
    groups: dict[str, list[str]] = {}
    for column in samples:
        found = re.fullmatch(r"(.*?)[ _.-]?\d+", column)
        if found and column != user and all(_number(one) is not None for one in samples[column]):
            groups.setdefault(found[1], []).append(column)
    stem, wide = max(groups.items(), key=lambda one: len(one[1]), default=("", []))
    if len(wide) < 5 or (fold(stem).startswith(("hist", "feature", "feat", "dim", "emb", "v", "f")) and stem):
        return None
    sign = wide[0][len(stem) : -1].rstrip("0123456789")
    pattern = [f"{stem}{sign}*"] if stem else wide
    values = [number for one in wide for value in samples[one] if (number := _number(value)) is not None]
    made: dict[str, Any] = {"unpivot": {"columns": pattern, "name": "item", "value": "rating"}}
    others = [abs(one) for one in values if one != 99]
    if 99 in values and others and max(others) <= 20:
        made["missing"] = {pattern[0]: ["99"]} if stem else {one: ["99"] for one in wide}
    return made


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _titles(name: str, samples: Samples) -> list[Entry]:
    """A catalogue without a header: ids that do not repeat, and then texts."""
    if "c2" not in samples or not re.search(
        "movie|item|product|book|song|track|artist|title|game|film", name
    ):
        return []
    ids, titles = samples["c1"], samples["c2"]
    texts = [one for one in titles if _number(one) is None]
    if not ids or len(set(ids)) < len(ids) or len(set(texts)) < 0.8 * len(ids):
        return []
    about = {column: column for column in [*samples][2:]}
    return [{"table": "items", "columns": {"item_id": "c1", "title": "c2"}, "attributes": about}]


_LOOKS: tuple[Callable[[str, Samples], list[Entry]], ...] = (
    _netflix,
    _yoochoose,
    _lastfm,
    _steam_200k,
    _movielens_100k,
    _jester,
    _properties,
    _exposures,
    _titles,
)
