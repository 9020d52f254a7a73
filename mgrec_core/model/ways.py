"""Through which items a piece of evidence came to its value: exact, by the sums that it was made of.

An attribute or an entity has its weight from the user's items, W[u,e] ∝ Σ_h h_u[h]·R[h,e], so that its value
splits over them in those proportions. A friend's value is that of the friend's items.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.explanation import Evidence, Way
from mgrec_core.model.granularities.structure import Granularity
from mgrec_core.model.model import Model

Floats = NDArray[np.float64]

TRACED = 20
"""So many pieces of evidence of a granularity, the strongest, are traced back."""
SHOWN = 3
"""Items of one piece of evidence; the others are counted and summed."""


def signal_of(model: Model, user: int) -> Floats | None:
    """What a user's history says of each item, shape (|I|,), where a granularity holds it as it is."""
    for g in model.granularities.values():
        how = g.from_history
        if how is not None and how.values is None and how.signed and how.power == 1.0 and how.decay is None:
            return np.asarray(g.weights[[user]].toarray()[0], dtype=np.float64)
    return None


def traced(
    model: Model,
    g: Granularity,
    evidence: tuple[Evidence, ...],
    item: int,
    signal: Floats,
    item_ids: list[str],
    labels: list[str],
) -> tuple[Evidence, ...]:
    """The same evidence, the strongest pieces with the items through which they came to their value.

    Parameters
    ----------
    g
        As the fusion mode sees it.
    evidence
        The largest values first.
    item
        The explained one.
    signal : |I|
        What the user's history says.
    """
    if g.kind not in ("attribute", "entity", "friend"):
        return evidence
    place = {one: n for n, one in enumerate(g.evidence_ids)}
    found = list(evidence)
    for n, piece in enumerate(evidence[:TRACED]):
        row = place[piece.id]
        parts = _of_friend(model, g, row, item) if g.kind == "friend" else _of_history(g, row, signal)
        if parts is not None:
            found[n] = replace(piece, through=_ways(parts, piece.value, item_ids, labels))
    return tuple(found)


def _of_history(g: Granularity, row: int, signal: Floats) -> sparse.csr_array | None:
    if g.from_history is None or g.from_history.values is None:
        return None
    history = np.flatnonzero(signal)
    column = np.asarray(g.from_history.values[history][:, [row]].toarray(), dtype=np.float64)[:, 0]
    return _sparse(history, signal[history] * column, len(signal))


def _of_friend(model: Model, g: Granularity, row: int, item: int) -> sparse.csr_array:
    """h[f,j]·(a_j·a_i) of the friend's items j; in the items' own space that is the item itself."""
    own = sparse.csr_array(model.granularities[g.name].blocks[0].evidence[[row]])
    history, said = own.indices.astype(np.int64), np.asarray(own.data, dtype=np.float64)
    block = g.blocks[0]
    if sparse.issparse(block.items):
        alike = np.asarray((block.items[history] @ block.items[[item]].T).toarray(), dtype=np.float64)[:, 0]
    else:
        alike = np.asarray(block.items[history], dtype=np.float64) @ np.asarray(
            block.items[item], dtype=np.float64
        )
    return _sparse(history, said * alike, model.n_items)


def _sparse(places: NDArray[np.int64], values: Floats, n: int) -> sparse.csr_array:
    held = values != 0
    return sparse.csr_array(
        (values[held], (np.zeros(int(held.sum()), dtype=np.int64), places[held])), shape=(1, n)
    )


def _ways(parts: sparse.csr_array, value: float, item_ids: list[str], labels: list[str]) -> tuple[Way, ...]:
    total = float(parts.data.sum())
    if abs(total) <= 1e-12 * float(np.abs(parts.data).sum()):
        return ()
    values = parts.data * (value / total)
    order = np.lexsort((parts.indices, -np.abs(values)))
    found = [
        Way(item_ids[parts.indices[n]], labels[parts.indices[n]], float(values[n])) for n in order[:SHOWN]
    ]
    if len(rest := order[SHOWN:]):
        found.append(Way("", f"{len(rest):,} more", float(values[rest].sum())))
    return tuple(found)
