"""How much of what a training has learned is kept: weights on the way from before it to after it.

A model that is tuned to known items loses some of what it knew of all others; a point between the weights
before and after often keeps both gains (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models",
arXiv:2109.01903). Which point is decided by the validation.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

STRENGTHS = (0.75, 0.5, 0.25)
"""Points that are tried besides all of it."""


def choose_strength(
    before: dict[str, torch.Tensor],
    after: dict[str, torch.Tensor],
    adapters: bool,
    put: Callable[[dict[str, torch.Tensor]], None],
    validate: Callable[[], float],
    best: float,
) -> tuple[float, dict[str, float]]:
    """Put the weights at the best point in place.

    Parameters
    ----------
    before, after, adapters
        As in :func:`between`.
    put
        Puts tensors in place.
    validate
        Tells how good the model is as it is; higher is better.
    best
        What it tells of ``after``.

    Returns
    -------
    strength, tried
        In (0, 1], and the validation of each point by its strength; the stronger one wins a tie.
    """
    tried = {1.0: best}
    for strength in STRENGTHS:
        put(between(before, after, strength, adapters))
        tried[strength] = validate()
    chosen = max(tried, key=lambda one: (tried[one], one))
    put(between(before, after, chosen, adapters))
    return chosen, {f"{one:g}": round(value, 5) for one, value in tried.items()}


def between(
    before: dict[str, torch.Tensor], after: dict[str, torch.Tensor], strength: float, adapters: bool
) -> dict[str, torch.Tensor]:
    """Weights at a share of the way.

    Parameters
    ----------
    before, after
        What is trained, by name.
    strength
        The share, in [0, 1].
    adapters
        An adapter changes a weight by a product of tensors of which one starts at zero: this one alone is
        moved, so that the change is that share of the whole. Without adapters every tensor is moved.

    Examples
    --------
    >>> a, b = torch.tensor([1.0]), torch.tensor([3.0])
    >>> between({"w": a}, {"w": b}, 0.25, adapters=False)["w"].item()
    1.5
    >>> found = between({"A": a, "B": torch.zeros(1)}, {"A": b, "B": b}, 0.5, adapters=True)
    >>> found["A"].item() * found["B"].item()
    4.5
    """
    return {
        name: torch.lerp(before[name], tensor, strength) if not adapters or not before[name].any() else tensor
        for name, tensor in after.items()
    }
