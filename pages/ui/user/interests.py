"""What a user is interested in: themes at each granularity, what sets them apart, and their evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.figures.interests import interest_bars
from mgrec_core.figures.palette import name, ordered
from mgrec_core.figures.themes import percent, theme_bars
from mgrec_core.foundation.themes import Apart, Theme
from mgrec_core.model.granularities import is_prior
from pages.ui import text
from pages.ui.frame import guard
from pages.ui.session import state
from pages.ui.user import words
from pages.ui.widgets import charts

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_TYPICAL = 4
_EVIDENCE = 8


def show(user: str, engine: Engine) -> None:
    """Show the user's themes at each present granularity, and what is absent and why."""
    st.caption(
        "What the data say this user is interested in, and against. At each granularity the user's evidence"
        " falls into a few themes, named by what they have more often than everybody's. Weights λ do not"
        " change them."
    )
    found = engine.themes(user, top=_TYPICAL).granularities
    dark = state.is_dark()
    shown = [g for g in ordered(found) if not is_prior(g)]
    with st.container(key="interests_grid"):
        for start in range(0, len(shown), 2):
            for column, g in zip(st.columns(2, gap="large"), shown[start : start + 2], strict=False):
                with column:
                    charts.draw(theme_bars(found[g], g, dark), key=f"themes_{g}")
                    if found[g]:
                        _details(user, engine, g, found[g], dark)
    for g in filter(is_prior, engine.present):
        st.caption(f"{name(g)} is a prior, the same for everybody; it is not an interest and has no panel.")
    for remark in guard.remarks(engine):
        st.caption(remark)
    words.show(user, engine)


def _details(user: str, engine: Engine, g: str, themes: tuple[Theme, ...], dark: bool) -> None:
    """What sets the themes apart, and the strongest evidence: only once somebody asks."""
    with st.expander(
        "What sets them apart, and the evidence", on_change="rerun", key=f"themes_more_{g}"
    ) as more:
        if not more.open:
            return
        heads = "<th>Theme</th><th>What its items have (all items: in brackets)</th>"
        body = "".join(
            f'<tr><td>{text.html(theme.phrase)}<br><span class="mg-sub">'
            f"{text.count(len(theme.evidence), 'piece')} of evidence</span></td>"
            f"<td>{_apart(theme.apart)}</td></tr>"
            for theme in themes
        )
        st.html(
            f'<div class="mg-scroll"><table class="mg-table mg-wrap"><thead><tr>{heads}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )
        charts.draw(interest_bars(engine.interests(user, top=_EVIDENCE)[g], g, dark), key=f"interest_{g}")


def _apart(found: tuple[Apart, ...]) -> str:
    said = []
    for one in found:
        everybody = "" if one.catalogue is None else f" ({percent(one.catalogue)})"
        said.append(f"{text.html(one.label)}: {percent(one.share)}{everybody}".replace(" %", "&nbsp;%"))
    return "<br>".join(said) or "nothing: named after its most typical item"
