"""The contrastive loss: what belongs to a bag of texts stands out among all texts of the batch.

    loss = −log softmax_j( ā·v_j/τ − log q_j )[target]

ā is the mean of the bag's vectors, of length 1, as the engine pools a history; j runs over all items of the
batch, targets, bags and hard negatives, without those that belong to the example's owner (they are no
negatives), and for a history without those that nobody has had yet (that would teach that new items are not
wanted); q_j is how often an item is a target, since popular items are in-batch negatives more often than
they should be (Yi et al. 2019, "Sampling-bias-corrected neural modeling for large corpus item
recommendations").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mgrec_core.adaptation.examples import Examples

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TEMPERATURE = 0.05
"""τ, as sentence-transformers' own in-batch loss has it (scale 20)."""


class Batches:
    """Makes a batch of example numbers: every different text of it is read once.

    Numbers beyond the examples go over them again.

    Parameters
    ----------
    tokenize
        Texts to padded ``input_ids`` and ``attention_mask``.
    hard
        Hard negatives of each example, drawn anew for the same example by its place in the batch.
    """

    valid_label_columns = ("label",)

    def __init__(
        self, examples: Examples, tokenize: Callable[[list[str]], dict[str, torch.Tensor]], hard: int = 1
    ) -> None:
        self._examples, self._tokenize, self._hard = examples, tokenize, hard

    def __call__(self, rows: Sequence[dict[str, int]]) -> dict[str, torch.Tensor]:
        """Batch examples.

        Returns
        -------
        dict
            Features ``texts_…`` of the different texts, and ``label``: numbers of the texts in the first row,
            of the examples in the second; −1 fills up.
        """
        numbers = np.array([row["example"] for row in rows], dtype=np.int64) % len(self._examples)
        found = self._examples
        texts = np.unique(
            np.concatenate([found.bags[numbers].ravel(), found.targets[numbers], self._negatives(numbers)])
        )
        texts = texts[texts >= 0]
        features = self._tokenize([found.texts[n] for n in texts])
        label = np.full((2, max(len(texts), len(numbers))), -1, dtype=np.int64)
        label[0, : len(texts)], label[1, : len(numbers)] = texts, numbers
        return {"label": torch.from_numpy(label)} | {
            f"texts_{name}": value for name, value in features.items()
        }

    def _negatives(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        hard = self._examples.hard
        if not hard.shape[1] or not self._hard:
            return np.zeros(0, np.int64)
        # by the example's number: the same batch has the same negatives, also after a resumption
        columns = (numbers[:, None] * 7919 + np.arange(self._hard)) % hard.shape[1]
        owners = self._examples.owners[numbers]
        return np.where(owners[:, None] >= 0, hard[owners[:, None], columns], -1).ravel()


class ContrastiveLoss(nn.Module):
    """The loss of a batch of :class:`Batches`; see the module's formula."""

    def __init__(self, model: Any, examples: Examples, temperature: float = TEMPERATURE) -> None:
        super().__init__()
        self.model, self._examples, self._temperature = model, examples, temperature
        known = examples.popularity[examples.popularity > 0]
        self._log_q = np.log(np.maximum(examples.popularity, known.min()))

    def forward(self, features: list[dict[str, torch.Tensor]], labels: torch.Tensor) -> torch.Tensor:
        """Return the mean over the batch's examples."""
        vectors = nn.functional.normalize(self.model(features[0])["sentence_embedding"].float(), dim=1)
        found = labels.cpu().numpy()
        texts, numbers = found[0][found[0] >= 0], found[1][found[1] >= 0]
        bags, place, target, masked, log_q = batch_arrays(self._examples, texts, numbers, self._log_q)
        device = vectors.device
        anchors = nn.functional.normalize(torch.from_numpy(bags).to(device) @ vectors, dim=1)
        logits = anchors @ vectors[torch.from_numpy(place).to(device)].T / self._temperature
        logits = logits - torch.from_numpy(log_q).to(device)
        logits = logits.masked_fill(torch.from_numpy(masked).to(device), float("-inf"))
        return nn.functional.cross_entropy(logits, torch.from_numpy(target).to(device))


def batch_arrays(
    examples: Examples, texts: NDArray[np.int64], numbers: NDArray[np.int64], log_q: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.float32]]:
    """Everything of a batch but its vectors.

    Parameters
    ----------
    texts : t
        The different texts, sorted.
    numbers : b
        The examples.
    log_q : |I|

    Returns
    -------
    bags : b × t
        Weights of the texts in each bag, rows sum to 1.
    place : c
        Where the candidates are among ``texts``: whole texts of items.
    target : b
        Each example's place among the candidates.
    masked : b × c
        Items that are no negatives of an example: its owner's, those of its bag, for a history those that
        nobody has had.
    log_q : c
        log q of the candidates.
    """
    bags = np.zeros((len(numbers), len(texts)), np.float32)
    items_of_bag = np.full(examples.bags[numbers].shape, -1, np.int64)
    for row, bag in enumerate(examples.bags[numbers]):
        held = bag[bag >= 0]
        bags[row, np.searchsorted(texts, held)] = 1 / len(held)
        items_of_bag[row, : len(held)] = np.where(held < 2 * examples.n_items, held % examples.n_items, -1)
    place = np.flatnonzero(texts < examples.n_items)
    items = texts[place]
    targets = examples.targets[numbers]
    owners = examples.owners[numbers]
    owned = np.zeros((len(numbers), len(items)), dtype=bool)
    has_owner = owners >= 0
    owned[has_owner] = examples.owned[owners[has_owner]][:, items].toarray() != 0
    histories = has_owner & (owners < examples.n_users)
    owned[np.ix_(histories, ~examples.had[items])] = True
    owned |= (items_of_bag[:, :, None] == items[None, None, :]).any(axis=1)
    target = np.searchsorted(items, targets)
    owned[np.arange(len(numbers)), target] = False
    return bags, place, target, owned, log_q[items].astype(np.float32)
