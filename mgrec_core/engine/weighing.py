"""Weights in one build: the presets, and what is asked for made complete."""

from __future__ import annotations

from mgrec_core.engine.loaded import LoadedBuild
from mgrec_core.engine.presets import PresetStore, built_in, choose
from mgrec_core.foundation.results import Preset, Weights, WeightsLike
from mgrec_core.model.fusion.weights import resolve
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest


class Weighing(LoadedBuild):
    """A build with its workspace's presets."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        super().__init__(workspace, manifest)
        self._store = PresetStore(workspace.state)

    @property
    def base(self) -> str:
        """Base of the active preset."""
        return self.active_preset().base

    def presets(self) -> dict[str, Preset]:
        """Presets by name: default, equal, base only, learned when tuned, and saved ones."""
        return self._store.all(self.present)

    def active_preset(self) -> Preset:
        """The tuned preset if there is one, else the documented default."""
        return choose(self.presets(), None)

    def save_preset(self, name: str, weights: WeightsLike) -> Preset:
        """Save λ and their base by name for this workspace; a preset has no fusion mode and no α."""
        checked = self.resolve(weights)
        return self._store.save(name, dict(checked.values), checked.base)

    def store_learned(self, name: str, weights: WeightsLike) -> Preset:
        """Save weights that were learned, so that ``learned`` becomes the active preset."""
        checked = self.resolve(weights)
        return self._store.save(name, dict(checked.values), checked.base, origin="tuned")

    def delete_preset(self, name: str) -> None:
        """Delete a saved preset."""
        self._store.delete(name)

    def resolve(self, weights: WeightsLike = None) -> Weights:
        """Complete weights and check them; complete ones stay as they are.

        Parameters
        ----------
        weights
            λ and the base that they leave out come from their preset, by default the active one.

        Raises
        ------
        NotFoundError
            An unknown granularity or preset.
        InputError
            A weight outside [0, 1], an absent base, an unknown fusion mode, or α that are no shares.
        """
        asked = Weights.of(weights)
        return resolve(asked, self._start(asked), self.present)

    def _start(self, asked: Weights) -> Weights:
        """Where weights that were not asked for come from; the state file is read only if it is needed."""
        if asked.preset is None and asked.base and all(g in asked.values for g in self.present):
            return asked
        known = built_in(self.present)
        return choose(known if asked.preset in known else self.presets(), asked.preset).as_weights()
