"""Where each finding of the data quality page is mended: links to the place, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from mgrec_core.quality import Finding
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.session import state


@dataclass(frozen=True)
class Remedy:
    """A link to the place that mends or settles something.

    Attributes
    ----------
    label
        What is done there.
    page
        Name of the page.
    query
        What its address says besides the workspace.
    """

    label: str
    page: str
    query: dict[str, str] = field(default_factory=dict)


Found = tuple[Remedy, ...] | str
Finder = Callable[[Finding], Found]


def _import(label: str, option: str, value: str = "") -> Remedy:
    return Remedy(label, "importing", {"option": option} | ({"value": value} if value else {}))


def _without_column(finding: Finding) -> Found:
    return (_import(f"Import again without the column {finding.column}", "drop", finding.column),)


def _lab(label: str, **query: str) -> Remedy:
    return Remedy(label, "lab", query)


def _first_user(finding: Finding) -> Found:
    users = [one.id for one in finding.examples if one.kind == "user"]
    return tuple(Remedy(f"Look at {user}, or forget this user", "user", {"user": user}) for user in users[:3])


def _twins(finding: Finding) -> Found:
    pairs = [(one.id, one.like) for one in finding.examples if one.kind == "user" and one.like]
    return tuple(
        Remedy(f"Compare {one} with {other}", "compare", {"user": one, "second": other})
        for one, other in pairs[:3]
    )


def _titles_are_ids(finding: Finding) -> Found:
    if finding.severity == "low":
        return (_import("Import again, with another column as title", "mapping"),)
    return "Only the source can be mended: nothing here knows which words of a title are somebody's id."


_ROWS = Remedy("See the example rows", "quality", {"section": "receipt"})
_TIMES = (_import("Import again and say how times are written", "time_form"), _ROWS)
_MAPPED = (_import("Import again and check which column is what", "mapping"), _ROWS)
_MORE = (_import("Add a file to the workspace's data", "append"),)
_BUILD = (
    Remedy("See what the language model reads", "model"),
    Remedy("Build again with another language model", "model", {"room": "models"}),
)
_LATER = (_lab("Evaluate with a split by time", split="time"),)

_WHERE: dict[str, Found | Finder] = {
    "rejected_rows": (_MAPPED[1], _MAPPED[0]),
    "repeated_rows": (
        _import("Import again with repeated events counted", "without", "duplicate_event"),
        _ROWS,
    ),
    "impossible_dates": _TIMES,
    "early_dates": _TIMES,
    "future_dates": _TIMES,
    "undated": _MAPPED,
    "no_events": _MAPPED,
    "short_histories": (
        _import("Add events of a longer period", "append"),
        _lab("Figures by length of history", lab="Segments"),
    ),
    "cold_items": (
        _import("Add titles, attributes or a graph", "append"),
        _lab("Figures by segment", lab="Segments"),
    ),
    "concentration": (_lab("Compare with popularity, with coverage and novelty"),),
    "dense": (_import("Import again and say what kinds of events mean", "strengths"),),
    "popularity_drift": _LATER,
    "late_items": (*_LATER, _import("Add texts and attributes", "append")),
    "feedback_overlaps_events": _LATER,
    "one_timestamp": (_lab("Evaluate with a random split", split="random"), _TIMES[0]),
    "id_in_two_forms": (_import("Import again and join such ids", "join_ids", "decimals"),),
    "same_title": "Only the source can be mended: nothing here knows whether they are the same thing.",
    "twin_users": _twins,
    "repeated_events": (_import("Import again with quantities as weight", "mapping"),),
    "user_attribute_names_items": _without_column,
    "user_attribute_follows_taste": _without_column,
    "user_attribute_counts_events": _without_column,
    "item_attribute_counts_events": _without_column,
    "item_attribute_names_users": _without_column,
    "text_contains_ids": _titles_are_ids,
    "graph_holds_events": (_import("Import again, with friends as social and not as a graph", "mapping"),),
    "tags_on_events": "There is nothing to mend here: evaluations drop these tags by themselves.",
    "without_text": _MORE,
    "without_attributes": _MORE,
    "without_graph": _MORE,
    "unknown_words": _BUILD,
    "texts_alike": _BUILD,
    "texts_cut": _BUILD,
    "evidence_recent": _MAPPED,
}
_FAMILIES: dict[str, Found | Finder] = {"automated_": _first_user, "evidence_": _MORE}
"""Rules whose names begin so, one for each kind of program and for each granularity."""


def of(finding: Finding) -> Found:
    """Return where a finding is mended, or one sentence why nothing here mends it.

    Raises
    ------
    KeyError
        The rule has no place yet.
    """
    found = _WHERE.get(finding.check)
    if found is None:
        found = next(place for start, place in _FAMILIES.items() if finding.check.startswith(start))
    return found(finding) if callable(found) else found


def show(view: View, finding: Finding, key: str) -> None:
    """Draw a finding's links, or the sentence why there is none."""
    found = of(finding)
    if isinstance(found, str):
        st.caption(text.md(found))
        return
    with st.container(horizontal=True, gap="medium"):
        for one in found:
            label = text.md(text.shorten(one.label, 70))
            if one.page == "quality":  # a link to the page that is open would look like where one is
                st.button(
                    label,
                    key=f"{key}_{one.query['section']}",
                    icon=":material/table_rows:",
                    type="tertiary",
                    on_click=_open,
                    args=(view, one.query["section"]),
                )
            else:
                links.show(one.page, label, query={"workspace": view.workspace, **one.query})


def _open(view: View, section: str) -> None:
    view.section = section
    state.touch()
