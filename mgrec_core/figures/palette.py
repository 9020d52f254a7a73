"""One colour, one pattern, one symbol and one place for each granularity, everywhere.

Each granularity declares its own (:class:`mgrec_core.model.granularities.Spec`). The hues are Okabe and
Ito's, which stay apart for people with colour-vision deficiencies. Their originals are too pale on white
(yellow has a contrast of 1.3) or too dark on black, so each theme has its own lightness: every colour has
a contrast of at least 3:1 (WCAG 2.2 AA for graphics) against the page (``#FFFFFF``, dark ``#0E1117``) and
against the tinted panels of its theme (``#F0F2F6``, dark ``#262730``). They are fills, not text colours. A
pattern and a symbol tell granularities apart where colours cannot (print, projector, monochromacy).
"""

from __future__ import annotations

from typing import Final

import plotly.graph_objects as go

from mgrec_core.model.granularities import find, names

BACKGROUND: Final = {False: "#FFFFFF", True: "#0E1117"}
TEXT: Final = {False: "#31333F", True: "#FAFAFA"}
MUTED: Final = {False: "#5C5F6B", True: "#B3B8C4"}
GRID: Final = {False: "rgba(49,51,63,0.14)", True: "rgba(250,250,250,0.16)"}
FONT: Final = '"Source Sans", "Source Sans 3", "Source Sans Pro", sans-serif'

PARTS: Final[dict[str, tuple[str, str, str, str]]] = {
    "adamic_adar": ("Common friends", "#7B3FA0", "#B98AE0", "/"),
    "resource_allocation": ("Common friends (RA)", "#4B2E83", "#9C7BE0", "x"),
    "common_friends": ("Common friends (n)", "#A56CC1", "#D3A6EE", "."),
    "degree": ("Number of friends", "#5C5F66", "#8F949E", "+"),
    "history": ("Histories alike", "#7A5C3A", "#C79A6B", "\\"),
    "fused_vector": ("Vectors alike", "#31333F", "#D5D8E0", ""),
    "repeat": ("Bought before", "#7A5C3A", "#C79A6B", "\\"),
    "ad_attribute": ("Like ads taken up", "#3E7D1E", "#8CCB5E", "-"),
    "audience": ("People alike took it up", "#7B3FA0", "#B98AE0", "/"),
    "reach": ("Reach", "#31333F", "#D5D8E0", "."),
}
"""Parts of scores of people and advertisements that are no granularities, in their fixed order: word,
colour on white, colour on the dark page, pattern."""

_SPARE_ORDER: Final = ("collaborative", "behaviour", "attribute", "knowledge", "social", "recent")


def colour(granularity: str, dark: bool = False) -> str:
    """Return the colour of a granularity; one nobody has named is grey.

    Parameters
    ----------
    granularity
        Its name.
    dark
        Whether the page is dark.
    """
    if granularity in PARTS:
        return PARTS[granularity][2 if dark else 1]
    spec = find(granularity)
    return spec.colours[dark] if spec else MUTED[dark]


def name(granularity: str) -> str:
    """Return the word the reader sees for a granularity."""
    if granularity in PARTS:
        return PARTS[granularity][0]
    spec = find(granularity)
    return spec.label if spec else granularity.replace("_", " ").capitalize()


def pattern_of(granularity: str) -> str:
    """Return plotly's ``marker.pattern.shape`` for bars of a granularity; one nobody has named is hatched."""
    if granularity in PARTS:
        return PARTS[granularity][3]
    spec = find(granularity)
    return spec.pattern if spec else "|"


def symbol_of(granularity: str) -> str:
    """Return plotly's ``marker.symbol`` for points of a granularity."""
    spec = find(granularity)
    return spec.symbol if spec else "circle"


def ordered(granularities: object) -> list[str]:
    """Return the granularities of an iterable in the fixed order, unknown ones last by name.

    Examples
    --------
    >>> ordered({"social": 1, "behaviour": 2})
    ['behaviour', 'social']
    """
    found = set(granularities)  # type: ignore[call-overload]
    known = [g for g in (*PARTS, *names()) if g in found]
    return known + sorted(found - set(known))


def categorical(dark: bool = False, n: int = len(_SPARE_ORDER)) -> list[tuple[str, str]]:
    """Return ``n`` ≤ 36 pairs (colour, symbol) for the values of any attribute, most distinct first.

    The first six differ in both; after them colours come again with other symbols.
    """
    size = len(_SPARE_ORDER)
    return [
        (colour(_SPARE_ORDER[i % size], dark), symbol_of(_SPARE_ORDER[(i + i // size) % size]))
        for i in range(n)
    ]


def bar_marker(granularity: str, dark: bool = False) -> dict[str, object]:
    """Return plotly's ``marker`` of a bar of this granularity: colour, pattern, outline."""
    return {
        "color": colour(granularity, dark),
        "line": {"color": BACKGROUND[dark], "width": 1},
        "pattern": {
            "shape": pattern_of(granularity),
            "fillmode": "overlay",
            "fgcolor": "rgba(0,0,0,0.5)" if dark else "rgba(255,255,255,0.6)",
            "fgopacity": 1,
            "size": 7,
            "solidity": 0.2,
        },
    }


def template(dark: bool = False) -> go.layout.Template:
    """Return the plotly template that all figures share: fonts, grid, transparent background."""
    text = TEXT[dark]
    axis = {
        "gridcolor": GRID[dark],
        "zerolinecolor": MUTED[dark],
        "linecolor": GRID[dark],
        "tickfont": {"color": text, "size": 13},
        "title": {"font": {"color": MUTED[dark], "size": 13}, "standoff": 8},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "color": text, "size": 13},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [colour(g, dark) for g in names()],
            "xaxis": axis,
            "yaxis": {**axis, "ticks": "outside", "ticklen": 6, "tickcolor": "rgba(0,0,0,0)"},
            "legend": {"font": {"color": text, "size": 13}, "bgcolor": "rgba(0,0,0,0)"},
            "hoverlabel": {
                "bgcolor": "#262730" if dark else "#FFFFFF",
                "bordercolor": MUTED[dark],
                "font": {"family": FONT, "color": text, "size": 13},
                "align": "left",
            },
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": MUTED[dark], "activecolor": text},
            "bargap": 0.3,
        }
    )
