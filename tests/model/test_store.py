"""A model on disk is the model that was built, to the last bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from mgrec_core.foundation.errors import WorkspaceBrokenError
from mgrec_core.model.granularities import GRANULARITIES
from mgrec_core.model.model import Model
from mgrec_core.model.store import load_model, save_model, statuses
from mgrec_core.workspace.manifest import MANIFEST, Manifest, read_manifest
from tests.worlds import WORLDS, model, world


def manifest_of(found: Model, folder: Path, ids: tuple[list[str], list[str], list[str]]) -> Manifest:
    folder.mkdir(parents=True)
    records, arrays = save_model(found, *ids, folder)
    manifest = Manifest(
        build="b",
        engine_version="1",
        dataset="",
        data_fingerprint="",
        model="",
        model_fingerprint="",
        config={},
        counts={},
        granularities=records,
        arrays=arrays,
        files={p.name: p.stat().st_size for p in folder.iterdir()},
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(), encoding="utf-8")
    return manifest


@pytest.mark.parametrize("name", WORLDS)
def test_written_and_read_again(tmp_path: Path, name: str) -> None:
    found, data = model(name), world(name).data()
    ids = (data.users, data.items, data.labels)
    manifest = manifest_of(found, tmp_path / "b", ids)
    again, *loaded = load_model(tmp_path / "b", read_manifest(tmp_path / "b"))
    assert tuple(loaded) == ids
    assert again.present == found.present and again.absent == found.absent
    np.testing.assert_array_equal(again.global_scale, found.global_scale)
    assert (again.shared is None) == (found.shared is None)
    for g, h in zip(found.granularities.values(), again.granularities.values(), strict=True):
        assert (g.name, g.kind, g.evidence_ids, g.evidence_labels, g.reason) == (
            h.name,
            h.kind,
            h.evidence_ids,
            h.evidence_labels,
            h.reason,
        )
        assert g.scores(slice(None)).tobytes() == h.scores(slice(None)).tobytes()
        assert g.dimensions == h.dimensions and [b.scale for b in g.blocks] == [b.scale for b in h.blocks]
    for user in range(min(3, found.n_users)):
        weights = [0.5] * len(found.present)
        for fusion in ("score", "concat") + (("vector",) if found.shared is not None else ()):
            np.testing.assert_array_equal(
                found.split(user, weights, fusion).contributions,
                again.split(user, weights, fusion).contributions,
            )
    known = statuses(manifest)
    assert list(known) == list(GRANULARITIES)
    for status in known.values():
        assert status.present == (status.name in found.present) and status.reason
        assert status.present or (status.n_evidence, status.dimensions) == (0, 0)


def test_big_arrays_are_not_read_into_memory(tmp_path: Path) -> None:
    data = world("full").data()
    manifest_of(model("full"), tmp_path / "b", (data.users, data.items, data.labels))
    again, *_ = load_model(tmp_path / "b", read_manifest(tmp_path / "b"))
    dense = [m for g in again.granularities.values() for b in g.blocks for m in (b.evidence, b.items)]
    assert all(isinstance(m, np.memmap) for m in dense if not sparse.issparse(m))


def test_what_granularities_share_is_stored_once(tmp_path: Path) -> None:
    data = world("full").data()
    manifest = manifest_of(model("full"), tmp_path / "b", (data.users, data.items, data.labels))
    of = manifest.granularities
    assert of["recent"].blocks[0] == of["collaborative"].blocks[0]
    assert of["recent"].blocks[1].evidence == of["behaviour"].blocks[0].evidence
    again, *_ = load_model(tmp_path / "b", manifest)
    granularities = again.granularities
    assert granularities["recent"].blocks[0].items is granularities["collaborative"].blocks[0].items


@pytest.mark.parametrize("text", ["", "{}", "[]", "nothing", '{"build": 1}', "\x00"])
def test_manifests_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(WorkspaceBrokenError, match=r"manifest.json is missing or not a manifest: run"):
        read_manifest(tmp_path)


def test_a_build_without_a_newer_granularity_and_with_one_that_is_gone_is_read(tmp_path: Path) -> None:
    data = world("full").data()
    manifest = manifest_of(model("full"), tmp_path / "b", (data.users, data.items, data.labels))
    other = {"zeta" if n == "social" else n: r for n, r in manifest.granularities.items()}
    changed = manifest.model_copy(update={"granularities": other})
    (tmp_path / "b" / MANIFEST).write_text(changed.model_dump_json(), encoding="utf-8")
    found, *_ = load_model(tmp_path / "b", read_manifest(tmp_path / "b"))
    assert found.absent == {"social": "this build is older than it: build again"}
    assert found.present == tuple(g for g in GRANULARITIES if g != "social")
    places = [GRANULARITIES.index(g) for g in found.present]
    np.testing.assert_array_equal(found.global_scale, model("full").global_scale[places])


def test_an_array_that_parts_share_is_stored_once(tmp_path: Path) -> None:
    found, data = model("full"), world("full").data()
    manifest = manifest_of(found, tmp_path / "b", (data.users, data.items, data.labels))
    language = manifest.granularities["behaviour"].language
    assert manifest.arrays["shared"] == language
    assert manifest.granularities["collaborative"].language == language
    # `behaviour` counts dislikes too, `recent` has its own decay: only what is equal is shared.
    own = {name: manifest.granularities[name].weights for name in ("behaviour", "collaborative")}
    same = found.granularities["behaviour"].weights is found.granularities["collaborative"].weights
    assert (len(set(own.values())) == 1) == same
    assert not list((tmp_path / "b").glob("shared*"))  # stored under its first name alone
