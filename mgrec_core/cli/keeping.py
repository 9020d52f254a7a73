"""Evaluations that a command keeps: with a number, or with an error, never neither."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import Any

from mgrec_core.cli.console import print_result
from mgrec_core.foundation.errors import MgrecError
from mgrec_core.workspace.folder import Workspace


def keep(
    workspace: Workspace, settings: dict[str, Any], document: dict[str, Any], options: argparse.Namespace
) -> dict[str, Any]:
    """Put an evaluation into the log and return it with its number.

    Raises
    ------
    MgrecError
        It could not be kept. What was measured is printed before: hours of work are not lost with a log.
    """
    from mgrec_core.evaluation.experiments import ExperimentLog

    try:
        return {"experiment": ExperimentLog(workspace.state).append(settings, document), **document}
    except MgrecError as error:
        with contextlib.redirect_stdout(sys.__stdout__):  # the answer, from within the command
            print_result(document, as_json=options.json)
        raise MgrecError(f"the evaluation above is not in the experiment log: {error}") from None
