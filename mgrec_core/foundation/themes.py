"""Frozen results on themes: a user's named interests, and what each adds to one item's score."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

MOST_IDS = 100
"""Pieces of evidence of one theme that a document names; ``n_evidence`` counts all."""


@dataclass(frozen=True)
class Apart:
    """What sets a theme apart from everybody: something its items have more often than the catalogue.

    Attributes
    ----------
    kind
        ``attribute``, ``entity`` or ``word`` (of the titles).
    share
        Weighted share of the theme's items that have it, in [0, 1].
    catalogue
        Share of all items that have it, in [0, 1]; ``None`` where the build does not say.
    """

    kind: str
    label: str
    share: float
    catalogue: float | None


@dataclass(frozen=True)
class Theme:
    """One named interest of a user at one granularity: a part of the user's evidence.

    Attributes
    ----------
    name
        The values that set it apart, else the title of its most typical item; never made up.
    share
        Its exact share of the granularity's user vector, z_t·z / z·z; shares sum to 1 over the themes, and
        one that points away from the others is negative.
    recent, earlier
        Its share of the newer and of the older half of the history, in [0, 1]; ``None`` without times.
    items, titles
        Its most typical items, the most typical first.
    apart
        What sets it apart from everybody, the strongest first; may be empty.
    against
        Whether the evidence says on the whole that the user does not want it.
    evidence
        Ids of its pieces of evidence, the largest share first.
    """

    name: str
    share: float
    recent: float | None
    earlier: float | None
    items: tuple[str, ...]
    titles: tuple[str, ...]
    apart: tuple[Apart, ...]
    against: bool
    evidence: tuple[str, ...]

    @property
    def trend(self) -> float | None:
        """Share of the newer half minus share of the older half, in [−1, 1]; ``None`` without times."""
        if self.recent is None or self.earlier is None:
            return None
        return self.recent - self.earlier

    def shortened(self, top: int) -> Theme:
        """The same with at most ``top`` typical items."""
        return replace(self, items=self.items[:top], titles=self.titles[:top])

    @property
    def phrase(self) -> str:
        """Its name, in words that say whether it is for or against."""
        return f"against {self.name}" if self.against else self.name

    def to_dict(self) -> dict[str, Any]:
        """Return it as ``interests --json`` has it; of the evidence at most 100 ids."""
        return {
            "name": self.name,
            "share": self.share,
            "trend": self.trend,
            "recent": self.recent,
            "earlier": self.earlier,
            "against": self.against,
            "items": list(self.items),
            "titles": list(self.titles),
            "apart": [asdict(one) for one in self.apart],
            "n_evidence": len(self.evidence),
            "evidence": list(self.evidence[:MOST_IDS]),
        }


@dataclass(frozen=True)
class UserThemes:
    """All themes of a user, by granularity, the largest share first; the prior has none."""

    user_id: str
    granularities: dict[str, tuple[Theme, ...]]

    def to_dict(self) -> dict[str, Any]:
        """Return the document of ``interests --json``."""
        return {
            "user_id": self.user_id,
            "granularities": {
                g: {"themes": [theme.to_dict() for theme in themes]}
                for g, themes in self.granularities.items()
            },
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a theme: granularity, theme, share, trend, against, n_evidence, items, apart."""
        rows = [
            (
                g,
                theme.name,
                theme.share,
                theme.trend,
                theme.against,
                len(theme.evidence),
                ", ".join(title or item for item, title in zip(theme.items, theme.titles, strict=True)),
                ", ".join(one.label for one in theme.apart),
            )
            for g, themes in self.granularities.items()
            for theme in themes
        ]
        columns = ["granularity", "theme", "share", "trend", "against", "n_evidence", "items", "apart"]
        return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class ThemeValue:
    """What a theme adds to one item's score: the sum of its pieces of evidence.

    Attributes
    ----------
    value
        Signed; over a granularity these and the baseline sum to the contribution.
    n_evidence
        Pieces of evidence with a value other than 0.
    """

    name: str
    value: float
    n_evidence: int
