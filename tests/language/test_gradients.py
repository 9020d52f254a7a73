"""Words by integrated gradients: complete, in place, and zero where nothing is compared."""

from __future__ import annotations

import numpy as np
import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.language.batches import TextTokenizer
from mgrec_core.language.encoder import Encoder
from mgrec_core.language.gradients import TOLERANCE, word_values
from mgrec_core.language.model_files import find_model
from mgrec_core.language.whitening import Whitening

TEXT = "Night of the Living Dead. genre: Horror, Thriller. Zombies besiege an unremarkable farmhouse"
OTHERS = [
    "A gentle comedy",
    "Space opera with robots",
    "A romance in Paris",
    "A war film",
    "Zombies at night",
]


@pytest.mark.parametrize("white", [False, True])
def test_words_and_baseline_sum_to_the_encoders_cosine(minilm: Encoder, white: bool) -> None:
    towards = minilm.encode(["frightening zombies"])[0]
    own = minilm.encode([TEXT])
    whitening = Whitening.fit(minilm.encode([*OTHERS, TEXT])) if white else None
    if whitening is not None:
        towards, own = whitening.transform(towards[None])[0], whitening.transform(own)
    found = word_values(find_model(None), TEXT, towards, whitening)
    assert found.cosine == pytest.approx(float(own[0] @ towards), abs=2e-3)
    total = found.baseline + sum(word.value for word in found.words)
    assert abs(total - found.cosine) == pytest.approx(found.completeness_error, abs=1e-6)
    assert found.completeness_error <= TOLERANCE * max(abs(found.cosine - found.baseline), 0.1)
    said = [word.word for word in found.words]
    assert said[:5] == ["Night", "of", "the", "Living", "Dead"] and said[-1] == "farmhouse"
    assert "unremarkable" in said and "Zombies" in said, "words of several tokens are one"
    if not white:
        best = sorted(found.words, key=lambda word: -word.value)[:3]
        assert "Zombies" in {word.word for word in best}


def test_nothing_compared_is_nothing_explained(minilm: Encoder) -> None:
    found = word_values(find_model(None), "a text", np.zeros(minilm.dimensions))
    assert all(word.value == 0 for word in found.words) and found.completeness_error == 0


def test_a_prompt_is_no_word_of_the_text() -> None:
    ids, words, own = TextTokenizer(find_model(None)).words("passage: It's 5 o'clock", skip=len("passage: "))
    assert [word for word in words if word] == ["It", "'", "s", "5", "o", "'", "clock"]
    assert len(ids) == len(words) == len(own) and not own[0] and not own[-1]


def test_without_words_it_says_so(minilm: Encoder) -> None:
    with pytest.raises(InputError, match="no words"):
        word_values(find_model(None), "", np.ones(minilm.dimensions))
