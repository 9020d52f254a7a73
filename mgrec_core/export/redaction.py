"""Results with pseudonyms in place of the ids of users, for what leaves the workspace.

Each function first replaces what holds a user by meaning, then whatever else names one
(:mod:`mgrec_core.workspace.pseudonyms`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mgrec_core.workspace.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from mgrec_core.analysis.audience import Audience
    from mgrec_core.analysis.comparison import Comparison
    from mgrec_core.analysis.counterfactual import Counterfactual, Piece
    from mgrec_core.foundation.explanation import Explanation
    from mgrec_core.foundation.results import RankedList
    from mgrec_core.foundation.themes import UserThemes
    from mgrec_core.model.model import Model
    from mgrec_core.quality.document import FindingExample, QualityReport, Table

_PEOPLE = ("friend", "history")  # kinds of evidence whose ids are users'


def hide_ranked(ranked: RankedList, key: Pseudonyms) -> RankedList:
    """The list with pseudonyms for its user and for the people in it."""
    rows = ranked.items
    if ranked.target == "users":
        rows = tuple(
            dataclasses.replace(row, item_id=key.pseudonym(row.item_id), title=key.pseudonym(row.item_id))
            for row in rows
        )
    return key.hide(dataclasses.replace(ranked, user_id=key.pseudonym(ranked.user_id), items=rows))


def hide_explanation(explanation: Explanation, key: Pseudonyms) -> Explanation:
    """The explanation with pseudonyms for its user and for the friends among the evidence."""
    evidence = {
        granularity: tuple(
            dataclasses.replace(
                e, id=key.pseudonym(e.id), label=key.pseudonym(e.id) if e.label == e.id else e.label
            )
            if e.kind in _PEOPLE
            else e
            for e in found
        )
        for granularity, found in explanation.evidence.items()
    }
    hidden = dataclasses.replace(explanation, user_id=key.pseudonym(explanation.user_id), evidence=evidence)
    return key.hide(hidden)


def hide_counterfactual(found: Counterfactual, key: Pseudonyms) -> Counterfactual:
    """The answer with pseudonyms for its user and for friends that would be taken away.

    The proof's two lists are of the same user; of them only the items' places are written.
    """

    def hidden(piece: Piece) -> Piece:
        if piece.kind not in _PEOPLE:
            return piece
        name = key.pseudonym(piece.id)
        return dataclasses.replace(piece, id=name, label=name if piece.label == piece.id else piece.label)

    proof = found.proof and dataclasses.replace(
        found.proof,
        removed=tuple(map(hidden, found.proof.removed)),
        before=hide_ranked(found.proof.before, key),
        after=hide_ranked(found.proof.after, key),
    )
    return key.hide(
        dataclasses.replace(
            found,
            user_id=key.pseudonym(found.user_id),
            remove=tuple(map(hidden, found.remove)),
            proof=proof,
        )
    )


def hide_profile(document: dict[str, Any], people: Collection[str], key: Pseudonyms) -> dict[str, Any]:
    """What :func:`~mgrec_core.analysis.in_words.in_words` gave, with pseudonyms.

    Parameters
    ----------
    people
        Granularities whose evidence are users.
    """
    told = {
        name: {**found, "evidence": key.pseudonyms(found["evidence"])} if name in people else found
        for name, found in document["granularities"].items()
    }
    hidden = {**document, "user_id": key.pseudonym(document["user_id"]), "granularities": told}
    return key.hide(hidden)


def people_of(model: Model) -> set[str]:
    """Granularities whose evidence are users."""
    return {name for name, g in model.granularities.items() if g.kind in _PEOPLE}


def hide_themes(found: UserThemes, people: Collection[str], key: Pseudonyms) -> UserThemes:
    """The themes with pseudonyms for their user and for the friends among the evidence.

    Parameters
    ----------
    people
        Granularities whose evidence are users.
    """
    told = {
        name: tuple(
            dataclasses.replace(theme, evidence=tuple(key.pseudonyms(theme.evidence))) for theme in themes
        )
        if name in people
        else themes
        for name, themes in found.granularities.items()
    }
    return key.hide(dataclasses.replace(found, user_id=key.pseudonym(found.user_id), granularities=told))


def hide_comparison(found: Comparison, key: Pseudonyms) -> Comparison:
    """The comparison with pseudonyms for its users, also where a side is called after its user."""
    lists = [hide_ranked(one, key) for one in (found.first, found.second)]
    first, second = (
        f"user {new.user_id}" if name == f"user {old.user_id}" else name
        for name, old, new in zip(found.names, (found.first, found.second), lists, strict=True)
    )
    return key.hide(dataclasses.replace(found, first=lists[0], second=lists[1], names=(first, second)))


def hide_audience(found: Audience, key: Pseudonyms) -> Audience:
    """The audience with pseudonyms for its users; within a rank they follow the pseudonyms' order."""
    rows = found.rows.assign(user_id=key.pseudonyms(found.rows["user_id"]))
    rows = rows.sort_values(["rank", "user_id"], ignore_index=True)
    return key.hide(dataclasses.replace(found, rows=rows))


def hide_users(rows: Iterable[Mapping[str, Any]], key: Pseudonyms) -> list[dict[str, Any]]:
    """Rows with pseudonyms for their ``user_id``, those without one (everybody's) as they are."""
    return [
        key.hide({**row, "user_id": key.pseudonym(row["user_id"])} if row.get("user_id") else dict(row))
        for row in rows
    ]


def hide_quality(report: QualityReport, key: Pseudonyms) -> QualityReport:
    """The report with pseudonyms for its users, and without the receipt's example rows, which name some."""

    def example(one: FindingExample) -> FindingExample:
        if one.kind != "user":
            return one
        like = key.pseudonym(one.like) if one.like else ""
        return one.model_copy(update={"id": key.pseudonym(one.id), "label": "", "like": like})

    def table(one: Table) -> Table:
        users = {n for n, column in enumerate(one.columns) if column.kind == "user"}
        rows = tuple(
            tuple(key.pseudonym(str(cell)) if n in users else cell for n, cell in enumerate(row))
            for row in one.rows
        )
        return one.model_copy(update={"rows": rows})

    findings = tuple(
        one.model_copy(update={"examples": tuple(map(example, one.examples))}) for one in report.findings
    )
    sections = tuple(
        one.model_copy(update={"tables": tuple(map(table, one.tables))}) for one in report.sections
    )
    receipt = report.receipt.model_copy(update={"examples": ()})
    return key.hide(
        report.model_copy(update={"findings": findings, "sections": sections, "receipt": receipt})
    )
