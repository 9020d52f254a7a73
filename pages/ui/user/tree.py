"""A score taken apart down to the data: granularity, theme, evidence, as a tree to unfold."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from mgrec_core.figures.evidence import nothing_said
from mgrec_core.figures.palette import name, ordered
from mgrec_core.figures.text import signed
from mgrec_core.foundation.explanation import Evidence, Explanation
from mgrec_core.foundation.themes import ThemeValue
from pages.ui import text
from pages.ui.widgets import style

BASELINE = "Baseline: the user's typical item at this granularity, taken off"
_SHOWN = 8
"""Pieces of evidence of a theme; the others are counted and summed."""


def show(found: Explanation) -> None:
    """Offer the tree; every level sums to the one above it."""
    if not found.themes:
        return
    body = "".join(_granularity(found, g) for g in ordered(found.contributions))
    with st.expander("From the score down to the evidence, theme by theme"):
        st.html(
            '<p class="mg-sub">Every line is the sum of what is below it. In brackets: how much of the'
            " granularity's evidence, by size, is told once this piece and all larger ones are.</p>"
            f'<div class="mg-tree">{body}</div>'
        )


def _granularity(found: Explanation, g: str) -> str:
    head = f"{style.swatch(g)}<b>{text.html(name(g))}</b>"
    themes, held = found.themes.get(g, ()), found.evidence.get(g, ())
    if not themes and not found.contributions[g]:
        said = f'<p class="mg-sub">{text.html(nothing_said(found, g))}</p>'
        return _branch(head, 0.0, f"<ul><li>{said}</li></ul>")
    inside = "".join(_theme(theme, held) for theme in themes)
    inside += f"<ul>{_item(BASELINE, found.baseline.get(g, 0.0))}</ul>"
    strongest = max(found.contributions, key=lambda name: abs(found.contributions[name]))
    return _branch(head, found.contributions[g], inside, unfolded=g == strongest)


def _theme(theme: ThemeValue, held: tuple[Evidence, ...]) -> str:
    own = [e for e in held if e.theme == theme.name]
    lines = [_piece(e) for e in own[:_SHOWN]]
    if rest := own[_SHOWN:]:
        lines.append(_item(f"{len(rest):,} more, together", sum(e.value for e in rest)))
    head = f'{text.html(theme.name)} <span class="mg-sub">{text.count(theme.n_evidence, "piece")}</span>'
    return _branch(head, theme.value, f"<ul>{''.join(lines)}</ul>")


def _piece(e: Evidence) -> str:
    share = "" if e.cumulative is None else f" ({100 * e.cumulative:.0f} %)"
    below = "".join(f'<p class="mg-sub">{text.html(line)}</p>' for line in _ways(e))
    return f'<li><span class="num">{signed(e.value, 4)}{share}</span>{text.html(e.phrase)}{below}</li>'


def _ways(e: Evidence) -> Iterator[str]:
    """How a piece of evidence came to its value, a line an item: user → item → relation → entity → item."""
    for way in e.through:
        start = f"{'had' if e.kind == 'friend' else 'from'} {way.label or way.id}"
        by = f" ({' or '.join(way.relations)})" if way.relations else ""
        yield f"{start}{by}: {signed(way.value, 4)}"
    if e.joins:
        yield f"joined with this item by: {' or '.join(e.joins)}"


def _item(said: str, value: float) -> str:
    return f'<li><span class="num">{signed(value, 4)}</span>{text.html(said)}</li>'


def _branch(head: str, value: float, inside: str, *, unfolded: bool = False) -> str:
    shown = " open" if unfolded else ""
    summary = f'<span class="num">{signed(value, 4)}</span>{head}'
    return f"<details{shown}><summary>{summary}</summary>{inside}</details>"
