"""The saved cohorts: size, another name, delete and undo, export."""

from __future__ import annotations

from functools import partial

import streamlit as st

from mgrec_core.metrics.small_groups import MIN_GROUP
from mgrec_core.service.query.files import cohort_csv
from mgrec_core.workspace.cohorts import Cohort, CohortStore
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.pseudonyms import Pseudonyms
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.session import allowed, gone, state
from pages.ui.widgets import exports, headings, problems


def saved(view: View) -> None:
    """Show the workspace's cohorts."""
    store = CohortStore(Workspace(state.folder(view.workspace)).state)
    found = store.all()
    headings.section("Cohorts")
    deleted: Cohort | None = gone.held("cohort", view)
    if deleted is not None:
        st.button(
            f"Undo: bring {text.md(deleted.name)} back",
            key="cohort_undo",
            icon=":material/undo:",
            on_click=_undo,
            args=(store, deleted),
            **allowed.control("delete"),
        )
    if not found:
        st.caption(
            "None is saved yet: the answer of a query with a column user_id or item_id can be saved as one."
        )
        return
    for cohort in found:
        with st.expander(f"{text.md(cohort.name)} · {cohort.size:,} {cohort.of}"):
            _one(view, store, cohort)


def _one(view: View, store: CohortStore, cohort: Cohort) -> None:
    key = f"cohort_{cohort.name}"
    new = st.text_input("Name", cohort.name, key=f"{key}_name", max_chars=60)
    left, right = st.columns(2)
    if left.button("Rename", key=f"{key}_rename", width="stretch", **allowed.control("save cohorts")):
        if problems.attempt(
            allowed.require, "save cohorts", detail=f"rename {cohort.name} to {new}"
        ) and problems.attempt(store.rename, cohort.name, new):
            st.rerun()
        problems.show()
    if right.button(
        "Delete", key=f"{key}_delete", icon=":material/delete:", width="stretch", **allowed.control("delete")
    ):
        allowed.require("delete", detail=f"cohort {cohort.name}")
        gone.keep("cohort", view.workspace, store.delete(cohort.name))
        st.rerun()
    if cohort.of == "users" and cohort.size < MIN_GROUP:
        st.caption(f"Not for export: suppressed (< {MIN_GROUP} users).")
        return
    people = cohort.of == "users"
    toggle = exports.hide_toggle(f"{key}_hide", "Pseudonyms for users", "") if people else False
    hide = toggle or not allowed.may("export ids")
    csv = partial(_csv, store, cohort.name, Workspace(state.folder(view.workspace)) if hide else None)
    exports.download("CSV", csv, "cohort.csv", key=f"{key}_csv", hide=hide, ids=people)


def _csv(store: CohortStore, name: str, hidden: Workspace | None) -> str:
    return cohort_csv(store.get(name), hidden=Pseudonyms.of(hidden) if hidden else None)


def _undo(store: CohortStore, deleted: Cohort) -> None:
    bring_back = f"bring back cohort {deleted.name}"
    if problems.attempt(allowed.require, "delete", detail=bring_back) and problems.attempt(
        store.restore, deleted
    ):
        gone.drop("cohort")
