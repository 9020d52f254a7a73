"""What a user is interested in, theme by theme, as a section of a document."""

from __future__ import annotations

from collections.abc import Sequence

from mgrec_core.export.document import Bar, Bars, Cell, Column, Section, Table
from mgrec_core.foundation.text import count
from mgrec_core.foundation.themes import Theme, UserThemes

_NOTE = (
    "Share: of the user's vector at the granularity, exact, the themes sum to 100 %. Trend: share of the"
    " newer half of the history minus that of the older. Apart: share of the theme's items that have it, in"
    " brackets that of all items."
)


def themes_section(found: UserThemes) -> Section | None:
    """Share, trend, typical items and what sets the themes apart; ``None`` without any theme."""
    held = {g: themes for g, themes in found.granularities.items() if themes}
    if not held:
        return None
    blocks = [_bars(g, themes) for g, themes in held.items()]
    rows: list[tuple[Cell, ...]] = [
        (g, theme.phrase, theme.share, theme.trend, _typical(theme), _apart(theme))
        for g, themes in held.items()
        for theme in themes
    ]
    columns = (
        Column("granularity", "granularity"),
        Column("theme"),
        Column("share", "share"),
        Column("trend", "signed"),
        Column("typical items"),
        Column("apart from everybody by"),
    )
    return Section("interests", "Interests", (*blocks, Table(columns, tuple(rows), note=_NOTE)))


def _bars(granularity: str, themes: Sequence[Theme]) -> Bars:
    first = themes[0]
    return Bars(
        title=f"Interests by {granularity}",
        rows=tuple(Bar(theme.phrase, ((granularity, theme.share),)) for theme in themes),
        alt=f"{count(len(themes), 'theme')} at the granularity {granularity}; the largest is {first.phrase}"
        f" with {100 * first.share:.0f} %.",
        unit="share",
        kind="share",
    )


def _typical(theme: Theme) -> str:
    return "; ".join(title or item for item, title in zip(theme.items, theme.titles, strict=True))


def _apart(theme: Theme) -> str:
    return "; ".join(
        f"{one.label} {100 * one.share:.0f} %"
        + ("" if one.catalogue is None else f" ({100 * one.catalogue:.0f} %)")
        for one in theme.apart[:3]
    )
