"""Weights from histories: the stored ones from an unchanged history, at every granularity."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.model.granularities import names
from mgrec_core.model.granularities.histories import Decay, FromHistory, Histories, raised
from mgrec_core.model.store import load_model, save_model
from mgrec_core.workspace.manifest import Manifest
from tests.worlds import WORLDS, config, model, model_of, world

OWN = ("behaviour", "recent", "attribute", "knowledge", "collaborative")
"""Granularities whose weights follow from the user's own history."""


@pytest.mark.parametrize("name", WORLDS)
def test_an_unchanged_history_gives_the_stored_weights(name: str) -> None:
    data, found = world(name).data(), model(name)
    every = Histories(data.signal, data.strength, data.age)
    for g in found.granularities.values():
        assert (g.from_history is not None) == (g.name in OWN), g.name
        if g.from_history is None:
            continue
        again = g.from_history.weights(every)
        assert abs(again - g.weights).sum() == 0
        for user in range(len(data.users)):
            one = Histories(
                data.signal[[user]], data.strength[[user]], None if data.age is None else data.age[[user]]
            )
            difference = abs(g.from_history.weights(one) - g.weights[[user]])
            assert difference.nnz == 0 or difference.max() < 1e-7


def test_every_granularity_is_of_one_kind_or_the_other() -> None:
    assert set(OWN) | {"social", "popularity"} == set(names())


@pytest.mark.parametrize("decay", ["power", "exponential"])
def test_a_stored_model_weighs_histories_as_before(tmp_path: Path, decay: str) -> None:
    data = world("full").data()
    built = model_of(world("full"), config(recent={"decay": decay}, collaborative={"sizes": "root"}))
    records, arrays = save_model(built, data.users, data.items, data.labels, tmp_path)
    manifest = Manifest(
        build="b", engine_version="7", dataset="d", data_fingerprint="f", model="m",
        model_fingerprint="m", config={}, counts={}, granularities=records, arrays=arrays,
    )  # fmt: skip
    loaded, *_ = load_model(tmp_path, manifest)
    every = Histories(data.signal, data.strength, data.age)
    for name in OWN:
        how = loaded.granularities[name].from_history
        assert how is not None
        assert abs(how.weights(every) - built.granularities[name].weights).sum() == 0


def test_decay_is_one_for_the_newest_and_a_half_at_the_half_life() -> None:
    for form in ("power", "exponential"):
        left = Decay(form, 3.0).left(np.array([0.0, 3.0, 30.0]))  # type: ignore[arg-type]
        assert left[0] == 1 and left[1] == pytest.approx(0.5) and 0 < left[2] < 0.5


def test_what_fades_needs_ages() -> None:
    one = sparse.csr_array(np.ones((1, 2)))
    with pytest.raises(ValueError, match="timestamps"):
        FromHistory(decay=Decay("power", 3.0)).weights(Histories(one, one))
    assert raised(one, 1.0) is one
