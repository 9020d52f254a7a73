"""One message to the mixer in the browser: a JSON head and the candidates' numbers as bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mgrec_core.feedback.log import THUMBS, Feedback
from mgrec_core.figures import palette
from mgrec_core.foundation.results import Preset, Weights
from mgrec_core.model.fusion.candidates import Candidates

_ALIGNED = 8
_LONGEST = 1000  # as many as a list has at most


def pack(
    candidates: Candidates,
    ids: Sequence[str],
    titles: Sequence[str],
    before: Mapping[str, int],
    **about: Any,
) -> bytes:
    """Return the message that ``readMessage`` in ranking.js reads.

    Parameters
    ----------
    ids, titles : C
        Of the candidates, in their order.
    before
        Item id → rank under the preset, as far down as it is known.
    about
        Everything else the head holds, JSON as it is.
    """
    head = about | {
        "ids": list(ids),
        "titles": list(titles),
        "scale": candidates.scale.tolist(),
        "median": candidates.median.tolist(),
        # JSON knows no infinity; without a threshold every item is a candidate.
        "threshold": [t if math.isfinite(t) else 0.0 for t in candidates.threshold.tolist()],
        "slack": candidates.slack.tolist(),
        "unseen": candidates.n_unseen,
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    start = len(text).to_bytes(4, "little") + text
    start += bytes(-len(start) % _ALIGNED)
    ranks = np.array([before.get(i, 0) for i in ids], dtype="<i4")
    return start + candidates.raw.astype("<f4").tobytes() + ranks.tobytes()


def granularities(present: Sequence[str]) -> list[dict[str, str]]:
    """Return name, colours and pattern of each granularity."""
    return [
        {
            "id": g,
            "name": palette.name(g),
            "light": palette.colour(g),
            "dark": palette.colour(g, dark=True),
            "pattern": palette.pattern_of(g),
        }
        for g in present
    ]


def preset_of(preset: Preset, present: Sequence[str]) -> dict[str, Any]:
    """Return a preset as the desk's reset and pins need it."""
    weights = [1.0 if g == preset.base else preset.weights.get(g, 0.0) for g in present]
    return {"name": preset.name, "weights": weights, "base": present.index(preset.base)}


def read_thumbs(value: Any, after: int) -> tuple[list[tuple[Feedback, str | None]], int]:
    """Return what was said of items since the thumb numbered ``after``, and the newest number.

    Each piece of feedback stands with its kind, ``None`` when the thumb was taken back. What a
    browser did not send in the mixer's form is left out; ids are checked where they are used.
    """
    found: list[tuple[Feedback, str | None]] = []
    newest = after
    for sent in value if isinstance(value, list) else []:
        number = sent.get("number") if isinstance(sent, dict) else None
        if not isinstance(number, int) or isinstance(number, bool) or number <= after:
            continue
        newest = max(newest, number)
        user, item, kind, rank, shown = (sent.get(key) for key in ("user", "item", "kind", "rank", "list"))
        weights, base = sent.get("weights"), sent.get("base")
        if (
            isinstance(user, str) and isinstance(item, str) and kind in (None, *THUMBS)
            and isinstance(rank, int) and 0 <= rank <= _LONGEST and isinstance(base, str)
            and isinstance(shown, list) and len(shown) <= _LONGEST and all(isinstance(i, str) for i in shown)
            and isinstance(weights, dict) and all(_is_weight(w) for w in weights.values())
        ):  # fmt: skip
            row = Feedback(user, item, kind or "", rank or None, tuple(shown), dict(weights), base)
            found.append((row, kind))
    return found, newest


def _is_weight(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and 0 <= value <= 1


def read_commit(value: Any, present: Sequence[str]) -> tuple[Weights, int]:
    """Return the weights a browser sent, and the number it gave them.

    Raises
    ------
    ValueError
        It is not what the mixer sends.
    """
    if not isinstance(value, dict) or not isinstance(value.get("weights"), dict):
        raise ValueError("no weights")
    number, base = value.get("number"), value.get("base")
    sent: dict[str, Any] = value["weights"]
    if (
        not isinstance(base, str)
        or base not in present
        or not isinstance(number, int)
        or isinstance(number, bool)
    ):
        raise ValueError("neither base nor number")
    weights = {g: sent.get(g) for g in present}
    if not all(_is_weight(weight) for weight in weights.values()):
        raise ValueError("a weight is no number from 0 to 1")
    return Weights({g: float(w or 0.0) for g, w in weights.items()} | {base: 1.0}, base), number
