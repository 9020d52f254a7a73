"""What sets a group of users or items apart: attribute values it holds more often than others do.

Every point has at most one unit for each attribute. An item has one for each value it holds; a user
has one for their own values, and for the values of the items in their history the *share* of that
history, so that nobody counts for more than one user however long the history is.

For value v of attribute a and group g, with y the units of v and n the points that have a:

==========  ====================================================================================
share       y_g / n_g
lift        (y_g + α·p) / (n_g + α) / p, with p = y / n of everybody: 1 is as often as everybody
log-odds    δ = log(ŷ_g / (n_g + α − ŷ_g)) − log(ŷ_r / (n_r + α − ŷ_r)), where r is everybody
            outside the group and ŷ = y + α·p
z           δ / √(1/ŷ_g + 1/ŷ_r)
==========  ====================================================================================

This is the log-odds ratio with an informative Dirichlet prior of Monroe, Colaresi and Quinn,
"Fightin' Words" (Political Analysis 16, 2008), equations 15, 20 and 22, with α = 10 units spread as
everybody's values are: a value seen twice in a group of two does not beat one seen 300 times in 400.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.metrics.histogram import plain

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

PRIOR = 10.0
"""α: units of everybody's distribution that every group starts with."""

_BANDED_ABOVE = 12
_BANDS = 4
_RARE = 3
_MOST_VALUES = 2_000


@dataclass(frozen=True)
class Features:
    """Attribute values of points.

    Attributes
    ----------
    names : F
        (attribute, value) of each column.
    attribute : F
        Position of each column's attribute.
    units : n × F
        In [0, 1].
    known : n × A
        1 where a point has the attribute at all.
    """

    names: list[tuple[str, str]]
    attribute: NDArray[np.int64]
    units: sparse.csr_array
    known: sparse.csr_array


def features(values: pd.DataFrame, ids: Sequence[str]) -> Features:
    """Read the attribute values of points.

    Parameters
    ----------
    values
        Columns ``id, attribute, value``; several values an attribute are several rows.
    ids
        The points in order; rows of others are left out.

    Notes
    -----
    Numbers with more than 12 different values become four bands of about equal size. Values that fewer
    than three points hold (titles, codes) tell nothing of a group and are left out.
    """
    place = {identity: row for row, identity in enumerate(ids)}
    rows = values.assign(point=values["id"].map(place)).dropna(subset=["point"])
    names: list[tuple[str, str]] = []
    columns, attribute, known = [], [], []
    for name, part in rows.groupby("attribute", sort=True):
        labels = _banded(part["value"].astype(str))
        counts = labels.groupby(labels).size()
        kept = sorted(counts[counts >= _RARE].nlargest(_MOST_VALUES).index)
        if not kept:
            continue
        codes = labels.map({value: n for n, value in enumerate(kept)})
        inside = codes.notna().to_numpy()
        points = part["point"].to_numpy(np.int64)
        columns.append(_binary(points[inside], codes[inside].to_numpy(np.int64), (len(ids), len(kept))))
        known.append(_binary(points, np.zeros(len(points), np.int64), (len(ids), 1)))
        attribute += [len(known) - 1] * len(kept)
        names += [(str(name), str(value)) for value in kept]
    if not names:
        nothing = sparse.csr_array((len(ids), 0))
        return Features([], np.zeros(0, np.int64), nothing, nothing.copy())
    return Features(
        names,
        np.array(attribute, np.int64),
        sparse.csr_array(sparse.hstack(columns, format="csr")),
        sparse.csr_array(sparse.hstack(known, format="csr")),
    )


def of_histories(seen: sparse.csr_array, items: Features) -> Features:
    """Turn the features of items into those of users: the share of each user's items.

    Parameters
    ----------
    seen : |U| × |I|
        Stored entries are the histories.
    """
    held = sparse.csr_array((np.ones(seen.nnz), seen.indices, seen.indptr), shape=seen.shape)
    units, total = held @ items.units, sparse.coo_array(held @ items.known)
    share = sparse.csr_array((1.0 / total.data, (total.row, total.col)), shape=total.shape)
    found = sparse.coo_array(units)
    divisor = share.tocsr()[found.row, items.attribute[found.col]] if found.nnz else np.zeros(0)
    scaled = sparse.csr_array(
        (found.data * np.asarray(divisor).ravel(), (found.row, found.col)), shape=found.shape
    )
    known = sparse.csr_array((np.ones(total.nnz), (total.row, total.col)), shape=total.shape)
    return Features(list(items.names), items.attribute, scaled, known)


def beside(left: Features, right: Features) -> Features:
    """Both sets of features of the same points."""
    return Features(
        left.names + right.names,
        np.concatenate([left.attribute, right.attribute + left.known.shape[1]]),
        sparse.csr_array(sparse.hstack([left.units, right.units], format="csr")),
        sparse.csr_array(sparse.hstack([left.known, right.known], format="csr")),
    )


def rows(held: Features, kept: NDArray[np.int64]) -> Features:
    """The features of some points, in that order."""
    return Features(held.names, held.attribute, held.units[kept], held.known[kept])


def above(first: Features, second: Features) -> Features:
    """The points of both, which have the same columns."""
    return Features(
        first.names,
        first.attribute,
        sparse.csr_array(sparse.vstack([first.units, second.units], format="csr")),
        sparse.csr_array(sparse.vstack([first.known, second.known], format="csr")),
    )


def features_of(engine: Engine, of: str) -> Features:
    """Features of all users, all items, or users and then items (``both``: by items' attributes alone)."""
    items = features(engine.attribute_values("items"), engine.item_ids)
    if of == "items":
        return items
    histories = of_histories(engine.model.seen, items)
    if of == "both":
        return above(histories, items)
    own = features(engine.attribute_values("users"), engine.user_ids)
    taken = {name for name, _ in own.names}
    renamed = [(f"{a} of items" if a in taken else a, v) for a, v in histories.names]
    return beside(own, Features(renamed, histories.attribute, histories.units, histories.known))


def distinctive(
    held: Features, groups: NDArray[np.bool_], *, top: int | None = 8, least_z: float = 1.0
) -> list[pd.DataFrame]:
    """The values that each group holds more often than everybody outside it (formulas: top of the file).

    Parameters
    ----------
    groups : G × n
        Members of each group.
    top
        At most how many values a group; ``None``: all of them, rare and frequent ones.
    least_z
        How many standard errors above 0 the log-odds must lie; used where ``top`` is given. Shares of
        histories vary less than the formula's single words, so that z is on the safe side for users.

    Returns
    -------
    list of G data frames
        Columns ``attribute, value, n`` (units in the group), ``share, share_all, lift, log_odds, z``,
        highest ``z`` first, ties by name.
    """
    member = sparse.csr_array(groups.astype(np.float64))
    y = np.asarray((member @ held.units).todense(), dtype=np.float64)
    n = np.asarray((member @ held.known).todense(), dtype=np.float64)[:, held.attribute]
    y_all = np.asarray(held.units.sum(axis=0), dtype=np.float64).ravel()
    n_all = np.asarray(held.known.sum(axis=0), dtype=np.float64).ravel()[held.attribute]
    p = y_all / np.maximum(n_all, 1e-12)
    # A value that none of these points holds counts as next to nothing, not as log 0.
    inside = np.maximum(y + PRIOR * p, 1e-9)
    outside = np.maximum(np.maximum(y_all - y, 0.0) + PRIOR * p, 1e-9)
    # What everybody holds leaves nothing to the other side of the odds; half a unit keeps them finite.
    delta = np.log(inside / np.maximum(n + PRIOR - inside, 0.5)) - np.log(
        outside / np.maximum(n_all - n + PRIOR - outside, 0.5)
    )
    z = delta / np.sqrt(1.0 / np.maximum(inside, 1e-12) + 1.0 / np.maximum(outside, 1e-12))
    lift = inside / (n + PRIOR) / np.maximum(p, 1e-12)
    found = []
    for g in range(len(groups)):
        frame = pd.DataFrame(
            {
                "attribute": [a for a, _ in held.names],
                "value": [v for _, v in held.names],
                "n": y[g],
                "share": np.divide(y[g], n[g], out=np.zeros_like(y[g]), where=n[g] > 0),
                "share_all": p,
                "lift": lift[g],
                "log_odds": delta[g],
                "z": z[g],
            }
        ).sort_values(["z", "attribute", "value"], ascending=[False, True, True], ignore_index=True)
        found.append(frame if top is None else frame[frame["z"] >= least_z].head(top))
    return found


def _binary(
    points: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, int]
) -> sparse.csr_array:
    made = sparse.csr_array((np.ones(len(points)), (points, columns)), shape=shape)
    made.data[:] = 1.0  # the same value twice is one unit
    return made


def _banded(values: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any() or not np.isfinite(numbers).all() or numbers.nunique() <= _BANDED_ABOVE:
        return values
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, _BANDS + 1)[1:-1]))
    which = np.searchsorted(edges, numbers.to_numpy(float), side="left")
    names = {}
    for band in np.unique(which):
        inside = numbers[which == band]
        whole = (numbers == numbers.round()).all() and numbers.abs().max() < 10_000
        low, high = (f"{v:.0f}" if whole else plain(float(v)) for v in (inside.min(), inside.max()))
        names[band] = low if low == high else f"{low} – {high}"
    return pd.Series([names[band] for band in which], index=values.index)
