"""What sets some items apart from the catalogue: values, entities and words they have more often.

A share is weighed down towards the catalogue's where few items stand behind it, so that one film does not
make a theme of its director. Nothing is named that is not in the data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.themes import Apart
from mgrec_core.model.granularities.incidence import rarity
from mgrec_core.model.model import Model

Floats = NDArray[np.float64]

NAMED = 3
"""Values in a name at most."""
_TOLD = 5
_LIFT = 1.5
_LEAST_SHARE = 0.15
_PRIOR = 2.0
"""Items at the catalogue's share that are added to a theme's own."""
_FLOOR = 0.005
"""Below this share of the catalogue rarer is no more telling."""
_OTHERS = 0.05
_FAINTEST = 0.4
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = frozenset(
    """
    all and are der des die del for from her his its las les los not off one out pour the und von was with you
    dans das das edition into mit over para part por una une under vol volume con este that this your
    """.split()  # noqa: SIM905
)
"""Words that name nothing, of titles in English, German, French and Spanish."""


@dataclass(frozen=True)
class Sign:
    """Something that items have or have not.

    Attributes
    ----------
    has : |I| × |V|
        1 where an item has it.
    prominent : |I| × |V|
        How prominent it is among what the item has, in (0, 1]: a tag of one user beside one of fifty is not.
    catalogue, prominence : |V|
        Share of all items that have it, and mean of ``prominent`` over all items.
    """

    kind: str
    labels: Sequence[str]
    has: sparse.csr_array
    prominent: sparse.csr_array
    catalogue: Floats
    prominence: Floats


@dataclass(frozen=True)
class Signs:
    """What a build says of its items, for names.

    Attributes
    ----------
    by_kind
        ``attribute`` and ``entity``, where the build holds which item has which.
    titles : |I|
        For words, where neither says anything.
    """

    by_kind: dict[str, Sign]
    titles: list[str]

    @cached_property
    def words(self) -> Sign:
        """Words of the titles."""
        names: dict[str, int] = {}
        rows, columns = [], []
        for n, title in enumerate(self.titles):
            for word in dict.fromkeys(_WORD.findall(title.casefold())):
                if word not in _COMMON:
                    rows.append(n)
                    columns.append(names.setdefault(word, len(names)))
        places = (np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64))
        has = sparse.csr_array(sparse.coo_array((np.ones(len(rows)), places), (len(self.titles), len(names))))
        return _sign("word", list(names), has, np.ones(len(names)))


def signs_of(model: Model, titles: list[str]) -> Signs:
    """Read which item has which value and entity off a model's item vectors.

    In the language space of these granularities items are dense vectors, which do not say it.
    """
    found = {}
    for g in model.granularities.values():
        if g.kind in ("attribute", "entity") and g.kind not in found:
            items = g.blocks[0].items
            if sparse.issparse(items) and items.shape[1] == len(g.evidence_labels):
                matrix = sparse.csr_array(items)
                found[g.kind] = _sign(g.kind, g.evidence_labels, matrix, rarity(matrix))
    return Signs(found, titles)


def _sign(kind: str, labels: Sequence[str], items: sparse.csr_array, rare: Floats) -> Sign:
    shape = items.shape
    has = sparse.csr_array((np.ones(items.nnz), items.indices, items.indptr), shape=shape)
    held = items.data / np.maximum(rare, 1e-12)[items.indices]  # how much, without the emphasis on the rare
    filled = np.flatnonzero(np.diff(items.indptr))
    most = np.ones(shape[0])
    if len(filled):
        most[filled] = np.maximum.reduceat(held, items.indptr[filled])
    of = np.repeat(np.arange(shape[0]), np.diff(items.indptr))
    prominent = sparse.csr_array((held / most[of], items.indices, items.indptr), shape=shape)
    n = max(1, shape[0])
    return Sign(
        kind,
        labels,
        has,
        prominent,
        np.bincount(items.indices, minlength=shape[1]) / n,
        np.bincount(items.indices, weights=prominent.data, minlength=shape[1]) / n,
    )


def apart(signs: Signs, items: Floats, others: Floats) -> tuple[Apart, ...]:
    """What the items of a theme have more often than the catalogue, and than the user's other items.

    Parameters
    ----------
    items, others : |I|
        Weights ≥ 0 of the theme's items and of the user's other ones.

    Returns
    -------
    tuple
        The strongest first; words of titles only where there is nothing else.
    """
    if items.sum() <= 0:
        return ()
    found = [one for sign in signs.by_kind.values() for one in _telling(sign, items, others)]
    if not found:
        found = _telling(signs.words, items, others)
    found.sort(key=lambda pair: (-pair[0], pair[1].kind, pair[1].label))
    kept: dict[str, Apart] = {}
    for strength, one in found:
        if strength < _FAINTEST * found[0][0] or len(kept) == _TOLD:
            break
        kept.setdefault(bare(one.label).casefold(), one)
    return tuple(kept.values())


def _telling(sign: Sign, items: Floats, others: Floats) -> list[tuple[float, Apart]]:
    held = np.flatnonzero(items)
    weights = items[held] / items[held].sum()
    count = 1.0 / float((weights**2).sum())
    has = sign.has[held]
    n_items = np.bincount(has.indices, minlength=has.shape[1])
    columns = np.flatnonzero(n_items >= max(1, min(2, len(held))))
    raw = np.asarray(has.T @ weights)[columns]
    said = np.asarray(sign.prominent[held].T @ weights)[columns]
    catalogue = sign.prominence[columns]
    share = (count * said + _PRIOR * catalogue) / (count + _PRIOR)
    rest = np.zeros(len(columns))
    if others.sum() > 0:
        elsewhere = np.flatnonzero(others)
        rest = np.asarray(sign.prominent[elsewhere].T @ (others[elsewhere] / others.sum()))[columns]
    lift = share / np.maximum(catalogue, _FLOOR)
    strength = share * (np.log(np.maximum(lift, 1e-12)) + np.log((share + _OTHERS) / (rest + _OTHERS)))
    good = (lift >= _LIFT) & (raw >= _LEAST_SHARE) & (strength > 0)
    return [
        (
            float(strength[n]),
            Apart(sign.kind, sign.labels[columns[n]], float(raw[n]), float(sign.catalogue[columns[n]])),
        )
        for n in np.flatnonzero(good)
    ]


def among(sign: Sign, columns: NDArray[np.int64], items: Floats) -> tuple[Apart, ...]:
    """The values of a theme that are values themselves which set it apart most, the strongest first.

    Parameters
    ----------
    columns
        Places of the theme's values, the largest share first.
    items : |I|
        Weights ≥ 0 of the theme's items.
    """
    held = np.flatnonzero(items)
    weights = items[held] / max(float(items.sum()), 1e-12)
    said = np.asarray(sign.prominent[held].T @ weights)[columns]
    raw = np.asarray(sign.has[held].T @ weights)[columns]
    lift = np.maximum(said, 1e-12) / np.maximum(sign.prominence[columns], _FLOOR)
    strength = said * np.log(np.maximum(lift, 1.0))
    order = np.lexsort((np.arange(len(columns)), -strength))[:_TOLD]
    return tuple(
        Apart(sign.kind, sign.labels[columns[n]], float(raw[n]), float(sign.catalogue[columns[n]]))
        for n in order
    )


def bare(label: str) -> str:
    """A value without the name of its attribute, as long as it still says something.

    Examples
    --------
    >>> bare("genre: Horror"), bare("price: 1 – 5"), bare("Tom Hanks")
    ('Horror', 'price: 1 – 5', 'Tom Hanks')
    """
    _, colon, value = label.partition(": ")
    return value if colon and any(c.isalpha() for c in value) else label


def named(labels: Sequence[str]) -> str:
    """A name of values; of years, decades and other numbers only the first has a place in it.

    Examples
    --------
    >>> named(["genre: Horror", "tag: zombies"])
    'Horror, zombies'
    >>> named(["1990s", "year: 1981 – 1994", "genre: War"])
    '1990s, War'
    """
    kept: list[str] = []
    numbers = False
    for label in labels:
        value = bare(label)
        number = any(c.isdigit() for c in value)
        if value not in kept and not (number and numbers):
            kept.append(value)
            numbers = numbers or number
    return ", ".join(kept[:NAMED])
