"""What the tests of a workspace's life share: worlds cut in two, and builds compared."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from mgrec_core.model.store import load_model
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace
from tests.worlds import World


def parts(world: World, share: float = 0.7) -> tuple[World, World]:
    """Two worlds that overlap in some rows and make up the whole together."""

    def cut(rows: tuple, keep: bool) -> tuple:  # type: ignore[type-arg]
        edge = int(len(rows) * share)
        return rows[:edge] if keep else rows[max(0, edge - 3) :]

    first = {str(row[0]) for row in cut(world.items, True)}
    one, other = (
        replace(
            world,
            **{
                name: cut(getattr(world, name), keep) for name in ("events", "items", "kg", "social", "users")
            },
        )
        for keep in (True, False)
    )
    return (
        replace(one, attributes=tuple(row for row in world.attributes if str(row[0]) in first)),
        replace(
            other,
            attributes=tuple(row for row in world.attributes if any(row[0] == i[0] for i in other.items)),
        ),
    )


def workspace_of(source: Path, where: Path, cache: Path | None = None) -> Workspace:
    """A new workspace with the source's tables; with a text cache of texts encoded elsewhere."""
    workspace = Workspace.create(where)
    import_data(workspace, source)
    if cache is not None:
        shutil.copytree(cache, where / "cache")
    return workspace


def assert_equal_builds(one: Workspace, other: Workspace) -> None:
    """Every vector, every weight and every score of both is the same to 1e-5."""
    left, right = one.manifest(), other.manifest()
    assert (left.counts, left.build) == (right.counts, right.build)
    models = [load_model(w.vectors / m.build, m) for w, m in ((one, left), (other, right))]
    (a, *names), (b, *same) = models
    assert names == same and a.present == b.present and a.absent == b.absent
    close(a.seen, b.seen)
    rows = np.arange(a.n_users)
    for name in a.present:
        g, h = a.granularities[name], b.granularities[name]
        assert (g.evidence_ids, g.evidence_labels, g.reason) == (h.evidence_ids, h.evidence_labels, h.reason)
        for x, y in (
            (g.weights, h.weights),
            (g.user_vectors(slice(None)), h.user_vectors(slice(None))),
            (g.item_vectors(), h.item_vectors()),
            (g.scores(rows), h.scores(rows)),
        ):
            close(x, y)
    close(a.global_scale, b.global_scale)


def close(x: object, y: object) -> None:
    """Equal to 1e-5, in shape too."""
    x, y = (m.toarray() if sparse.issparse(m) else np.asarray(m) for m in (x, y))
    np.testing.assert_allclose(x, y, atol=1e-5, rtol=1e-5)


def tables(workspace: Workspace) -> dict[str, pd.DataFrame]:
    """The canonical tables, rows sorted where their order says nothing."""
    from mgrec_core.data.importers.rewriting import ORDERS

    names = (*ORDERS, "event_types", "kg_offered", "kg_links")
    with workspace.reading() as connection:
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY ALL").df() for name in names}


def assert_equal_tables(one: Workspace, other: Workspace) -> None:
    """The same rows in every table, ids of events too."""
    left, right = tables(one), tables(other)
    for name, frame in left.items():
        pd.testing.assert_frame_equal(frame, right[name], obj=name)
    assert one.meta()["data_fingerprint"] == other.meta()["data_fingerprint"]
