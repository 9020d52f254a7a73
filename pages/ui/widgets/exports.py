"""Files the analyst takes away: each says which build, weights and k it came from."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import streamlit as st

from mgrec_core.export import FORMATS, Document, Format
from mgrec_core.export.cells import safe_csv
from mgrec_core.export.naming import stem_of
from mgrec_core.foundation.results import RankedList
from mgrec_core.service.rights import AccessError
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.pseudonyms import Pseudonyms
from pages.ui.session import allowed, state

if TYPE_CHECKING:
    import pandas as pd

    from mgrec_core.engine.engine import Engine
    from mgrec_core.export.provenance import Origin
    from mgrec_core.foundation.results import Weights

T = TypeVar("T")
Content = str | bytes | Callable[[], str | bytes]
_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "html": "text/html",
    "parquet": "application/vnd.apache.parquet",
    "md": "text/markdown",
    "pdf": "application/pdf",
    "zip": "application/zip",
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
    what: str, json_text: str, tables: Mapping[str, str], stem: str, *, key: str, hide: bool = False,
    ids: bool = True,
) -> None:  # fmt: skip
    """Offer one result as JSON, and as CSV files in one pack.

    Parameters
    ----------
    what
        Name on the buttons; may be empty.
    tables
        What :func:`ranked_csv` and so on return: CSV by what comes after the stem in the files' names.
    stem
        Name of the files, as :func:`file_stem` takes it.
    hide
        Whether the ids in them are pseudonyms, which the buttons say.
    ids
        Whether they can hold ids of people at all.
    """
    stem = file_stem(stem)
    pack = {f"{stem}{ending}.csv": one for ending, one in tables.items()}
    for kind, content, file in (
        ("JSON", json_text, f"{stem}.json"),
        ("CSV", partial(zipped, pack), f"{stem}.csv.zip"),
    ):
        said = f"{what} as {kind}" if what else kind
        download(said, content, file, key=f"{key}_{kind.lower()}", hide=hide, ids=ids)


def as_json(document: dict[str, Any], about: dict[str, Any]) -> str:
    """Return one JSON document: where it comes from, then the result."""
    return json.dumps(about | document, ensure_ascii=False, indent=2, default=str)


def documents(
    what: str,
    names: tuple[tuple[str, str], ...],
    make: Callable[[Origin], Document],
    origin: Callable[[Pseudonyms | None], Origin],
    workspace: str,
    *,
    key: str,
    hide: bool = False,
    ids: bool = True,
) -> None:
    """Offer a document in every format: as the command ``export`` writes it, and under its names.

    Parameters
    ----------
    what
        Its name on the buttons.
    names
        As :attr:`~mgrec_core.export.Document.names`, with ids as they are.
    make
        Makes the document when a button is pressed, outside the page's run.
    origin
        What it comes from, with the pseudonyms that it is given.
    hide, ids
        As of :func:`download`.
    """
    pseudonyms = Pseudonyms.of(Workspace(state.folder(workspace))) if hide else None
    if pseudonyms is not None:
        people = ("user", "users", "and")
        names = tuple(
            (part, pseudonyms.pseudonym(one) if part in people else pseudonyms.text(one))
            for part, one in names
        )
    stem = stem_of(names)

    def content(form: Format) -> str | bytes:
        written = form.write(make(origin(pseudonyms)))
        if form.name in _ONE_FILE:
            return next(iter(written.values()))
        return zipped({f"{stem}{ending}": one for ending, one in written.items()})

    def offer(form: Format) -> None:
        ending = form.name if form.name in _ONE_FILE else f"{form.name}.zip"
        said = f"{what} as {_SAID.get(form.name, form.name.upper())}"
        file = f"{stem}.{ending}"
        download(said, partial(content, form), file, key=f"{key}_{form.name}", hide=hide, ids=ids)

    for name in _FIRST:
        offer(FORMATS[name])
    with st.popover("Other files", icon=":material/folder_zip:"):
        for name, form in FORMATS.items():
            if name not in _FIRST:
                offer(form)


_FIRST = ("html", "pdf")
_ONE_FILE = ("html", "pdf", "json", "md")
_SAID = {"md": "Markdown", "parquet": "Parquet"}


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Pack files, the same ones into the same bytes."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, one in files.items():
            pack.writestr(zipfile.ZipInfo(name), one, zipfile.ZIP_DEFLATED)
    return into.getvalue()


def ranked_csv(ranked: RankedList, about: dict[str, Any]) -> dict[str, str]:
    """Return the ranked list as CSV, and its origin as a second one."""
    frame = ranked.to_frame()
    frame.insert(0, "user_id", ranked.user_id)
    taken = alphas(ranked.alpha) if ranked.fusion != "score" else {}
    return _csv(frame, about | {"k": ranked.k} | taken, ranked.weights, ranked.base, ranked.fusion)


def pair(
    what: str, document: dict[str, Any], frame: pd.DataFrame, about: dict[str, Any], stem: str,
    weights: Weights, *, hide: bool = False, ids: bool = True,
) -> None:  # fmt: skip
    """Offer one result as JSON and as CSV, as :func:`buttons` does; both say where they come from."""
    document = document | {"weights": weights.values, "base": weights.base, "fusion": weights.fusion}
    csv = _csv(frame, about, weights.values, weights.base, weights.fusion)
    with st.container(horizontal=True, gap="small"):
        file = f"{stem}_{about['workspace']}"
        buttons(what, as_json(document, about), csv, file, key=what.lower(), hide=hide, ids=ids)


def _csv(
    frame: pd.DataFrame, about: dict[str, Any], weights: Mapping[str, float], base: str, fusion: str
) -> dict[str, str]:
    import pandas as pd

    told = about | {"base": base, "fusion": fusion} | {f"weight_{g}": weight for g, weight in weights.items()}
    rows = [(name, str(value)) for name, value in told.items()]
    return {"": safe_csv(frame), "-about": safe_csv(pd.DataFrame(rows, columns=["name", "value"]))}
