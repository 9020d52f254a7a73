"""Fusion weights λ and α: defaults, checks, and the base whose weight is 1."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real

from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights, WeightsLike, normalised
from mgrec_core.model.granularities import names

FUSION_MODES = ("score", "vector", "concat")


def default_base(present: Sequence[str]) -> str:
    """`collaborative` where there is one, else `behaviour`, else the first present.

    Raises
    ------
    InputError
        Nothing is present.
    """
    for name in ("collaborative", "behaviour", *present):
        if name in present:
            return name
    raise InputError("no granularity could be built from these data: import interactions or item texts")


def resolve(
    given: WeightsLike,
    start: Weights,
    present: Sequence[str],
    known: Sequence[str] | None = None,
) -> Weights:
    """Complete and check weights.

    Parameters
    ----------
    given
        What is asked for.
    start
        Where the λ and the base that it leaves out come from.
    known
        Names that may be given a weight, present or not: the parts of another target than items, or by
        default all granularities.

    Returns
    -------
    Weights
        λ of all that is present, the base, the fusion mode, and α, normalised, where they were set apart.

    Raises
    ------
    NotFoundError
        An unknown granularity.
    InputError
        A weight outside [0, 1] or not a number, an α that is negative or not a number, α that are all
        0, an unknown fusion mode, or an absent base.

    Examples
    --------
    >>> start = Weights({"recent": 0.8, "collaborative": 1.0}, "collaborative")
    >>> resolve({"recent": 0.3}, start, ("recent", "collaborative")).values
    {'recent': 0.3, 'collaborative': 1.0}
    """
    asked = Weights.of(given)
    base = asked.base or start.base
    check_name(base, known)
    for name, value in asked.values.items():
        check_name(name, known)
        if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
            raise InputError(f"weight of {name} is {value!r}, which is no number: give one from 0 to 1")
        if not 0.0 <= value <= 1.0:
            raise InputError(f"weight of {name} is {value:g}: weights lie from 0 to 1")
    if base not in present:
        raise InputError(f"base {base} is absent in this build: choose one of {', '.join(present)}")
    if asked.fusion not in FUSION_MODES:
        raise InputError(f"unknown fusion mode {asked.fusion!r}: choose {', '.join(FUSION_MODES)}")
    merged = {**start.values, **asked.values, base: 1.0}
    values = {g: float(merged.get(g, 0.0)) for g in present}
    return Weights(values, base, fusion=asked.fusion, alpha=_alpha(asked.alpha, present, known))


def check_name(name: str, known: Sequence[str] | None = None) -> None:
    """Raise NotFoundError unless ``name`` is a granularity, or among ``known`` names of parts."""
    what = "granularity" if known is None else "part"
    known = names() if known is None else known
    if name not in known:
        raise NotFoundError(f"unknown {what} {name[:80]!r}: choose among {', '.join(known)}")


def _alpha(
    alpha: Mapping[str, float] | None, present: Sequence[str], known: Sequence[str] | None
) -> dict[str, float] | None:
    """α that were set apart, checked and normalised to sum 1."""
    if alpha is None:
        return None
    for name, value in alpha.items():
        check_name(name, known)
        if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value) or value < 0:
            raise InputError(f"α of {name} is {value!r}: α is a share of 0 or more")
    shares = normalised(alpha, present)
    if not any(shares.values()):
        raise InputError("all α are 0: give at least one granularity a share")
    return shares


def parse_weights(text: str | None, known: Sequence[str] | None = None) -> dict[str, float] | None:
    """Read ``recent=0.3,social=0``; ``known`` are the names that may stand there, by default granularities.

    Raises
    ------
    InputError
        A part is not ``name=number``.
    NotFoundError
        An unknown granularity.

    Examples
    --------
    >>> parse_weights("recent=0.3,social=0")
    {'recent': 0.3, 'social': 0.0}
    """
    if text is None or not text.strip():
        return None
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        try:
            number = float(value)
        except ValueError:
            equals = ""
            number = math.nan
        if not equals:
            raise InputError(f"weights: {part.strip()!r} is not of the form granularity=number (recent=0.3)")
        check_name(name.strip(), known)
        if name.strip() in weights:
            raise InputError(f"weights: {name.strip()} is given twice")
        weights[name.strip()] = number
    return weights
