"""A model on disk: memory-mapped arrays and a manifest, in one folder a build."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from mgrec_core.data.knowledge.cooccurrence import RULE
from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import WorkspaceBrokenError
from mgrec_core.foundation.results import GranularityStatus
from mgrec_core.model.granularities import Granularity, names
from mgrec_core.model.granularities.parts import Earlier, Part, Parts, digest_of
from mgrec_core.model.granularities.structure import Block, Matrix
from mgrec_core.model.model import Model
from mgrec_core.workspace.manifest import (
    BlockRecord,
    GranularityRecord,
    Manifest,
    PartRecord,
    read_manifest,
)

#: Links between items that a rule of the build made.
LINKS = "links.parquet"

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
            _save_matrix(folder / name, matrix)
            written[id(matrix)] = name
        return written[id(matrix)]

    _table(folder / "users.parquet", {"id": users})
    _table(folder / "items.parquet", {"id": items, "label": labels})
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
        if all(_is_stored(folder / array) for array in part.arrays)
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
            part = Part({array: _load_matrix(folder / array) for array in record.arrays}, dict(record.facts))
        except (OSError, ValueError, KeyError):
            return None
        return part if digest_of(tuple(part.arrays.values())) == record.content else None

    return earlier


def load_model(folder: Path, manifest: Manifest) -> tuple[Model, list[str], list[str], list[str]]:
    """Open a model without reading its arrays into memory.

    A granularity that is newer than the build is absent; one that nobody declares any more is left out.

    Returns
    -------
    model, user ids, item ids, item labels
    """
    loaded: dict[str, Matrix] = {}

    def get(name: str) -> Matrix:
        if name not in loaded:
            loaded[name] = _load_matrix(folder / name)
        return loaded[name]

    try:
        users = pd.read_parquet(folder / "users.parquet")["id"].tolist()
        items = pd.read_parquet(folder / "items.parquet")
        stored = [name for name, record in manifest.granularities.items() if record.present]
        found: dict[str, Granularity] = {}
        for name in names():
            if name not in stored:
                continue
            record = manifest.granularities[name]
            evidence = pd.read_parquet(folder / f"{name}.evidence.parquet")
            found[name] = Granularity(
                name=name,
                kind=record.kind,
                evidence_ids=evidence["id"].tolist(),
                evidence_labels=evidence["label"].tolist(),
                weights=sparse.csr_array(get(record.weights)),
                blocks=tuple(
                    Block(get(b.evidence), get(b.items), b.scale, b.evidence, b.items) for b in record.blocks
                ),
                reason=record.reason,
                language=get(record.language) if record.language else None,
                language_name=record.language,
                origins=list(zip(evidence["source"], evidence["confidence"], strict=True))
                if "source" in evidence
                else None,
            )
        shared = get(manifest.arrays["shared"]) if "shared" in manifest.arrays else None
        model = Model(
            granularities=found,
            absent={name: status.reason for name, status in statuses(manifest).items() if not status.present},
            seen=sparse.csr_array(get(manifest.arrays["seen"])),
            shared=shared,
        )
        scale = np.load(folder / "global_scale.npy")
        model.__dict__["global_scale"] = scale[[stored.index(name) for name in found]]  # the cached property
    except (OSError, ValueError, KeyError) as error:
        broken = WorkspaceBrokenError(
            f"build {manifest.build} in {folder} cannot be read ({type(error).__name__}): build again"
        )
        known = cause_of(error) is not Cause.ABSENT
        raise (refusal(error, folder, damaged=broken, other=broken) if known else broken) from None
    return model, users, items["id"].tolist(), items["label"].tolist()


def statuses(manifest: Manifest) -> dict[str, GranularityStatus]:
    """Status of every granularity in the fixed order."""
    newer = GranularityRecord(present=False, reason=OLDER)
    return {
        name: GranularityStatus(name, r.present, r.reason, r.n_evidence, r.dimensions)
        for name, r in ((n, manifest.granularities.get(n, newer)) for n in names())
    }


def _save_matrix(path: Path, matrix: Matrix) -> None:
    """Dense: one ``.npy``; sparse: data, indices, indptr and the shape. Bytes depend on content only."""
    if sparse.issparse(matrix):
        for part in ("data", "indices", "indptr"):
            np.save(path.with_name(f"{path.name}.{part}.npy"), getattr(matrix, part))
        shape = json.dumps([int(n) for n in matrix.shape])
        path.with_name(path.name + ".shape.json").write_text(shape, encoding="utf-8")
    else:
        np.save(path.with_name(path.name + ".npy"), np.ascontiguousarray(matrix))


def _is_stored(path: Path) -> bool:
    return any(path.with_name(path.name + end).is_file() for end in (".npy", ".data.npy"))


def _load_matrix(path: Path) -> Matrix:
    dense = path.with_name(path.name + ".npy")
    if dense.exists():
        array: Matrix = np.load(dense, mmap_mode="r")
        return array
    shape = tuple(json.loads(path.with_name(path.name + ".shape.json").read_text(encoding="utf-8")))
    data, indices, indptr = (
        np.load(path.with_name(f"{path.name}.{part}.npy")) for part in ("data", "indices", "indptr")
    )
    return sparse.csr_array((data, indices, indptr), shape=shape)


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
