"""Import: choose data, see what they would become, bring them into a workspace."""

from __future__ import annotations

import streamlit as st

from mgrec_core.foundation.errors import MgrecError
from mgrec_core.service import jobs
from pages.ui import imports, layout, state, text
from pages.ui.view import OVERVIEW_KEYS, View


def show(view: View) -> None:
    """Draw the page."""
    layout.heading(
        "Import",
        "Bring your data: files, a folder, a database. See what each column would become before anything "
        "is changed.",
    )
    state.write(view, OVERVIEW_KEYS)
    layout.running_jobs(view)
    try:
        imports.choose()
        imports.show(view)
    except MgrecError as error:
        st.error(text.md(error), icon=":material/error:")
    layout.show_problems()
    _receipt(view)


def _receipt(view: View) -> None:
    """Show how the last import went."""
    if not view.workspace:
        return
    job = jobs.latest(state.folder(view.workspace), "import")
    if job is None or (job.state == "running" and job.step == 0):
        return
    if failure := layout.last_failure(view, "import"):
        what = "import into" if job.step == 0 else "build after the import into"
        st.error(f"The last {what} {text.md(view.workspace)} failed: {text.md(failure)}")
        if job.step == 0:
            return
    from pages.ui import facts, receipt

    try:
        found = facts.read(state.folder(view.workspace))
    except MgrecError as error:
        st.error(text.md(error), icon=":material/error:")
        return
    layout.section(f"Last import into {view.workspace}", found.dataset or "")
    receipt.show(found.receipt)
    st.page_link(layout.OVERVIEW, label="What the workspace holds now", icon=":material/dashboard:")


show(layout.current_view())
