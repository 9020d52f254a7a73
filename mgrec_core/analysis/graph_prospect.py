"""How many links the rules of the build would give, without building."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from mgrec_core.data.dataset import sparse_matrix
from mgrec_core.data.knowledge.links import cooccurrence, neighbours
from mgrec_core.foundation.errors import MgrecError
from mgrec_core.model.granularities.knowledge import KnowledgeConfig

if TYPE_CHECKING:
    from mgrec_core.workspace.folder import Workspace

#: Catalogue beyond which comparing every text with every other takes too long for a page.
MANY_ITEMS = 20_000


def prospects(workspace: Workspace) -> dict[str, int | None]:
    """Count the pairs of items that each rule of the build links, or would link.

    What the current build made is read from it; else the rule is run with the build's options (without a
    build: the defaults). ``neighbours`` needs the build's text vectors: ``None`` without them.

    Returns
    -------
    dict
        ``cooccurrence`` and ``neighbours``: pairs, each counted once.
    """
    from mgrec_core.model.store import load_model

    try:
        manifest = workspace.manifest()
    except MgrecError:
        manifest = None
    config = KnowledgeConfig.model_validate(manifest.config.get("knowledge", {}) if manifest else {})
    found: dict[str, int | None] = {"cooccurrence": None, "neighbours": None}
    found |= manifest.links if manifest else {}
    if found["cooccurrence"] is None:
        links = cooccurrence(_histories(workspace), **config.cooccurrence.model_dump())
        found["cooccurrence"] = _pairs(links)
    if found["neighbours"] is None and manifest is not None:
        model, *_ = load_model(workspace.vectors / manifest.build, manifest)
        behaviour = model.granularities.get("behaviour")  # its items are the whitened texts
        if behaviour is not None:
            vectors = np.asarray(behaviour.blocks[0].items, dtype=np.float32)
            found["neighbours"] = _pairs(neighbours(vectors, **config.neighbours.model_dump()))
    return found


def _histories(workspace: Workspace) -> sparse.csr_array:
    """|U| × |I|: a 1 for each pair that speaks for an interest."""
    with workspace.reading() as connection:
        pairs = connection.execute("SELECT user_id, item_id FROM v_pairs WHERE strength > 0").df()
    users, items = (pd.Index(sorted(pairs[name].astype(str).unique())) for name in ("user_id", "item_id"))
    return sparse_matrix(users, items, pairs["user_id"], pairs["item_id"])


def _pairs(links: sparse.csr_array) -> int:
    return int(sparse.triu(links, k=1).nnz)
