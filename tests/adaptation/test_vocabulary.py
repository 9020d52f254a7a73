from __future__ import annotations

import numpy as np
import torch

from mgrec_core.adaptation.learner import load_learner
from mgrec_core.adaptation.vocabulary import add_words, domain_words
from mgrec_core.language.model_files import ModelFiles, find_model

TEXTS = [f"zymurgy kit {n} for the quiet film" for n in range(8)] + [f"rare{n} words" for n in range(8)]


def test_frequent_words_that_are_spelled_out_become_tokens(encoder: ModelFiles) -> None:
    learner = load_learner(encoder, "none")
    found = domain_words(TEXTS, learner.tokenizer)
    assert "zymurgy" in found and "zymurgy kit" in found
    assert "quiet" not in found and "film" not in found  # known whole
    assert not any(word.startswith("rare") and word != "rare" for word in found)


def test_a_new_token_starts_as_the_mean_of_its_pieces(encoder: ModelFiles) -> None:
    learner = load_learner(encoder, "none")
    tokenizer, model = learner.tokenizer, learner.language_model
    pieces = tokenizer("zymurgy", add_special_tokens=False)["input_ids"]
    mean = model.get_input_embeddings().weight[pieces].mean(dim=0).detach()
    assert add_words(["zymurgy", "quiet"], tokenizer, model) == 1
    (own,) = tokenizer("zymurgy", add_special_tokens=False)["input_ids"]
    assert torch.allclose(model.get_input_embeddings().weight[own], mean)
    assert add_words(["zymurgy"], tokenizer, model) == 0


def test_new_words_are_in_the_model_that_is_saved(encoder: ModelFiles, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from mgrec_core.adaptation.recommending import encode
    from mgrec_core.language import load_encoder

    learner = load_learner(encoder, "lora", TEXTS)
    assert learner.added >= 2
    expected = encode(learner, TEXTS)
    learner.save(tmp_path / "model")
    assert np.abs(load_encoder(str(tmp_path / "model")).encode(TEXTS) - expected).max() < 1e-3
    assert find_model(str(tmp_path / "model")).fingerprint != encoder.fingerprint
