"""Titles and numbers as every page sets them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import text


def heading(title: str, subtitle: str = "") -> None:
    """Show a page's title; both texts may come from data."""
    below = f'<p class="mg-sub">{text.html(subtitle)}</p>' if subtitle else ""
    st.html(f'<h1 class="mg-h1">{text.html(title)}</h1>{below}')


def section(title: str, subtitle: str = "") -> None:
    """Show a section's title; both texts may come from data."""
    below = f'<p class="mg-sub">{text.html(subtitle)}</p>' if subtitle else ""
    st.html(f'<h2 class="mg-h2">{text.html(title)}</h2>{below}')


def kpis(values: Sequence[tuple[str, str]]) -> None:
    """Show numbers with their units side by side; they wrap when there is no room."""
    cells = "".join(
        f'<div class="mg-kpi"><b>{text.html(value)}</b><span>{text.html(unit)}</span></div>'
        for value, unit in values
    )
    st.html(f'<div class="mg-kpis">{cells}</div>')
