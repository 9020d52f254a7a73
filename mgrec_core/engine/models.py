"""The language models at hand, and how each would read a workspace's texts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mgrec_core.data.item_texts import item_texts
from mgrec_core.foundation.errors import MgrecError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.choice import choose_model
from mgrec_core.language.config import LanguageConfig
from mgrec_core.language.embedded import EMBEDDED, MINILM, embedded
from mgrec_core.language.encoder import load_encoder
from mgrec_core.language.model_files import ModelFiles, find_model
from mgrec_core.language.reading import read_through
from mgrec_core.language.remote.address import Address, is_address
from mgrec_core.language.text_cache import TextCache
from mgrec_core.model.config import Config
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.models import models_of

_OF_TEXTS = ("unknown_tokens", "distinct_texts", "distinct_vectors")
_TIMED = 256
_SAMPLE = [f"A quiet film about a loud piano, part {n}. genre: Comedy, Drama" for n in range(_TIMED)]


def models(
    workspace: Workspace | str | Path | None = None,
    further: Sequence[str] = (),
    *,
    timed: bool = False,
    progress: Progress = silent,
) -> list[dict[str, Any]]:
    """Return the embedded models, those made in the workspace, the build's and further ones, a row each.

    Parameters
    ----------
    workspace
        Whose texts they read; without it nothing is said of texts.
    further
        Names, paths or addresses of other models.
    timed
        Say too how large each is, its languages and how many texts it reads a second here.

    Returns
    -------
    list of dict
        The document of ``models --json``: ``name``, ``fingerprint``, ``dimensions``, ``unknown_tokens``,
        ``distinct_texts``, ``distinct_vectors`` (``None`` where nothing is known), and ``chosen``: the
        model of the build, before a build the one that it would choose. Of a model of the workspace that
        cannot be used nothing else is known, and ``problem`` says why.

    Raises
    ------
    InputError
        Nothing was imported, or a model cannot be found or run.
    """
    texts: list[str] = []
    chosen = None
    language = Config().language
    if workspace is not None:
        workspace = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
        manifest = workspace.manifest() if workspace.current_build else None
        config = Config.of_build(manifest.config) if manifest else Config()
        language = config.language
        with workspace.reading() as connection:
            texts = [text for text in item_texts(connection, language.template).values() if text]
        chosen = (manifest.model_source if manifest else choose_model(texts).model) or MINILM.name
    own = [record.name for record in models_of(workspace.path)] if workspace is not None else []
    further = [str(Address.parse(name)) if is_address(name) else name for name in further]
    chosen = str(Address.parse(chosen)) if chosen and is_address(chosen) else chosen
    others = dict.fromkeys([*own, *further, *([chosen] if chosen else [])])
    names = [*(one.name for one in EMBEDDED), *(name for name in others if not embedded(name))]
    rows = []
    for place, name in enumerate(names):
        progress("models", place, len(names), name)
        try:
            row = _row(name, texts, workspace, language, timed, asked=name in further)
        except MgrecError as error:
            if name not in own or name in further:
                raise
            unknown = dict.fromkeys(("fingerprint", "dimensions", *_OF_TEXTS))
            row = {"name": name, **unknown, "problem": str(error)}
        rows.append(row | {"chosen": chosen is not None and _same(chosen, name)})
    progress("models", len(names), len(names))
    return rows


def _row(
    name: str,
    texts: list[str],
    workspace: Workspace | None,
    language: LanguageConfig,
    timed: bool,
    asked: bool,
) -> dict[str, Any]:
    path = workspace.model_at(name) if workspace is not None else name
    found = find_model(path, prompt=language.prompt)
    if found.address is not None:
        return _behind(found, None if workspace is None else workspace.path / "cache", asked=asked)
    whole = language.long_texts if found.reads_tokens else "cut"
    encoder = load_encoder(path, prompt=language.prompt, long_texts=whole)
    reading = read_through(texts, path, language.prompt, whole)
    row: dict[str, Any] = {
        "name": name,
        "fingerprint": encoder.fingerprint,
        "dimensions": encoder.dimensions,
        "unknown_tokens": round(reading.unknown_tokens, 4) if reading else None,
        "distinct_texts": reading.distinct_texts if reading else None,
        "distinct_vectors": reading.distinct_vectors if reading else None,
    }
    if timed:
        sample = texts[:_TIMED] or _SAMPLE
        start = time.perf_counter()
        encoder.encode(sample)
        known = embedded(name)
        row |= {
            "MB": round(found.bytes / 1e6),
            "texts/s": round(len(sample) / max(time.perf_counter() - start, 1e-9)),
            "languages": known.languages if known else None,
        }
    return row


def _behind(found: ModelFiles, cache: Path | None, *, asked: bool) -> dict[str, Any]:
    """Return the row of a model behind an address, which is called only where it was named just now.

    It is asked for the vector of one letter, and sent no text of the workspace.
    """
    known = TextCache(cache).dimensions_of(found.fingerprint) if cache is not None else None
    if asked:
        known = load_encoder(found.name, prompt=found.prompt).dimensions
    row: dict[str, Any] = {"name": found.name, "fingerprint": found.fingerprint, "dimensions": known}
    return row | dict.fromkeys(_OF_TEXTS)


def _same(one: str, other: str) -> bool:
    """Whether two names mean one model."""
    known = embedded(one)
    return one == other or (known is not None and known == embedded(other))
