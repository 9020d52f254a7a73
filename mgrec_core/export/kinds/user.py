"""A user's ranked list and the explanation of every item in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from mgrec_core.export.cells import signed
from mgrec_core.export.document import Bar, Bars, Cell, Column, Document, Paragraph, Section, Table
from mgrec_core.export.kinds.evidence import SHOWN, evidence_table, parts_of
from mgrec_core.export.kinds.themes import themes_section
from mgrec_core.export.redaction import hide_explanation, hide_ranked, hide_themes, people_of
from mgrec_core.foundation.explanation import MOST_EVIDENCE, Explanation
from mgrec_core.foundation.results import RankedList, UserProfile
from mgrec_core.foundation.text import count

if TYPE_CHECKING:
    from mgrec_core.export.provenance import Origin

_TYPICAL = 4
"""Typical items of a theme."""


def user_document(
    origin: Origin, user_id: str, k: int = 10, *, everything: bool = False, exclude: Collection[str] = ()
) -> Document:
    """Rank and explain for one user.

    Parameters
    ----------
    origin
        Build, weights and, where they are asked for, pseudonyms.
    everything
        Tell all evidence. By default the strongest pieces are told and the others summed: a history of
        10,000 items would make ten explanations a file of 26 MB.
    exclude
        Items to leave out besides the seen ones, such as those that the user does not want.

    Raises
    ------
    NotFoundError, InputError
        As :meth:`mgrec_core.engine.engine.Engine.rank`.
    """
    engine, lam = origin.engine, origin.weights
    ranked = engine.rank(user_id, k, lam, exclude=exclude)
    explanations = engine.explain_all(user_id, [item.item_id for item in ranked.items], lam)
    return document_of(origin, ranked, explanations, everything=everything, exclude=exclude)


def document_of(
    origin: Origin,
    ranked: RankedList,
    explanations: Sequence[Explanation],
    *,
    everything: bool = False,
    exclude: Collection[str] = (),
) -> Document:
    """Make the document of a list and of the explanations of its items, as the engine answered them."""
    profile, themes = origin.engine.profile(ranked.user_id), origin.engine.themes(ranked.user_id, _TYPICAL)
    if key := origin.key:
        themes = hide_themes(themes, people_of(origin.engine.model), key)
        ranked, explanations = hide_ranked(ranked, key), [hide_explanation(e, key) for e in explanations]
        profile = key.hide(profile)
    top, shown = (None, None) if everything else (MOST_EVIDENCE, SHOWN)
    options = {"user": ranked.user_id, "k": str(ranked.k)}
    flags = ("--all",) if everything else ()

    def evidence() -> pd.DataFrame:
        frames = [
            one.to_frame(top).assign(item_id=item.item_id, rank=item.rank)
            for item, one in zip(ranked.items, explanations, strict=True)
        ]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"item_id": [], "rank": []})

    return Document(
        kind="user",
        names=(("user", ranked.user_id), ("", origin.workspace)),
        title=f"User {ranked.user_id}",
        about=_about(profile),
        head=origin.head(*flags, options=options),
        data=lambda: {
            "profile": _profile(profile),
            "ranked": ranked.to_dict(),
            "interests": themes.to_dict()["granularities"],
            "explanations": [one.to_dict(top) for one in explanations],
            **({"excluded": sorted(exclude)} if exclude else {}),
        },
        sections=(
            _list(ranked, len(exclude)),
            *filter(None, [themes_section(themes)]),
            *_why(explanations, shown),
        ),
        frames={"ranked": ranked.to_frame, "evidence": evidence, "interests": themes.to_frame},
    )


def _profile(profile: UserProfile) -> dict[str, Any]:
    return {
        "n_items": profile.n_items,
        "n_events": profile.n_events,
        "n_friends": profile.n_friends,
        "attributes": profile.attributes,
    }


def _about(profile: UserProfile) -> str:
    counts = [(profile.n_items, "item"), (profile.n_events, "event"), (profile.n_friends, "friend")]
    said = ", ".join(count(n, one) for n, one in counts)
    return " · ".join([said, *(f"{name}: {value}" for name, value in profile.attributes.items())])


def _list(ranked: RankedList, excluded: int) -> Section:
    title = f"The {len(ranked.items)} best of {ranked.n_candidates:,} unseen items"
    if not ranked.items:
        return Section("list", title, (Paragraph("There is nothing left to recommend to this user."),))
    bars = tuple(Bar(f"{i.rank}. {i.title}", parts_of(i.contributions)) for i in ranked.items)
    best = ranked.items[0]
    chart = Bars(
        title="What puts each item where it is",
        rows=bars,
        alt=f"The contributions of each granularity to the scores of {count(len(bars), 'item')}; the first is"
        f" {best.title} with {signed(best.score)}.",
    )
    columns = [Column("rank", "count"), Column("item"), Column("id", "id"), Column("score", "signed")]
    columns += [Column(g, "signed") for g in ranked.weights]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (i.rank, i.title, i.item_id, i.score, *(i.contributions[g] for g in ranked.weights))
        for i in ranked.items
    )
    note = "Signed contribution of each granularity; a row's contributions sum to its score."
    if excluded:
        note += f" {count(excluded, 'item')} that the user does not want left out by hand."
    return Section("list", title, (chart, Table(tuple(columns), rows, note=note)))


def _why(explanations: Sequence[Explanation], shown: int | None) -> list[Section]:
    said = (
        "Per granularity the strongest evidence, the rest in one line and the baseline; they sum to the"
        " contribution, and the contributions to the score."
    )
    if not explanations:
        return []
    parts = [Section("why", "Why", (Paragraph(said, muted=True),))]
    for n, one in enumerate(explanations):
        title = f"{one.rank}. {one.title}: score {signed(one.score)}"
        parts.append(Section(f"why-{n + 1}", title, (evidence_table(one, shown),), level=3, folded=n > 0))
    return parts
