"""From tables to a stored build: train a model, write it aside, switch."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import duckdb
import numpy as np

from mgrec_core.foundation.files import replacing
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language import read_through
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import names
from mgrec_core.model.granularities.parts import Parts
from mgrec_core.model.store import part_records, parts_of, save_links, save_model
from mgrec_core.model.training import train_model
from mgrec_core.workspace.digests import digests_of_folder
from mgrec_core.workspace.manifest import Manifest, write_manifest

#: Part of every build's identity: raise it when the same inputs give other vectors or labels.
ENGINE_VERSION = "7"


#: Granularities of every build of this version; with further ones the same inputs give another build.
_OF_THIS_VERSION = ("behaviour", "recent", "attribute", "knowledge", "collaborative", "social", "popularity")


def build_id(data_fingerprint: str, model_fingerprint: str, config: Config) -> str:
    """Name of the build that these inputs give, 16 hexadecimal digits."""
    added = (name for name in names() if name not in _OF_THIS_VERSION)
    parts = (ENGINE_VERSION, data_fingerprint, model_fingerprint, options_of(config), *added)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def options_of(config: Config) -> str:
    """All options that change what is built: where texts may be sent to does not."""
    return config.model_dump_json(exclude={"language": {"send_texts_to"}})


def make_build(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    cache: Path,
    *,
    identity: str,
    meta: dict[str, str],
    model: str | None,
    model_name: str | None,
    model_fingerprint: str,
    config: Config,
    model_reason: str = "",
    earlier: Path | None = None,
    progress: Progress = silent,
) -> Manifest:
    """Make a build beside its place and move it there when it is whole.

    Parameters
    ----------
    target
        Folder of the finished build; must not exist.
    cache
        Folder of the text cache.
    identity
        The build's id.
    meta
        The workspace's ``meta`` table.
    model, model_name
        Where the language model is, and what the build calls it.
    model_reason
        Why this model, where nobody named one.
    earlier
        Folder of the build before, of which the parts are kept whose inputs are the same still.
    """
    clock = Clock()
    parts = Parts(parts_of(earlier, ENGINE_VERSION) if earlier else None)
    trained = train_model(
        connection, config, model=model, cache=cache, parts=parts, progress=progress, mark=clock.mark
    )
    data = trained.data
    if parts.kept:
        progress("kept of the build before", len(parts.kept), len(parts.made), ", ".join(sorted(parts.kept)))

    target.parent.mkdir(exist_ok=True)
    with replacing(target) as staged:
        staged.mkdir()
        progress("writing", 0, 1)
        records, arrays = save_model(trained.model, data.users, data.items, data.labels, staged)
        save_links(data.made_links, data.items, staged)
        clock.mark("writing")
        reading = read_through(
            [text for text in data.texts if text], model, config.language.prompt, config.language.long_texts
        )
        if reading and reading.problem and records["behaviour"].present:
            records["behaviour"].reason += f"; but {reading.problem}"
            records["behaviour"].unreliable = reading.unreliable
        clock.mark("reading")
        manifest = Manifest(
            build=identity,
            engine_version=ENGINE_VERSION,
            dataset=meta.get("dataset", ""),
            data_fingerprint=meta["data_fingerprint"],
            model=trained.model_name if model == model_name else str(model_name),
            model_source=model_name,
            model_fingerprint=model_fingerprint,
            model_reason=model_reason,
            config=config.model_dump(),
            counts={
                "users": len(data.users),
                "items": len(data.items),
                "users_with_events": int((np.diff(data.strength.indptr) > 0).sum()),
                "pairs": int(data.strength.nnz),
                "items_with_text": sum(text is not None for text in data.texts),
                "friendships": int(data.friends.nnz // 2),
                "entities": len(data.entity_ids),
            },
            granularities=records,
            arrays=arrays,
            files={p.name: p.stat().st_size for p in sorted(staged.iterdir())},
            digests=digests_of_folder(staged),
            parts=part_records(parts, staged),
            kept=sorted(parts.kept),
            texts=reading.to_dict() if reading else {},
            timings=clock.seconds,
        )
        write_manifest(staged, manifest)
    progress("writing", 1, 1)
    return manifest


class Clock:
    """Seconds between marks."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, name: str) -> None:
        """End the step ``name``."""
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 3)
        self._last = now
