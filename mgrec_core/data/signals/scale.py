"""The scale of a source's ratings, found in how they are distributed; some values may mean "no rating".

A scale has four marks: its ends, up to where a rating is a dislike and from where it is a like. Between the
two lies what says little; each user's own neutral point is looked for there (see ``v_events``).
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from mgrec_core.foundation.errors import InputError

Repeats = Literal["last", "first", "mean"]
REPEATS: tuple[Repeats, ...] = get_args(Repeats)

_MANY = 3.0  # a value that means "no rating" is so many times as frequent as its neighbour


@dataclass(frozen=True)
class RatingOptions:
    """What a person may say about ratings; None is found in the data.

    Attributes
    ----------
    disliked, liked
        A rating of at most the first is against the item, of at least the second for it.
    missing
        Values that mean "no rating" besides those found; empty where none is to be found either.
    repeats
        Which of several opinions of a user on an item counts: the last, the first, or the mean of what
        they say in [−1, 1], whatever the scales of their kinds.
    """

    disliked: float | None = None
    liked: float | None = None
    missing: tuple[float, ...] | None = None
    repeats: Repeats | None = None

    @classmethod
    def of(
        cls,
        disliked: object = None,
        liked: object = None,
        missing: Iterable[object] | None = None,
        repeats: object = None,
    ) -> RatingOptions:
        """Check what was chosen.

        Raises
        ------
        InputError
            When a number is none, the marks are in the wrong order, or a word is unknown.
        """
        low, high = _number(disliked, "disliked"), _number(liked, "liked")
        if low is not None and high is not None and low >= high:
            raise InputError(
                f"a rating of {low:g} cannot be disliked where {high:g} is liked; give a lower and a higher"
            )
        word = next((one for one in REPEATS if one == repeats), None)
        if repeats is not None and word is None:
            raise InputError(f"repeated ratings cannot be '{str(repeats)[:40]}'; choose {', '.join(REPEATS)}")
        values = None if missing is None else tuple(sorted(_sure(one) for one in missing))
        return cls(low, high, values, word)

    def beside(self, kept: RatingOptions) -> RatingOptions:
        """Return the options of an earlier import with these in their place where they speak."""
        return replace(kept, **{key: value for key, value in asdict(self).items() if value is not None})

    def to_dict(self) -> dict[str, Any]:
        """Return what differs from the defaults as plain values."""
        said = {key: value for key, value in asdict(self).items() if value is not None}
        return said | ({"missing": list(self.missing)} if self.missing is not None else {})


@dataclass(frozen=True)
class Scale:
    """Marks of a scale, ``lowest`` ≤ ``disliked`` < ``liked`` ≤ ``highest``, and what is no rating.

    Attributes
    ----------
    missing
        Value → why it is taken for "no rating".
    """

    lowest: float
    disliked: float
    liked: float
    highest: float
    missing: Mapping[float, str] = field(default_factory=dict)

    @property
    def tells(self) -> bool:
        """Whether ratings differ, so that one says more than another."""
        return self.highest > self.lowest

    def __str__(self) -> str:
        if not self.tells:
            return "no scale: they count alike"
        return (
            f"from {self.lowest:g} to {self.highest:g}, liked from {self.liked:g}, disliked up to"
            f" {self.disliked:g}"
        )


def scale_of(counts: Mapping[float, int], options: RatingOptions | None = None) -> Scale | None:
    """Find the scale of ratings in how often each value occurs.

    The ends are those of the usual scales that hold all values (1–5, 0.5–5, 1–10), else the extremes. A
    dislike lies in the lower third, a like in the upper; both marks are values that occur, where any does.

    Parameters
    ----------
    counts
        Rating → how many events have it.
    options
        What a person has said; None for nothing.

    Returns
    -------
    Scale or None
        ``None`` where all ratings are the same, so that none says more than another, or where they are no
        scale: the highest is more than ten times the middle of those that occur.

    Examples
    --------
    >>> str(scale_of({1: 4, 2: 3, 3: 9, 4: 20, 5: 12}))
    'from 1 to 5, liked from 4, disliked up to 2'
    >>> scale_of({-1: 90, **{n: 10 for n in range(1, 11)}}).missing
    {-1: 'lies apart below the scale'}
    >>> scale_of({1: 30}) is None
    True
    """
    options = options or RatingOptions()
    missing = {} if options.missing == () else _apart(counts)
    missing |= {value: "was named so" for value in options.missing or () if value in counts}
    values = sorted(value for value in counts if value not in missing)
    said = (options.liked, options.disliked) != (None, None)
    if not values or (values[0] == values[-1] and not said):
        return _nothing(missing)
    low, high = _ends(values)
    if not said and _heavy(values, low, high):
        return _nothing(missing)
    third = (high - low) / 3
    disliked, liked = options.disliked, options.liked
    for option, mark in (("--disliked", disliked), ("--liked", liked)):
        if mark is not None and not low <= mark <= high:
            raise InputError(
                f"{option} is {mark:g}, and the ratings go from {low:g} to {high:g}; give a mark among them"
            )
    if disliked is None:
        within = [value for value in values if value <= low + third + 1e-9]
        disliked = within[-1] if within else low + third
    if liked is None:
        within = [value for value in values if value >= high - third - 1e-9]
        liked = within[0] if within else high - third
    if disliked >= liked:  # a person gave one of them, beyond where the other was found
        disliked, liked = (disliked, high) if options.liked is None else (low, liked)
    if disliked >= liked:
        raise InputError(
            f"the ratings lie {low:g} to {high:g}: with these marks none could be disliked and another liked;"
            " choose others"
        )
    return Scale(min(low, disliked), disliked, liked, max(high, liked), missing)


def _nothing(missing: dict[float, str]) -> Scale | None:
    return Scale(0, 0, 0, 0, missing) if missing else None


def _ends(values: list[float]) -> tuple[float, float]:
    low, high = values[0], values[-1]
    if low >= 0.5 and all(2 * value == int(2 * value) for value in values):
        for end in (5.0, 10.0):
            if high <= end and high > end / 2:
                return (1.0 if low >= 1 else 0.5), end
    return low, high


def _heavy(values: list[float], low: float, high: float) -> bool:
    """Whether the values are sizes (plays, pieces) rather than ratings: few of them lie far out."""
    return low >= 0 and high > 10 and high > 10 * max(values[len(values) // 2], 1e-9)


def _apart(counts: Mapping[float, int]) -> dict[float, str]:
    """Values beyond a scale: by a gap, or by how much more frequent they are than their neighbours."""
    values = sorted(counts)
    found: dict[float, str] = {}
    while len(values) >= 4:  # what lies apart is told from at least three that do not
        first, last = values[0], values[-1]
        halves = all(2 * value == int(2 * value) for value in values)
        usual = first >= 0.5 and last <= 10  # where few marks occur, gaps between them are wide
        if (
            not usual
            and last - values[-2] > values[-2] - first
            and _stands_for_none(last, values[-2], counts)
        ):
            found[values.pop()] = "lies apart above the scale"
        elif (first < 0 <= values[1] and halves and values[1] - first > 1.5 * _step(values[1:])) or (
            _below(first, values[1])
            and values[1] - first >= last - values[1]
            and _stands_for_none(first, values[1], counts)
        ):
            found[values.pop(0)] = "lies apart below the scale"
        elif first <= 0 <= values[1] and halves and len(values) >= 5 and _dominates(first, values[1], counts):
            found[values.pop(0)] = "is the most frequent by far, at the end of the scale"
        else:
            break
    return found


def _below(value: float, neighbour: float) -> bool:
    """Whether a value can be no mark of a scale that begins with its neighbour; 1 is one of 1, 3, 4, 5."""
    return value < 0 or (value == 0 and neighbour >= 1)


def _stands_for_none(value: float, neighbour: float, counts: Mapping[float, int]) -> bool:
    """Whether people write such a value for none (−1, 99, 999 …), or it is too frequent to be a rating."""
    return re.fullmatch(r"-?(1|9+)", f"{value:g}") is not None or _dominates(value, neighbour, counts)


def _dominates(value: float, neighbour: float, counts: Mapping[float, int]) -> bool:
    return counts[value] >= _MANY * counts[neighbour] and counts[value] == max(counts.values())


def _step(values: list[float]) -> float:
    return min((b - a for a, b in itertools.pairwise(values)), default=math.inf)


def _number(value: object, what: str) -> float | None:
    if value is None or value == "":
        return None
    try:
        return _sure(value)
    except InputError:
        raise InputError(
            f"the rating that is {what} is '{str(value)[:40]}', which is no number; give one"
        ) from None


def _sure(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"'{str(value)[:40]}' is no rating; give a number, several with commas between them")
    return number
