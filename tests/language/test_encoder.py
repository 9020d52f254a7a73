"""The embedded model: the same vectors as sentence-transformers, whatever else is in the batch."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from mgrec_core.foundation.errors import InputError
from mgrec_core.language import Encoder, default_model_path, load_encoder, model_fingerprint
from mgrec_core.language.embedded import MINILM, USE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def reference() -> SentenceTransformer:
    return SentenceTransformer(str(default_model_path()), device="cpu", local_files_only=True)


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter, where nothing is imported or silenced yet."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


@pytest.mark.parametrize("which", ["minilm", "minilm_torch"])
def test_vectors_are_those_of_sentence_transformers(
    which: str, request: pytest.FixtureRequest, reference: SentenceTransformer, texts: list[str]
) -> None:
    encoder: Encoder = request.getfixturevalue(which)
    ours = encoder.encode(texts)
    theirs = reference.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert ours.dtype == np.float32
    assert ours.shape == (len(texts), 384) == theirs.shape
    assert (ours * theirs).sum(axis=1).min() >= 0.999
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_backends_say_what_they_are(minilm: Encoder, minilm_torch: Encoder) -> None:
    assert minilm.backend == "openvino"
    assert minilm_torch.backend == "torch"
    assert minilm.fingerprint == minilm_torch.fingerprint == model_fingerprint()
    assert minilm.name == "all-MiniLM-L6-v2"
    assert (minilm.dimensions, minilm.max_length) == (384, 256)


@pytest.mark.parametrize("which", ["minilm", "minilm_torch"])
def test_a_row_does_not_depend_on_the_others(
    which: str, request: pytest.FixtureRequest, texts: list[str]
) -> None:
    encoder: Encoder = request.getfixturevalue(which)
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(encoder.encode(texts[::-1])[::-1], together, atol=1e-4)


def test_batch_size_does_not_matter(minilm: Encoder, texts: list[str]) -> None:
    one_by_one = load_encoder(batch_size=1)
    np.testing.assert_allclose(one_by_one.encode(texts * 3), minilm.encode(texts * 3), atol=1e-4)


def test_similar_meanings_are_near(minilm: Encoder) -> None:
    car, vehicle, banana = minilm.encode(["a fast car", "a speedy automobile", "a ripe banana"])
    assert car @ vehicle > car @ banana + 0.3


def test_no_texts(minilm: Encoder) -> None:
    assert minilm.encode([]).shape == (0, 384)


def test_lone_surrogates_do_not_break(minilm: Encoder) -> None:
    assert np.isfinite(minilm.encode(["broken \ud800 text"])).all()


def test_truncate_left_keeps_the_end(minilm: Encoder) -> None:
    head, tail = "ancient rome gladiator " * 200, "banana bread recipe " * 200
    both = head + tail
    start, end = minilm.encode([head, tail])
    (kept_start,) = minilm.encode([both])
    (kept_end,) = minilm.encode([both], truncate_left=True)
    assert kept_start @ start > kept_start @ end
    assert kept_end @ end > kept_end @ start


def test_max_length_cuts_texts_and_changes_the_fingerprint(minilm: Encoder) -> None:
    short = load_encoder(max_length=8)
    assert short.fingerprint == model_fingerprint(max_length=8) != minilm.fingerprint
    first, longer = short.encode(["one two three four five six", "one two three four five six seven eight"])
    np.testing.assert_allclose(first, longer, atol=1e-5)


def test_progress_counts_texts_and_ends_full(minilm: Encoder, texts: list[str]) -> None:
    calls: list[tuple[str, int, int, str]] = []

    def note(stage: str, done: int, total: int, detail: str = "") -> None:
        calls.append((stage, done, total, detail))

    many = texts * 10
    minilm.encode(many, note)
    assert {(stage, total) for stage, _, total, _ in calls} == {("encoding", len(many))}
    counts = [done for _, done, _, _ in calls]
    assert counts == sorted(counts)
    assert counts[-1] == len(many)
    assert calls[-1][3].endswith(" texts/s")


def test_an_error_in_progress_reaches_the_caller(minilm: Encoder, texts: list[str]) -> None:
    class Stop(Exception):
        pass

    def stop(stage: str, done: int, total: int, detail: str = "") -> None:
        raise Stop

    with pytest.raises(Stop):
        minilm.encode(texts, stop)
    assert minilm.encode(texts).shape == (len(texts), 384)  # and the encoder still works


def test_importing_and_fingerprinting_load_no_model_library() -> None:
    run = run_python(
        "import sys, mgrec_core.language as language\n"
        "language.model_fingerprint()\n"
        "heavy = {'torch', 'transformers', 'openvino', 'sentence_transformers'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "[]", "")


@pytest.mark.parametrize("backend", ["auto", "torch"])
def test_loading_and_encoding_say_nothing(backend: str) -> None:
    run = run_python(
        "from mgrec_core.language import load_encoder\n"
        f"load_encoder(backend={backend!r}).encode(['word ' * 2000, 'Heat'])"
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_no_usage_reports_are_prepared() -> None:
    run = run_python(
        "import sys\nfrom mgrec_core.language import load_encoder\nload_encoder()\n"
        "print('openvino' in sys.modules, [m for m in sys.modules if m.startswith('openvino_telemetry')])"
    )
    assert run.stdout.strip() == "True []", run.stderr


@pytest.mark.parametrize(
    ("options", "word"),
    [({"backend": "gpu"}, "backend"), ({"batch_size": 0}, "batch_size"), ({"max_length": 1}, "max_length")],
)
def test_bad_options_are_one_line(options: dict[str, object], word: str) -> None:
    with pytest.raises(InputError, match=word) as caught:
        load_encoder(**options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [MINILM.name, USE.name])
def test_long_texts_are_pooled_by_the_lengths_of_their_chunks(name: str) -> None:
    cut = load_encoder(name, max_length=10)
    pool = load_encoder(name, max_length=10, long_texts="pool")
    assert pool.fingerprint == model_fingerprint(name, 10, long_texts="pool") != cut.fingerprint
    # eight words that are a token each in both vocabularies, then four
    first, second = "house water music city world night house water", "garden music city night"
    assert np.allclose(pool.encode([second, ""]), cut.encode([second, ""]), atol=1e-4)
    whole, one, two = pool.encode([f"{first} {second}"])[0], cut.encode([first])[0], cut.encode([second])[0]
    expected = 10 * one + 6 * two
    assert whole @ (expected / np.linalg.norm(expected)) >= 0.999
    assert whole @ one < 0.99


def test_texts_that_differ_at_their_end_alone_are_told_apart_by_pooling() -> None:
    texts = [f"{'word ' * 400}{end}" for end in ("tea", "lamp", "radio")]
    assert np.ptp(load_encoder().encode(texts), axis=0).max() < 1e-4
    assert np.ptp(load_encoder(long_texts="pool").encode(texts), axis=0).max() > 1e-3


def test_pooling_is_refused_where_a_library_reads_the_texts(make_model: Callable[..., Path]) -> None:
    from tests.language.test_models_by_path import as_sentence_transformer

    folder = as_sentence_transformer(make_model("bert"), {"pooling_mode_mean_sqrt_len_tokens": True})
    with pytest.raises(InputError, match="long_texts: cut"):
        load_encoder(str(folder), long_texts="pool")
