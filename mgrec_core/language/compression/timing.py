"""Texts a second of several models, one after the other on the same texts, so that all see the same load."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.encoder import Encoder


@dataclass(frozen=True)
class Speed:
    """How fast a model reads here.

    Attributes
    ----------
    texts_per_second
        Median over the rounds.
    ratio
        Times as fast as the first model, median of the ratios within each round.
    """

    texts_per_second: float
    ratio: float


def compare_speed(
    encoders: Mapping[str, Encoder], texts: Sequence[str], rounds: int = 5, progress: Progress = silent
) -> dict[str, Speed]:
    """Time models in turns.

    Parameters
    ----------
    encoders
        By name; the first is the one that the others are compared with.
    texts
        What each reads in each round, at least one.
    rounds
        How often, after one that warms up.
    """
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    for turn in range(rounds + 1):
        for name, encoder in encoders.items():
            start = time.perf_counter()
            encoder.encode(texts)
            if turn:
                seconds[name].append(max(time.perf_counter() - start, 1e-9))
        progress("timing models", turn, rounds)
    first = np.array(next(iter(seconds.values())))
    return {
        name: Speed(float(len(texts) / np.median(took)), float(np.median(first / np.array(took))))
        for name, took in seconds.items()
    }
