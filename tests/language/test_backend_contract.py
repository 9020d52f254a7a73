"""What every encoder backend must do, whoever declares it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.language import load_encoder
from mgrec_core.language.backends import BACKENDS, EncoderBackend, RunsTexts
from mgrec_core.language.model_files import ModelFiles, find_model
from tests.language.conftest import TEXTS

MakeModel = Callable[..., Path]


@pytest.fixture(params=BACKENDS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_are_backends() -> None:
    assert {"openvino", "torch", "sentence-transformers"} <= set(BACKENDS)


def test_some_backend_suits_a_plain_model(make_model: MakeModel) -> None:
    files = find_model(str(make_model("bert")))
    assert [one.name for one in BACKENDS.values() if one.suits(files)][:2] == ["openvino", "torch"]


def test_its_vectors_are_the_models_row_by_row(make_model: MakeModel, name: str) -> None:
    folder = str(make_model("bert"))
    if not BACKENDS[name].suits(find_model(folder)):
        pytest.skip(f"{name} runs other folders; test_models_by_path has one")
    encoder = load_encoder(folder, backend=name)
    assert encoder.backend == name
    found = encoder.encode(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    cosine = (found * load_encoder(folder, backend="torch").encode(TEXTS)).sum(axis=1)
    assert cosine.min() >= 0.999
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1])[::-1], found, atol=1e-3)


def test_one_that_cannot_run_a_model_says_so_in_one_line(make_model: MakeModel) -> None:
    def broken(files: ModelFiles) -> RunsTexts:
        raise RuntimeError("no such\ninstruction")

    folder = str(make_model("bert"))
    BACKENDS.register(EncoderBackend(name="broken", load=broken, suits=lambda files: True, order=-1))
    try:
        with pytest.raises(InputError, match=r"cannot run with broken .*no such.*another backend") as caught:
            load_encoder(folder, backend="broken")
        assert load_encoder(folder).backend == "openvino"  # auto goes on to the next
    finally:
        BACKENDS.unregister("broken")
    assert "\n" not in str(caught.value)
