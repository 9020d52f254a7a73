from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.adaptation.strength import between

STRENGTH = st.floats(0, 1, width=32)


@given(STRENGTH, st.integers(0, 2**31))
def test_an_adapter_is_moved_by_the_share(strength: float, seed: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    before = {"A": torch.randn(3, 5, generator=rng), "B": torch.zeros(4, 3)}
    after = {"A": torch.randn(3, 5, generator=rng), "B": torch.randn(4, 3, generator=rng)}
    found = between(before, after, strength, adapters=True)
    torch.testing.assert_close(found["B"] @ found["A"], strength * after["B"] @ after["A"])


@given(STRENGTH)
def test_every_weight_is_moved_by_the_share(strength: float) -> None:
    before, after = {"w": torch.tensor([1.0, 0.0])}, {"w": torch.tensor([3.0, -2.0])}
    found = between(before, after, strength, adapters=False)
    torch.testing.assert_close(found["w"], torch.tensor([1 + 2 * strength, -2 * strength]))
