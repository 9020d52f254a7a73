"""Which words of a text a comparison rests on: integrated gradients through the language model.

Integrated gradients (Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks", eq. 1), from
a text of the same length made of padding to the text itself, along the straight line between their
embeddings; the integral by Gauss-Legendre quadrature. The attributions sum to the difference between both
cosines; by how much they miss it is the completeness error, which is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError
from mgrec_core.language.backends.torch_backend import load_module, pooled
from mgrec_core.language.batches import TextTokenizer
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import quiet
from mgrec_core.language.whitening import Whitening

if TYPE_CHECKING:
    import torch

STEPS = (32, 64, 128, 256)
"""Points at which gradients are taken: more until the completeness error is small enough."""
TOLERANCE = 1e-3
_BATCH = 16


@dataclass(frozen=True)
class WordValue:
    """A word of a text and its signed part of a cosine."""

    word: str
    value: float


@dataclass(frozen=True)
class WordValues:
    """A cosine split over the words of a text.

    Attributes
    ----------
    cosine, baseline
        Of the text and of padding, each with what it is compared with, in [−1, 1].
    words
        In the order of the text; their values + baseline = cosine, up to the completeness error.
    completeness_error
        |cosine − baseline − Σ values|.
    steps
        Points at which gradients were taken.
    """

    cosine: float
    baseline: float
    words: tuple[WordValue, ...]
    completeness_error: float
    steps: int


def word_values(
    files: ModelFiles, text: str, towards: NDArray[np.floating], whitening: Whitening | None = None
) -> WordValues:
    """Split the cosine between a text's vector and another vector over the words of the text.

    Parameters
    ----------
    towards
        Shape (m,), in the whitened space where there is one.
    whitening
        What the text's vector goes through.

    Raises
    ------
    InputError
        The model is not a transformer with embeddings of tokens, or the text has no words.
    """
    import torch

    if not files.is_transformer:
        raise InputError(
            f"model {files.name} has no gradients of its words here: they take a transformer whose token"
            " vectors are pooled by their mean, maximum, first or last"
        )
    ids, words, own = TextTokenizer(files).words(files.prompt + text, skip=len(files.prompt))
    if not any(own):
        raise InputError("the text has no words, so that nothing of it can have a part in the score")
    module = load_module(files).to(torch.float32)
    table = module.get_input_embeddings()
    pad = int(files.config.get("pad_token_id") or 0)
    with quiet(), torch.no_grad():
        real = table(torch.tensor(ids))
        empty = torch.where(torch.tensor(own)[:, None], table(torch.tensor(pad)), real)
    unit = np.asarray(towards, dtype=np.float32)
    compare = _cosine(module, files.pooling, unit / max(float(np.linalg.norm(unit)), 1e-12), whitening)
    with quiet():
        with torch.no_grad():
            end, start = (float(compare(one[None])[0]) for one in (real, empty))
        for steps in STEPS:
            values = _integrated(compare, real, empty, steps)
            error = abs(end - start - float(values.sum()))
            if error <= TOLERANCE * max(abs(end - start), 0.1):
                break
    summed: list[WordValue] = []
    for place, word in enumerate(words):
        if word:
            summed.append(WordValue(word, float(values[place])))
        elif summed and own[place]:  # a word in several tokens
            summed[-1] = WordValue(summed[-1].word, summed[-1].value + float(values[place]))
    return WordValues(end, start, tuple(summed), error, steps)


def _cosine(
    module: Any, pooling: str, unit: NDArray[np.float32], whitening: Whitening | None
) -> Callable[[torch.Tensor], torch.Tensor]:
    """From embeddings, (b, tokens, d), to cosines, (b,)."""
    import torch

    towards = torch.from_numpy(unit)
    mean = None if whitening is None else torch.from_numpy(whitening.mean)
    turn = None if whitening is None else torch.from_numpy(whitening.projection)
    extra = {"use_cache": False} if pooling == "last" else {}

    def compare(embeddings: torch.Tensor) -> torch.Tensor:
        mask = torch.ones(embeddings.shape[:2], dtype=torch.long)
        states = module(inputs_embeds=embeddings, attention_mask=mask, **extra).last_hidden_state
        vectors = pooled(states, mask, pooling)
        if mean is not None and turn is not None:
            vectors = torch.nn.functional.normalize((vectors - mean) @ turn, dim=1)
        return vectors @ towards

    return compare


def _integrated(
    compare: Callable[[torch.Tensor], torch.Tensor], real: torch.Tensor, empty: torch.Tensor, steps: int
) -> NDArray[np.float64]:
    """Attribution of each token, shape (tokens,)."""
    import torch

    nodes, weights = np.polynomial.legendre.leggauss(steps)
    points, shares = (nodes + 1) / 2, weights / 2
    total = torch.zeros(real.shape[0], dtype=torch.float64)
    for first in range(0, steps, _BATCH):
        part = torch.tensor(points[first : first + _BATCH], dtype=torch.float32)[:, None, None]
        path = (empty + part * (real - empty)).requires_grad_(True)
        (slope,) = torch.autograd.grad(compare(path).sum(), path)
        along = (slope * (real - empty)).sum(2).to(torch.float64)
        total += (along * torch.tensor(shares[first : first + _BATCH])[:, None]).sum(0)
    return np.asarray(total.numpy())
