"""The SQL box: the query and its buttons, the running query, the answer, and what can be asked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, get_args

import streamlit as st

from mgrec_core.foundation.errors import MgrecError
from mgrec_core.service.query import Answer, Limits, Turn
from mgrec_core.service.query.catalogue import EXAMPLES, VIEWS
from mgrec_core.service.query.files import as_csv, as_parquet, cohort_column, save_cohort
from mgrec_core.service.query.plain import for_browser, was
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import gate
from pages.ui.session import allowed, state, waiting
from pages.ui.widgets import exports, problems
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    import pandas as pd

_HISTORY = 20
_LIMITS = Limits(answer_mb=32)
"""Of a query on the page: the whole answer goes to the browser and stays with the session."""


def ask(view: View) -> None:
    """Show the text, the buttons, and the query that runs."""
    session = st.session_state
    if "sql_text" not in session:
        session["sql_text"] = view.sql
        session["sql_linked"] = bool(view.sql)
    elif view.sql and view.sql != session.get("sql_seen", view.sql):
        session["sql_text"], session["sql_linked"] = view.sql, True
    session["sql_seen"] = view.sql
    if session.get("sql_linked"):
        st.warning(
            "This query came with a link and has not been run: read it, then press Run.",
            icon=":material/link:",
        )
    controlled(
        st.text_area,
        "Query",
        key="sql_text",
        value=session["sql_text"],
        height=180,
        placeholder="SELECT user_id, n_items FROM v_users ORDER BY n_items DESC LIMIT 50",
        help="One SELECT; at most 10,000 rows and 30 seconds. Ctrl+Enter (Cmd+Enter on a Mac) runs it.",
    )
    running: Turn | None = session.get("sql_query")
    run, hide, stop = st.columns([1, 2, 1], vertical_alignment="center")
    run.button(
        "Run",
        key="sql_run",
        type="primary",
        icon=":material/play_arrow:",
        shortcut="Ctrl+Enter",
        width="stretch",
        on_click=_start,
        args=(view,),
        **allowed.control("query"),
    )
    hide.toggle(
        "Pseudonyms for users",
        key="sql_hide",
        **allowed.control(
            "export ids",
            help="The query sees pseudonyms instead of user ids, so no file of its answer holds an id.",
        ),
    )
    if running is not None:
        stop.button("Cancel", key="sql_cancel", icon=":material/stop_circle:", on_click=running.cancel)
        _watch(running)


def answer(view: View) -> None:
    """Show the last answer or why there is none."""
    found = st.session_state.get("sql_answer")
    if isinstance(found, MgrecError):
        problems.say(found)
    elif isinstance(found, Answer):
        if st.session_state.get("sql_workspace") == view.workspace:
            _table(view, found, st.session_state["sql_shown"])
    elif "sql_query" not in st.session_state:
        st.info("No query has been run yet: write one or pick an example.", icon=":material/info:")


def browser(view: View) -> None:
    """Show examples, the session's queries and the views with their columns."""
    with st.expander("Examples", expanded=True):
        for name, sql in EXAMPLES.items():
            st.button(name, key=f"sql_example_{name}", on_click=_start, args=(view, sql), width="stretch")
    history: list[str] = st.session_state.get("sql_history", [])
    if history:
        with st.expander("Queries of this session"):
            for n, sql in enumerate(history):
                label = text.md(text.shorten(sql, 60))
                st.button(label, key=f"sql_history_{n}", on_click=_put, args=(sql,), width="stretch")
    with st.expander("Views"):
        for name, (meaning, columns) in VIEWS.items():
            rows = "".join(
                f"<tr><td><code>{text.html(c)}</code></td><td>{text.html(m)}</td></tr>"
                for c, m in columns.items()
            )
            st.html(
                f"<details><summary><code>{name}</code> {text.html(meaning)}</summary>"
                f'<table class="mg-table">{rows}</table></details>'
            )


def _put(sql: str) -> None:
    st.session_state["sql_text"] = sql
    st.session_state["sql_linked"] = False


def _start(view: View, sql: str = "") -> None:
    session = st.session_state
    if sql:
        session["sql_text"] = sql
    asked = str(session.get("sql_text", ""))
    if (running := session.pop("sql_query", None)) is not None:
        running.cancel()
    session["sql_linked"] = False
    view.sql = session["sql_seen"] = asked
    state.touch()
    if not problems.attempt(allowed.require, "query", detail=asked):
        return
    session["sql_history"] = [asked, *(q for q in session.get("sql_history", []) if q != asked)][:_HISTORY]
    session["sql_workspace"] = view.workspace
    session["sql_hidden"] = bool(session.get("sql_hide")) or not allowed.may("export ids")
    session.pop("sql_answer", None)
    session.pop("sql_shown", None)
    query = Turn(state.folder(view.workspace), asked, _LIMITS, pseudonymise=session["sql_hidden"])
    waiting.end_with_session(query)
    session["sql_query"] = query


@st.fragment(run_every=0.4)
def _watch(query: Turn) -> None:
    gate.hold()
    if ahead := query.ahead:
        st.caption(
            f"Waiting for {text.duration(query.seconds)}: the server runs as many queries as it may, "
            f"this one is number {ahead} in the queue …"
        )
        return
    if query.running:
        st.caption(f"Running for {text.duration(query.seconds)} …")
        return
    try:
        found = query.result()
        # Once an answer, not at every run of the page.
        st.session_state["sql_answer"], st.session_state["sql_shown"] = found, found.to_frame()
    except MgrecError as error:
        st.session_state["sql_answer"] = error
    st.session_state.pop("sql_query", None)
    st.rerun()


def _table(view: View, found: Answer, frame: pd.DataFrame) -> None:
    rows = text.count(len(frame), "row")
    more = "; further rows were left out at the limit" if found.truncated else ""
    st.caption(f"{rows} in {found.seconds:.1f} s, from Run to the answer{more}.")
    turned = [
        f"{text.md(text.shorten(f.name))} ({text.md(text.shorten(was(f)))})"
        for f in found.table.schema
        if was(f)
    ]
    if turned:
        rest = f" and {text.count(len(turned) - 8, 'more column')}" if len(turned) > 8 else ""
        st.caption(f"As text, as DuckDB writes it: {', '.join(turned[:8])}{rest}.")
    table, chart = st.tabs(["Table", "Chart"])
    with table:
        st.dataframe(for_browser(frame), key="sql_frame", hide_index=True, width="stretch")
    with chart:
        _chart(frame)
    left, right, _ = st.columns([1, 1, 2])
    for kind, make, where in (("CSV", as_csv, left), ("Parquet", as_parquet, right)):
        file = f"query.{kind.lower()}"
        content = partial(make, found)  # made on a click
        exports.download(
            kind,
            content,
            file,
            key=f"sql_{kind.lower()}",
            where=where,
            width="stretch",
            ids=not st.session_state.get("sql_hidden"),
        )
    if cohort_column(list(frame.columns)) and not st.session_state.get("sql_hidden"):
        with st.form("sql_cohort", border=False):
            name, button = st.columns([2, 1], vertical_alignment="bottom")
            chosen = name.text_input("Name of the cohort", max_chars=60)
            if button.form_submit_button(
                "Save as cohort",
                icon=":material/group_add:",
                width="stretch",
                **allowed.control("save cohorts"),
            ):
                from mgrec_core.workspace.folder import Workspace

                with problems.told():
                    allowed.require("save cohorts", detail=chosen)
                    saved = save_cohort(found, chosen, Workspace(state.folder(view.workspace)).state)
                    st.success(f"Saved {text.md(saved.name)}: {saved.size:,} {saved.of}.")


def _chart(frame: pd.DataFrame) -> None:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    from mgrec_core.figures.query import Kind, table_chart
    from pages.ui.widgets import charts

    numbers = [c for c in frame.columns if is_numeric_dtype(frame[c]) and not is_bool_dtype(frame[c])]
    if not numbers or frame.empty:
        st.info("A chart needs a column of numbers and at least one row.", icon=":material/info:")
        return
    one, two, three = st.columns(3)
    x = one.selectbox("Across", list(frame.columns), key="sql_x", format_func=text.shorten)
    y = two.selectbox("Up", numbers, key="sql_y", index=len(numbers) - 1, format_func=text.shorten)
    kinds: tuple[Kind, ...] = get_args(Kind)
    kind = three.selectbox("Kind", kinds, key="sql_kind")
    charts.draw(table_chart(frame, x, y, kind, dark=state.is_dark()), key="sql_chart")
