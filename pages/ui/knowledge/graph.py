"""The parts of the page Knowledge graph: rules, search, neighbourhood, triples, review."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mgrec_core.analysis import graph as browse
from mgrec_core.data.knowledge.rules import ALL, BY_NAME, DEFAULT
from mgrec_core.export.cells import safe_csv
from mgrec_core.figures.network import MOST_NODES, network
from mgrec_core.foundation.errors import MgrecError, NotFoundError
from mgrec_core.operations import review
from mgrec_core.workspace.folder import Workspace
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.session import allowed, state
from pages.ui.widgets import charts, exports, headings, problems, tables

_REVIEWED = 20


def show(view: View, status: state.Status) -> None:
    """Draw everything below the heading."""
    workspace = Workspace(state.folder(view.workspace))
    with browse.graph(workspace) as connection:
        counts = browse.counts(connection)
    used = counts[~counts["offered"]]
    nodes = int(used["triples"].sum()) if len(used) else 0
    headings.kpis(
        [
            (f"{nodes:,}", "triples in use"),
            (f"{used['relation'].nunique():,}", "relations"),
            (f"{counts.loc[counts['offered'], 'triples'].sum():,.0f}", "from rules that are off"),
        ]
    )
    if counts.empty:
        st.info(
            "This workspace has no knowledge graph: its items have neither attributes nor titles that share "
            "anything. Add a kg file or item attributes and import again.",
            icon=":material/info:",
        )
    else:
        _browser(view, workspace)
    _rules(workspace, counts, status)
    _review(workspace)


def _browser(view: View, workspace: Workspace) -> None:
    headings.section("Browse")
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    query = left.text_input(
        "Search an item or entity", key="kg_search", placeholder="part of a title, a genre, a brand …"
    )
    offered = right.toggle(
        "Include rules that are off",
        key="kg_offered",
        help="Includes triples of rules that the build does not use.",
    )
    with browse.graph(workspace) as connection:
        if query:
            found = browse.search(connection, query, offered=offered)
            if found.empty:
                st.info(
                    f"Nothing in the graph is called “{text.md(text.shorten(query))}”.",
                    icon=":material/info:",
                )
            else:
                _results(found)
        node = view.entity or browse.busiest(connection)
        if not node:
            st.info("No rule that is on gives a triple; include the rules that are off to see theirs.")
            return
        try:
            kinds = browse.relations(connection, node, offered=offered)
            chosen = st.multiselect(
                "Relations", kinds, key=f"kg_relations_{node}", placeholder="all",
                format_func=lambda r: text.shorten(r, 40),
            )  # fmt: skip
            near = browse.neighbourhood(
                connection, node, limit=MOST_NODES, relations=chosen or None, offered=offered
            )
        except NotFoundError:
            st.info(
                f"The graph has no node “{text.md(text.shorten(node))}”; search for another one"
                + ("." if offered else ", or include rules that are off."),
                icon=":material/info:",
            )
            return
    figure = network(near.triples, near.id, near.label, total=near.total, dark=state.is_dark())
    charts.clickable(figure, key="kg_network", on_click=_go)
    if near.is_item:
        st.button(
            f"Open {text.md(text.shorten(near.label, 40))} on the Item page", key="kg_item",
            icon=":material/inventory_2:", on_click=_open_item, args=(near.id,),
        )  # fmt: skip
    frame = near.triples[["head", "relation", "tail", "source", "confidence"]]
    st.dataframe(
        frame, hide_index=True, width="stretch", height=min(420, 38 + 35 * len(frame)),
        column_config=tables.heads(frame, {"confidence": st.column_config.NumberColumn(format="%.2f")}),
        alt=f"{len(frame)} triples of the node and among its neighbours.",
    )  # fmt: skip
    exports.download("These triples as CSV", safe_csv(near.triples), "triples.csv", key="kg_csv")


def _results(found: pd.DataFrame) -> None:
    ids = [str(one) for one in found["id"]]
    names = {
        str(r.id): f"{text.shorten(r.label, 60)} ({'item' if r.is_item else 'entity'}, {r.degree:,} triples)"
        for r in found.itertuples()
    }
    if st.session_state.get("kg_found") not in ids:
        st.session_state.pop("kg_found", None)
    st.selectbox(
        "Found", ids, key="kg_found", index=None, on_change=_found, format_func=lambda i: names[i],
        placeholder=f"{text.count(len(ids), 'node')}: choose one",
    )  # fmt: skip


def _found() -> None:
    if chosen := st.session_state.get("kg_found"):
        _go(str(chosen))


def _go(node: str) -> None:
    state.editing().entity = node


def _open_item(item: str) -> None:
    state.editing().item = item
    links.go_next("item")


def _rules(workspace: Workspace, counts: pd.DataFrame, status: state.Status) -> None:
    headings.section("Rules", "Which rules the current build uses, and what each one gives.")
    asked = _asked(workspace) if status.built else None
    given = bool(((counts["rule"] == "given") & ~counts["offered"]).any()) if len(counts) else False
    on = set(asked) if asked is not None else {"given", "linked"} if given else {"given", "linked", *DEFAULT}
    rows = ""
    for rule in ALL:
        part = counts[counts["rule"] == rule.name] if len(counts) else counts
        made = int(part["triples"].sum()) if len(part) else 0
        mean = f"{(part['confidence'] * part['triples']).sum() / made:.2f}" if made else "–"
        rows += (
            f"<tr><td><b>{rule.name}</b></td><td>{'on' if rule.name in on else 'off'}</td>"
            f"<td>{text.html(rule.what)}</td><td>{text.html(rule.confidence)}</td>"
            f'<td class="num">{made:,}</td><td class="num">{mean}</td></tr>'
        )
    st.html(
        '<table class="mg-table"><thead><tr><th>Rule</th><th>Now</th><th>A triple says</th>'
        '<th>Confidence</th><th class="num">Triples</th><th class="num">Mean confidence</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    st.caption(
        "Rules are chosen when building: `build --config options.yaml` with "
        "`knowledge: {rules: [given, linked, attribute, text]}`."
    )
    having = [name for name in BY_NAME if len(counts) and (counts["rule"] == name).any()]
    if not having:
        return
    with st.expander("Examples and relations by rule"):
        chosen = st.selectbox("Rule", having, key="kg_rule")
        with browse.graph(workspace) as connection:
            examples = browse.examples(connection, chosen or having[0])
        st.dataframe(examples, hide_index=True, width="stretch", column_config=tables.heads(examples))
        part = counts[counts["rule"] == (chosen or having[0])]
        st.dataframe(
            part[["relation", "source", "triples", "heads", "tails", "confidence"]],
            hide_index=True,
            width="stretch",
            column_config=tables.heads(
                part, {"confidence": st.column_config.NumberColumn("Mean confidence", format="%.2f")}
            ),
        )


def _asked(workspace: Workspace) -> list[str] | None:
    try:
        rules = workspace.manifest().config.get("knowledge", {}).get("rules")
    except MgrecError:
        return None
    return list(rules) if rules is not None else None


def _review(workspace: Workspace) -> None:
    rows = review.candidates(workspace)
    if not rows:
        return
    waiting = [c for c in rows if c.verdict == "review"]
    pending = sum(c.pending for c in rows)
    accepted = len({c.node_id for c in rows if c.verdict == "accepted"})
    headings.section(
        "Names to link",
        f"{text.count(accepted, 'name')} of the graph linked to items; "
        f"{text.count(len({c.node_id for c in waiting}), 'name')} to review.",
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Undo", key="kg_undo", icon=":material/undo:", on_click=_undo, args=(workspace,),
            **allowed.control(
                "review names", disabled=not review.decisions(workspace),
                help="Take back the newest decision.",
            ),
        )  # fmt: skip
        st.button(
            f"Write {text.count(pending, 'change')} into the graph", key="kg_apply", type="primary",
            icon=":material/save:", on_click=_apply, args=(workspace,),
            **allowed.control("review names", disabled=not pending),
        )  # fmt: skip
    problems.show()
    for n, c in enumerate(waiting[:_REVIEWED]):
        name, item, score, yes, no = st.columns([4, 4, 1, 1.2, 1.2], vertical_alignment="center")
        name.html(f"<b>{text.html(text.shorten(c.label, 80))}</b>")
        item.html(
            f'{text.html(text.shorten(c.title, 80))} <span class="mg-muted">{text.html(c.item_id)}</span>'
        )
        score.html(f"{c.score:.2f}")
        for place, verdict, word, icon in (
            (yes, "accepted", "Accept", ":material/check:"),
            (no, "rejected", "Reject", ":material/close:"),
        ):
            place.button(
                word, key=f"kg_{verdict}_{n}", icon=icon, on_click=_decide, width="stretch",
                args=(workspace, c.node_id, c.item_id, verdict), **allowed.control("review names"),
            )  # fmt: skip
    if len(waiting) > _REVIEWED:
        st.caption(
            f"The {_REVIEWED} surest of {len(waiting):,}; more come as these are decided. "
            "`kg link --export FILE` writes them all as CSV, `--import FILE` reads the verdicts back."
        )
    with st.expander(f"All {len(rows):,} candidates"):
        st.dataframe(
            pd.DataFrame([{k: getattr(c, k) for k in (*review.COLUMNS, "pending")} for c in rows[:2000]]),
            hide_index=True, width="stretch",
        )  # fmt: skip


def _decide(workspace: Workspace, node: str, item: str, verdict: str) -> None:
    if problems.attempt(allowed.require, "review names", detail=verdict):
        problems.attempt(review.decide, workspace, [(node, item, verdict)])


def _undo(workspace: Workspace) -> None:
    if problems.attempt(allowed.require, "review names", detail="undo"):
        problems.attempt(review.undo, workspace)


def _apply(workspace: Workspace) -> None:
    if problems.attempt(allowed.require, "review names", detail="apply") and problems.attempt(
        review.apply, workspace
    ):
        state.problem("The graph was changed: build again on the Overview page to rank with it.")
