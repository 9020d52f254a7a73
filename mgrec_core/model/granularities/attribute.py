"""`attribute`: which categories, brands, genres, price bands and tags a user prefers."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from mgrec_core.foundation.text import count
from mgrec_core.model.granularities.histories import FromHistory
from mgrec_core.model.granularities.incidence import (
    IncidenceConfig,
    incidence_granularity,
    lifted,
    rarity,
    usable,
)
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Control, Coverage, Spec
from mgrec_core.model.granularities.structure import Absent, Granularity, normalise_rows

NAME = "attribute"


def build(spaces: Spaces) -> Granularity | Absent:
    """Weigh each value by the user's share of it against the catalogue's.

    An item's values are weighted by 1 + ln(users who gave the tag) and by rarity, and each item
    of the history counts the same. Rarity is in the items' vectors and so in the shares: the
    evidence needs none of its own. Values of what the user dislikes count against them.
    """
    data = spaces.data
    config: IncidenceConfig = spaces.config.attribute
    keep = usable(data.item_values, config)
    if len(keep) == 0:
        return Absent(NAME, "no attribute value is shared by two items: add columns to the items file")
    values = sparse.csr_array(data.item_values[:, keep]).astype(np.float64)
    values.data = 1.0 + np.log(values.data)
    # Of unit length, or the items with the most tags would speak for the whole history.
    profiles = normalise_rows(sparse.csr_array(values @ sparse.diags_array(rarity(values))))
    counts = sparse.csr_array(data.signal @ profiles)
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
        emphasis=np.ones(len(names)),
        from_history=FromHistory(
            signed=True, values=lifted(profiles, np.asarray(abs(counts).sum(axis=0), dtype=np.float64))
        ),
        reason=f"{count(len(names), 'value')} of {count(kinds, 'attribute')}",
    )


def _values_permuted(spaces: Spaces, rng: np.random.Generator) -> Spaces:
    data = spaces.data
    order = rng.permutation(len(data.items))
    return spaces.with_data(item_values=sparse.csr_array(data.item_values[order]))


_DEFAULT = IncidenceConfig()
SPEC = Spec(
    name=NAME,
    order=30,
    build=build,
    options=IncidenceConfig,
    weight=0.2,
    weight_for_people=0.0,
    weight_for_ads=0.3,
    control=Control(sentence="values shuffled between items", permute=_values_permuted),
    label="Attribute",
    colours=("#00875F", "#1FB58A"),
    pattern=".",
    symbol="square",
    held="compared with the attributes users prefer",
    not_held="it has no attribute value that is kept",
    coverage=Coverage(
        counted=f"users with an item that has a value of at least {_DEFAULT.min_items} items and at most "
        f"{100 * _DEFAULT.max_share:g} % of the catalogue",
        items=("q_attribute",),
        remedy="Add columns to the items file: category, brand, genre, price; or tags.",
    ),
)
