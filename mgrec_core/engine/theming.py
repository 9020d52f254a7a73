"""A user's themes, and explanations that say which theme each piece of evidence belongs to."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from threading import Lock

from mgrec_core.engine.loaded import LoadedBuild
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.themes import Theme, UserThemes
from mgrec_core.model.fusion.weights import check_name
from mgrec_core.model.model import Model
from mgrec_core.model.themes import Signs, halves_of, signs_of, themes_of
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest

_CACHED_USERS = 32
_MOST_TYPICAL = 20


class ThemeLookups(LoadedBuild):
    """What a build's users are interested in, theme by theme."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        super().__init__(workspace, manifest)
        self._themes: OrderedDict[int, dict[str, tuple[Theme, ...]]] = OrderedDict()
        self._themes_lock = Lock()

    def themes(self, user_id: str, top: int = 5, *, granularity: str | None = None) -> UserThemes:
        """A user's evidence of each granularity as three to six named interests, fewer where there is little.

        Weights λ do not change them; the prior has none.

        Parameters
        ----------
        top
            Most typical items of a theme, from 1; at most 20 come back.
        granularity
            Only this one.

        Raises
        ------
        NotFoundError
            The user or the granularity is unknown.
        InputError
            ``top`` below 1, or the granularity is absent or the prior.
        """
        check_k(top, what="typical item")
        user = self.user_position(user_id)
        if granularity is not None:
            self._interesting(granularity)
        found = {
            g: tuple(theme.shortened(top) for theme in themes)
            for g, themes in self._themes_of(user).items()
            if granularity in (None, g)
        }
        return UserThemes(user_id, found)

    def _interesting(self, granularity: str) -> None:
        check_name(granularity)
        if granularity not in self.present:
            raise InputError(f"{granularity} is absent: {self.model.absent[granularity]}")
        if self.model.granularities[granularity].kind == "everyone":
            raise InputError(f"{granularity} is a prior, the same for everybody: it is not an interest")

    def _themes_of(self, user: int) -> dict[str, tuple[Theme, ...]]:
        """All themes by granularity, those of the newest few users kept: one user has many explanations."""
        with self._themes_lock:
            if user in self._themes:
                self._themes.move_to_end(user)
                return self._themes[user]
        found = self._themes_in(self.model, user)
        with self._themes_lock:
            self._themes[user] = found
            while len(self._themes) > _CACHED_USERS:
                self._themes.popitem(last=False)
        return found

    def _themes_in(self, model: Model, user: int) -> dict[str, tuple[Theme, ...]]:
        halves = halves_of(model, user)
        return {
            name: themes_of(model, g, user, self.item_ids, self._signs, halves, _MOST_TYPICAL)[1]
            for name, g in model.granularities.items()
            if g.kind != "everyone"
        }

    @cached_property
    def _signs(self) -> Signs:
        return signs_of(self.model, self._labels)
