"""Which language models a workspace can be built with, what each is worth, and how to go back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from mgrec_core.foundation.errors import MgrecError
from mgrec_core.foundation.text import shorten
from mgrec_core.language.embedded import EMBEDDED, MINILM, embedded
from mgrec_core.language.remote.address import is_address
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest, parse_manifest
from mgrec_core.workspace.models import ModelRecord, models_of

PARTS = {
    "warm": "known items",
    "tail": "rare items",
    "cold": "new items",
    "warm texts": "known items, by texts alone",
    "cold texts": "new items, by texts alone",
    "fused": "fused lists",
}
"""Parts of the test as figures call them → what is ranked there."""
_METHODS = {
    "projection": "item vectors fitted to histories",
    "mlm": "taught the domain's words",
    "contrastive": "taught what people choose",
    "mlm+contrastive": "taught the domain's words and what people choose",
    "int8": "made smaller: numbers of 8 bits",
    "layers": "made smaller: fewer layers",
    "heads": "made smaller: fewer heads",
    "static": "made smaller: one vector a token",
    "bf16": "made smaller: numbers of 16 bits",
}
_ADAPTERS = {"lora": "LoRA", "adalora": "AdaLoRA", "adapter": "bottleneck adapters"}


@dataclass(frozen=True)
class ModelChoice:
    """A model that a workspace can be built with.

    Attributes
    ----------
    name
        As builds name it.
    how
        Where it comes from, in words.
    made
        When it was made, ISO 8601; empty for one that was not made here.
    in_use
        The build in use was made with it.
    record
        What was measured when it was made here.
    """

    name: str
    how: str
    made: str = ""
    in_use: bool = False
    record: ModelRecord | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """What was measured, by part of the test; empty where nothing was."""
        return self.record.figures if self.record else {}


def choices(workspace: Workspace) -> list[ModelChoice]:
    """Return the models there are: the one in use, the workspace's own, newest first, and the embedded ones.

    Raises
    ------
    MgrecError
        The build in use is damaged.
    """
    manifest = workspace.manifest() if workspace.current_build else None
    used = _plain((manifest.model_source or MINILM.name) if manifest else "")
    found = [
        ModelChoice(record.name, how(record), record.made, record.name == used, record)
        for record in models_of(workspace.path)
    ]
    found += [
        ModelChoice(one.name, f"installed with mgrec; reads {one.languages}", in_use=one.name == used)
        for one in EMBEDDED
    ]
    if used and not any(one.in_use for one in found):
        where = "behind an address" if is_address(used) else "named when the build was made"
        found.append(ModelChoice(used, where, in_use=True))
    return sorted(found, key=lambda one: not one.in_use)


def how(record: ModelRecord) -> str:
    """Return in words how a model was made."""
    peft = record.settings.get("peft")
    adapters = f" with {_ADAPTERS[peft]}" if peft in _ADAPTERS and record.method != "projection" else ""
    said = f"{_METHODS.get(record.method, record.method)}{adapters}, from {record.base}"
    size, speed = record.facts.get("MB"), record.facts.get("texts_per_second")
    return said + (f"; {size:g} MB" if size else "") + (f", {speed:,.0f} texts a second" if speed else "")


def former(workspace: Workspace) -> Manifest | None:
    """Return the manifest of the build before the one in use, ``None`` where it is not kept."""
    current = workspace.current_build
    try:
        others = [folder for folder in workspace.vectors.iterdir() if folder.is_dir()]
    except OSError:
        return None
    for folder in sorted(others):
        if folder.name != current and folder.name.isalnum():
            try:
                return parse_manifest(folder)
            except MgrecError:
                continue
    return None


def difference(figure: dict[str, Any] | None) -> str:
    """Return a difference with its interval; empty where nothing was measured.

    Examples
    --------
    >>> difference({"before": 0.031, "after": 0.043, "mean": 0.012, "low": 0.004, "high": 0.02})
    '+.012 [+.004, +.020]'
    """
    if not figure or any(figure.get(name) is None for name in ("before", "after", "mean", "low", "high")):
        return ""
    return f"{signed(figure['mean'])} [{signed(figure['low'])}, {signed(figure['high'])}]"


def in_words(figure: dict[str, Any] | None) -> str:
    """Return a figure before and after with the difference between them; empty where nothing was measured.

    Examples
    --------
    >>> in_words({"before": 0.031, "after": 0.043, "mean": 0.012, "low": 0.004, "high": 0.02})
    '.031 → .043, +.012 [+.004, +.020]'
    """
    if not (said := difference(figure)):
        return ""
    assert figure is not None
    return f"{_plain_number(figure['before'])} → {_plain_number(figure['after'])}, {said}"


def signed(value: float) -> str:
    """Return a number of three digits with its sign and a true minus."""
    plain = _plain_number(abs(value))
    return plain if plain == ".000" else f"{'+' if value > 0 else '−'}{plain}"


def _plain_number(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def models_frame(found: list[ModelChoice]) -> pd.DataFrame:
    """Return the models as a table for a file: one row a model, the figures of each part in columns."""
    rows = []
    for one in found:
        row: dict[str, Any] = {
            "model": one.name,
            "in_use": one.in_use,
            "how": one.how,
            "made": one.made,
            "base": one.record.base if one.record else "",
            "method": one.record.method if one.record else "",
            "training_seconds": one.record.seconds if one.record else None,
        }
        for part in PARTS:
            figure = one.figures.get(part) or {}
            names = ("before", "after", "mean", "low", "high", "n_users")
            row |= {f"{part.replace(' ', '_')}_{name}": figure.get(name) for name in names}
        rows.append(row)
    return pd.DataFrame(rows)


def label(name: str) -> str:
    """Return a model's name as it is shown: the end of a long path says more than its beginning."""
    return name if len(name) <= 48 else f"…{name[-47:]}" if "/" in name else shorten(name, 48)


def _plain(name: str) -> str:
    known = embedded(name) if name else None
    return known.name if known else name
