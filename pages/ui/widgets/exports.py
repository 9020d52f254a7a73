"""Files the analyst takes away: each says which build, weights and k it came from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import streamlit as st

from mgrec_core.export.cells import safe_csv
from mgrec_core.foundation.results import Explanation, RankedList
from mgrec_core.service.rights import AccessError
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.pseudonyms import Pseudonyms
from pages.ui.session import allowed, state

if TYPE_CHECKING:
    import pandas as pd

    from mgrec_core.engine.engine import Engine
    from mgrec_core.foundation.results import Weights

T = TypeVar("T")
Content = str | bytes | Callable[[], str | bytes]
_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "html": "text/html",
    "parquet": "application/vnd.apache.parquet",
}
"""Ending of a file → what a browser is told that it is."""


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


def alphas(alpha: Mapping[str, float]) -> dict[str, float]:
    """Return α as :func:`context` goes into files: for results that it had a part in."""
    return {f"alpha_{granularity}": share for granularity, share in alpha.items()}


def file_stem(name: str) -> str:
    """Return a name of a file: what is no letter, digit, dot or hyphen becomes an underscore."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[:80] or "file"


def hide_toggle(
    key: str,
    label: str = "Pseudonyms",
    help: str = "The files hold pseudonyms instead of the ids of users and friends.",
) -> bool:
    """Show the switch for files with pseudonyms; who may not take ids away cannot turn it off."""
    if allowed.may("export ids"):
        return st.toggle(label, key=key, help=help or None)
    st.toggle(label, value=True, key=f"{key}_only", **allowed.control("export ids"))
    return True


def label(said: str, *, hide: bool) -> str:
    """Name a download: it says whether its ids are pseudonyms, so that a click gives what it reads."""
    return f"{said} with pseudonyms" if hide else said


def download(
    said: str, content: Content, file: str, *, key: str, hide: bool = False, ids: bool = True,
    where: Any = st, width: Literal["content", "stretch"] = "content",
) -> None:  # fmt: skip
    """Offer one file.

    Parameters
    ----------
    said
        Name on the button, to which pseudonyms are added.
    content
        The file, or what makes it on a click.
    file
        Its name; the ending says what it is.
    hide
        Whether the ids in it are pseudonyms.
    ids
        Whether it can hold ids of people at all.
    where
        Streamlit or a container.
    """
    action = "export ids" if ids and not hide else "export with pseudonyms"
    where.download_button(
        label(said, hide=hide), _asked(content, action, file), file, _TYPES[file.rpartition(".")[2]],
        key=key, on_click="ignore", icon=":material/download:", width=width, **allowed.control(action),
    )  # fmt: skip


def _asked(content: Content, action: str, file: str) -> Content:
    """Return the content so that a click asks whether it may be had, and is written down.

    Streamlit makes it outside the page's run: who asks is known now, whether they still may only then.
    """
    if not allowed.may(action):
        return b""
    who, workspace = allowed.person(), allowed.here()
    if who is None:
        return content

    def made() -> str | bytes:
        if not who.holds() or not allowed.access().rights(who.claims).may(action, workspace):
            raise AccessError("your login has ended, or its rights have changed: open the page again")
        allowed.record(action, workspace, detail=file, who=who)
        return content() if callable(content) else content

    return made


def hidden(hiding: Callable[[T, Pseudonyms], T], found: T, workspace: str, *, hide: bool) -> T:
    """Return a result as its files hold it: through one of ``export.redaction.hide_…`` if asked."""
    return hiding(found, Pseudonyms.of(Workspace(state.folder(workspace)))) if hide else found


def buttons(
    what: str, json_text: str, csv_text: str, stem: str, *, key: str, hide: bool = False, ids: bool = True
) -> None:
    """Offer the two files of one result.

    Parameters
    ----------
    what
        Name on the buttons; may be empty.
    stem
        Name of the files, as :func:`file_stem` takes it.
    hide
        Whether the ids in them are pseudonyms, which the buttons say.
    ids
        Whether they can hold ids of people at all.
    """
    for kind, content in (("JSON", json_text), ("CSV", csv_text)):
        said, file = f"{what} as {kind}" if what else kind, f"{file_stem(stem)}.{kind.lower()}"
        download(said, content, file, key=f"{key}_{kind.lower()}", hide=hide, ids=ids)


def as_json(document: dict[str, Any], about: dict[str, Any]) -> str:
    """Return one JSON document: where it comes from, then the result."""
    return json.dumps(about | document, ensure_ascii=False, indent=2, default=str)


def ranked_csv(ranked: RankedList, about: dict[str, Any]) -> str:
    """Return the ranked list as CSV, its origin repeated on each row."""
    frame = ranked.to_frame()
    frame.insert(0, "user_id", ranked.user_id)
    taken = alphas(ranked.alpha) if ranked.fusion != "score" else {}
    return _csv(frame, about | {"k": ranked.k} | taken, ranked.weights, ranked.base, ranked.fusion)


def explanation_csv(explanation: Explanation, about: dict[str, Any]) -> str:
    """Return the evidence and baselines as CSV, their origin repeated on each row."""
    frame = explanation.to_frame()
    frame.insert(0, "item_id", explanation.item_id)
    frame.insert(0, "user_id", explanation.user_id)
    return _csv(frame, about, explanation.weights, explanation.base, explanation.fusion)


def pair(
    what: str, document: dict[str, Any], frame: pd.DataFrame, about: dict[str, Any], stem: str,
    weights: Weights, *, hide: bool = False, ids: bool = True,
) -> None:  # fmt: skip
    """Offer one result as JSON and as CSV, as :func:`buttons` does; both say where they come from."""
    document = document | {"weights": weights.values, "base": weights.base, "fusion": weights.fusion}
    csv = _csv(frame.copy(), about, weights.values, weights.base, weights.fusion)
    with st.container(horizontal=True, gap="small"):
        buttons(what, as_json(document, about), csv, stem, key=what.lower(), hide=hide, ids=ids)


def _csv(
    frame: pd.DataFrame, about: dict[str, Any], weights: Mapping[str, float], base: str, fusion: str
) -> str:
    for name, value in (about | {"base": base, "fusion": fusion}).items():
        frame[name] = value
    for granularity, weight in weights.items():
        frame[f"weight_{granularity}"] = weight
    return safe_csv(frame)
