"""The dashboard: ``streamlit run app.py``."""

from __future__ import annotations

import streamlit as st

from pages.ui.frame import navigation, undo
from pages.ui.session import state
from pages.ui.widgets import problems, style

navigation.configure()
page = navigation.declare()
style.apply()
view = state.begin()
undo.controls(st.sidebar)
navigation.choose_workspace(view)
problems.show()
navigation.run(page)
