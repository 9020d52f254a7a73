"""One message to the mixer in the browser: a JSON head and the candidates' numbers as bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mgrec_core.figures import palette
from mgrec_core.fusion.candidates import Candidates
from mgrec_core.results import Preset, Weights

_ALIGNED = 8


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
            "pattern": palette.PATTERNS.get(g, "|"),
        }
        for g in present
    ]


def preset_of(preset: Preset, present: Sequence[str]) -> dict[str, Any]:
    """Return a preset as the desk's reset and pins need it."""
    weights = [1.0 if g == preset.base else preset.weights.get(g, 0.0) for g in present]
    return {"name": preset.name, "weights": weights, "base": present.index(preset.base)}


def read_commit(value: Any, present: Sequence[str]) -> tuple[Weights, int]:
    """Return the weights a browser sent, and the number it gave them.

    Raises
    ------
    ValueError
        It is not what the mixer sends.
    """
    if not isinstance(value, dict) or not isinstance(value.get("weights"), dict):
        raise ValueError("no weights")
    number, base, sent = value.get("number"), value.get("base"), value["weights"]
    if base not in present or not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("neither base nor number")
    weights = {g: sent.get(g) for g in present}
    for weight in weights.values():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
            raise ValueError("a weight is no number from 0 to 1")
    return Weights({g: float(w) for g, w in weights.items()} | {base: 1.0}, base), number
