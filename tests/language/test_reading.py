"""What a model can read of texts."""

from __future__ import annotations

import numpy as np

from mgrec_core.language import Encoder, Reading, read_through

PLAIN = ["Heat (1995)", "a quiet film about a loud piano", "Toy Story"]
FOREIGN = [
    f"{kind}{thing}" for kind in ("红色", "新款", "便携", "家用") for thing in ("手机", "充电器", "耳机")
]


def test_plain_texts_are_read(minilm: Encoder) -> None:
    found = read_through([*PLAIN, PLAIN[0], ""])
    assert found == Reading(3, 3, 0.0, 0, minilm.max_length, {"Latin": 1.0})
    assert found.problem == "" and "problem" not in found.to_dict()
    assert found.unreliable == ""


def test_words_that_the_model_does_not_know(minilm: Encoder) -> None:
    found = read_through(FOREIGN)
    assert found is not None and found.unknown_tokens > 0.5
    assert found.distinct_vectors < found.distinct_texts == len(FOREIGN)
    vectors = minilm.encode(FOREIGN)
    assert found.distinct_vectors == len({tuple(v) for v in np.round(vectors, 3).tolist()})
    assert "unknown" in found.problem and "--model" in found.problem
    assert "cannot read" in found.unreliable and found.scripts == {"Chinese characters": 1.0}
    assert Reading.from_dict(found.to_dict()).unknown_tokens == round(found.unknown_tokens, 4)


def test_texts_beyond_the_limit_that_differ_at_their_end_are_one(minilm: Encoder) -> None:
    texts = [f"{'word ' * 400}{end}" for end in ("tea", "lamp", "radio")]
    found = read_through(texts)
    assert found is not None
    assert (found.truncated, found.distinct_texts, found.distinct_vectors) == (3, 3, 1)
    assert found.limit == minilm.max_length and str(found.limit) in found.problem
    vectors = minilm.encode(texts)
    assert np.allclose(vectors, vectors[0], atol=1e-5)
    pooled = read_through(texts, long_texts="pool")
    assert pooled is not None
    assert (pooled.truncated, pooled.distinct_vectors, pooled.problem) == (0, 3, "")


def test_no_texts_no_reading() -> None:
    assert read_through([]) is None
