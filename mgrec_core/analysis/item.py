"""All there is to say of one item, as one document: ``item --json`` and the Item page's files."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mgrec_core.analysis.audience import Audience, History, Lists, audience, by_segment, everybody
from mgrec_core.analysis.cold_start import cold_start
from mgrec_core.evaluation.segments import attributes, cohort, user_groups
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.workspace.cohorts import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable

    from mgrec_core.engine.engine import Engine
    from mgrec_core.foundation.results import WeightsLike


def lists_of(engine: Engine, weights: WeightsLike, k: int, progress: Progress = silent) -> Lists:
    """Everybody's lists under weights, as :func:`mgrec_core.analysis.audience.everybody` keeps them."""
    lam = engine.resolve(weights)
    return everybody(engine.model, lam.factors, k, fusion=lam.fusion, progress=progress)


def audience_of(engine: Engine, lists: Lists, item_id: str) -> Audience:
    """One item's audience.

    Raises
    ------
    NotFoundError
        The item is unknown.
    """
    position = engine.item_position(item_id)
    return audience(lists, engine.model, position, item_id, engine.user_ids, engine.present)


def segment_of(engine: Engine, lists: Lists, item_id: str, name: str) -> pd.DataFrame:
    """Share of each group of a segment that sees an item: group, users, seeing, share.

    Parameters
    ----------
    name
        ``activity``, ``taste``, ``cold-users``, a user attribute or ``cohort:NAME``.

    Raises
    ------
    InputError
        There is no such segment, or nobody is in it.
    NotFoundError
        The item or the cohort is unknown.
    """
    if name.startswith(PREFIX):
        people = {name: cohort(engine.workspace.state, name)}
    else:
        with contextlib.closing(engine.workspace.connect()) as connection:
            people = attributes(connection)
    labels, groups = user_groups(name, History.of(engine.model, engine.user_ids), lists.users, people)
    sees = np.zeros(len(lists.users), dtype=bool)
    sees[lists.audience(engine.item_position(item_id))[0]] = True
    return by_segment(sees, labels, groups)


def item_document(
    engine: Engine, item_id: str, weights: WeightsLike, k: int, *, segment: str = "activity",
    progress: Progress = silent, hide: Callable[[Audience], Audience] = lambda seen: seen,
) -> dict[str, Any]:  # fmt: skip
    """What the Item page says of an item.

    Parameters
    ----------
    hide
        Puts pseudonyms in place of the audience's users; by default their ids are told.

    Raises
    ------
    NotFoundError, InputError
        As of the functions above.
    """
    position, lam = engine.item_position(item_id), engine.resolve(weights)
    lists = lists_of(engine, lam, k, progress)
    near = engine.neighbours(item_id, k, lam)
    shares = segment_of(engine, lists, item_id, segment)
    groups = shares.astype(object).where(shares.notna(), None).to_dict("records")
    seen = audience_of(engine, lists, item_id)
    return {
        "item_id": item_id,
        "title": engine.item_label(item_id),
        "attributes": engine.item_attributes(item_id),
        "weights": lam.values,
        "base": lam.base,
        "fusion": lam.fusion,
        "k": k,
        "standing": cold_start(engine.model, position).to_dict(),
        "neighbours": {g: [asdict(n) for n in some] for g, some in near.items()},
        "audience": hide(seen).to_dict()
        | {
            "segment": segment,
            "groups": groups,
        },
    }
