"""Builds from a page: the build before's options go along as a file, so that none of them is lost."""

from __future__ import annotations

import hashlib

from mgrec_core.engine.model_choice import former
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import MgrecError
from mgrec_core.foundation.files import write_text
from mgrec_core.model.config import Config
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest
from pages.ui.address.view import View
from pages.ui.session import allowed, models, state


def start(view: View, model: str | None, config: Config) -> None:
    """Build in the background.

    Parameters
    ----------
    model
        As builds name it; ``None``: chosen by the texts.
    config
        The options.

    Raises
    ------
    MgrecError
        The person may not build, the model may not be named, a job is running, or the options cannot be
        written.
    """
    allowed.require("build", view.workspace, kept=False)
    folder = state.folder(view.workspace)
    if model and model not in _named_before(Workspace(folder)):
        models.check(model)
    # That texts may be sent holds for the model it was said for, which the build knows by itself.
    language = config.language.model_copy(update={"send_texts_to": None})
    options = config.model_copy(update={"language": language}).model_dump_json(indent=2)
    file = folder / "jobs" / f"options-{hashlib.sha256(options.encode()).hexdigest()[:12]}.yaml"
    try:
        file.parent.mkdir(exist_ok=True)
        write_text(file, options)  # JSON is YAML
    except OSError as error:
        raise refusal(error, f"the folder of jobs in {folder}", "written") from error
    named = ["--model", model] if model else []
    allowed.start(folder, ["build", "--workspace", str(folder), "--no-map", *named, "--config", str(file)])


def options(workspace: Workspace) -> Config:
    """Return the options of the build in use; the usual ones without a build, or where it is damaged."""
    found = _current(workspace)
    return Config.of_build(found.config) if found else Config()


def _named_before(workspace: Workspace) -> set[str | None]:
    """Models of the builds there are: whoever made these was allowed to name them."""
    return {one.model_asked for one in (_current(workspace), former(workspace)) if one is not None}


def _current(workspace: Workspace) -> Manifest | None:
    try:
        return workspace.manifest() if workspace.current_build else None
    except MgrecError:  # a new build is the way out
        return None
