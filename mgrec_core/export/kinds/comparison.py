"""Two lists side by side: two users, or one user under two sets of weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mgrec_core.export.document import Bar, Bars, Cell, Column, Document, Facts, Section, Table
from mgrec_core.export.kinds.evidence import parts_of
from mgrec_core.foundation.text import count

if TYPE_CHECKING:
    from mgrec_core.analysis.comparison import Comparison, ItemDifference
    from mgrec_core.export.provenance import Origin
    from mgrec_core.foundation.results import RankedList


def comparison_document(origin: Origin, found: Comparison, options: dict[str, str] | None) -> Document:
    """Put two lists side by side.

    Parameters
    ----------
    origin
        Build and weights of the first side, and pseudonyms where ``found`` has them.
    found
        What :func:`mgrec_core.analysis.comparison.compare` answered.
    options
        Those of ``export`` that give the same comparison; ``None`` where no command does.
    """
    a, b = found.first, found.second
    head = origin.head(options=options)
    return Document(
        kind="comparison",
        names=names_of(found, origin.workspace),
        title=f"{found.names[0]} and {found.names[1]}",
        about=f"{count(len(found.shared), 'item')} of {max(len(a.items), len(b.items))} in both lists,"
        f" rank-biased overlap {found.rbo:.2f}",
        head=head if options is not None else replace(head, command=""),
        data=lambda: {"comparison": found.to_dict()},
        sections=(_alike(found), _sides(found), _differences(found)),
        frames={"differences": found.to_frame, "first": a.to_frame, "second": b.to_frame},
    )


def names_of(found: Comparison, workspace: str) -> tuple[tuple[str, str], ...]:
    """What its files are named after."""
    a, b = found.first.user_id, found.second.user_id
    if a != b:
        return (("users", a), ("and", b), ("", workspace))
    return (("user", a), ("compared", f"{found.names[0]}-{found.names[1]}"), ("", workspace))


def _alike(found: Comparison) -> Section:
    sides = [
        (
            f"weights of {name}",
            ", ".join(f"{g} {w:.3g}" for g, w in side.weights.items()) + f"; base {side.base}",
        )
        for name, side in zip(found.names, (found.first, found.second), strict=True)
    ]
    rows = (
        ("overlap", f"{100 * found.overlap:.0f} % of the longer list"),
        ("rank-biased overlap", f"{found.rbo:.3f} (p = 0.9)"),
        ("items that both users have", f"{len(found.common):,}"),
        *sides,
    )
    making = found.making()
    chart = Bars(
        title="What makes the difference",
        rows=tuple(Bar(g.replace("_", " "), ((g, 100 * share),)) for g, share in making.items()),
        alt="Each granularity's share of all differences of scores, signs ignored.",
        unit="per cent of all differences, signs ignored",
        kind="number",
    )
    return Section("alike", "How alike they are", (Facts(rows), chart))


def _sides(found: Comparison) -> Section:
    def cells(side: RankedList, n: int) -> tuple[Cell, ...]:
        if n >= len(side.items):
            return (None, None)
        item = side.items[n]
        mark = " ●" if item.item_id in found.shared else ""
        return (f"{item.title}{mark}", item.score)

    length = max(len(found.first.items), len(found.second.items))
    columns = (
        Column("rank", "count"), Column(found.names[0]), Column("score", "signed"),
        Column(found.names[1]), Column("score", "signed"),
    )  # fmt: skip
    rows = tuple((n + 1, *cells(found.first, n), *cells(found.second, n)) for n in range(length))
    return Section("lists", "The lists", (Table(columns, rows, note="● is in both lists."),))


def _differences(found: Comparison) -> Section:
    chart = Bars(
        title=f"To the right: more for {found.names[0]}",
        rows=tuple(Bar(one.title, parts_of(one.by)) for one in found.differences),
        alt=f"Differences of scores of {count(len(found.differences), 'item')}, split over granularities.",
        unit="difference of scores",
    )
    columns = [Column("item"), Column("id", "id"), Column("rank a", "count"), Column("rank b", "count")]
    columns += [Column("difference", "signed"), *(Column(g, "signed") for g in found.shares[0])]

    def row(one: ItemDifference) -> tuple[Cell, ...]:
        by = (one.by[g] for g in found.shares[0])
        return (one.title, one.item_id, one.rank_a, one.rank_b, one.difference, *by)

    table = Table(
        tuple(columns),
        tuple(map(row, found.differences)),
        note="a minus b; a row's parts sum to its difference. No rank: the user has the item already.",
    )
    return Section("differences", "What the scores differ by", (chart, table))
