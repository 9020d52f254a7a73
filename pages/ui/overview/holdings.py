"""What an imported workspace holds: numbers, granularities, distributions, the import's receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.figures import palette
from mgrec_core.figures.distribution import distribution
from mgrec_core.service import jobs
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.imported import facts, receipt
from pages.ui.imported.facts import Facts
from pages.ui.overview import workspaces
from pages.ui.session import state
from pages.ui.widgets import charts, headings, problems, style

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.workspace.manifest import Manifest


def show(view: View, status: state.Status) -> None:
    """Draw everything that is known of the workspace's data and build."""
    found = facts.read(state.folder(view.workspace))
    _numbers(found)
    engine = _engine(view, status)
    _health(view, status, engine)
    if engine is not None:
        _granularities(engine)
    _distributions(found)
    receipt.folded(found.receipt)


def _numbers(found: Facts) -> None:
    share = found.pairs / (found.users * found.items) if found.users and found.items else 0.0
    span = f"{found.first:%d %b %Y} to {found.last:%d %b %Y}" if found.first and found.last else ""
    about = [f"Format {found.source_format}"] if found.source_format else []
    about.append(f"events from {span} (UTC)" if found.first else "undated events")
    if len(found.event_kinds) > 1:
        about.append(", ".join(f"{kind} {n:,}" for kind, n in found.event_kinds[:6]))
    headings.section(found.dataset or "Data", " · ".join(filter(None, about)))
    headings.kpis(
        [
            (f"{found.users:,}", "users"),
            (f"{found.items:,}", "items"),
            (f"{found.events:,}", "events"),
            (f"{share:.2%}", "of user–item pairs seen"),
            (f"{found.triples:,}", "knowledge graph triples"),
            (f"{found.ties:,}", "ties between friends"),
        ]
    )


def _engine(view: View, status: state.Status) -> Engine | None:
    if not status.built or status.problem:
        return None
    with problems.told():
        return state.engine(view.workspace)
    return None


def _health(view: View, status: state.Status, engine: Engine | None) -> None:
    busy = jobs.running(state.folder(view.workspace)) is not None
    unsealed = engine is not None and not engine.manifest.digests
    if status.problem:
        problems.say(
            f"{status.problem}. `python -m mgrec_core doctor --workspace {state.folder(view.workspace)}` "
            "names every damaged file and what mends it."
        )
    elif not status.built and not busy:
        st.info("The data are imported but not built yet: press Build now.", icon=":material/build:")
    elif status.stale and not busy:
        st.warning(
            "The data changed after this build: it still answers, from the data it was built on. "
            "Press Build now to catch up.",
            icon=":material/update:",
        )
    elif unsealed and not busy:
        st.info(
            "An earlier version of mgrec made this build and wrote no digests: damage inside its files would "
            "not be noticed. Press Build now to renew it.",
            icon=":material/update:",
        )
    wanted = not busy and (status.problem or status.stale or not status.built or unsealed)
    if wanted and st.button("Build now", type="primary", icon=":material/build:", key="build_now"):
        if problems.attempt(workspaces.build, view):
            st.rerun()
        problems.show()
    if engine is None:
        return
    manifest = engine.manifest
    absent = [palette.name(g) for g, s in engine.statuses.items() if not s.present]
    have = f"{len(engine.present)} of {len(engine.statuses)} granularities present"
    st.success(
        f"Ready: {have}{' (absent: ' + ', '.join(absent) + ')' if absent else ''}. "
        f"Build {text.md(str(engine.build)[:12])}, language model {text.md(model_name(manifest))}.",
        icon=":material/check_circle:",
    )
    if manifest.model_reason:
        st.caption(text.md(manifest.model_reason))
    with st.container(horizontal=True, gap="small"):
        if st.button("Look at a user", type="primary", icon=":material/person_search:"):
            links.go("user")
        if st.button("See the map", icon=":material/scatter_plot:"):
            links.go("map")
        if st.button("Check the data", icon=":material/fact_check:"):
            links.go("quality")


def model_name(manifest: Manifest) -> str:
    """Return the language model's short name."""
    return str(getattr(manifest.model, "name", manifest.model))


def _granularities(engine: Engine) -> None:
    headings.section("Granularities", "Ways to look at a user's interests; those that are absent say why.")
    rows = "".join(
        f"<tr><td>{style.swatch(g)}{text.html(palette.name(g))}</td>"
        f'<td style="white-space:nowrap">'
        f"{'– absent' if not s.present else '! unreliable' if s.unreliable else '✓ present'}</td>"
        f'<td class="num">{f"{s.n_evidence:,}" if s.present else "–"}</td>'
        f'<td class="num">{f"{s.dimensions:,}" if s.present else "–"}</td>'
        f"<td>{text.html(s.reason)}</td></tr>"
        for g, s in engine.statuses.items()
    )
    st.html(
        '<table class="mg-table"><thead><tr><th>Granularity</th><th>State</th><th class="num">Evidence</th>'
        '<th class="num">Dimensions</th><th>Built from, or why absent</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _distributions(found: Facts) -> None:
    if not found.events:
        return
    dark = state.is_dark()
    left, right = st.container(key="distributions").columns(2, gap="medium")
    with left:
        charts.draw(
            distribution(
                found.items_per_user,
                title="Activity of users",
                quantity="items per user",
                counted="users",
                dark=dark,
            ),
            key="activity",
        )
    with right:
        charts.draw(
            distribution(
                found.users_per_item,
                title="Popularity of items",
                quantity="users per item",
                counted="items",
                dark=dark,
            ),
            key="popularity",
        )
