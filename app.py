"""The dashboard: ``streamlit run app.py``."""

from __future__ import annotations

from pages.ui import layout, state, style

layout.configure()
page = layout.navigation()
style.apply()
view = state.begin()
layout.sidebar_workspace(view)
layout.show_problems()
layout.run(page)
