"""Files the analyst takes away: each says which build, weights and k it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.explain.export import safe_csv
from mgrec_core.privacy import (
    WorkspaceKey,
    hide_audience,
    hide_comparison,
    hide_explanation,
    hide_quality,
    hide_ranked,
    hide_targets,
)
from mgrec_core.results import Explanation, RankedList
from pages.ui import state

if TYPE_CHECKING:
    import pandas as pd

    from mgrec_core.comparison import Comparison
    from mgrec_core.engine import Engine
    from mgrec_core.items.audience import Audience
    from mgrec_core.quality.document import QualityReport
    from mgrec_core.results import Weights
    from mgrec_core.targets.results import TargetList


def context(engine: Engine, workspace: str, preset: str) -> dict[str, Any]:
    """Return what a reader needs to make the same file again."""
    manifest = engine.manifest
    return {
        "workspace": workspace,
        "dataset": str(getattr(manifest.dataset, "name", manifest.dataset)),
        "build": str(engine.build),
        "model": str(getattr(manifest.model, "name", manifest.model)),
        "data_fingerprint": str(manifest.data_fingerprint),
        "preset": preset,
    }


def file_stem(name: str) -> str:
    """Return a name of a file: what is no letter, digit, dot or hyphen becomes an underscore."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[:80] or "file"


def hide_toggle(key: str) -> bool:
    """Show the switch for files with pseudonyms."""
    return st.toggle(
        "Pseudonyms", key=key, help="The files hold pseudonyms instead of the ids of users and friends."
    )


def label(said: str, *, hide: bool) -> str:
    """Name a download: it says whether its ids are pseudonyms, so that a click gives what it reads."""
    return f"{said} with pseudonyms" if hide else said


def hidden_targets(found: TargetList, workspace: str, *, hide: bool) -> TargetList:
    """Return the list of people or advertisements as its files hold it."""
    return hide_targets(found, WorkspaceKey(state.folder(workspace))) if hide else found


def hidden_list(found: RankedList, about: dict[str, Any], *, hide: bool) -> RankedList:
    """Return the list as its files hold it."""
    return hide_ranked(found, WorkspaceKey(state.folder(str(about["workspace"])))) if hide else found


def hidden_explanation(found: Explanation, about: dict[str, Any], *, hide: bool) -> Explanation:
    """Return the explanation as its files hold it."""
    return hide_explanation(found, WorkspaceKey(state.folder(str(about["workspace"])))) if hide else found


def hidden_comparison(found: Comparison, workspace: str, *, hide: bool) -> Comparison:
    """Return the comparison as its files hold it."""
    return hide_comparison(found, WorkspaceKey(state.folder(workspace))) if hide else found


def hidden_audience(found: Audience, workspace: str, *, hide: bool) -> Audience:
    """Return the audience as its files hold it."""
    return hide_audience(found, WorkspaceKey(state.folder(workspace))) if hide else found


def hidden_quality(report: QualityReport, workspace: str, *, hide: bool) -> QualityReport:
    """Return the quality report as its files hold it."""
    return hide_quality(report, WorkspaceKey(state.folder(workspace))) if hide else report


def as_json(document: dict[str, Any], about: dict[str, Any]) -> str:
    """Return one JSON document: where it comes from, then the result."""
    return json.dumps(about | document, ensure_ascii=False, indent=2, default=str)


def ranked_csv(ranked: RankedList, about: dict[str, Any]) -> str:
    """Return the ranked list as CSV, its origin repeated on each row."""
    frame = ranked.to_frame()
    frame.insert(0, "user_id", ranked.user_id)
    return _csv(frame, about | {"k": ranked.k}, ranked.weights, ranked.base, ranked.fusion)


def targets_csv(found: TargetList, about: dict[str, Any]) -> str:
    """Return ranked people or advertisements as CSV, their origin repeated on each row."""
    frame = found.to_frame()
    frame.insert(0, "user_id", found.user_id)
    return _csv(frame, about | {"k": found.k}, found.weights, found.base, "score")


def explanation_csv(explanation: Explanation, about: dict[str, Any]) -> str:
    """Return the evidence and baselines as CSV, their origin repeated on each row."""
    frame = explanation.to_frame()
    frame.insert(0, "item_id", explanation.item_id)
    frame.insert(0, "user_id", explanation.user_id)
    return _csv(frame, about, explanation.weights, explanation.base, explanation.fusion)


def pair(
    what: str, document: dict[str, Any], frame: pd.DataFrame, about: dict[str, Any], stem: str,
    weights: Weights, *, fusion: str = "score", hide: bool = False,
) -> None:  # fmt: skip
    """Offer one result as JSON and as CSV; both say where they come from.

    Parameters
    ----------
    what
        Name on the buttons.
    stem
        Name of the files, as :func:`file_stem` takes it.
    hide
        Whether the ids in it are pseudonyms, which the buttons say.
    """
    stem, key = file_stem(stem), what.lower()
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            label(f"{what} as JSON", hide=hide),
            as_json(document | {"weights": weights.values, "base": weights.base, "fusion": fusion}, about),
            f"{stem}.json", "application/json", key=f"{key}_json", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            label(f"{what} as CSV", hide=hide),
            _csv(frame.copy(), about, weights.values, weights.base, fusion),
            f"{stem}.csv", "text/csv", key=f"{key}_csv", on_click="ignore", icon=":material/download:",
        )  # fmt: skip


def _csv(
    frame: pd.DataFrame, about: dict[str, Any], weights: dict[str, float], base: str, fusion: str
) -> str:
    for name, value in (about | {"base": base, "fusion": fusion}).items():
        frame[name] = value
    for granularity, weight in weights.items():
        frame[f"weight_{granularity}"] = weight
    return safe_csv(frame)
