"""A model on disk: memory-mapped arrays and a manifest, in one folder a build."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from mgrec_core.data.knowledge.cooccurrence import RULE
from mgrec_core.foundation.arrays import all_finite, read_array
from mgrec_core.foundation.errors import WorkspaceBrokenError
from mgrec_core.foundation.results import GranularityStatus
from mgrec_core.model.granularities import Granularity, names
from mgrec_core.model.granularities.parts import Earlier, Part, Parts, digest_of
from mgrec_core.model.granularities.structure import Block, Matrix
from mgrec_core.model.model import Model
from mgrec_core.model.stored_files import is_stored, load_matrix, load_table, naming, save_matrix
from mgrec_core.model.stored_histories import from_record, history_record
from mgrec_core.workspace.manifest import (
    MANIFEST,
    BlockRecord,
    GranularityRecord,
    Manifest,
    PartRecord,
    read_manifest,
    way_out,
)

#: Links between items that a rule of the build made.
LINKS = "links.parquet"

#: Ids and labels of the items.
ITEMS = "items.parquet"

#: Why a granularity is absent that a stored build knows nothing of.
OLDER = "this build is older than it: build again"


def save_model(
    model: Model, users: list[str], items: list[str], labels: list[str], folder: Path
) -> tuple[dict[str, GranularityRecord], dict[str, str]]:
    """Write all arrays and tables of a model into an existing, empty folder.

    An array that several parts share is written once, under its first name.

    Returns
    -------
    records, arrays
        The granularities, and the names of the model's own arrays.
    """
    written: dict[int, str] = {}

    def put(name: str, matrix: Matrix) -> str:
        if id(matrix) not in written:
            save_matrix(folder / name, matrix)
            written[id(matrix)] = name
        return written[id(matrix)]

    _table(folder / "users.parquet", {"id": users})
    _table(folder / ITEMS, {"id": items, "label": labels})
    np.save(folder / "global_scale.npy", model.global_scale)
    records: dict[str, GranularityRecord] = {}
    for name in names():
        if name not in model.granularities:
            records[name] = GranularityRecord(present=False, reason=model.absent[name])
            continue
        g = model.granularities[name]
        _evidence(folder / f"{name}.evidence.parquet", g)
        records[name] = GranularityRecord(
            present=True,
            reason=g.reason,
            n_evidence=len(g.evidence_ids),
            dimensions=g.dimensions,
            kind=g.kind,
            weights=put(f"{name}.weights", g.weights),
            language=put(g.language_name, g.language) if g.language is not None else "",
            blocks=[
                BlockRecord(
                    evidence=put(b.evidence_name, b.evidence), items=put(b.item_name, b.items), scale=b.scale
                )
                for b in g.blocks
            ],
            history=history_record(name, g.from_history, put),
        )
    arrays = {"seen": put("seen", model.seen)}
    if model.shared is not None:
        arrays["shared"] = put("shared", model.shared)
    return records, arrays


def save_links(links: sparse.csr_array | None, items: list[str], folder: Path) -> None:
    """Write the links that the rule `cooccurrence` made, each pair once, for people to read.

    Parameters
    ----------
    links : |I| × |I| or None
        Symmetric confidences in (0, 1]; without any no file is written.
    """
    if links is None:
        return
    pairs = sparse.coo_array(sparse.triu(links, k=1))
    order = np.lexsort((pairs.col, pairs.row))
    ids = np.array(items, dtype=object)
    columns = {"head_id": ids[pairs.row[order]], "tail_id": ids[pairs.col[order]], "rule": RULE}
    frame = pd.DataFrame(columns, dtype="string")
    frame.assign(confidence=pairs.data[order].round(6)).to_parquet(folder / LINKS, index=False)


def part_records(parts: Parts, folder: Path) -> dict[str, PartRecord]:
    """What is to be known of a build's parts, those of which a granularity keeps the matrices."""
    return {
        name: PartRecord(
            inputs=inputs,
            content=digest_of(tuple(part.arrays.values())),
            arrays=list(part.arrays),
            facts=part.facts,
        )
        for name, (inputs, part) in parts.made.items()
        if all(is_stored(folder / array) for array in part.arrays)
    }


def parts_of(folder: Path, engine_version: str) -> Earlier:
    """The parts of a stored build, each checked against its digest when it is asked for.

    Parameters
    ----------
    engine_version
        A build of another version has nothing to keep.
    """
    try:
        manifest = read_manifest(folder)
    except WorkspaceBrokenError:
        return lambda name, inputs: None
    records = manifest.parts if manifest.engine_version == engine_version else {}

    def earlier(name: str, inputs: str) -> Part | None:
        record = records.get(name)
        if record is None or record.inputs != inputs:
            return None
        try:
            part = Part({array: load_matrix(folder / array) for array in record.arrays}, dict(record.facts))
        except WorkspaceBrokenError:
            return None
        return part if digest_of(tuple(part.arrays.values())) == record.content else None

    return earlier


def load_model(folder: Path, manifest: Manifest) -> tuple[Model, list[str], list[str], list[str]]:
    """Open a model without reading its arrays into memory.

    A granularity that is newer than the build is absent; one that nobody declares any more is left out.

    Whatever the manifest says of digests, every matrix is within its bounds and fits the others.

    Returns
    -------
    model, user ids, item ids, item labels

    Raises
    ------
    WorkspaceBrokenError
        A file is missing, damaged, or does not fit the others.
    """
    loaded: dict[str, Matrix] = {}
    sealed = bool(manifest.digests)

    def get(name: str, rows: int, columns: int | None = None) -> Matrix:
        if not name or Path(name).name != name:
            raise damaged(MANIFEST)
        if name not in loaded:
            loaded[name] = load_matrix(folder / name)
            if not sealed and not sparse.issparse(loaded[name]) and not all_finite(np.asarray(loaded[name])):
                raise damaged(name)
        shape = loaded[name].shape
        if shape[0] != rows or columns not in (None, shape[1]):
            raise damaged(name)
        return loaded[name]

    def damaged(name: str) -> WorkspaceBrokenError:
        return WorkspaceBrokenError(f"{folder / name} does not fit the rest of its build: {way_out(folder)}")

    users = _ids(folder / "users.parquet", "id")["id"].tolist()
    items = _ids(folder / ITEMS, "id", "label")
    n_users, n_items = len(users), len(items)
    for name, n in (("users", n_users), ("items", n_items)):
        if manifest.counts.get(name, n) != n:
            raise damaged(f"{name}.parquet")
    shared = get(manifest.arrays["shared"], n_items) if "shared" in manifest.arrays else None
    found: dict[str, Granularity] = {}
    stored = [name for name, record in manifest.granularities.items() if record.present]
    for name in names():
        if name not in stored:
            continue
        record = manifest.granularities[name]
        evidence = _ids(folder / f"{name}.evidence.parquet", "id", "label", unique=False)
        n_evidence = len(evidence)
        blocks = []
        for b in record.blocks:
            vectors = get(b.items, n_items)
            if not (np.isfinite(b.scale) and b.scale >= 0):
                raise damaged(MANIFEST)
            blocks.append(
                Block(get(b.evidence, n_evidence, vectors.shape[1]), vectors, b.scale, b.evidence, b.items)
            )
        width = None if shared is None else shared.shape[1]
        found[name] = Granularity(
            name=name,
            kind=record.kind,
            evidence_ids=evidence["id"].tolist(),
            evidence_labels=evidence["label"].tolist(),
            weights=sparse.csr_array(get(record.weights, n_users, n_evidence)),
            blocks=tuple(blocks),
            reason=record.reason,
            language=get(record.language, n_evidence, width) if record.language else None,
            language_name=record.language,
            origins=list(zip(evidence["source"], evidence["confidence"], strict=True))
            if "source" in evidence
            else None,
            from_history=from_record(record.history, n_items, n_evidence, get, damaged),
        )
    model = Model(
        granularities=found,
        absent={name: status.reason for name, status in statuses(manifest).items() if not status.present},
        seen=sparse.csr_array(get(manifest.arrays.get("seen", ""), n_users, n_items)),
        shared=shared,
    )
    with naming(folder / "global_scale.npy"):
        scale = read_array(folder / "global_scale.npy")
        if len(scale) != len(stored) or not all_finite(scale):
            raise ValueError("not a number for each granularity")
    model.__dict__["global_scale"] = scale[[stored.index(name) for name in found]]  # the cached property
    return model, users, items["id"].tolist(), items["label"].tolist()


def statuses(manifest: Manifest) -> dict[str, GranularityStatus]:
    """Status of every granularity in the fixed order."""
    newer = GranularityRecord(present=False, reason=OLDER)
    return {
        name: GranularityStatus(name, r.present, r.reason, r.n_evidence, r.dimensions, r.unreliable)
        for name, r in ((n, manifest.granularities.get(n, newer)) for n in names())
    }


def _ids(path: Path, *texts: str, unique: bool = True) -> pd.DataFrame:
    found = load_table(path, *texts, numbers=("confidence",))
    if unique and not found["id"].is_unique:
        raise WorkspaceBrokenError(f"{path} names something twice: {way_out(path.parent)}")
    return found


def _table(path: Path, columns: dict[str, list[str]]) -> None:
    pd.DataFrame({name: pd.Series(values, dtype="string") for name, values in columns.items()}).to_parquet(
        path, index=False
    )


def _evidence(path: Path, g: Granularity) -> None:
    """Ids and labels, and for the knowledge graph where they come from."""
    columns = {"id": g.evidence_ids, "label": g.evidence_labels}
    frame = pd.DataFrame({name: pd.Series(values, dtype="string") for name, values in columns.items()})
    if g.origins is not None:
        frame["source"] = pd.Series([source for source, _ in g.origins], dtype="string")
        frame["confidence"] = [round(confidence, 6) for _, confidence in g.origins]
    frame.to_parquet(path, index=False)
