"""The dashboard: ``streamlit run app.py``."""

from __future__ import annotations

import streamlit as st

from pages.ui import layout, state, style

st.set_page_config(
    page_title="mgrec",
    page_icon=str(layout.FAVICON),
    layout="wide",
    initial_sidebar_state="expanded",
    menu_items={"About": "mgrec: recommendations at several granularities, explained down to the data."},
)
page = layout.navigation()
style.apply()
view = state.begin()
layout.sidebar_workspace(view)
layout.show_problems()
layout.run(page)
