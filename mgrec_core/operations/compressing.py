"""Make smaller models of the language model, measure each beside it, and keep them for a build to name."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from mgrec_core.adaptation.held_out import HeldOut, hold_out
from mgrec_core.adaptation.measuring import Worth, differences, measure
from mgrec_core.data.item_texts import item_texts
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language import choose_model
from mgrec_core.language.compression import KINDS, USUAL, Speed, compare_speed, make_variant
from mgrec_core.language.compression.sampling import some
from mgrec_core.language.embedded import MINILM
from mgrec_core.language.encoder import load_encoder
from mgrec_core.language.model_files import find_model
from mgrec_core.model.config import Config
from mgrec_core.operations.locking import finish
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.models import FOLDER, ModelRecord, folder_of, free_name, models_of, write_record

KEEPS = 0.98
"""Share of the original's fused nDCG@10 that a suggested model keeps."""
_TIMED = 256


@dataclass
class _Model:
    """A model beside the others: the original, or one that was made of it."""

    kind: str
    path: str | None
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    worth: Worth | None = None
    seconds: float = 0.0


def compress(
    workspace: Workspace | str | Path,
    model: str | None = None,
    kinds: Sequence[str] = USUAL,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Make smaller models, and measure each beside the original on the same held-out events.

    Nothing is switched: ``build --model NAME`` does that, and back.

    Parameters
    ----------
    workspace
        A workspace or its folder.
    model
        Name or path of the model they are made of; by default the build's.
    kinds
        Of :data:`mgrec_core.language.compression.KINDS`.

    Returns
    -------
    dict
        ``model``; ``original`` and ``variants``, rows of ``name``, ``kind``, ``MB``, ``texts_per_second``,
        ``speedup``, ``dimensions``, ``warm``, ``cold``, ``fused`` (nDCG@10), ``fused_share`` (of the
        original's), ``differences`` (by part, with intervals) and ``weights`` (those learned for ``fused``);
        ``suggested``, a name or ``None``, and ``reason``; ``refused``, why some kinds could not be made.

    Raises
    ------
    InputError
        Nothing was imported, there is too little to measure on, or no kind can be made of this model.
    NoRoomError, NoMemoryError
        They do not fit; what was there before is as it was.
    """
    workspace = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    kinds = list(dict.fromkeys(kinds))
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"there is no kind {kind[:40]!r}: choose among {', '.join(KINDS)}")
    finish(workspace.path)
    manifest = workspace.manifest() if workspace.current_build else None
    config = Config.of_build(manifest.config) if manifest else Config()
    with workspace.reading() as connection:
        of_items = item_texts(connection, config.language.template)
        texts = {item: text for item, text in of_items.items() if text}
        if not texts:
            raise InputError("no item has a text, so there is nothing that a language model would read")
        asked = model or (manifest.model_source if manifest else choose_model(texts.values()).model)
        original = _Model("original", workspace.model_at(asked), asked or MINILM.name)
        held_out = hold_out(workspace.path, connection)
        # What is measured on items as new as can be must not have seen them: not even their texts.
        new = set(held_out.new.test["item_id"])
        seen = [text for item, text in texts.items() if item not in new] or list(texts.values())
        with _aside(workspace) as aside:
            made, refused = _made(original, kinds, seen, aside, config, progress)
            speeds = _timed([original, *made], list(texts.values()), config, progress)
            for one in (original, *made):
                one.worth = _measured(one, connection, held_out, config, workspace, progress)
            rows = [_row(one, original, speeds) for one in (original, *made)]
            for one, row in zip(made, rows[1:], strict=True):
                row["name"] = _keep(workspace, one, row, original, held_out, config)
    suggested, reason = suggest(rows[1:])
    return {
        "model": original.name,
        "original": rows[0],
        "variants": rows[1:],
        "suggested": suggested,
        "reason": reason,
        "refused": refused,
    }


def suggest(variants: Sequence[Mapping[str, Any]]) -> tuple[str | None, str]:
    """Suggest the smallest model that is as good as the original, and say why.

    As good: it keeps .98 of the fused nDCG@10, and the interval of the difference reaches 0 or above it.
    """
    good = [
        row for row in variants if row["fused_share"] >= KEEPS and row["differences"]["fused"]["high"] >= 0
    ]
    if not good:
        return (
            None,
            f"none keeps {KEEPS:g} of the fused nDCG@10 and may be as good: stay with the original",
        )
    best = min(good, key=lambda row: (row["MB"], -row["speedup"]))
    alone = [
        f"{told['after'] / told['before']:.2f} on {items} items"
        for part, items in (("warm", "known"), ("cold", "new"))
        if (told := best["differences"].get(part)) and told["before"] > 0
    ]
    return best["name"], (
        f"{best['name']} is the smallest that keeps {KEEPS:g} of the fused nDCG@10 and is not worse for sure:"
        f" {best['fused_share']:.3f} of it at {best['MB']:g} MB, {best['speedup']:.3g} times as fast"
        + (
            f"; of `behaviour` alone, which shows more of a model, it keeps {' and '.join(alone)}"
            if alone
            else ""
        )
    )


def _made(
    original: _Model,
    kinds: Sequence[str],
    texts: Sequence[str],
    aside: Path,
    config: Config,
    progress: Progress,
) -> tuple[list[_Model], dict[str, str]]:
    """Make each kind in a folder aside; what cannot be made is told and left out."""
    files = find_model(original.path, prompt=config.language.prompt)
    if files.address is None:
        load_encoder(
            original.path, prompt=config.language.prompt
        )  # one that does not run is refused as itself
    made, refused = [], {}
    for kind in kinds:
        start = time.monotonic()
        folder = aside / kind
        folder.mkdir()
        progress(f"making {kind}", 0, 1)
        try:
            facts = make_variant(kind, files, texts, folder / "model", progress)
        except InputError as error:
            refused[kind] = str(error)
            continue
        made.append(_Model(kind, str(folder / "model"), kind, facts, seconds=time.monotonic() - start))
        progress(f"making {kind}", 1, 1)
    if not made:
        raise InputError("; ".join(refused.values()) or "no kind of smaller model was asked for")
    return made, refused


def _timed(
    models: Sequence[_Model], texts: Sequence[str], config: Config, progress: Progress
) -> dict[str, tuple[Speed, int]]:
    """Speed and dimensions by kind."""
    encoders = {one.kind: load_encoder(one.path, prompt=config.language.prompt) for one in models}
    speeds = compare_speed(encoders, some(texts, _TIMED), progress=progress)
    return {kind: (speed, encoders[kind].dimensions) for kind, speed in speeds.items()}


def _measured(
    one: _Model,
    connection: duckdb.DuckDBPyConnection,
    held_out: HeldOut,
    config: Config,
    workspace: Workspace,
    progress: Progress,
) -> Worth:
    def told(stage: str, done: int, total: int, detail: str = "") -> None:
        progress(f"measuring {one.kind}: {stage}", done, total, detail)

    return measure(connection, held_out, one.path, config, workspace.path / "cache", progress=told)


def _row(one: _Model, original: _Model, speeds: Mapping[str, tuple[Speed, int]]) -> dict[str, Any]:
    assert one.worth is not None and original.worth is not None
    means, first = one.worth.means(), original.worth.means()
    speed, dimensions = speeds[one.kind]
    share = means["fused"] / first["fused"] if first["fused"] > 0 else float(means["fused"] >= 0)
    return {
        "name": one.name,
        "kind": one.kind,
        "MB": round(find_model(one.path).bytes / 1e6, 1),
        "texts_per_second": round(speed.texts_per_second),
        "speedup": round(speed.ratio, 2),
        "dimensions": dimensions,
        **{part: round(means[part], 4) for part in ("warm", "cold", "fused")},
        "fused_share": round(share, 4),
        "differences": {} if one is original else differences(one.worth, original.worth),
        "weights": one.worth.weights,
    }


def _keep(
    workspace: Workspace,
    one: _Model,
    row: Mapping[str, Any],
    original: _Model,
    held_out: HeldOut,
    config: Config,
) -> str:
    """Put a model into the workspace with its record, and return its name.

    It is whole and its name new, so that this needs no lock, which a build may hold for long.
    """
    assert one.path is not None
    name = free_name(workspace.path, original.name, one.kind)
    record = ModelRecord(
        name=name,
        base=original.name,
        base_fingerprint=find_model(original.path, prompt=config.language.prompt).fingerprint,
        method=one.kind,
        seconds=round(one.seconds, 1),
        # texts alone were read: of events it has seen no more than what it was made of
        held_out=next(
            (known.held_out for known in models_of(workspace.path) if known.name == original.name), {}
        ),
        figures=row["differences"],
        facts={
            **{key: row[key] for key in ("MB", "texts_per_second", "speedup", "dimensions", "weights")},
            "measured_on": held_out.to_dict(),
            **one.facts,
        },
    )
    folder = Path(one.path).parent
    with _told():
        write_record(folder, record)
        folder.rename(folder_of(workspace.path, name))
    return name


@contextlib.contextmanager
def _aside(workspace: Workspace) -> Iterator[Path]:
    """A folder beside the models for what is not measured yet; its name says whose it is, as in staging."""
    models = workspace.path / FOLDER
    with _told():
        models.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="compress.", suffix=f".{os.getpid()}-0.part", dir=models))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            models.rmdir()  # where nothing was kept


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise refusal(error, "the workspace's folder of models", "written") from error
