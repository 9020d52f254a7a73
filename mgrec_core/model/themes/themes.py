"""A user's themes at one granularity: name, share, trend, typical items, evidence.

The themes are a partition of the evidence, so their vectors z_t = Σ_{e∈t} W[u,e]·x_e sum to the user vector
z_uk exactly, and so do their shares z_t·z / z·z to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.themes import Apart, Theme
from mgrec_core.model.granularities.structure import Granularity
from mgrec_core.model.interests import along_own, pooled, vector_shares
from mgrec_core.model.model import Model
from mgrec_core.model.themes.grouping import Grouping, grouped
from mgrec_core.model.themes.naming import NAMED, Signs, among, apart, named

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Halves:
    """Positions of the items in the newer and in the older half of a history with times."""

    recent: NDArray[np.int64]
    earlier: NDArray[np.int64]


def halves_of(model: Model, user: int) -> Halves | None:
    """The newer and the older half of what a user's history speaks for.

    `recent` holds the strengths of `collaborative` times a decay by age, so that their ratio orders a history
    by time. Items of one moment stay together, so that the halves may differ in size.

    Returns
    -------
    Halves or None
        ``None`` without times, of fewer than four items, and where all are of one moment.
    """
    recent, whole = (model.granularities.get(name) for name in ("recent", "collaborative"))
    if recent is None or whole is None:
        return None
    kept, strength = (np.asarray(g.weights[[user]].toarray()[0], dtype=np.float64) for g in (recent, whole))
    items = np.flatnonzero((kept > 0) & (strength > 0))
    if len(items) < 4:
        return None
    decay = (kept[items] / strength[items]).round(9)
    middle = np.sort(decay)[len(items) // 2]
    cuts = [mask for mask in (decay >= middle, decay > middle) if 0 < mask.sum() < len(items)]
    if not cuts:
        return None
    newer = min(cuts, key=lambda mask: abs(2 * int(mask.sum()) - len(items)))
    return Halves(items[newer], items[~newer])


def themes_of(
    model: Model,
    g: Granularity,
    user: int,
    item_ids: list[str],
    signs: Signs,
    halves: Halves | None = None,
    top: int = 5,
) -> tuple[Grouping, tuple[Theme, ...]]:
    """Find a user's themes at one granularity.

    Parameters
    ----------
    halves
        ``None`` where the history has no times.
    top
        Most typical items of a theme.

    Returns
    -------
    grouping, themes
        The theme of each piece of evidence, and the themes; the largest share first.
    """
    rows, shares, held = vector_shares(g, user)
    start, stop = model.seen.indptr[user], model.seen.indptr[user + 1]
    history = model.seen.indices[start:stop].astype(np.int64)
    kept = shares.any()
    grouping = grouped(g, rows, held, shares, history)
    if not kept:
        return grouping, ()
    masses = [
        _Mass.of(model, g, grouping, n, history, item_ids, signs.titles) for n in range(grouping.n_groups)
    ]
    together = sum((m.weights for m in masses), np.zeros(model.n_items))
    themes = []
    for n, mass in enumerate(masses):
        inside = np.flatnonzero(grouping.group == n)
        order = inside[np.lexsort((rows[inside], -shares[inside]))]
        against = bool(held[inside].sum() < 0)
        said = _said(g, signs, order, rows, mass.weights, together - mass.weights)
        recent, earlier = _trend(mass, masses, g, halves, against)
        typical = mass.typical[:top]
        titles = tuple(signs.titles[i] for i in typical)
        themes.append(
            Theme(
                name=_name(g, said, order, rows, titles),
                share=float(shares[inside].sum()),
                recent=recent,
                earlier=earlier,
                items=tuple(item_ids[i] for i in typical),
                titles=titles,
                apart=said,
                against=against,
                evidence=tuple(g.evidence_ids[rows[e]] for e in order),
            )
        )
    return grouping, _told_apart(themes)


@dataclass(frozen=True)
class _Mass:
    """How much of a theme each item is.

    Attributes
    ----------
    weights : |I|
        ≥ 0.
    typical
        Positions of items, the most typical first.
    """

    weights: Floats
    typical: list[int]

    @classmethod
    def of(
        cls,
        model: Model,
        g: Granularity,
        grouping: Grouping,
        n: int,
        history: NDArray[np.int64],
        item_ids: list[str],
        titles: list[str],
    ) -> _Mass:
        inside = grouping.group == n
        rows, held = grouping.rows[inside], grouping.held[inside]
        weights = np.zeros(model.n_items)
        if g.kind == "item":
            same = held * (-1.0 if held.sum() < 0 else 1.0)
            weights[rows] = np.maximum(same, 0.0)
            fit = held * sum(b.scale * along_own(b.evidence, rows, held) for b in g.blocks)
            order = np.lexsort((rows, -fit))
            return cls(weights, [int(rows[e]) for e in order if same[e] > 0])
        pull = _pull(g, rows, held)
        if held.sum() < 0:
            pull = -pull
        if g.kind != "friend":  # what friends had is their history, all else is the user's own
            own = np.zeros(model.n_items, dtype=bool)
            own[history] = True
            pull = np.where(own, pull, 0.0)
        weights = np.maximum(pull, 0.0)
        candidates = np.flatnonzero(weights)
        order = np.lexsort((candidates, -weights[candidates]))
        return cls(weights, [int(candidates[e]) for e in order[:50]])


def _pull(g: Granularity, rows: NDArray[np.int64], held: Floats) -> Floats:
    """z_t · a_i of every item, shape (|I|,)."""
    total = np.zeros(g.blocks[0].items.shape[0])
    for block in g.blocks:
        vector = pooled(block.evidence, rows, held)
        items = block.items
        if not sparse.issparse(items):
            vector = vector.astype(items.dtype)  # one dtype, or the whole matrix is copied
        total += block.scale * np.asarray(items @ vector, dtype=np.float64)
    return total


def _said(
    g: Granularity,
    signs: Signs,
    order: NDArray[np.int64],
    rows: NDArray[np.int64],
    items: Floats,
    others: Floats,
) -> tuple[Apart, ...]:
    if g.kind not in ("attribute", "entity"):
        return apart(signs, items, np.maximum(others, 0.0))
    sign = signs.by_kind.get(g.kind)
    theirs = rows[order]
    if sign is None:
        return tuple(Apart(g.kind, g.evidence_labels[row], 0.0, None) for row in theirs[:NAMED])
    return among(sign, theirs, items)


def _name(
    g: Granularity,
    said: tuple[Apart, ...],
    order: NDArray[np.int64],
    rows: NDArray[np.int64],
    titles: tuple[str, ...],
) -> str:
    if said:
        return named([one.label for one in said])
    if titles:
        return titles[0]
    if g.kind in ("friend", "history"):  # ids of users are no names
        return "friends" if g.kind == "friend" else "the whole history"
    first = int(rows[order[0]])
    return str(g.evidence_labels[first] or g.evidence_ids[first])


def _told_apart(themes: list[Theme]) -> tuple[Theme, ...]:
    """Give themes of one name the title of their most typical item, or a number."""
    taken: set[str] = set()
    found = []
    for theme in themes:
        name = theme.name
        if name in taken and theme.titles:
            name = f"{name} ({theme.titles[0]})"
        for n in range(2, len(themes) + 2):
            if name not in taken:
                break
            name = f"{theme.name} {n}"
        taken.add(name)
        found.append(theme if name == theme.name else Theme(**{**theme.__dict__, "name": name}))
    return tuple(found)


def _trend(
    mass: _Mass, masses: list[_Mass], g: Granularity, halves: Halves | None, against: bool
) -> tuple[float | None, float | None]:
    if halves is None or against or g.kind in ("friend", "history"):
        return None, None
    found = []
    for half in (halves.recent, halves.earlier):
        total = sum(float(m.weights[half].sum()) for m in masses)
        if total <= 0:
            return None, None
        found.append(float(mass.weights[half].sum()) / total)
    return found[0], found[1]
