"""The manifest of a build: what it was made from and what it holds."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import WorkspaceBrokenError
from mgrec_core.workspace.digests import damaged

MANIFEST = "manifest.json"

_SEAL = re.compile(r',\n  "seal": "([0-9a-f]{64})"\n}\Z')


class BlockRecord(BaseModel):
    """Where a block's matrices are stored."""

    evidence: str
    items: str
    scale: float


class HistoryRecord(BaseModel):
    """How a history becomes weights over the evidence; ``values`` is a stored matrix, where there is one."""

    signed: bool
    power: float
    decay: Literal["power", "exponential"] | None = None
    half_life: float = 1.0
    values: str = ""


class GranularityRecord(BaseModel):
    """One granularity of a build; ``unreliable`` says why its scores mean little, where they do.

    ``history`` is ``None`` where the weights do not follow from the user's own history.
    """

    present: bool
    reason: str
    unreliable: str = ""
    n_evidence: int = 0
    dimensions: int = 0
    kind: str = ""
    weights: str = ""
    language: str = ""
    blocks: list[BlockRecord] = []
    history: HistoryRecord | None = None


class PartRecord(BaseModel):
    """A part that the next build may keep: digests of what it was made from and of what it is."""

    inputs: str
    content: str
    arrays: list[str]
    facts: dict[str, bool | float | str] = {}


class Manifest(BaseModel):
    """What a build was made from and what it holds.

    ``files`` gives the size in bytes of every file, ``digests`` the SHA-256 of its content: a build that is
    not what was written is noticed when it is opened. Builds of versions before have no digests.
    ``model_source`` is the name or path that was asked for or chosen, ``None`` for the default;
    ``model_reason`` says in one sentence why a model was chosen that nobody had named.
    ``parts`` says what the next build may keep (:mod:`mgrec_core.model.granularities.parts`), ``kept`` what
    this one kept of the build before. ``texts`` says how the language model reads the items' texts
    (:class:`mgrec_core.language.Reading`); it is empty without texts. ``timings`` are seconds; they and
    ``kept`` are all that differs between equal builds.
    """

    build: str
    engine_version: str
    dataset: str
    data_fingerprint: str
    model: str
    model_source: str | None = None
    model_fingerprint: str
    model_reason: str = ""
    config: dict[str, Any]
    counts: dict[str, int]
    granularities: dict[str, GranularityRecord]
    arrays: dict[str, str]
    files: dict[str, int] = {}
    digests: dict[str, str] = {}
    parts: dict[str, PartRecord] = {}
    kept: list[str] = []
    texts: dict[str, Any] = {}
    timings: dict[str, float] = {}

    @property
    def chose_model(self) -> bool:
        """Whether nobody named the model."""
        return self.model_source is None or bool(self.model_reason)

    @property
    def model_asked(self) -> str | None:
        """The model that was asked for; ``None`` where the build chose."""
        return None if self.chose_model else self.model_source


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a build's manifest and seal it: its last line is the digest of what stands before."""
    text = manifest.model_dump_json(indent=2)
    seal = hashlib.sha256(text.encode()).hexdigest()
    (folder / MANIFEST).write_text(f'{text[:-2]},\n  "seal": "{seal}"\n}}', encoding="utf-8")


def read_manifest(folder: Path, *, anew: bool = False) -> Manifest:
    """Read a build's manifest, and check that its files are what was written.

    Parameters
    ----------
    anew
        Read every file, also where it has not changed since it was last found whole.

    Raises
    ------
    WorkspaceBrokenError
        The manifest or a file it names is missing or damaged.
    """
    fix = way_out(folder)
    manifest = parse_manifest(folder)
    for name, size in manifest.files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise WorkspaceBrokenError(f"{path} is missing or truncated: {fix}")
    for name in damaged(folder, manifest.digests, anew=anew):
        raise WorkspaceBrokenError(f"{folder / name} is damaged, it is not what the build wrote: {fix}")
    return manifest


def parse_manifest(folder: Path) -> Manifest:
    """Read a build's manifest without looking at other files.

    Raises
    ------
    WorkspaceBrokenError
        It is missing or damaged.
    """
    fix = way_out(folder)
    try:
        text = (folder / MANIFEST).read_bytes().decode()
        manifest = Manifest.model_validate_json(text)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        broken = WorkspaceBrokenError(f"{folder / MANIFEST} is missing or not a manifest: {fix}")
        if cause_of(error) is Cause.ABSENT:
            raise broken from None
        raise refusal(error, folder / MANIFEST, damaged=broken, other=broken) from None
    seal = _SEAL.search(text)
    said = hashlib.sha256(f"{text[: seal.start()]}\n}}".encode()).hexdigest() if seal else None
    plain = all(Path(name).name == name for name in (*manifest.files, *manifest.digests))
    # without a seal it is of a version that knew no digests either
    if (seal is None and manifest.digests) or (seal is not None and seal[1] != said) or not plain:
        raise WorkspaceBrokenError(f"{folder / MANIFEST} is damaged: {fix}")
    return manifest


def without_digests(folder: Path, manifest: Manifest) -> str | None:
    """Say that a version before digests made a build, and what renews it; ``None`` for one with them."""
    if manifest.digests:
        return None
    return (
        f"build {manifest.build} is of an earlier version and holds no digests, so damage inside its files "
        f"would not be noticed: {way_out(folder)}"
    )


def way_out(folder: Path) -> str:
    """What mends a build: the words that every refusal of one ends with."""
    return f"run `python -m mgrec_core build --workspace {folder.parent.parent}` again"
