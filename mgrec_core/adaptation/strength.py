"""How much of what a training has learned is kept: weights on the way from before it to after it.

A model that is tuned to what people have chosen loses some of what it knew of all else; a point between the
weights before and after keeps most of the gain and little of the loss, and half of the way is good without
a search (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", arXiv:2109.01903). A search on
validation pairs was tried: these always asked for all of it, and items outside them lost.
"""

from __future__ import annotations

import torch


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
