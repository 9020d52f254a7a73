"""Titles of planted topics in several languages: what a model must be able to tell apart.

A title is one word that fits every topic and three words of its topic, drawn at random. Its neighbour is
looked for among the titles that share no word with it, so that spelling alone does not find the topic.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LANGUAGES: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)
"""Words of each language by topic; those of no topic fit every one."""

_TOGETHER = frozenset({"Chinese", "Japanese"})  # written without spaces


def titles(language: str, of_each: int = 40, seed: int = 0) -> tuple[list[str], list[str], NDArray[np.bool_]]:
    """Return different titles of a language, the topic of each, and which of them share a word."""
    topics = dict(LANGUAGES[language])
    general = topics.pop("")
    random = np.random.default_rng(seed)
    between = "" if language in _TOGETHER else " "
    found: dict[str, tuple[str, set[str]]] = {}
    for topic, words in topics.items():
        had = len(found)
        while len(found) < had + of_each:
            chosen = [random.choice(general.split()), *random.choice(words.split(), 3, replace=False)]
            found.setdefault(between.join(chosen).replace("_", " "), (topic, set(chosen)))
    words_of = [words for _, words in found.values()]
    shared = np.array([[bool(one & other) for other in words_of] for one in words_of])
    return list(found), [topic for topic, _ in found.values()], shared


def in_topic(vectors: NDArray[np.float32], topics: list[str], shared: NDArray[np.bool_]) -> float:
    """Return the share of titles whose nearest title without a word of theirs is of their topic."""
    likeness = np.where(shared, -np.inf, vectors @ vectors.T)
    named = np.array(topics)
    return float((named[likeness.argmax(axis=1)] == named).mean())
