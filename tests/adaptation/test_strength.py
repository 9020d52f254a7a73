from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.adaptation.strength import between, choose_strength

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


@pytest.mark.parametrize(("best", "chosen"), [(0.9, 1.0), (0.25, 0.5), (0.5, 1.0)])
def test_the_best_point_is_in_place(best: float, chosen: float) -> None:
    """The model is best at half of the way, unless all of it is better or as good."""
    now: dict[str, torch.Tensor] = {}
    found, tried = choose_strength(
        {"w": torch.zeros(1)},
        {"w": torch.ones(1)},
        False,
        now.update,
        lambda: 0.5 - abs(now["w"].item() - 0.5),
        best,
    )
    assert found == chosen == now["w"].item()
    assert tried == {"1": best, "0.75": 0.25, "0.5": 0.5, "0.25": 0.25}
