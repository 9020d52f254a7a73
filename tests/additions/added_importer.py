"""An importer as somebody else would add it: this file alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from mgrec_core.data.importers import Import, Importer
from mgrec_core.data.importers.tables import complete_items, complete_users, load_events
from mgrec_core.data.rules import REJECTED, Rule

RULES = (Rule("silent_play", REJECTED, "nobody listened: it lasted no second", instead="it is a play"),)


class PlayLogImporter(Importer):
    """Reads a jukebox's log."""

    name: ClassVar[str] = "play-log"
    looks_for: ClassVar[str] = "jukebox.log"
    strengths: ClassVar[Mapping[str, float]] = {"encore": 0.9}

    def recognises(self, source: Path) -> bool:
        """Return whether the log is there."""
        return (source / "jukebox.log").is_file()

    def fill(self, run: Import) -> None:
        """Read who heard what."""
        log = run.stage(run.need("jukebox", ".log"), delimiter="|", names=("who", "what", "how", "seconds"))
        columns = {"user_id": log.need("who"), "item_id": log.need("what"), "event": log.need("how")}
        silent = f"{log.need('seconds')} = '0'"
        load_events(run, log, columns, checks={"silent_play": silent})
        complete_users(run)
        complete_items(run)


PLAY_LOG = PlayLogImporter()
