"""What a build changed against the one before it, granularity by granularity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.model.granularities import Granularity
from mgrec_core.model.granularities.structure import Matrix
from mgrec_core.model.model import Model
from mgrec_core.model.store import load_model
from mgrec_core.workspace.manifest import read_manifest

_SAME = 1e-6


def changes(before: Path, after: Path) -> dict[str, Any]:
    """Compare two builds of one workspace.

    Parameters
    ----------
    before, after
        Folders of the builds.

    Returns
    -------
    dict
        ``since``: the build before. ``kept``: parts that were taken over from it. ``granularities``: of
        each that both have, ``vectors`` (``kept`` where all its evidence and item vectors are the same to
        1e-6, else ``changed``) and ``users``, how many users' weights over the evidence are others now, new
        users among them.

    Raises
    ------
    WorkspaceBrokenError
        One of them is damaged.
    """
    manifest = read_manifest(after)
    old, old_users, _, _ = load_model(before, read_manifest(before))
    new, new_users, _, _ = load_model(after, manifest)
    return {
        "since": before.name,
        "kept": manifest.kept,
        "granularities": {
            name: {
                "vectors": "kept" if _same_vectors(old.granularities[name], g) else "changed",
                "users": int(changed_users(old, old_users, new, new_users, name).sum()),
            }
            for name, g in new.granularities.items()
            if name in old.granularities
        },
    }


def changed_users(
    old: Model, old_users: list[str], new: Model, new_users: list[str], name: str
) -> NDArray[np.bool_]:
    """Whose weights over a granularity's evidence are others than they were, shape (|U|,) of the new one."""
    before, after = old.granularities[name], new.granularities[name]
    rows = _positions(old_users, new_users)
    columns = _positions(before.evidence_ids, after.evidence_ids)
    held = sparse.coo_array(before.weights)
    r, c = rows[held.row], columns[held.col]
    there = (r >= 0) & (c >= 0)
    expected = sparse.csr_array((held.data[there], (r[there], c[there])), shape=after.weights.shape)
    difference = sparse.csr_array(after.weights - expected)
    found = np.zeros(len(new_users), dtype=bool)
    wide = np.abs(difference.data) > _SAME
    found[np.repeat(np.arange(len(new_users)), np.diff(difference.indptr))[wide]] = True
    found[r[(r >= 0) & (c < 0)]] = True  # evidence that is gone
    found[~np.isin(np.arange(len(new_users)), rows)] = True  # users that are new
    return found


def _positions(old: list[str], new: list[str]) -> NDArray[np.int64]:
    """Where each old id is among the new ones, −1 where it is not."""
    where = {one: n for n, one in enumerate(new)}
    return np.fromiter((where.get(one, -1) for one in old), dtype=np.int64, count=len(old))


def _same_vectors(old: Granularity, new: Granularity) -> bool:
    if old.evidence_ids != new.evidence_ids or len(old.blocks) != len(new.blocks):
        return False
    return all(
        abs(a.scale - b.scale) <= _SAME * max(abs(a.scale), 1)
        and _same(a.evidence, b.evidence)
        and (a.items is a.evidence or _same(a.items, b.items))
        for a, b in zip(old.blocks, new.blocks, strict=True)
    )


def _same(a: Matrix, b: Matrix) -> bool:
    if a.shape != b.shape or sparse.issparse(a) != sparse.issparse(b):
        return False
    if sparse.issparse(a):
        difference = abs(sparse.csr_array(a) - sparse.csr_array(b))
        return bool(difference.max() <= _SAME) if difference.nnz else True
    return bool(np.allclose(np.asarray(a), np.asarray(b), rtol=_SAME, atol=_SAME))
