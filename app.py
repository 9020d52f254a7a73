"""The dashboard: ``streamlit run app.py``.

Streamlit imports this file once as a module and serves the ``app`` that it finds; each session then runs it
as a script of its own.
"""

from __future__ import annotations

import streamlit as st

if __name__ == "__main__":
    from mgrec_core.foundation import log
    from pages.ui.frame import gate, navigation, undo
    from pages.ui.session import state
    from pages.ui.widgets import problems, style

    log.configure()
    navigation.configure()
    page = navigation.declare(shown=gate.is_open())
    style.apply()
    gate.check()
    view = state.begin()
    undo.controls(st.sidebar)
    navigation.choose_workspace(view)
    gate.who(st.sidebar)
    problems.show()
    navigation.run(page)
else:
    from pages.ui import serving
    from pages.ui.session import allowed

    layers = serving.layers(allowed.holds, allowed.may_upload)
    app = st.App(__file__, middleware=layers, lifespan=serving.opened)
