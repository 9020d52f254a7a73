from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mgrec_core.adaptation.learner import load_learner
from mgrec_core.adaptation.masked import MaskedTexts, check_texts, pretrain
from mgrec_core.adaptation.training import Plan
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.model_files import ModelFiles, find_model
from tests.language.conftest import write_bert

TEXTS = [f"a quiet film about a loud piano number {n}" for n in range(120)]


def rows(*numbers: int) -> list[dict[str, int]]:
    return [{"example": n} for n in numbers]


def test_what_is_masked_depends_on_the_text_and_the_pass(encoder: ModelFiles) -> None:
    learner = load_learner(encoder, "none")
    batches = MaskedTexts(TEXTS, learner, 3)
    first, again = batches(rows(0, 1, 2)), batches(rows(0, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["labels"], batches(rows(120, 121, 122))["labels"])  # the next pass
    assert not torch.equal(first["labels"], MaskedTexts(TEXTS, learner, 4)(rows(0, 1, 2))["labels"])


def test_most_of_what_is_to_be_foretold_is_hidden(encoder: ModelFiles) -> None:
    learner = load_learner(encoder, "none")
    plain = learner.tokenize(TEXTS)["input_ids"]
    batch = MaskedTexts(TEXTS, learner, 0)(rows(*range(120)))
    foretold = batch["labels"] != -100
    assert foretold.any(dim=1).all()
    assert torch.equal(batch["labels"][foretold], plain[foretold])
    assert torch.equal(batch["input_ids"][~foretold], plain[~foretold])
    special = torch.isin(plain, torch.tensor(sorted(learner.tokenizer.all_special_ids)))
    assert not (foretold & special).any()
    hidden = (batch["input_ids"][foretold] == learner.tokenizer.mask_token_id).float().mean()
    assert 0.7 < hidden < 0.9
    assert 0.1 < foretold[~special].float().mean() < 0.2


def test_a_decoder_foretells_every_word(decoder: ModelFiles) -> None:
    learner = load_learner(decoder, "none")
    batch = MaskedTexts(TEXTS, learner, 0)(rows(0, 1))
    seen = batch["attention_mask"] == 1
    assert torch.equal(batch["labels"][seen], batch["input_ids"][seen])
    assert (batch["labels"][~seen] == -100).all()


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_words_are_learned(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    learner = load_learner(request.getfixturevalue(kind), "none")
    seen = pretrain(learner, TEXTS, Plan(60, 0, 60, 600), tmp_path, rate=5e-3)
    losses = [point["loss"] for point in seen.curve]
    assert seen.ended == "steps" and losses[-1] < 0.7 * losses[0]


def test_with_adapters_only_new_words_and_adapters_learn(encoder: ModelFiles, tmp_path: Path) -> None:
    learner = load_learner(encoder, "lora")
    weight = learner.language_model.base_model.encoder.layer[1].attention.self.query.base_layer.weight
    before = weight.detach().clone()
    pretrain(learner, TEXTS, Plan(5, 0, 5, 600), tmp_path)
    assert torch.equal(weight, before)
    assert not learner.language_model.get_input_embeddings().weight.requires_grad  # as it was


def test_too_little_text_or_no_mask_is_said(encoder: ModelFiles, tmp_path: Path) -> None:
    learner = load_learner(encoder, "lora")
    with pytest.raises(InputError, match=r"too little text .*: 7 different texts, and 100 are needed"):
        check_texts([*TEXTS[:7], *TEXTS[:7], ""], learner)
    without = load_learner(find_model(str(write_bert(tmp_path / "no-mask"))), "lora")
    with pytest.raises(InputError, match="no token for masked words"):
        check_texts(TEXTS, without)
