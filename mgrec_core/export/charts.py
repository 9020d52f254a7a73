"""Charts as SVG that stands in a page: no script, the page's own colours for light, dark and paper."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from mgrec_core.export.cells import shown
from mgrec_core.export.document import Bars
from mgrec_core.foundation.text import shorten
from mgrec_core.model.granularities import find

GREY = ("#6B6E78", "#9A9EA8")
"""What is no granularity, in light and dark."""

_WIDTH, _ROW, _TOP, _LABEL, _VALUE = 720, 22, 6, 250, 62
_NOT_SHOWN = re.compile(
    "[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)
"""Control characters, halves of characters, and what would turn the order of the text around it."""


def colours(name: str) -> tuple[str, str]:
    """Colours of a granularity on a light and on a dark page."""
    spec = find(name) if name else None
    return spec.colours if spec else GREY


def class_of(name: str) -> str:
    """Name of the class that colours a granularity.

    Examples
    --------
    >>> class_of("recent"), class_of("")
    ('g-recent', 'g-')
    """
    return "g-" + re.sub(r"[^a-z0-9]", "-", name.lower())


def palette_css(names: Iterable[str]) -> str:
    """Rules that colour the granularities named, for light and dark."""
    rules = {class_of(name): colours(name) for name in ("", *names)}
    light = "".join(f".{one}{{--c:{pair[0]}}}" for one, pair in rules.items())
    dark = "".join(f".{one}{{--c:{pair[1]}}}" for one, pair in rules.items())
    return f"{light}@media screen and (prefers-color-scheme:dark){{{dark}}}"


def text(value: object) -> str:
    r"""Text that a page shows as it is: escaped, without characters that no page may hold.

    Examples
    --------
    >>> text("<b>a\x07\u202eb")
    '&lt;b&gt;ab'
    """
    return html.escape(_NOT_SHOWN.sub("", str(value)), quote=True)


def bars_svg(chart: Bars) -> str:
    """Draw bars around zero; each has its label, its sum and a title with its parts."""
    low, high = chart.limits
    before = _VALUE if any(row.total < 0 for row in chart.rows) else 6
    left = _LABEL + before
    room = _WIDTH - left - _VALUE

    def x(value: float) -> float:
        return left + room * (value - low) / (high - low)

    height = _TOP + _ROW * len(chart.rows) + 4
    parts = [
        f'<svg class="bars" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{text(chart.alt)}">',
        f'<line x1="{x(0):.1f}" x2="{x(0):.1f}" y1="2" y2="{height - 2}" class="zero"/>',
    ]
    for n, row in enumerate(chart.rows):
        y = _TOP + _ROW * n
        parts.append(
            f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{text(shorten(row.label, 36))}'
            f"<title>{text(shorten(row.label))}</title></text>"
        )
        ends = {True: 0.0, False: 0.0}
        for name, value in row.parts:
            start = ends[value > 0]
            ends[value > 0] = start + value
            a, b = sorted((x(start), x(start + value)))
            amount = shown(value, chart.kind)
            said = f"{name.replace('_', ' ')} {amount}" if name else amount
            parts.append(
                f'<rect class="{class_of(name)}" x="{a:.1f}" y="{y + 3}" width="{max(b - a, 0.5):.1f}"'
                f' height="{_ROW - 6}"><title>{text(said)}</title></rect>'
            )
        at, anchor = (x(ends[True]) + 5, "start") if row.total >= 0 else (x(ends[False]) - 5, "end")
        total = text(shown(row.total, chart.kind))
        parts.append(f'<text x="{at:.1f}" y="{y + 15}" text-anchor="{anchor}">{total}</text>')
    return "".join([*parts, "</svg>"])
