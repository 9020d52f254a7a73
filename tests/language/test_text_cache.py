"""The text cache: each distinct text meets the model once, and damage on disk costs only time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language import Encoder, TextCache, encoder, load_encoder, text_cache


class Counting:
    """A real encoder that remembers what it was asked to encode."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.asked: list[str] = []

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def encode(
        self, texts: Sequence[str], progress: Progress = silent, *, truncate_left: bool = False
    ) -> NDArray[np.float32]:
        self.asked.extend(texts)
        return self._encoder.encode(texts, progress, truncate_left=truncate_left)


@pytest.fixture
def counting(minilm: Encoder) -> Counting:
    return Counting(minilm)


def test_a_second_call_encodes_nothing(tmp_path: Path, counting: Counting, texts: list[str]) -> None:
    first = TextCache(tmp_path).encode(counting, texts)
    assert len(counting.asked) == len(texts)
    counting.asked.clear()
    again = TextCache(tmp_path).encode(counting, texts[::-1])
    assert counting.asked == []
    np.testing.assert_array_equal(again[::-1], first)  # the same bytes


def test_vectors_are_the_encoders(tmp_path: Path, minilm: Encoder, texts: list[str]) -> None:
    cached = TextCache(tmp_path).encode(minilm, texts)
    np.testing.assert_allclose(cached, minilm.encode([text.strip() for text in texts]), atol=1e-4)


def test_equal_texts_are_encoded_once(tmp_path: Path, counting: Counting) -> None:
    same = ["Amélie", " Ame\u0301lie\n", "Amélie"]  # composed, decomposed
    vectors = TextCache(tmp_path).encode(counting, same)
    assert counting.asked == ["Amélie"]
    assert (vectors == vectors[0]).all()


def test_only_new_texts_are_encoded(tmp_path: Path, counting: Counting) -> None:
    cache = TextCache(tmp_path)
    cache.encode(counting, ["one", "two"])
    counting.asked.clear()
    cache.encode(counting, ["two", "three", "one"])
    assert counting.asked == ["three"]


def test_the_end_kept_of_a_long_text_is_another_vector(tmp_path: Path, counting: Counting) -> None:
    cache = TextCache(tmp_path)
    long = "rome " * 300 + "banana " * 300
    start = cache.encode(counting, [long])
    end = cache.encode(counting, [long], truncate_left=True)
    assert len(counting.asked) == 2
    assert float((start * end).sum()) < 0.9


def damage_truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damage_empty(path: Path) -> None:
    path.write_bytes(b"")


def damage_flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-100] ^= 0xFF
    path.write_bytes(bytes(content))


def damage_noise(path: Path) -> None:
    path.write_bytes(b"\x93NUMPY not really" * 50)


def damage_pickle(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)


@pytest.mark.parametrize("damage", [damage_truncate, damage_empty, damage_flip, damage_noise, damage_pickle])
def test_a_damaged_file_is_encoded_again(
    tmp_path: Path, counting: Counting, damage: Callable[[Path], None]
) -> None:
    cache = TextCache(tmp_path)
    before = cache.encode(counting, ["one", "two"])
    (path,) = tmp_path.rglob("*.npy")
    damage(path)
    counting.asked.clear()
    np.testing.assert_allclose(cache.encode(counting, ["one", "two"]), before, atol=1e-5)
    assert sorted(counting.asked) == ["one", "two"]
    counting.asked.clear()
    cache.encode(counting, ["one", "two"])
    assert counting.asked == []


def test_an_unfinished_write_is_ignored(tmp_path: Path, counting: Counting) -> None:
    cache = TextCache(tmp_path)
    cache.encode(counting, ["one"])
    (path,) = tmp_path.rglob("*.npy")
    path.with_name(f"{path.name}.123-4.part").write_bytes(b"half")
    counting.asked.clear()
    cache.encode(counting, ["one"])
    assert counting.asked == []


def test_models_do_not_mix(tmp_path: Path, counting: Counting, make_model: Callable[..., Path]) -> None:
    other = Counting(load_encoder(str(make_model("bert"))))
    cache = TextCache(tmp_path / "cache")
    large = cache.encode(counting, ["Heat", "Toy Story"])
    small = cache.encode(other, ["Heat", "Toy Story"])
    assert (large.shape, small.shape) == ((2, 384), (2, 32))
    assert len(counting.asked) == len(other.asked) == 2
    np.testing.assert_array_equal(cache.encode(counting, ["Heat", "Toy Story"]), large)
    np.testing.assert_array_equal(cache.encode(other, ["Heat", "Toy Story"]), small)
    assert len(counting.asked) == len(other.asked) == 2


def test_no_texts(tmp_path: Path, minilm: Encoder) -> None:
    assert TextCache(tmp_path / "cache").encode(minilm, []).shape == (0, 384)
    assert not (tmp_path / "cache").exists()


def test_progress_counts_what_is_missing(tmp_path: Path, minilm: Encoder) -> None:
    calls: list[tuple[str, int, int]] = []

    def note(stage: str, done: int, total: int, detail: str = "") -> None:
        calls.append((stage, done, total))

    cache = TextCache(tmp_path)
    cache.encode(minilm, ["one", "two"])
    cache.encode(minilm, ["one", "two", "three"], note)
    assert calls == [("encoding", 1, 1)]


def test_many_texts_are_kept_in_pieces(
    tmp_path: Path, make_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mgrec_core.language.text_cache._SEGMENT", 10)
    encoder = load_encoder(str(make_model("bert")))
    texts = [f"text {n}" for n in range(35)]
    calls: list[tuple[int, int]] = []

    def note(stage: str, done: int, total: int, detail: str = "") -> None:
        calls.append((done, total))

    cached = TextCache(tmp_path / "cache").encode(encoder, texts, note)
    assert len(list((tmp_path / "cache").rglob("*.npy"))) == 4
    assert calls[-1] == (35, 35)
    assert calls == sorted(calls)
    np.testing.assert_allclose(cached, encoder.encode(texts), atol=1e-4)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, minilm: Encoder) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(InputError, match="cannot be written") as caught:
        TextCache(blocked).encode(minilm, ["one"])
    assert "\n" not in str(caught.value)


def test_the_model_is_loaded_once_and_the_time_left_is_told_over_all_segments(
    tmp_path: Path, minilm: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_cache, "_SEGMENT", 10)
    loads, calls = [], []

    def load(*asked: object, **options: object) -> Encoder:
        loads.append(asked)
        return minilm

    monkeypatch.setattr(encoder, "load_encoder", load)
    cache = TextCache(tmp_path)
    lazy = encoder.LazyEncoder(None, cache.dimensions_of)
    cache.encode(lazy, [f"text {n}" for n in range(35)], lambda *told: calls.append(told))
    assert len(loads) == 1
    assert [told[0] for told in calls].count("loading the language model") <= 1
    counted = [told for told in calls if told[0] == "encoding"]
    assert [(done, total) for _, done, total, _ in counted] == [(10, 35), (20, 35), (30, 35), (35, 35)]
    assert [" left" in detail for _, _, _, detail in counted] == [False, True, True, False]
