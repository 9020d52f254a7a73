from __future__ import annotations

import pytest
import torch

from mgrec_core.adaptation.planning import plan_for, seconds_of
from mgrec_core.foundation.errors import InputError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20m", 1200), ("90s", 90), ("1.5h", 5400), (" 3 min", 180), ("2", 120), ("45 secs", 45)],
)
def test_budgets(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0m", "-5m", "5d", "1e9h", "٣m m"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"--budget .* is no time: write 20m"):
        seconds_of(text)


def test_steps_that_are_asked_for_are_kept_and_chance_is_left_alone() -> None:
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    plan = plan_for(60, 37, lambda: torch.rand(10), lambda: 0.25)
    assert torch.equal(torch.rand(3), expected)
    assert (plan.steps, plan.before, plan.seconds) == (37, 0.25, 60)
    assert (plan.look_every, plan.save_every) == (5, 2)  # whatever the machine


def test_without_validation_nobody_looks() -> None:
    assert plan_for(60, 5, lambda: None, None).look_every == 0
