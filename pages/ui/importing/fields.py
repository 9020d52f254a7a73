"""Options of the command line as the Import page calls them."""

from __future__ import annotations

import re

_FIELDS = {
    "--time-form": "Form of times",
    "--join-ids": "Ids of events and catalogue differ by",
    "--liked": "Liked from a rating of",
    "--disliked": "Disliked up to a rating of",
    "--no-rating": "Ratings that mean no rating",
    "--repeats": "Of several opinions on an item counts",
    "--strength": "How much kinds of events say",
    "--role": "What columns are",
    "--without": "Rules to switch off",
    "--drop-column": "Columns to leave out",
}
_OPTION = re.compile("|".join(rf"{option}(?![\w-])" for option in _FIELDS))


def named(sentence: str) -> str:
    """Return a sentence of an import with the page's fields in place of the options that it names.

    Examples
    --------
    >>> named('say it with --time-form "%d/%m/%Y"')
    'say it with “Form of times” "%d/%m/%Y"'
    >>> named("other marks: --liked, --disliked")
    'other marks: “Liked from a rating of”, “Disliked up to a rating of”'
    """
    return _OPTION.sub(lambda found: f"“{_FIELDS[found[0]]}”", sentence.replace("`", ""))
