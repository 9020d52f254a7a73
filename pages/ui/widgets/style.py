"""The few styles Streamlit's theme has no setting for."""

from __future__ import annotations

import streamlit as st

from pages.ui.session import state

_CSS = """
[data-testid="stMainBlockContainer"] {padding: 4.2rem 2.5rem 3rem; max-width: 1760px}
[data-testid="stSidebarUserContent"] {padding-bottom: 2rem}
[data-testid="stSidebarHeader"] {height: 2.4rem; margin-bottom: 0}
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] {gap: .55rem}
[data-testid="stSidebar"] [class*="st-key-lambda_"], [data-testid="stSidebar"] [class*="st-key-alpha_"] {
  margin-bottom: -.35rem}
.mg-h1, .mg-h2, .mg-h3 {margin: 0; padding: 0; overflow-wrap: anywhere; line-height: 1.3}
.mg-h1 {font-size: 1.7rem; font-weight: 650}
.mg-h2 {font-size: 1.18rem; font-weight: 620; margin-top: .4rem}
.mg-h3 {font-size: 1.05rem; font-weight: 600}
.mg-sub, .mg-muted {margin: .15rem 0 0; opacity: .72; font-size: .93rem; overflow-wrap: anywhere}
.mg-text {margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 22rem; overflow-y: auto;
  font-size: .87rem}
.mg-kpis {display: flex; flex-wrap: wrap; gap: .5rem 1.9rem; padding: .1rem 0}
.mg-kpi {display: flex; flex-direction: column; min-width: 3.5rem}
.mg-kpi b {font-size: 1.4rem; font-weight: 620; line-height: 1.2; font-variant-numeric: tabular-nums}
.mg-kpi span {opacity: .72; font-size: .87rem}
.mg-table {width: 100%; border-collapse: collapse; font-size: .93rem}
.mg-table th {text-align: left; font-weight: 600; opacity: .72; padding: .3rem .8rem .3rem 0}
.mg-table td {padding: .38rem .8rem .38rem 0; border-top: 1px solid rgba(128,140,155,.28);
  vertical-align: top; overflow-wrap: anywhere}
.mg-table .num {text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap}
.mg-table td:first-child {white-space: nowrap}
.mg-table.mg-wrap td:first-child {white-space: normal; min-width: 8rem}
.mg-table a {color: inherit}
.mg-tree details {margin-left: 1.1rem}
.mg-tree > details {margin-left: 0; border-top: 1px solid rgba(128,140,155,.28)}
.mg-tree summary {cursor: pointer; padding: .32rem 0; overflow-wrap: anywhere}
.mg-tree summary:focus-visible {outline: 2px solid currentColor; outline-offset: -2px}
.mg-tree summary > .num, .mg-tree li > .num {float: right; margin-left: .8rem;
  font-variant-numeric: tabular-nums}
.mg-tree ul {list-style: none; margin: 0 0 .4rem 1.1rem; padding: 0}
.mg-tree li {padding: .22rem 0; border-top: 1px dotted rgba(128,140,155,.28); overflow-wrap: anywhere}
.mg-tree li .mg-sub {margin: 0; font-size: .87rem}
.mg-scroll {overflow-x: auto}
.mg-swatch {display: inline-block; width: .72rem; height: .72rem; border-radius: 2px;
  margin-right: .5rem}
/* Streamlit's captions, code in them and words on its primary buttons are below WCAG's AA (4.5 : 1). */
[data-testid="stCaptionContainer"] {color: inherit; opacity: .76}
[data-testid="stCaptionContainer"] code {color: inherit}
[data-testid^="stBaseButton-primary"]:enabled :is(p, span) {color: light-dark(#FFFFFF, #0B1217)}
[data-testid^="stBaseButton-"] kbd {opacity: 1; color: inherit}
[data-testid="stBaseButton-primary"] kbd {opacity: 1; color: light-dark(#FFFFFF, #0B1217)}
/* Buttons that show an icon keep their name for people who hear the page. */
.st-key-user_before button [data-testid="stMarkdownContainer"],
.st-key-user_after button [data-testid="stMarkdownContainer"],
.st-key-reset button [data-testid="stMarkdownContainer"],
.st-key-close_why button [data-testid="stMarkdownContainer"],
.st-key-swap button [data-testid="stMarkdownContainer"] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap}
/* A theme chosen while a figure is shown reaches its words at once, its colours with the next run. */
.js-plotly-plot :is(.xtick text, .ytick text, .legendtext, .bartext, .g-xtitle text, .g-ytitle text,
  .annotation-text-g:has(.bg[style*="fill-opacity: 0;"]) text) {
  fill: currentColor !important}
/* Streamlit marks a focused link of the navigation by a grey of 1.1 : 1 alone. */
:is([data-testid="stTopNavLink"], [data-testid="stTopNavDropdownLink"]):focus-visible {
  outline: 2px solid currentColor !important; outline-offset: -2px}
/* Everybody's figures: low, and with their room kept while they are counted. */
.st-key-guardrails {min-height: 7.6rem}
.st-key-guardrails [data-testid="stMetric"] > div {padding: .45rem .8rem}
.st-key-guardrails [data-testid="stMetricValue"] {font-size: 1.3rem; padding: 0}
.st-key-guardrails [data-testid="stMetricDelta"] {font-size: .84rem}
.st-key-guardrails [data-testid="stColumn"] {min-width: 9.5rem}
.st-key-why {scroll-margin-top: 4.2rem}
/* Two figures side by side only where both are legible; else one under the other. */
.st-key-list_and_why > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] >
  [data-testid="stColumn"] {min-width: min(100%, 31rem)}
.st-key-list_and_why_of_cohort > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] >
  [data-testid="stColumn"] {min-width: min(100%, 36rem)}
.st-key-interests_grid [data-testid="stColumn"], [class*="st-key-distributions"] [data-testid="stColumn"] {
  min-width: min(100%, 26rem)}
"""


def apply() -> None:
    """Add the styles to the page."""
    st.html(f"<style>{_CSS}</style>")


def mark_sliders() -> None:
    """Put the colour of each granularity, or part of a score, in front of its slider."""
    from mgrec_core.figures import palette
    from mgrec_core.model.granularities import names

    colours = {g: palette.colour(g, state.is_dark()) for g in (*names(), *palette.PARTS)}
    rules = "".join(
        f":is(.st-key-lambda_{g}, .st-key-alpha_{g}) label p::before {{background: {colour}}}"
        for g, colour in colours.items()
    )
    st.html(
        '<style>[class*="st-key-lambda_"] label p::before, [class*="st-key-alpha_"] label p::before'
        ' {content: ""; display: inline-block; width: .72rem; height: .72rem; border-radius: 2px;'
        f" margin-right: .45rem}} {rules}</style>"
    )


def swatch(granularity: str) -> str:
    """Return HTML of a small square in the granularity's colour."""
    from mgrec_core.figures import palette

    return (
        f'<span class="mg-swatch" style="background:{palette.colour(granularity, state.is_dark())}"></span>'
    )
