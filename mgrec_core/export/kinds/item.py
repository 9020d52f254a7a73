"""Why one item has its score for one user."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mgrec_core.export.cells import signed
from mgrec_core.export.document import Bar, Bars, Block, Document, Facts, Paragraph, Section
from mgrec_core.export.kinds.evidence import evidence_bars, evidence_table, theme_bars
from mgrec_core.export.redaction import hide_explanation
from mgrec_core.foundation.explanation import MOST_EVIDENCE, Explanation

if TYPE_CHECKING:
    from mgrec_core.export.provenance import Origin

BARS, ROWS = 12, 25
"""Pieces of evidence of a granularity that get a bar, and a line, of their own."""


def item_document(origin: Origin, user_id: str, item_id: str, *, everything: bool = False) -> Document:
    """Explain an item's score.

    Parameters
    ----------
    origin
        Build, weights and, where they are asked for, pseudonyms.
    everything
        Tell all evidence in the table; by default the strongest, the others summed.

    Raises
    ------
    NotFoundError
        As :meth:`mgrec_core.engine.engine.Engine.explain`.
    """
    engine = origin.engine
    found = engine.explain(user_id, item_id, origin.weights)
    attributes = engine.item_attributes(item_id)
    if key := origin.key:
        found, attributes = hide_explanation(found, key), key.hide(attributes, "attributes")
    top = None if everything else MOST_EVIDENCE
    flags = ("--all",) if everything else ()
    return Document(
        kind="item",
        names=(("item", found.item_id), ("user", found.user_id), ("", origin.workspace)),
        title=f"Why {found.title} for user {found.user_id}",
        about=_place(found),
        head=origin.head(*flags, options={"user": found.user_id, "item": found.item_id}),
        data=lambda: {"attributes": attributes, "explanation": found.to_dict(top)},
        sections=(_score(found, attributes), *_evidence(found, everything)),
        frames={"evidence": lambda: found.to_frame(top)},
    )


def _place(found: Explanation) -> str:
    if found.rank is None:
        seen = found.note or "the user has it already, so ranked lists leave it out"
        return f"Score {signed(found.score)}; {seen[:1].lower()}{seen[1:]}"
    return f"Rank {found.rank:,} of the unseen items, score {signed(found.score)}"


def _score(found: Explanation, attributes: dict[str, str]) -> Section:
    rows = [Bar(g.replace("_", " "), ((g, value),)) for g, value in found.contributions.items()]
    rows.append(Bar("score", (("", found.score),)))
    strongest = max(found.contributions, key=lambda g: abs(found.contributions[g]))
    chart = Bars(
        title="What each granularity adds to the score",
        rows=tuple(rows),
        alt=f"Contributions that sum to {signed(found.score)}; the largest is"
        f" {strongest.replace('_', ' ')} with {signed(found.contributions[strongest])}.",
    )
    known = (("id", found.item_id), *attributes.items())
    return Section("score", "The score", (Facts(tuple(known)), chart))


def _evidence(found: Explanation, everything: bool) -> list[Section]:
    said = (
        "Evidence and baseline of a granularity sum to its contribution, and the contributions to the score."
    )
    sections = [Section("evidence", "The evidence", (Paragraph(said, muted=True),))]
    for n, (g, value) in enumerate(sorted(found.contributions.items(), key=lambda pair: -abs(pair[1]))):
        title = f"{g.replace('_', ' ').capitalize()}: {signed(value)}"
        blocks: list[Block] = []
        if not found.weights.get(g, 1.0) and found.fusion == "score":
            blocks.append(Paragraph("Its weight λ is 0, so that its evidence adds nothing here."))
        elif not found.evidence[g]:
            blocks.append(Paragraph("This user has no evidence here; what is left is the baseline."))
        else:
            if themes := found.themes.get(g):
                blocks.append(theme_bars(themes, g))
            blocks.append(evidence_bars(found, g, BARS))
            if len(found.evidence[g]) > BARS:
                one = replace(found, contributions={g: value})
                blocks.append(evidence_table(one, None if everything else ROWS))
        sections.append(Section(f"evidence-{n + 1}", title, tuple(blocks), level=3, folded=n > 1))
    return sections
