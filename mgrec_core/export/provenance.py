"""The head of a document: which workspace, build, model and weights it is of, and how to make it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from mgrec_core.export.document import Head
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Weights

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.workspace.folder import Workspace
    from mgrec_core.workspace.pseudonyms import Pseudonyms


@dataclass(frozen=True)
class Origin:
    """What all documents of one build and weights have in common.

    Attributes
    ----------
    data
        The workspace.
    built
        Its build; ``None`` where documents are about the data alone.
    weights
        Complete ones, or ``None`` where none take part.
    made
        The day that documents carry.
    key
        Where pseudonyms for users are asked for.
    """

    data: Workspace
    built: Engine | None
    weights: Weights | None
    preset: str
    made: date
    key: Pseudonyms | None = None

    @classmethod
    def of(
        cls,
        engine: Engine,
        weights: Weights | None,
        *,
        made: date | None = None,
        key: Pseudonyms | None = None,
    ) -> Origin:
        """Complete the weights, and name their preset where there is one with just these."""
        asked = weights.preset if weights is not None else None
        lam = None if weights is None else engine.resolve(weights)
        preset = "" if lam is None else _preset(engine, lam, asked)
        return cls(engine.workspace, engine, lam, preset, made or datetime.now(UTC).date(), key)

    @classmethod
    def of_data(
        cls, workspace: Workspace, *, made: date | None = None, key: Pseudonyms | None = None
    ) -> Origin:
        """That of documents about the imported data, built or not."""
        return cls(workspace, None, None, "", made or datetime.now(UTC).date(), key)

    @property
    def workspace(self) -> str:
        """Name of the workspace's folder."""
        name = self.data.path.resolve().name
        return self.key.text(name) if self.key else name

    @property
    def engine(self) -> Engine:
        """The build.

        Raises
        ------
        InputError
            It is of the data alone.
        """
        if self.built is None:
            raise InputError("this document needs a build: run `build` first")
        return self.built

    def head(self, *flags: str, options: Mapping[str, str] | None = None) -> Head:
        """Return the head of a document.

        Parameters
        ----------
        flags
            Options of ``export`` that make it again and have no value, such as ``"--all"``.
        options
            Those with a value.
        """
        manifest, lam = self.built.manifest if self.built else None, self.weights
        meta = {} if manifest else self.data.meta()
        given = {"workspace": self.workspace, "out": "report", "format": "html"} | dict(options or {})
        if lam is not None:
            given["weights"] = ",".join(f"{g}={w!r}" for g, w in lam.values.items() if g != lam.base)
            given["base"] = lam.base
            if lam.fusion != "score":
                given["fusion"] = lam.fusion
                given["alpha"] = ",".join(f"{g}={a!r}" for g, a in lam.shares.items())
        told = ["python", "-m", "mgrec_core", "export", *flags]
        told += [f"--{name}={value}" for name, value in given.items() if value]
        if self.key is not None:
            told.append("--pseudonymise")
        head = Head(
            workspace=self.workspace,
            dataset=manifest.dataset if manifest else meta.get("dataset", ""),
            build=manifest.build if manifest else "",
            model=manifest.model if manifest else "",
            model_fingerprint=manifest.model_fingerprint if manifest else "",
            data_fingerprint=manifest.data_fingerprint if manifest else meta.get("data_fingerprint", ""),
            preset=self.preset,
            weights={} if lam is None else dict(lam.values),
            base="" if lam is None else lam.base,
            fusion="" if lam is None else lam.fusion,
            alpha={} if lam is None else dict(lam.shares),
            date=self.made.isoformat(),
            command=shlex.join(told),
        )
        return head if self.key is None else self.key.hide(head)


def _preset(engine: Engine, lam: Weights, asked: str | None) -> str:
    """Name of the preset with these weights, that which was asked for before others."""
    known = engine.presets()
    active = engine.active_preset().name
    for name in dict.fromkeys([*([asked] if asked else []), active, *known]):
        preset = known.get(name)
        if (
            preset
            and preset.base == lam.base
            and dict(engine.resolve(preset.as_weights()).values) == lam.values
        ):
            return name
    return ""
