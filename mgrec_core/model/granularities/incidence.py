"""What `attribute` and `knowledge` have in common: items hold values, users prefer some."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import sparse

from mgrec_core.foundation.config import Section
from mgrec_core.model.granularities.histories import FromHistory
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.structure import Block, Granularity, Matrix, Vectors, normalise_rows


class IncidenceConfig(Section):
    """How attribute values or entities become vectors."""

    space: Literal["tfidf", "language"] = "tfidf"
    """``tfidf``: one direction a value, scaled by rarity; ``language``: the mean text of its items."""
    min_items: int = Field(2, ge=1)
    """Values of fewer items are no evidence of a shared interest."""
    max_share: float = Field(0.5, gt=0, le=1)
    """Values that more than this share of the catalogue has tell nothing."""


def usable(incidence: sparse.csr_array, config: IncidenceConfig) -> NDArray[np.int64]:
    """Columns that at least ``min_items`` items have and at most ``max_share`` of them."""
    items = np.bincount(incidence.indices, minlength=incidence.shape[1])
    return np.flatnonzero((items >= config.min_items) & (items <= config.max_share * incidence.shape[0]))


def rarity(incidence: sparse.csr_array) -> NDArray[np.float64]:
    """Inverse document frequency ln((1 + |I|) / (1 + items with the value)), shape (|V|,)."""
    items = np.bincount(incidence.indices, minlength=incidence.shape[1])
    return np.asarray(np.log((1.0 + incidence.shape[0]) / (1.0 + items)))


def lifted(profiles: sparse.csr_array, catalogue: NDArray[np.floating]) -> sparse.csr_array:
    """What an item of a history says of each value: the user's share against the catalogue's share.

    Parameters
    ----------
    profiles : |I| × |V|
        How much of each value an item has.
    catalogue : |V|
        What all users' items that have the value say, their absolute values summed.

    Returns
    -------
    |I| × |V|
        Summed over a history: share_u(v) / √share(v), so that a value common in the catalogue must be far
        commoner with the user to count as an interest.
    """
    share = np.asarray(catalogue, dtype=np.float64).ravel() / max(float(np.sum(catalogue)), 1e-12)
    damp = np.divide(1.0, np.sqrt(share), out=np.zeros_like(share), where=share > 0)
    return sparse.csr_array(profiles @ sparse.diags_array(damp))


def incidence_granularity(
    spaces: Spaces,
    config: IncidenceConfig,
    *,
    name: str,
    kind: str,
    incidence: sparse.csr_array,
    emphasis: NDArray[np.float64],
    ids: list[str],
    labels: list[str],
    from_history: FromHistory,
    reason: str,
) -> Granularity:
    """Assemble evidence (values), user weights and item vectors in the configured space.

    Parameters
    ----------
    incidence : |I| × |V|
        How much an item has of each value.
    emphasis : |V|
        Length of each value's vector in the ``tfidf`` space.
    from_history
        What a user's items say of the values.
    """
    centroids = spaces.centroids(incidence)
    evidence: Matrix
    items: Matrix
    if config.space == "language" and centroids is not None:
        evidence = centroids
        items = np.asarray(normalise_rows(np.asarray(incidence @ centroids, dtype=np.float32)))
    else:
        evidence = sparse.diags_array(emphasis, format="csr", dtype=np.float32)
        rare = sparse.csr_array(incidence @ sparse.diags_array(rarity(incidence)))
        items = normalise_rows(rare.astype(np.float32))
    language: Vectors | None = centroids
    return Granularity(
        name=name,
        kind=kind,
        evidence_ids=ids,
        evidence_labels=labels,
        weights=spaces.weighed(from_history),
        from_history=from_history,
        blocks=(Block(evidence, items, 1.0, f"{name}.evidence", f"{name}.items"),),
        reason=reason,
        language=language,
        language_name=f"{name}.language",
    )
