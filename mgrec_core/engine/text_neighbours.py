"""What is near an item by its text alone, to one language model and to another; nothing is encoded here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mgrec_core.data.item_texts import item_texts
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Neighbour
from mgrec_core.language.model_files import find_model
from mgrec_core.language.text_cache import TextCache
from mgrec_core.model.config import Config

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

MOST = 20_000
"""Items that are compared; of a larger catalogue those that most people chose."""


@dataclass(frozen=True)
class TextNeighbours:
    """The items whose texts are nearest to one item's.

    Attributes
    ----------
    neighbours
        Nearest first; cosines of text vectors as the model gives them.
    n_items
        Items that were compared.
    n_unread
        Items left out since the model has not read their texts yet.
    """

    neighbours: tuple[Neighbour, ...]
    n_items: int
    n_unread: int


def text_neighbours(engine: Engine, item_id: str, model: str | None, k: int = 10) -> TextNeighbours:
    """Return the ``k`` items whose texts are nearest to one item's, from vectors that are kept.

    Parameters
    ----------
    model
        As builds name it; ``None``: the embedded MiniLM.

    Raises
    ------
    NotFoundError
        There is no such item, or no such model.
    InputError
        ``k`` below 1, the item has no text, or the model has not read it yet.
    """
    check_k(k, what="neighbour")
    workspace = engine.workspace
    language = Config.of_build(engine.manifest.config).language
    frame = engine.items_frame().sort_values(["n_users", "item_id"], ascending=[False, True])
    titles = dict(zip(frame["item_id"], frame["title"].fillna(""), strict=True))
    if item_id not in titles:
        raise NotFoundError(f"there is no item {item_id[:60]!r} in this build: choose another one")
    with workspace.reading() as connection:
        texts = item_texts(connection, language.template)
    if not texts.get(item_id):
        raise InputError(f"the item {item_id[:60]!r} has no text, so nothing is near it by its text")
    chosen = [item_id, *(one for one in titles if one != item_id and texts.get(one))][:MOST]
    files = find_model(workspace.model_at(model), prompt=language.prompt, long_texts=language.long_texts)
    read = [str(texts[one]) for one in chosen]
    places, vectors = TextCache(workspace.path / "cache").kept(files.fingerprint, read)
    if not places or places[0] != 0:
        raise InputError(
            f"the model {files.name if model is None else model} has not read these texts yet: build with it"
            " once, its vectors are kept"
        )
    cosines = vectors[1:] @ vectors[0]
    best = np.argsort(-cosines, kind="stable")[:k]
    found = []
    for rank, row in enumerate(best, start=1):
        one = chosen[places[int(row) + 1]]
        found.append(Neighbour(rank, one, str(titles[one]), float(cosines[row])))
    return TextNeighbours(tuple(found), len(places) - 1, len(chosen) - len(places))
