"""What was deleted last, kept for the workspace it was deleted from until it is brought back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui.address.view import View


def keep(what: str, workspace: str, thing: Any) -> None:
    """Keep the ``cohort`` or ``preset`` that was just deleted; an older one goes."""
    st.session_state[f"{what}_gone"] = (workspace, thing)


def held(what: str, view: View) -> Any:
    """Return what was deleted last from the workspace that is looked at, else ``None``."""
    workspace, thing = st.session_state.get(f"{what}_gone", ("", None))
    return thing if workspace == view.workspace else None


def drop(what: str) -> None:
    """Forget it: it is back."""
    st.session_state.pop(f"{what}_gone", None)
