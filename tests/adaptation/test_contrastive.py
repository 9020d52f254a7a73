from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

from mgrec_core.adaptation.contrastive import Batches, ContrastiveLoss, batch_arrays
from mgrec_core.adaptation.examples import Examples

# four items; user 0 had 0 and 1, user 1 had 2; texts 4–7 are items without attributes, 8 a value's name
OWNED = sparse.csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]], dtype=float))


def examples(hard: list[list[int]] | None = None) -> Examples:
    return Examples(
        texts=[f"text {n}" for n in range(9)],
        n_items=4,
        bags=np.array([[0, -1], [8, -1], [2, 4], [7, -1]]),
        targets=np.array([1, 3, 1, 3]),
        owners=np.array([0, 2, 1, -1]),
        n_users=2,
        owned=OWNED,
        had=np.array([True, True, True, False]),
        hard=np.array(hard or [[]] * 3, dtype=np.int64),
        popularity=np.array([0.1, 0.4, 0.1, 0.4]),
    )


class Fixed(torch.nn.Module):
    """Vectors by the text's number, for a loss that can be reckoned by hand."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.rows = torch.nn.Parameter(torch.nn.functional.normalize(torch.randn(9, 5), dim=1))

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"sentence_embedding": self.rows[features["numbers"]]}


def tokenize(texts: list[str]) -> dict[str, Any]:
    return {"numbers": torch.tensor([int(text.split()[1]) for text in texts])}


def loss_of(found: Examples, numbers: list[int], hard: int = 0) -> tuple[torch.Tensor, Fixed]:
    model = Fixed()
    batch = Batches(found, tokenize, hard)([{"example": n} for n in numbers])
    loss = ContrastiveLoss(model, found, 0.5)
    return loss([{"numbers": batch["texts_numbers"]}], batch["label"]), model


def test_the_loss_is_the_formula() -> None:
    loss, model = loss_of(examples(), [0, 2])
    rows = model.rows.detach().numpy()
    # texts 0, 1, 2, 4; candidates are the whole texts of items 0, 1, 2
    log_q = np.log([0.1, 0.4, 0.1])

    def one(bag: list[int], allowed: list[int], target: int) -> float:
        anchor = rows[bag].mean(axis=0)
        anchor /= np.linalg.norm(anchor)
        logits = np.array([anchor @ rows[j] / 0.5 - log_q[j] for j in range(3)])
        return float(-logits[target] + np.log(np.exp(logits[allowed]).sum()))

    # the first's owner had 0 and 1: only 2 is a negative; the second's bag holds 2, and 0 without attributes
    expected = (one([0], [1, 2], 1) + one([2, 4], [1], 1)) / 2
    assert loss.item() == pytest.approx(expected, abs=1e-5)


def test_what_belongs_to_the_owner_is_no_negative() -> None:
    loss, model = loss_of(examples(), [0, 1])
    loss.backward()
    # item 1 is user 0's target and a negative of the value's example; item 0 is of user 0's bag alone
    alone, other = loss_of(examples(), [1])
    alone.backward()
    assert alone.item() == pytest.approx(0, abs=1e-6)  # 3 is its only candidate
    assert other.rows.grad is not None and model.rows.grad is not None
    assert model.rows.grad.abs().sum() > 0


def test_what_nobody_has_had_is_no_negative_of_a_history() -> None:
    found = replace(
        examples(), owned=sparse.csr_array((3, 4)), bags=np.array([[0, -1], [8, -1], [2, 4], [5, -1]])
    )
    texts, numbers = np.array([0, 1, 2, 3, 4, 5, 8]), np.arange(4)
    masked = batch_arrays(found, texts, numbers, np.zeros(4))[3]
    assert masked[[0, 2], 3].all()  # histories: item 3 may be what they would want
    assert not masked[3, 2]  # for a text of its own every other is another
    assert not batch_arrays(replace(found, targets=np.full(4, 2)), texts, numbers, np.zeros(4))[3][
        1, 3
    ]  # a value


def test_hard_negatives_join_the_batch_and_stay_the_same_for_a_batch() -> None:
    found = examples([[3, 2], [0, 3], [-1, -1]])
    batches = Batches(found, tokenize, 1)
    first, again = (batches([{"example": 0}])["texts_numbers"].tolist() for _ in range(2))
    assert first == again and set(first) - {0, 1} <= {2, 3} and len(first) == 3
    # examples without an owner or without hard negatives bring none
    assert batches([{"example": 3}])["texts_numbers"].tolist() == [3, 7]
    assert batches([{"example": 1}])["texts_numbers"].tolist() == [3, 8]


def test_numbers_beyond_the_examples_go_over_them_again() -> None:
    batches = Batches(examples(), tokenize, 0)
    assert batches([{"example": 4}])["texts_numbers"].equal(batches([{"example": 0}])["texts_numbers"])
