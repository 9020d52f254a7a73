"""The kinds of smaller models by name, and the one way to make one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import InputError, MgrecError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.backends.backend import first_line
from mgrec_core.language.compression.bf16 import bf16
from mgrec_core.language.compression.heads import heads
from mgrec_core.language.compression.int8 import int8
from mgrec_core.language.compression.layers import layers
from mgrec_core.language.compression.static import static
from mgrec_core.language.model_files import ModelFiles, find_model

Make = Callable[[ModelFiles, Sequence[str], Path, Progress], dict[str, Any]]


KINDS: dict[str, Make] = {"int8": int8, "layers": layers, "static": static, "heads": heads, "bf16": bf16}
"""All kinds; each takes the model's files, texts it will read, the new folder and a progress."""
USUAL = ("int8", "layers", "static")
"""Those that are made when none is named: the others bring little speed, or none."""


def make_variant(
    kind: str, files: ModelFiles, texts: Sequence[str], target: Path, progress: Progress = silent
) -> dict[str, Any]:
    """Make a smaller model of a model; the folder is whole or not there.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    texts
        What it will read, at least one.
    target
        The new folder; the one above it exists.

    Returns
    -------
    dict
        What its maker says of it.

    Raises
    ------
    InputError
        There is no such kind, or it cannot be made of this model.
    NoRoomError, NoMemoryError
        It does not fit.
    """
    if kind not in KINDS:
        raise InputError(f"no kind of smaller model is called {kind[:40]!r}: choose among {', '.join(KINDS)}")
    if not texts:
        raise InputError(f"{kind} cannot be made of {files.name}: there are no texts that it would read")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{kind}.") as scratch:
            facts = KINDS[kind](files, texts, Path(scratch) / "model", progress)
            find_model(str(Path(scratch) / "model"))
            (Path(scratch) / "model").rename(target)
    except MgrecError:
        raise
    except Exception as error:  # the libraries beneath raise their own kinds
        if cause_of(error) in (Cause.FULL, Cause.NO_MEMORY, Cause.READ_ONLY, Cause.FORBIDDEN):
            raise refusal(error, f"the {kind} model", "written") from error
        raise InputError(f"{kind} cannot be made of {files.name} ({first_line(error)})") from error
    return facts
