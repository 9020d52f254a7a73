"""A user's ranked list and the explanation of every item in it, as files to hand on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.export.format import FORMATS, UserResults
from mgrec_core.export.redaction import hide_explanation, hide_ranked
from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import replacing
from mgrec_core.foundation.results import MOST_EVIDENCE, WeightsLike
from mgrec_core.workspace.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def results_of(
    engine: Engine,
    user_id: str,
    k: int = 10,
    weights: WeightsLike = None,
    *,
    pseudonymise: bool = False,
    everything: bool = False,
) -> UserResults:
    """Rank and explain for one user, with pseudonyms for users where asked for.

    Of the evidence the strongest pieces are told and the others summed, unless ``everything`` is asked for:
    a history of 10,000 items would make ten explanations a file of 26 MB.
    """
    top = None if everything else MOST_EVIDENCE
    lam = engine.resolve(weights)
    ranked = engine.rank(user_id, k, lam)
    explanations = [engine.explain(user_id, item.item_id, lam) for item in ranked.items]
    profile = engine.profile(user_id)
    dataset = engine.manifest.dataset
    if pseudonymise:
        key = Pseudonyms.of(engine.workspace)
        ranked, explanations = hide_ranked(ranked, key), [hide_explanation(e, key) for e in explanations]
        profile, dataset = key.hide(profile), key.hide(dataset)
    document = {
        "dataset": dataset,
        "build": engine.build,
        "model": engine.manifest.model,
        "profile": {
            "n_items": profile.n_items,
            "n_events": profile.n_events,
            "n_friends": profile.n_friends,
            "attributes": profile.attributes,
        },
        "ranked": ranked.to_dict(),
        "explanations": [explanation.to_dict(top) for explanation in explanations],
    }
    return UserResults(document, ranked, tuple(explanations), top)


def export_document(
    engine: Engine, user_id: str, k: int = 10, weights: WeightsLike = None, *, pseudonymise: bool = False
) -> dict[str, Any]:
    """Profile, ranked list and explanations of one user, with the build that made them."""
    return results_of(engine, user_id, k, weights, pseudonymise=pseudonymise).document


def write_export(
    engine: Engine,
    user_id: str,
    folder: Path,
    formats: Sequence[str],
    *,
    k: int = 10,
    weights: WeightsLike = None,
    pseudonymise: bool = False,
    everything: bool = False,
) -> list[Path]:
    """Write ``user-<id>.json`` and so on, each format as its declaration names its files.

    With ``pseudonymise`` neither contents nor names of the files hold the id of a user; with
    ``everything`` no evidence is summed up.

    Raises
    ------
    InputError
        An unknown format, or a folder that cannot be written.
    """
    wanted = {name.strip().lower() for name in formats if name.strip()}
    for name in sorted(wanted):
        if name not in FORMATS:
            raise InputError(f"unknown export format {name!r}: choose {', '.join(FORMATS)}")
    if not wanted:
        raise InputError(f"--format names no format: choose {', '.join(FORMATS)}")
    results = results_of(engine, user_id, k, weights, pseudonymise=pseudonymise, everything=everything)
    stem = f"user-{file_stem(results.ranked.user_id)}"
    files = {
        folder / f"{stem}{ending}": content
        for name, form in FORMATS.items()
        if name in wanted
        for ending, content in form.write(results).items()
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            with replacing(path) as staged:
                staged.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise refusal(error, f"--out {folder}", "written", choose="choose another --out") from None
    return list(files)


def file_stem(text: str) -> str:
    """An id as a file name: letters, digits, ``._-``, at most 60 characters.

    Examples
    --------
    >>> file_stem("../a b")
    '.._a_b'
    """
    return re.sub(r"[^A-Za-z0-9._-]", "_", text)[:60] or "_"
