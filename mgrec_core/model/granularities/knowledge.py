"""`knowledge`: entities of the knowledge graph within two hops of the user's items."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from mgrec_core.data.knowledge.config import GraphConfig
from mgrec_core.foundation.text import count
from mgrec_core.model.granularities.controls import rewire, rewire_both_ways
from mgrec_core.model.granularities.histories import FromHistory
from mgrec_core.model.granularities.incidence import IncidenceConfig, incidence_granularity, rarity, usable
from mgrec_core.model.granularities.spaces import Spaces
from mgrec_core.model.granularities.spec import Control, Coverage, Spec
from mgrec_core.model.granularities.structure import Absent, Granularity

NAME = "knowledge"


class KnowledgeConfig(GraphConfig, IncidenceConfig):
    """Which triples make the knowledge graph, how it is walked, and how entities become vectors."""


def build(spaces: Spaces) -> Granularity | Absent:
    """Weigh each entity by the paths that lead to it, times its rarity.

    Paths: item → entity counts the confidence of its triples; item → entity → entity and item → item →
    entity (or the linked item itself, as an entity) count ``second_hop`` × the product of both steps'.
    """
    data = spaces.data
    config: KnowledgeConfig = spaces.config.knowledge
    if data.item_entities.nnz == 0 and data.item_links.nnz == 0:
        return Absent(NAME, "there is no knowledge graph: add a kg file (head_id, relation, tail_id)")
    paths = reach(data.item_entities, data.entity_entities, data.item_links, config.second_hop)
    ids = [*data.entity_ids, *data.items]
    labels = [*data.entity_names, *data.labels]
    keep = usable(paths, config)
    if len(keep) == 0:
        return Absent(NAME, "no entity is shared by two items: the graph relates nothing to anything")
    paths = sparse.csr_array(paths[:, keep])
    if sparse.csr_array(data.signal @ paths).nnz == 0:
        return Absent(NAME, "no history touches the knowledge graph: check that head ids are item ids")
    rare = sparse.csr_array(paths @ sparse.diags_array(rarity(paths)))
    built = incidence_granularity(
        spaces,
        config,
        name=NAME,
        kind="entity",
        incidence=paths,
        ids=[ids[n] for n in keep],
        labels=[labels[n] for n in keep],
        emphasis=rarity(paths),
        from_history=FromHistory(signed=True, values=rare),
        reason=f"{count(len(keep), 'entity', 'entities')} within two hops of the items",
    )
    return replace(built, origins=[data.origins.get(one, ("given", 1.0)) for one in built.evidence_ids])


def reach(
    item_entities: sparse.csr_array,
    entity_entities: sparse.csr_array,
    item_links: sparse.csr_array,
    second_hop: float,
) -> sparse.csr_array:
    """Paths from items to entities and to items as entities, |I| × (|E| + |I|)."""
    onward = item_entities @ entity_entities + item_links @ item_entities
    to_entities = item_entities + second_hop * onward
    return sparse.csr_array(sparse.hstack([to_entities, item_links]))


def _rewired(spaces: Spaces, rng: np.random.Generator) -> Spaces:
    data = spaces.data
    return spaces.with_data(
        item_entities=rewire(data.item_entities, rng),
        entity_entities=rewire_both_ways(data.entity_entities, rng),
        item_links=rewire_both_ways(data.item_links, rng),
    )


SPEC = Spec(
    name=NAME,
    order=40,
    build=build,
    options=KnowledgeConfig,
    weight=0.2,
    weight_for_people=0.0,
    weight_for_ads=0.1,
    control=Control(sentence="edges rewired, degrees kept", permute=_rewired),
    label="Knowledge",
    colours=("#C2609A", "#E092BE"),
    pattern="x",
    symbol="x",
    held="reached over the knowledge graph from users' items",
    not_held="nothing is known of it in the graph",
    coverage=Coverage(
        counted="users with an item within two hops of an entity that other items reach too",
        items=("q_knowledge",),
        remedy="Add a kg file (head_id, relation, tail_id), or attributes, from which a graph is derived.",
    ),
)
