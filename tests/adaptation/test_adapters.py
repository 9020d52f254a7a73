from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from peft import PeftModel
from transformers import AutoModel

from mgrec_core.adaptation.adapters import Peft, rank_sharing
from mgrec_core.adaptation.learner import Learner, load_learner
from mgrec_core.adaptation.recommending import encode
from mgrec_core.foundation.errors import InputError
from mgrec_core.language import load_encoder
from mgrec_core.language.embedded import USE
from mgrec_core.language.model_files import ModelFiles, find_model

TEXTS = ["a quiet film", "Heat", "Toy Story in a quiet town", "piano " * 90]


def disturb(learner: Learner) -> None:
    """Move what is trained, as a training would."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in learner.adapted.parameters():
            if parameter.requires_grad:
                parameter.add_(0.3 * torch.randn_like(parameter))


@pytest.mark.parametrize("peft", get_args(Peft))
@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_what_is_saved_is_what_was_trained(
    kind: str, peft: Peft, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    files: ModelFiles = request.getfixturevalue(kind)
    if (kind, peft) == ("decoder", "adapter"):
        with pytest.raises(InputError, match="does not know the layers of this model: take --peft lora"):
            load_learner(files, peft)
        return
    learner = load_learner(files, peft)
    frozen = load_encoder(str(files.folder), backend="torch").encode(TEXTS)
    assert np.abs(encode(learner, TEXTS) - frozen).max() < 1e-5  # adapters begin as nothing
    total = sum(p.numel() for p in learner.adapted.parameters())
    trained = sum(p.numel() for p in learner.adapted.parameters() if p.requires_grad)
    assert trained == total if peft == "none" else 0 < trained < total
    disturb(learner)
    after = encode(learner, TEXTS)
    assert np.abs(after - frozen).max() > 1e-3
    size = learner.save_adapter(tmp_path / "adapter")
    assert (size > 0) == (peft != "none")
    learner.save(tmp_path / "model")
    for backend in ("torch", "auto"):
        found = load_encoder(str(tmp_path / "model"), backend=backend).encode(TEXTS)
        assert np.abs(found - after).max() < 1e-3
    saved = find_model(str(tmp_path / "model"))
    assert (saved.pooling, saved.max_length) == (files.pooling, files.max_length)
    assert saved.fingerprint != files.fingerprint


def test_an_adapter_is_a_file_of_its_own(encoder: ModelFiles, tmp_path: Path) -> None:
    learner = load_learner(encoder, "lora")
    disturb(learner)
    after = encode(learner, TEXTS)
    learner.save_adapter(tmp_path)
    put_on = PeftModel.from_pretrained(AutoModel.from_pretrained(encoder.folder), tmp_path)
    learner.model[0].model = put_on.merge_and_unload()
    assert np.abs(encode(learner, TEXTS) - after).max() < 1e-5


def test_prompts_stay(encoder: ModelFiles, tmp_path: Path) -> None:
    files = find_model(str(encoder.folder), prompt="passage: ")
    load_learner(files, "lora").save(tmp_path / "model")
    assert find_model(str(tmp_path / "model")).prompt == "passage: "


def test_a_model_that_its_own_package_runs_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"cannot be trained here, since its own package runs it: name another"
    ):
        load_learner(find_model(USE.name), "lora")


def test_a_folder_without_a_tokenizer_is_refused_in_one_sentence(encoder: ModelFiles, tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((encoder.folder / name).read_bytes())
    with pytest.raises(InputError, match="tokenizer") as caught:
        load_learner(find_model(str(tmp_path)), "lora")
    assert "\n" not in str(caught.value)


def test_adalora_shares_out_ranks_within_the_training(encoder: ModelFiles) -> None:
    adapted = load_learner(encoder, "adalora").adapted
    rank_sharing(adapted, 300)
    config = adapted.base_model.rankallocator.peft_config
    assert (config.total_step, config.tinit, config.tfinal) == (300, 30, 100)
    total, target = adapted.base_model.rankallocator.init_bgt, adapted.base_model.rankallocator.target_bgt
    budgets = [adapted.base_model.rankallocator.budget_schedule(step)[0] for step in (0, 115, 200)]
    assert budgets[0] == total > budgets[1] > budgets[2] == target
    rank_sharing(load_learner(encoder, "lora").adapted, 300)(1)  # for others there is nothing to do
