"""The few styles Streamlit's theme has no setting for."""

from __future__ import annotations

import streamlit as st

from mgrec_core.figures import palette
from pages.ui import state

_CSS = """
.block-container, [data-testid="stMainBlockContainer"] {padding-top: 4.2rem; padding-bottom: 3rem; max-width: 1720px}
.mg-h1 {font-size: 1.7rem; font-weight: 650; margin: 0; padding: 0; overflow-wrap: anywhere; line-height: 1.25}
.mg-h2 {font-size: 1.18rem; font-weight: 620; margin: .4rem 0 0; padding: 0; overflow-wrap: anywhere; line-height: 1.3}
.mg-sub, .mg-muted {margin: .15rem 0 0; opacity: .72; font-size: .93rem; overflow-wrap: anywhere}
.mg-kpis {display: flex; flex-wrap: wrap; gap: .5rem 2.2rem; padding: .1rem 0}
.mg-kpi {display: flex; flex-direction: column; min-width: 4.5rem}
.mg-kpi b {font-size: 1.45rem; font-weight: 620; line-height: 1.2; font-variant-numeric: tabular-nums}
.mg-kpi span {opacity: .72; font-size: .87rem}
.mg-table {width: 100%; border-collapse: collapse; font-size: .93rem}
.mg-table th {text-align: left; font-weight: 600; opacity: .72; padding: .3rem .8rem .3rem 0}
.mg-table td {padding: .38rem .8rem .38rem 0; border-top: 1px solid rgba(128,140,155,.28); vertical-align: top;
  overflow-wrap: anywhere}
.mg-table td.num, .mg-table th.num {text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap}
.mg-swatch {display: inline-block; width: .72rem; height: .72rem; border-radius: 2px; margin-right: .5rem}
"""


def apply() -> None:
    """Add the styles, with the colour of each granularity in front of its slider."""
    colours = palette.COLOURS_DARK if state.is_dark() else palette.COLOURS_LIGHT
    swatches = "".join(
        f".st-key-lambda_{g} label p::before, .st-key-alpha_{g} label p::before {{content: ''; display: inline-block;"
        f" width: .72rem; height: .72rem; border-radius: 2px; margin-right: .45rem; background: {colour}}}"
        for g, colour in colours.items()
    )
    st.html(f"<style>{_CSS}{swatches}</style>")


def swatch(granularity: str) -> str:
    """Return HTML of a small square in the granularity's colour."""
    return (
        f'<span class="mg-swatch" style="background:{palette.colour(granularity, state.is_dark())}"></span>'
    )
