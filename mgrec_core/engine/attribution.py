"""An explanation taken apart further: each piece of evidence within its theme, and what it adds up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mgrec_core.foundation.explanation import Evidence, Explanation
from mgrec_core.foundation.themes import Theme, ThemeValue

EVERYBODY = "everybody"
"""Where the prior's evidence stands: what all users have is nobody's interest."""
REST = "no theme"
"""Where evidence stands whose user vector cancels out, so that nothing has a share of it."""


def attributed(found: Explanation, themes: Mapping[str, tuple[Theme, ...]]) -> Explanation:
    """The same with the theme and the cumulative share of each piece of evidence, and the themes' values.

    A theme's value is the sum of its pieces', so that over a granularity themes and baseline sum to the
    contribution.

    Parameters
    ----------
    themes
        All of the user's, by granularity, with all of their evidence.
    """
    evidence: dict[str, tuple[Evidence, ...]] = {}
    values: dict[str, tuple[ThemeValue, ...]] = {}
    for g, held in found.evidence.items():
        of = {e: theme.name for theme in themes.get(g, ()) for e in theme.evidence}
        total = sum(abs(e.value) for e in held)
        so_far, rows = 0.0, []
        sums: dict[str, list[float]] = {theme.name: [] for theme in themes.get(g, ())}
        for e in held:
            so_far += abs(e.value)
            theme = of.get(e.id, EVERYBODY if e.kind == "everyone" else REST)
            rows.append(replace(e, theme=theme, cumulative=min(1.0, so_far / total) if total > 0 else None))
            sums.setdefault(theme, []).append(e.value)
        evidence[g] = tuple(rows)
        told = [ThemeValue(name, sum(parts), len(parts)) for name, parts in sums.items() if parts]
        values[g] = tuple(sorted(told, key=lambda one: -abs(one.value)))
    return replace(found, evidence=evidence, themes=values)


def seen_note(rank: int | None, still: list[str]) -> str:
    """Say how an item that the user has had is explained.

    Parameters
    ----------
    rank
        The place that it would have.
    still
        Granularities in which it cannot be taken out.

    Examples
    --------
    >>> seen_note(3, [])[-52:]
    'itself. Among the unseen items it would be number 3.'
    """
    place = "" if rank is None else f" Among the unseen items it would be number {rank:,}."
    kept = "" if not still else f" In {', '.join(still)} it still counts: there a history is read as a whole."
    return (
        "The user has it already. It is explained as if it were not in the history, so that it is no"
        f" evidence of itself.{place}{kept}"
    )
