"""The dashboard: ``streamlit run app.py``."""

from __future__ import annotations

import streamlit as st

from pages.ui import layout, state, style, undo

layout.configure()
page = layout.navigation()
style.apply()
view = state.begin()
undo.controls(st.sidebar)
layout.sidebar_workspace(view)
layout.show_problems()
layout.run(page)
