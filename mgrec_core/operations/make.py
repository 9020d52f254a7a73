"""From tables to a stored build: read the views, encode texts, build, write aside, switch."""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from mgrec_core.data.dataset import Dataset
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language import LazyEncoder, TextCache
from mgrec_core.model.config import Config
from mgrec_core.model.granularities.parts import Parts
from mgrec_core.model.granularities.structure import Vectors
from mgrec_core.model.model import build_model
from mgrec_core.model.store import MANIFEST, Manifest, part_records, parts_of, save_model

if TYPE_CHECKING:
    from mgrec_core.language import TextEncoder

#: Part of every build's identity: raise it when the same inputs give other vectors.
ENGINE_VERSION = "5"


def build_id(data_fingerprint: str, model_fingerprint: str, config: Config) -> str:
    """Name of the build that these inputs give, 16 hexadecimal digits."""
    parts = (ENGINE_VERSION, data_fingerprint, model_fingerprint, config.model_dump_json())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def make_build(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    cache: Path,
    *,
    identity: str,
    meta: dict[str, str],
    model: str | None,
    model_fingerprint: str,
    config: Config,
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
    earlier
        Folder of the build before, of which the parts are kept whose inputs are the same still.
    """
    clock = Clock()
    progress("reading the views", 0, 1)
    data = Dataset.load(connection, config.knowledge)
    clock.mark("views")
    text_vectors, sequence_vectors, model_name = encode(data, model, config, cache, progress)
    clock.mark("encoding")
    parts = Parts(parts_of(earlier, ENGINE_VERSION) if earlier else None)
    built = build_model(data, config, text_vectors, sequence_vectors, progress, parts)
    if parts.kept:
        progress("kept of the build before", len(parts.kept), len(parts.made), ", ".join(sorted(parts.kept)))
    clock.mark("granularities")

    aside = target.with_name(target.name + ".part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        progress("writing", 0, 1)
        records, arrays = save_model(built, data.users, data.items, data.labels, aside)
        clock.mark("writing")
        manifest = Manifest(
            build=identity,
            engine_version=ENGINE_VERSION,
            dataset=meta.get("dataset", ""),
            data_fingerprint=meta["data_fingerprint"],
            model=model_name,
            model_source=model,
            model_fingerprint=model_fingerprint,
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
            files={p.name: p.stat().st_size for p in sorted(aside.iterdir())},
            parts=part_records(parts, aside),
            kept=sorted(parts.kept),
            timings=clock.seconds,
        )
        (aside / MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        aside.replace(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    progress("writing", 1, 1)
    return manifest


def encode(
    data: Dataset, model: str | None, config: Config, cache: Path, progress: Progress = silent
) -> tuple[Vectors | None, Vectors | None, str]:
    """Vectors of the items' texts, of whole histories if asked for, and the model's name.

    Returns
    -------
    text_vectors : |I| × d or None
    sequence_vectors : |U| × d or None
    name
    """
    written = [n for n, text in enumerate(data.texts) if text]
    if not written:
        return None, None, model or "none (no item has text)"
    progress("reading the text cache", 0, 1)
    texts = TextCache(cache)
    encoder = LazyEncoder(model, texts.dimensions_of)
    vectors = np.zeros((len(data.items), encoder.dimensions), dtype=np.float32)
    vectors[written] = texts.encode(encoder, [data.texts[n] or "" for n in written], progress)
    sequences: Vectors | None = None
    if config.language.encoding == "sequence":
        sequences = _encode_histories(data, encoder, texts, config.language.sequence_items, progress)
    return vectors, sequences, encoder.name


def _encode_histories(
    data: Dataset, encoder: TextEncoder, cache: TextCache, n_items: int, progress: Progress
) -> Vectors:
    """Vectors of all histories read as texts, |U| × d."""
    vectors = np.zeros((len(data.users), encoder.dimensions), dtype=np.float32)
    rows, texts = histories(data, n_items)
    if rows:
        vectors[rows] = cache.encode(encoder, texts, progress)
    return vectors


def texts_in_use(connection: duckdb.DuckDBPyConnection, config: Config) -> list[str]:
    """Every text that a build of these tables encodes."""
    data = Dataset.load(connection)
    texts = [text for text in data.texts if text]
    if texts and config.language.encoding == "sequence":
        texts += histories(data, config.language.sequence_items)[1]
    return texts


def histories(data: Dataset, n_items: int) -> tuple[list[int], list[str]]:
    """Each user's newest (else strongest) items as one text, newest first.

    Returns
    -------
    rows, texts
        The users with a history, and what is read of each.
    """
    order = data.age if data.age is not None else -data.strength
    rows, texts = [], []
    for user in range(len(data.users)):
        start, stop = order.indptr[user], order.indptr[user + 1]
        if start == stop:
            continue
        newest = order.indices[start:stop][np.argsort(order.data[start:stop], kind="stable")][:n_items]
        rows.append(user)
        texts.append("; ".join(data.labels[i] for i in newest))
    return rows, texts


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
