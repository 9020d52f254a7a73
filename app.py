"""The dashboard: ``streamlit run app.py``."""

from __future__ import annotations

import streamlit as st

from mgrec_core.foundation import log
from pages.ui.frame import navigation, undo
from pages.ui.session import state
from pages.ui.widgets import problems, style

log.configure()
navigation.configure()
page = navigation.declare()
style.apply()
view = state.begin()
undo.controls(st.sidebar)
navigation.choose_workspace(view)
problems.show()
navigation.run(page)
