"""`attribute`: which categories, brands, genres, price bands and tags a user prefers."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from mgrec_core.granularities.incidence import incidence_granularity, lift, usable
from mgrec_core.granularities.spaces import Spaces
from mgrec_core.granularities.structure import Absent, Granularity

NAME = "attribute"


def build(spaces: Spaces) -> Granularity | Absent:
    """Weigh each value by the user's share of it against the catalogue's."""
    data, config = spaces.data, spaces.config.attribute
    keep = usable(data.item_values, config)
    if len(keep) == 0:
        return Absent(NAME, "no attribute value is shared by two items: add columns to the items file")
    values = sparse.csr_array(data.item_values[:, keep])
    counts = sparse.csr_array(data.strength @ values)
    if counts.nnz == 0:
        return Absent(NAME, "no item of any history has an attribute: check that item ids match the events'")
    names = [data.value_names[n] for n in keep]
    kinds = len({name.split(": ", 1)[0] for name in names})
    return incidence_granularity(
        spaces,
        config,
        name=NAME,
        kind="attribute",
        incidence=values,
        ids=names,
        labels=names,
        weights=lift(counts, np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()),
        reason=f"{len(names):,} values of {kinds} attribute{'s' * (kinds != 1)}",
    )
