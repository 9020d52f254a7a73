"""mgrec: explainable recommendation from user interests at several granularities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.workspace.unfinished import when_unfinished

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

__all__ = ["Engine"]


def __getattr__(name: str) -> Any:
    """Load the engine on first use: the command line and first page need not wait for it."""
    if name == "Engine":
        from mgrec_core.engine.engine import Engine

        return Engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _finish(folder: Path) -> None:
    from mgrec_core.operations.locking import finish

    finish(folder)


when_unfinished(_finish)
