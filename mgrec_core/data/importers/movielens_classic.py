"""MovieLens as it was first published: 100k (``u.data``, ``u.item`` …) and 1M or 10M (``*.dat``).

None of the files has a header line; ``u.item`` and ``movies.dat`` are Latin-1. Genres and the year
become attributes of the film; age, gender and occupation of the user. Postcodes are not used.
"""

from __future__ import annotations

from pathlib import Path

from mgrec_core.data.cleaning import literal, trimmed
from mgrec_core.data.importers.base import Import
from mgrec_core.data.importers.tables import (
    complete_items,
    complete_users,
    load_events,
    load_items,
    load_tags,
    load_users,
)

# "Toy Story (1995)", and "Death Note (2006–2007)" for a series
YEAR = r"\((\d{4})(?:[-–]\d{0,4})?\)\s*$"
GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
    "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
AGES = {
    "1": "under 18", "18": "18-24", "25": "25-34", "35": "35-44", "45": "45-49", "50": "50-55", "56": "56+",
}  # fmt: skip
OCCUPATIONS = (
    "other", "educator", "artist", "clerical", "student (college)", "customer service", "doctor", "executive",
    "farmer", "homemaker", "student (school)", "lawyer", "programmer", "retired", "sales", "scientist",
    "self-employed", "engineer", "tradesman", "unemployed", "writer",
)  # fmt: skip
FILES_100K = ("u.data", "u.item")
FILES_DAT = ("ratings.dat", "movies.dat")
_RATING = ("userId", "movieId", "rating", "timestamp")


def fill_100k(run: Import) -> None:
    """Fill items, users and events from ``u.item``, ``u.user`` and ``u.data``."""
    users = run.find("u.user", "")
    run.files = 2 + (users is not None)
    flags = [f"g{number}" for number in range(len(GENRES))]
    names = ["movieId", "title", "released", "video", "url", *flags]
    staged = run.stage(run.need("u.item", ""), delimiter="|", quoted=False, names=names)
    title, released = staged.need("title"), staged.need("released")
    genres = ", ".join(
        f"CASE WHEN {trimmed(staged.need(flag))} = '1' THEN {literal(genre)} END"
        for flag, genre in zip(flags, GENRES, strict=True)
        if genre != "unknown"
    )
    year = f"coalesce({_year(title)}, nullif(regexp_extract({trimmed(released)}, '(\\d{{4}})$', 1), ''))"
    attributes = {"genre": f"concat_ws('|', {genres})", "year": year}
    run.ignore_columns(staged, "movieId", "title", "released", *flags)
    load_items(run, staged, {"item_id": staged.need("movieId"), "title": title}, attributes)
    if users:
        staged = run.stage(
            users, delimiter="|", quoted=False, names=["userId", "age", "gender", "occupation", "postcode"]
        )
        run.ignore_columns(staged, "userId", "age", "gender", "occupation")
        load_users(
            run,
            staged,
            staged.need("userId"),
            {name: staged.need(name) for name in ("age", "gender", "occupation")},
        )
    _ratings(run, run.need("u.data", ""), "\t")
    complete_users(run)
    complete_items(run)


def fill_dat(run: Import) -> None:
    """Fill items, users, events and tags from the files ending in ``.dat``."""
    users, tags = run.find("users", ".dat"), run.find("tags", ".dat")
    run.files = 2 + (users is not None) + (tags is not None)
    names = ["movieId", "title", "genres"]
    staged = run.stage(run.need("movies", ".dat"), delimiter="::", quoted=False, names=names)
    title, genres = staged.need("title"), staged.need("genres")
    attributes = {"genre": f"nullif(trim({genres}), '(no genres listed)')", "year": f"{_year(title)}"}
    load_items(run, staged, {"item_id": staged.need("movieId"), "title": title}, attributes)
    if users:
        names = ["userId", "gender", "age", "occupation", "postcode"]
        staged = run.stage(users, delimiter="::", quoted=False, names=names)
        run.ignore_columns(staged, "userId", "gender", "age", "occupation")
        jobs = {str(number): name for number, name in enumerate(OCCUPATIONS)}
        load_users(
            run,
            staged,
            staged.need("userId"),
            {
                "gender": staged.need("gender"),
                "age": _decoded(staged.need("age"), AGES),
                "occupation": _decoded(staged.need("occupation"), jobs),
            },
        )
    _ratings(run, run.need("ratings", ".dat"), "::")
    complete_users(run)
    complete_items(run)
    if tags:
        names = ["userId", "movieId", "tag", "timestamp"]
        staged = run.stage(tags, delimiter="::", quoted=False, names=names)
        columns = {"user_id": staged.need("userId"), "item_id": staged.need("movieId")}
        load_tags(run, staged, {**columns, "tag": staged.need("tag"), "timestamp": staged.need("timestamp")})


def _ratings(run: Import, path: Path, delimiter: str) -> None:
    staged = run.stage(path, delimiter=delimiter, quoted=False, names=_RATING)
    user, item, rating, timestamp = (staged.need(name) for name in _RATING)
    columns = {"user_id": user, "item_id": item, "rating": rating, "timestamp": timestamp}
    load_events(run, staged, columns, event="rating", required="rating")


def _year(title: str) -> str:
    return f"nullif(regexp_extract({title}, '{YEAR}', 1), '')"


def _decoded(column: str, names: dict[str, str]) -> str:
    whens = " ".join(f"WHEN {literal(code)} THEN {literal(name)}" for code, name in names.items())
    return f"CASE {trimmed(column)} {whens} ELSE {column} END"
