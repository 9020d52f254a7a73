"""What each metric means, in one line, for tables, tooltips and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mgrec_core.foundation.errors import InputError


@dataclass(frozen=True)
class Definition:
    """A metric for people.

    Attributes
    ----------
    title
        Its name.
    formula
        How it is computed from a list cut at k, with R the held-out items of a user.
    better
        Which direction is wanted; ``none`` where neither is.
    unit
        Of the number; empty for shares and indices.
    """

    title: str
    formula: str
    better: Literal["higher", "lower", "none"] = "higher"
    unit: str = ""


DEFINITIONS: dict[str, Definition] = {
    "ndcg": Definition("nDCG", "Σ hit_r / log₂(r+1) over the same sum for min(|R|, k) hits on top"),
    "recall": Definition("Recall", "hits / |R|"),
    "precision": Definition("Precision", "hits / k"),
    "map": Definition("MAP", "Σ hit_r · precision@r / min(|R|, k)"),
    "mrr": Definition("MRR", "1 / rank of the first hit, 0 without one in the list"),
    "hitrate": Definition("Hit rate", "1 with any hit in the list"),
    "coverage": Definition("Coverage", "items in any list / items of the catalogue"),
    "gini": Definition(
        "Gini", "how unequally lists fall on items: 0 all equally often, 1 one item only", "lower"
    ),
    "novelty": Definition("Novelty", "mean −log₂(users of the item / all users)", "higher", "bits"),
    "diversity": Definition("Diversity", "1 − mean cosine of the list's pairs in the shared space"),
    "popularity": Definition("Popularity", "mean number of users of the list's items", "none", "users"),
    "popularity_lift": Definition(
        "Popularity lift", "popularity of the list / popularity of the user's history − 1", "lower"
    ),
    "calibration": Definition(
        "Miscalibration", "KL divergence from the history's categories to the list's", "lower", "nats"
    ),
}


def definition(key: str) -> Definition:
    """The definition of a key such as ``ndcg@10`` or ``mrr``.

    Raises
    ------
    InputError
        An unknown metric.
    """
    name = key.partition("@")[0]
    if name not in DEFINITIONS:
        raise InputError(f"unknown metric {key[:40]!r}: choose {', '.join(DEFINITIONS)}, such as ndcg@10")
    return DEFINITIONS[name]
