"""A cohort: what sets its members apart, and what they see; no member is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mgrec_core.analysis.exposure import list_counts
from mgrec_core.analysis.profile import distinctive, features_of
from mgrec_core.export.document import Bar, Bars, Block, Column, Document, Facts, Paragraph, Section, Table
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import count
from mgrec_core.metrics.small_groups import MIN_GROUP

if TYPE_CHECKING:
    from mgrec_core.export.provenance import Origin
    from mgrec_core.workspace.cohorts import Cohort

TOP = 20
_MORE, _LESS = 12, 6
_Z = 1.0  # standard errors above 0 that a value's log-odds must lie


def cohort_document(origin: Origin, cohort: Cohort, k: int = 10) -> Document:
    """Tell what a saved cohort is like beside everybody.

    Parameters
    ----------
    cohort
        With its members.
    k
        Length of the lists that are counted.

    Raises
    ------
    InputError
        Fewer users than can be told of, or none of the members is in this build.
    """
    engine = origin.engine
    name = origin.key.text(cohort.name) if origin.key else cohort.name
    if cohort.of == "users" and cohort.size < MIN_GROUP:
        raise InputError(
            f"cohort {name!r} is not for export: it has fewer than {MIN_GROUP} users, who could be told"
        )
    ids = engine.user_ids if cohort.of == "users" else engine.item_ids
    inside = np.isin(np.array(ids, dtype=object), np.array(cohort.ids, dtype=object))
    if not inside.any():
        raise InputError(f"cohort {name!r} has no member in this build: build again, or choose another one")
    profile = _profile(origin, cohort, inside)
    top, counted = _seen(origin, [ids[n] for n in np.flatnonzero(inside)], cohort, k)
    if origin.key:
        profile, top = origin.key.hide(profile), origin.key.hide(top)
    about = cohort.to_dict() if origin.key is None else origin.key.hide(cohort.to_dict())
    return Document(
        kind="cohort",
        names=(("cohort", name), ("", origin.workspace)),
        title=f"Cohort {name}",
        about=f"{count(int(inside.sum()), cohort.of.removesuffix('s'))} of {len(ids):,};"
        f" saved on {cohort.made[:10]}",
        head=origin.head(options={"cohort": name, "k": str(k)}),
        data=lambda: {
            "cohort": about,
            "k": k,
            "counted": counted,
            "distinctive": profile.to_dict("records"),
            "top": top.to_dict("records"),
        },
        sections=(_definition(about), _apart(profile, cohort), _list(top, cohort, k, counted)),
        frames={"distinctive": lambda: profile, "top": lambda: top},
    )


def _profile(origin: Origin, cohort: Cohort, inside: Any) -> pd.DataFrame:
    """Values that the members hold more often, then less often, than everybody: the clearest first."""
    found = distinctive(features_of(origin.engine, cohort.of), inside[None, :], top=None)[0]
    more = found[(found["z"] >= _Z) & (found["lift"] >= 1.1)].head(_MORE)
    less = found[(found["z"] <= -_Z) & (found["lift"] <= 0.9)].tail(_LESS)
    return pd.concat([more, less], ignore_index=True)


def _seen(origin: Origin, members: list[str], cohort: Cohort, k: int) -> tuple[pd.DataFrame, dict[str, int]]:
    """Columns item_id, title, share (who sees it in the top k) and, of users' cohorts, share_all.

    Beside it the users that were counted: all, or an even sample of them.
    """
    engine = origin.engine
    lam = engine.resolve(origin.weights)
    everybody, n_all = list_counts(engine, engine.user_ids, lam, k)
    if cohort.of == "items":
        held = [engine.item_position(one) for one in members]
        places = sorted(held, key=lambda n: (-everybody[n], n))[:TOP]
        counted = {"everybody": n_all}
        shares = {"share": everybody[places] / n_all}
    else:
        counts, n = list_counts(engine, members, lam, k)
        counted = {"members": n, "everybody": n_all}
        places = [int(at) for at in np.lexsort((np.arange(len(counts)), -counts))[:TOP] if counts[at]]
        shares = {"share": counts[places] / n, "share_all": everybody[places] / n_all}
    ids = [engine.item_ids[n] for n in places]
    rows = {"item_id": ids, "title": [engine.item_label(one) for one in ids], **shares}
    return pd.DataFrame(rows), counted


def _definition(about: dict[str, Any]) -> Section:
    rows = [("of", about["of"]), ("members", f"{about['size']:,}"), ("made by", about["origin"])]
    rows += [(str(name), str(value)) for name, value in about["definition"].items()]
    return Section("definition", "What it is", (Facts(tuple(rows)),))


def _apart(profile: pd.DataFrame, cohort: Cohort) -> Section:
    title = "What sets it apart"
    if profile.empty:
        said = "Nothing: the attributes of its members are distributed like everybody's."
        return Section("apart", title, (Paragraph(said),))
    rows = [(f"{r['attribute']}: {r['value']}", r) for r in profile.to_dict("records")]
    chart = Bars(
        title="To the right: more often than everybody",
        rows=tuple(Bar(label, (("", float(r["log_odds"])),)) for label, r in rows),
        alt=f"{count(len(rows), 'value')}; the clearest is {rows[0][0]}.",
        unit="log-odds",
    )
    columns = (
        Column("value"), Column("share here", "share"), Column("share of everybody", "share"),
        Column("lift", "number"), Column("z", "number"),
    )  # fmt: skip
    several = "; of items' attributes, the mean share of a history" if cohort.of == "users" else ""
    table = Table(
        columns,
        tuple(
            (label, float(r["share"]), float(r["share_all"]), float(r["lift"]), float(r["z"]))
            for label, r in rows
        ),
        note=f"Shares of those who have the attribute{several}; z is the log-odds in standard errors.",
    )
    return Section("apart", title, (chart, table))


def _list(top: pd.DataFrame, cohort: Cohort, k: int, counted: dict[str, int]) -> Section:
    seen = "its members see" if cohort.of == "users" else "everybody sees of it"
    title = f"What {seen} in the top {k}"
    if top.empty:
        return Section("top", title, (Paragraph("Nothing."),))
    columns = [Column("item"), Column("id", "id")]
    columns += [Column("share here" if cohort.of == "users" else "share of users", "share")]
    values = [top["title"], top["item_id"], top["share"].astype(float)]
    if "share_all" in top:
        columns.append(Column("share of everybody", "share"))
        values.append(top["share_all"].astype(float))
    users = ", ".join(f"{name} {n:,}" for name, n in counted.items())
    said = "Share of users with the item in their list (fusion by score, seen items left out)"
    note = f"{said}; counted: {users}."
    blocks: tuple[Block, ...] = (Table(tuple(columns), tuple(zip(*values, strict=True)), note=note),)
    return Section("top", title, blocks)
