"""A user's ranked list and the explanation of every item in it, as files to hand on."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mgrec_core.explain.report import render_report
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Explanation, RankedList
from mgrec_core.privacy import WorkspaceKey, hide_explanation, hide_ranked

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

FORMATS = ("json", "csv", "html", "md")

# A cell that starts like a formula runs as one in spreadsheets (CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_csv(frame: pd.DataFrame) -> str:
    """CSV whose text cells no spreadsheet takes for a formula (they get a leading apostrophe).

    Text is always quoted: a bare carriage return would start a row for some readers.
    """
    safe = frame.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = [f"'{v}" if isinstance(v, str) and v.startswith(_FORMULA) else v for v in safe[name]]
    return safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)


def export_document(
    engine: Engine, user_id: str, k: int = 10, *, pseudonymise: bool = False, **fusion: Any
) -> dict[str, Any]:
    """Profile, ranked list and explanations of one user, with the build that made them."""
    ranked, explanations = _results(engine, user_id, k, pseudonymise, fusion)
    profile = engine.profile(user_id)
    return {
        "dataset": engine.manifest.dataset,
        "build": engine.build,
        "model": engine.manifest.model,
        "profile": {
            "n_items": profile.n_items,
            "n_events": profile.n_events,
            "n_friends": profile.n_friends,
            "attributes": profile.attributes,
        },
        "ranked": ranked.to_dict(),
        "explanations": [explanation.to_dict() for explanation in explanations],
    }


def _results(
    engine: Engine, user_id: str, k: int, pseudonymise: bool, fusion: Mapping[str, Any]
) -> tuple[RankedList, list[Explanation]]:
    ranked = engine.rank(user_id, k, **fusion)
    explanations = [engine.explain(user_id, item.item_id, **fusion) for item in ranked.items]
    if pseudonymise:
        key = WorkspaceKey(engine.workspace.path)
        return hide_ranked(ranked, key), [hide_explanation(e, key) for e in explanations]
    return ranked, explanations


def write_export(
    engine: Engine,
    user_id: str,
    folder: Path,
    formats: Sequence[str],
    *,
    k: int = 10,
    pseudonymise: bool = False,
    **fusion: Any,
) -> list[Path]:
    """Write ``user-<id>.json``, ``.html``, ``.md``, ``-ranked.csv`` and ``-evidence.csv``, as asked for.

    With ``pseudonymise`` neither contents nor names of the files hold the id of a user.

    Raises
    ------
    InputError
        An unknown format, or a folder that cannot be written.
    """
    wanted = [name.strip().lower() for name in formats if name.strip()]
    for name in wanted:
        if name not in FORMATS:
            raise InputError(f"unknown export format {name!r}: choose {', '.join(FORMATS)}")
    if not wanted:
        raise InputError(f"--format names no format: choose {', '.join(FORMATS)}")
    document = export_document(engine, user_id, k, pseudonymise=pseudonymise, **fusion)
    files: dict[str, str] = {}
    stem = f"user-{file_stem(document['ranked']['user_id'])}"
    if "json" in wanted:
        files[f"{stem}.json"] = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    for kind in ("html", "md"):
        if kind in wanted:
            files[f"{stem}.{kind}"] = render_report(document, kind)
    if "csv" in wanted:
        ranked, explanations = _results(engine, user_id, k, pseudonymise, fusion)
        files[f"{stem}-ranked.csv"] = safe_csv(ranked.to_frame())
        evidence = [
            explanation.to_frame().assign(item_id=item.item_id, rank=item.rank)
            for item, explanation in zip(ranked.items, explanations, strict=True)
        ]
        if evidence:
            files[f"{stem}-evidence.csv"] = safe_csv(pd.concat(evidence, ignore_index=True))
    return _write(folder, files)


def file_stem(text: str) -> str:
    """An id as a file name: letters, digits, ``._-``, at most 60 characters.

    Examples
    --------
    >>> file_stem("../a b")
    '.._a_b'
    """
    return re.sub(r"[^A-Za-z0-9._-]", "_", text)[:60] or "_"


def _write(folder: Path, files: Mapping[str, str]) -> list[Path]:
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            aside = folder / f"{name}.part"
            aside.write_text(text, encoding="utf-8")
            aside.replace(folder / name)
            written.append(folder / name)
    except OSError as error:
        raise InputError(f"--out {folder} cannot be written ({error.strerror}): choose another") from None
    return written
