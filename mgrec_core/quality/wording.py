"""Numbers as people read them, and the severity that a share deserves."""

from __future__ import annotations

from mgrec_core.quality.document import Number, Severity


def share(part: float, whole: float) -> float:
    """``part / whole``; 0 where there is no whole."""
    return part / whole if whole else 0.0


def percent(value: float) -> str:
    """A share as a percentage that never rounds something to nothing.

    Examples
    --------
    >>> percent(0.1234), percent(0.00001), percent(1)
    ('12.3 %', '< 0.01 %', '100 %')
    """
    hundred = 100 * value
    if 0 < hundred < 0.01:
        return "< 0.01 %"
    return f"{hundred:.3g} %" if hundred < 99.95 or hundred >= 100 else "> 99.9 %"


def part_of(part: int, whole: int, noun: str) -> str:
    """A count with its base and share.

    Examples
    --------
    >>> part_of(312, 4323, "users")
    '312 of 4,323 users (7.22 %)'
    """
    return f"{part:,} of {whole:,} {noun} ({percent(share(part, whole))})"


def short(text: object, limit: int = 80) -> str:
    """Text of at most ``limit`` characters on one line.

    Examples
    --------
    >>> short("abc  def", 5)
    'abc …'
    """
    line = " ".join(str(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def span(seconds: float | None) -> str:
    """A duration in its largest readable unit.

    Examples
    --------
    >>> span(45), span(5400), span(200_000), span(4e7)
    ('45 s', '90 min', '2.31 days', '1.27 years')
    """
    if seconds is None:
        return "–"
    for limit, unit, name in (
        (120, 1.0, "s"),
        (7200, 60.0, "min"),
        (172_800, 3600.0, "h"),
        (31_557_600, 86_400.0, "days"),
    ):
        if abs(seconds) < limit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds / 31_557_600:.3g} years"


def graded(value: float, *, high: float = 2.0, medium: float = 2.0, low: float = 0.0) -> Severity:
    """Severity of a share by its limits; a limit above 1 is never reached.

    Examples
    --------
    >>> graded(0.3, medium=0.2), graded(0.1, medium=0.2, low=0.05), graded(0.01, medium=0.2, low=0.05)
    ('medium', 'low', 'note')
    """
    return "high" if value >= high else "medium" if value >= medium else "low" if value >= low else "note"


def number(key: str, label: str, value: float | int | None, definition: str, kind: str = "") -> Number:
    """A statistic with its text: a number, a ``"share"`` or a ``"span"`` in seconds."""
    if value is None:
        text = "–"
    elif kind == "share":
        text = percent(value)
    elif kind == "span":
        text = span(value)
    else:
        text = (
            f"{value:,}" if isinstance(value, int) else f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
        )
    return Number(key=key, label=label, value=value, text=text, definition=definition)
