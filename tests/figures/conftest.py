"""Result objects to draw."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from mgrec_core.foundation.explanation import Evidence, Explanation
from mgrec_core.foundation.results import RankedItem, RankedList
from mgrec_core.model.granularities import GRANULARITIES

HOSTILE = (
    "<img src=x onerror=alert(1)>", "$x^2$ and $\\alpha$", "%{x} %{customdata} %{alt}", "two\nlines\rhere",
    "L" * 300, "שלום עולם (2001)", "<b>bold</b> &lt;i&gt; &amp;", "</svg><script>alert(2)</script>",
    "<a href='javascript:alert(3)'>go</a>", "\u202eevil", "", "Toy Story (1995)",
)  # fmt: skip


@pytest.fixture
def hostile() -> tuple[str, ...]:
    """Titles that try to be something else."""
    return HOSTILE


@pytest.fixture
def ranked() -> Callable[..., RankedList]:
    """Build a ranked list of ``k`` items with seeded contributions."""

    def build(
        k: int, titles: tuple[str, ...] = HOSTILE, granularities: tuple[str, ...] = GRANULARITIES
    ) -> RankedList:
        random = np.random.default_rng(k)
        weights = dict.fromkeys(granularities, 0.5)
        rows = [{g: float(random.normal(0.3, 0.5)) for g in granularities} for _ in range(k)]
        rows.sort(key=lambda row: -math.fsum(row.values()))
        items = tuple(
            RankedItem(i + 1, f"id{i}", titles[i % len(titles)], math.fsum(row.values()), row)
            for i, row in enumerate(rows)
        )
        base = granularities[0] if granularities else ""
        return RankedList("u<1>", k, weights, base, "score", weights, 500, items)

    return build


@pytest.fixture
def explained() -> Callable[..., Explanation]:
    """Build an explanation with ``n`` pieces of evidence at each granularity."""

    def build(n: int, title: str = "Heat", granularities: tuple[str, ...] = GRANULARITIES) -> Explanation:
        random = np.random.default_rng(n)
        evidence = {
            g: tuple(
                Evidence("item", f"e{i}", HOSTILE[i % len(HOSTILE)], float(random.normal()), 1.0)
                for i in range(n)
            )
            for g in granularities
        }
        baseline = dict.fromkeys(granularities, -0.25 if n else 0.0)
        contributions = {g: math.fsum(e.value for e in evidence[g]) + baseline[g] for g in granularities}
        return Explanation(
            "u1", "i1", title, math.fsum(contributions.values()), 2, False, dict.fromkeys(granularities, 1.0),
            granularities[0] if granularities else "", "score", contributions, baseline, evidence,
        )  # fmt: skip

    return build
