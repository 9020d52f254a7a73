"""The evidence of an explanation as tables and charts that several kinds of documents hold."""

from __future__ import annotations

from collections.abc import Sequence

from mgrec_core.export.cells import signed
from mgrec_core.export.document import Bar, Bars, Cell, Column, Table
from mgrec_core.foundation.explanation import Evidence, Explanation
from mgrec_core.foundation.themes import ThemeValue

SHOWN = 5
"""Pieces of evidence of a granularity that get a line of their own where a list is explained."""


def parts_of(contributions: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Contributions that are not nothing, as parts of a bar."""
    return tuple((g, value) for g, value in contributions.items() if value)


def evidence_table(explanation: Explanation, shown: int | None = SHOWN) -> Table:
    """The strongest evidence, the rest and the baseline of each granularity that contributes.

    A granularity's values sum to its contribution.

    Parameters
    ----------
    shown
        Pieces with a line of their own; ``None`` for all.
    """
    rows: list[tuple[Cell, ...]] = []
    for g, contribution in explanation.contributions.items():
        held = explanation.evidence[g]
        if not held and not contribution:
            continue
        rows += [(g, _said(one), one.value) for one in held[:shown]]
        if shown is not None and (rest := held[shown:]):
            rows.append((g, f"{len(rest):,} more", sum(one.value for one in rest)))
        rows.append((g, "baseline", explanation.baseline[g]))
    columns = (Column("granularity", "granularity"), Column("evidence"), Column("value", "signed"))
    return Table(columns, tuple(rows))


def evidence_bars(explanation: Explanation, granularity: str, shown: int) -> Bars:
    """A bar each for the strongest evidence of a granularity, one for the rest and one for the baseline."""
    held = explanation.evidence[granularity]
    rows = [Bar(one.phrase, ((granularity, one.value),)) for one in held[:shown]]
    if rest := held[shown:]:
        rows.append(Bar(f"{len(rest):,} more, together", (("", sum(one.value for one in rest)),)))
    rows.append(Bar("baseline", (("", explanation.baseline[granularity]),)))
    strongest = f"; the strongest is {held[0].phrase} with {signed(held[0].value)}" if held else ""
    return Bars(
        title="What the evidence adds to the score",
        rows=tuple(rows),
        alt=f"{len(held):,} pieces of evidence{strongest}; they and the baseline sum to"
        f" {signed(explanation.contributions[granularity])}.",
    )


def theme_bars(themes: Sequence[ThemeValue], granularity: str) -> Bars:
    """A bar for what each of the user's themes adds at a granularity."""
    return Bars(
        title="What the user's themes add to the score",
        rows=tuple(Bar(one.name, ((granularity, one.value),)) for one in themes),
        alt=f"{len(themes):,} themes; the largest is {themes[0].name} with {signed(themes[0].value)}.",
    )


def _said(one: Evidence) -> str:
    """A piece of evidence, and where a piece of the knowledge graph comes from."""
    if not one.source:
        return one.phrase
    return f"{one.phrase} ({one.source}, confidence {one.confidence or 0.0:.2f})"
