"""The dashboard: ``streamlit run app.py``."""

from __future__ import annotations

import streamlit as st

from pages.ui import layout, state, style

st.set_page_config(
    page_title="mgrec",
    page_icon=":material/tune:",
    layout="wide",
    initial_sidebar_state="expanded",
    menu_items={"About": "mgrec: recommendations at several granularities, explained down to the data."},
)
page = st.navigation(
    [
        st.Page(layout.OVERVIEW, title="Overview", icon=":material/dashboard:", default=True),
        st.Page(layout.USER, title="User", icon=":material/person_search:", url_path="user"),
        st.Page(layout.MAP, title="Map", icon=":material/scatter_plot:", url_path="map"),
    ],
    position="top",
)
style.apply()
view = state.begin()
layout.sidebar_workspace(view)
layout.show_problems()
page.run()
