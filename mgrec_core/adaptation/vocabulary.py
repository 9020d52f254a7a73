"""Words of the domain that a model spells out or does not know become tokens of their own.

A new token starts as the mean of its pieces' vectors (Hewitt 2021, "Initializing new word embeddings"), so
that nothing is forgotten on the first day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

_WORD = re.compile(r"[^\W\d_]{3,}")
LEAST = 5
"""Texts that a word or phrase must be in."""
MOST = 1_000
"""New tokens at most."""
_PIECES = 3
"""Pieces from which a word is said to be spelled out."""
_TOGETHER = 0.5
"""Share of the rarer word's texts in which a phrase's words follow each other."""


def domain_words(texts: Iterable[str], tokenizer: Any) -> list[str]:
    """Find frequent words and phrases of two words that a tokenizer cuts into many pieces.

    Parameters
    ----------
    texts
        Each counts once for a word.
    tokenizer
        A tokenizer of transformers.

    Returns
    -------
    list of str
        The most frequent first, at most :data:`MOST`, in lower case where the tokenizer has only that.
    """
    lower = len(tokenizer.tokenize("ABBA")) > 0 and tokenizer.tokenize("ABBA") == tokenizer.tokenize("abba")
    words: Counter[str] = Counter()
    phrases: Counter[str] = Counter()
    for text in texts:
        plain = text.lower() if lower else text
        found = _WORD.findall(plain)
        words.update(set(found))
        phrases.update({pair for a, b in pairwise(found) if (pair := f"{a} {b}") in plain})
    spelled = {word: n for word, n in words.items() if n >= LEAST and _spelled_out(word, tokenizer)}
    for phrase, n in phrases.items():
        rarer = min(words[word] for word in phrase.split())
        if n >= LEAST and n >= _TOGETHER * rarer and _spelled_out(phrase, tokenizer):
            spelled[phrase] = n
    return sorted(spelled, key=lambda word: (-spelled[word], word))[:MOST]


def _spelled_out(text: str, tokenizer: Any) -> bool:
    pieces = tokenizer.tokenize(text)
    return len(pieces) >= _PIECES or tokenizer.unk_token in pieces


def add_words(words: Sequence[str], tokenizer: Any, model: Any) -> int:
    """Add tokens to a tokenizer and a model, each the mean of its pieces; return how many are new.

    Parameters
    ----------
    model
        A model of transformers with its head.
    """
    import torch
    from tokenizers import AddedToken

    known = tokenizer.get_vocab()
    new = [word for word in words if word not in known]
    pieces = [tokenizer(word, add_special_tokens=False)["input_ids"] for word in new]
    before = len(tokenizer)
    tokenizer.add_tokens([AddedToken(word, single_word=True, normalized=True) for word in new])
    if len(tokenizer) == before:
        return 0
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    rows = model.get_input_embeddings().weight
    with torch.no_grad():
        for place, own in enumerate(pieces, start=before):
            if own:
                rows[place] = rows[own].mean(dim=0)
    return len(tokenizer) - before
