"""Where curves of a training go besides the workspace: TensorBoard, Weights & Biases, Trackio."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path


def reporters(folder: Path) -> list[str]:
    """Names of what a trainer reports to.

    TensorBoard's files are written beside the run where its writer is installed. The two others leave the
    machine unless told otherwise, so that they are asked for by their own variables: ``WANDB_PROJECT``
    (``WANDB_MODE=offline`` keeps everything here) and ``TRACKIO_PROJECT``.

    Parameters
    ----------
    folder
        Folder of the run.
    """
    found = []
    if _installed("tensorboardX") or _installed("tensorboard"):
        os.environ["TENSORBOARD_LOGGING_DIR"] = str(folder / "logs")
        found.append("tensorboard")
    for name in ("wandb", "trackio"):
        if os.environ.get(f"{name.upper()}_PROJECT") and _installed(name):
            if name == "wandb":
                os.environ["WANDB_DIR"] = str(folder / "logs")
                os.environ.setdefault("WANDB_SILENT", "true")
            found.append(name)
    return found


def end() -> None:
    """End the run that Weights & Biases keeps open: the next stage is another one."""
    if (wandb := sys.modules.get("wandb")) is not None and getattr(wandb, "run", None) is not None:
        wandb.finish()


def _installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None
