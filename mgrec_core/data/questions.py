"""What an import cannot know and a person can: a question with the rows that raise it and its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mgrec_core.data.times import Doubt
from mgrec_core.foundation.text import shorten

About = Literal["time_form", "join_ids"]
"""The option of :class:`~mgrec_core.data.options.ImportOptions` that an answer sets."""


@dataclass(frozen=True)
class Answer:
    """One thing to choose: what the option becomes, empty where it stays, and how that is said."""

    value: str
    label: str


@dataclass(frozen=True)
class Question:
    """One doubtful reading.

    Attributes
    ----------
    about
        The option that settles it.
    file
        Where the doubt is.
    text
        The question in words.
    heads, rows
        Sample values, and what each answer would make of them.
    answers
        What can be chosen.
    needed
        Whether the import would refuse the source without an answer.
    """

    about: About
    file: str
    text: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    answers: tuple[Answer, ...]
    needed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Question:
        """Return what :meth:`to_dict` gave."""
        told = dict(found)
        told["rows"] = tuple(tuple(row) for row in told["rows"])
        told["answers"] = tuple(Answer(**one) for one in told["answers"])
        return cls(**(told | {"heads": tuple(told["heads"])}))


def dates(file: str, column: str, doubt: Doubt, *, whole: bool) -> Question:
    """Ask whether the day or the month comes first, or, of six digits, the year.

    Parameters
    ----------
    file, column
        Where the dates are.
    doubt
        Both forms and some of the dates.
    whole
        Whether all rows were looked at; else those that were not may settle it.
    """
    day_first, other = doubt.forms
    part = "year" if other.startswith("%y") else "month"
    later = () if whole else (Answer("", "Let the import decide from all rows"),)
    seen = "Every date" if whole else "Every date in the first rows"
    return Question(
        "time_form",
        file,
        f"{seen} in the column '{column}' of {file} can be read with the day first and with the {part} first."
        " Which is right?",
        ("As written", f"Day first, {day_first}", f"{part.capitalize()} first, {other}"),
        doubt.rows,
        (Answer(day_first, "The day comes first"), Answer(other, f"The {part} comes first"), *later),
        needed=whole,
    )


DIFFER_BY = {
    "zeros": "zeros in front",
    "case": "capitals",
    "quotes": "quotes around them",
    "decimals": "a decimal .0",
    "thousands": "thousands separators",
    "prefix": "what they begin with",
}
"""Difference, of :data:`~mgrec_core.data.options.DIFFERENCES`, → by what ids differ, in words."""


def ids(
    file: str, owner: str, met: str, differences: Sequence[str], rows: Sequence[tuple[str, str]]
) -> Question:
    """Ask whether ids that differ in form are the same.

    Parameters
    ----------
    file, owner
        Where the ids are, and whose: ``user`` or ``item``.
    met
        How many meet as they are, in words.
    differences
        By what they differ, of :data:`~mgrec_core.data.options.DIFFERENCES`.
    rows
        Some pairs that would meet.
    """
    without = " and ".join(DIFFER_BY[name] for name in differences if name != "case")
    how = [f"without {without}"] if without else []
    how += ["whatever their capitals"] if "case" in differences else []
    where = "In the catalogue" if owner == "item" else "In the table of users"
    return Question(
        "join_ids",
        file,
        f"{met[:1].upper()}{met[1:]}. Written alike, most of the others would be there too."
        " Are they the same?",
        ("In events", where),
        tuple((shorten(one, 40), shorten(other, 40)) for one, other in rows),
        (
            Answer(",".join(differences), f"Join them {' and '.join(how)}"),
            Answer("", "No, they are different"),
        ),
    )
