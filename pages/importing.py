"""Import: choose data, see what they would become, bring them into a workspace."""

from __future__ import annotations

from mgrec_core.service import jobs
from pages.ui import text
from pages.ui.address.page import Page
from pages.ui.address.view import View
from pages.ui.frame import links, navigation, progress
from pages.ui.importing import fields, presets, review, source
from pages.ui.session import state
from pages.ui.widgets import headings, problems

PAGE = Page(title="Import", icon="upload", order=90, group="Data", address=("option", "value"))


def show(view: View) -> None:
    """Draw the page."""
    headings.heading(
        "Import",
        "Bring your data: files, a folder, a database. See what each column would become before anything "
        "is changed.",
    )
    state.write(view, PAGE.keys)
    progress.running_jobs(view)
    with problems.told(tone="info"):
        presets.show(view)
    with problems.told():
        source.choose()
        review.show(view)
    problems.show()
    _receipt(view)


def _receipt(view: View) -> None:
    """Show how the last import went."""
    if not view.workspace:
        return
    job = jobs.latest(state.folder(view.workspace), "import")
    if job is None or (job.state == "running" and job.step == 0):
        return
    if failure := progress.last_failure(view, "import"):
        what = "import into" if job.step == 0 else "build after the import into"
        problems.say(fields.named(failure), before=f"The last {what} {text.md(view.workspace)} failed: ")
        if job.step == 0:
            return
    from pages.ui.imported import facts, receipt

    with problems.told() as outcome:
        found = facts.read(state.folder(view.workspace))
    if outcome.failed:
        return
    headings.section(f"Last import into {view.workspace}", found.dataset or "")
    receipt.show(found.receipt)
    links.show("overview", "What the workspace holds now")


show(navigation.current_view())
