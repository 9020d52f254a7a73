"""The façade: rank, explain and inspect one workspace's users.

>>> from mgrec_core import Engine  # doctest: +SKIP
>>> Engine.open("workspaces/movielens").rank("15", k=10).to_frame()  # doctest: +SKIP
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mgrec_core.engine.presets import PresetStore, built_in, choose
from mgrec_core.engine.subject import Items
from mgrec_core.engine.tables import Tables
from mgrec_core.foundation import log
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import (
    Explanation,
    GranularityStatus,
    Interest,
    Neighbour,
    Preset,
    RankedList,
    UserProfile,
    Weights,
)
from mgrec_core.model.fusion.candidates import Candidates, find_candidates
from mgrec_core.model.fusion.vectors import (
    dominant_granularities,
    fused_item_vectors,
    fused_user_vectors,
    item_profiles,
    joint_vectors,
    reduced,
)
from mgrec_core.model.fusion.weights import FUSION_MODES, alpha_of, check_name, resolve
from mgrec_core.model.granularities.structure import Vectors
from mgrec_core.model.interests import interests_of
from mgrec_core.model.scale import scale_and_median
from mgrec_core.model.scoring import Split
from mgrec_core.model.store import load_model, statuses
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest

_CACHED_USERS = 64
_CACHED_BYTES = 256 * 2**20


class Engine:
    """One build of one workspace, open for reading. Safe to share between threads."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        self.workspace = workspace
        self.manifest = manifest
        self.build = manifest.build
        self.model, self.user_ids, self.item_ids, self._labels = load_model(
            workspace.vectors / manifest.build, manifest
        )
        self._users = {u: n for n, u in enumerate(self.user_ids)}
        self._items = {i: n for n, i in enumerate(self.item_ids)}
        self._tables = Tables(workspace)
        self._store = PresetStore(workspace.state)
        self._raw: OrderedDict[tuple[int, str], Vectors] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def open(cls, workspace: str | Path) -> Engine:
        """Open the current build.

        Raises
        ------
        NotFoundError
            There is no such workspace.
        InputError
            Nothing was imported or built yet.
        WorkspaceBrokenError
            Its files are damaged.
        """
        found = Workspace.open(workspace)
        manifest = found.manifest()
        with log.timed(log.get("engine"), "open", workspace=found.path.name, build=manifest.build):
            return cls(found, manifest)

    # What the build holds

    def subject(self, fusion: str = "score") -> Items:
        """The items as what is ranked, explained, evaluated and written for many users at once."""
        return Items(self.model, self.user_ids, self.item_ids, self._labels, fusion)

    @property
    def statuses(self) -> dict[str, GranularityStatus]:
        """Every granularity in the fixed order, absent ones with their reason."""
        return statuses(self.manifest)

    @property
    def present(self) -> tuple[str, ...]:
        """Present granularities in the fixed order."""
        return self.model.present

    @property
    def base(self) -> str:
        """Base of the active preset."""
        return self.active_preset().base

    def item_label(self, item_id: str) -> str:
        """Title of an item, or its id where it has none.

        Raises
        ------
        NotFoundError
            The item is unknown.
        """
        return self._labels[self.item_position(item_id)]

    def knows_item(self, item_id: str) -> bool:
        """Tell whether the build has this item."""
        return item_id in self._items

    def presets(self) -> dict[str, Preset]:
        """Presets by name: default, equal, base only, learned when tuned, and saved ones."""
        return self._store.all(self.present)

    def active_preset(self) -> Preset:
        """The tuned preset if there is one, else the documented default."""
        return choose(self.presets(), None)

    def save_preset(self, name: str, weights: Mapping[str, float], base: str | None = None) -> Preset:
        """Save weights by name for this workspace."""
        checked = self.resolve_weights(weights, base)
        return self._store.save(name, checked.values, checked.base)

    def store_learned(self, name: str, weights: Mapping[str, float], base: str) -> Preset:
        """Save weights that were learned, so that ``learned`` becomes the active preset."""
        checked = self.resolve_weights(weights, base)
        return self._store.save(name, checked.values, checked.base, origin="tuned")

    def delete_preset(self, name: str) -> None:
        """Delete a saved preset."""
        self._store.delete(name)

    def resolve_weights(
        self, weights: Mapping[str, float] | None = None, base: str | None = None, preset: str | None = None
    ) -> Weights:
        """Complete weights from a preset (default: the active one) and check them.

        Raises
        ------
        NotFoundError
            An unknown granularity or preset.
        InputError
            A weight outside [0, 1], or an absent base.
        """
        # A built-in preset asked for by name needs nothing from the state file.
        known = built_in(self.present)
        chosen = choose(known if preset in known else self.presets(), preset)
        return resolve(weights, Weights(chosen.weights, chosen.base), self.present, base)

    # Ranking and explaining

    def rank(
        self,
        user_id: str,
        k: int = 10,
        weights: Mapping[str, float] | None = None,
        *,
        base: str | None = None,
        fusion: str = "score",
        alpha: Mapping[str, float] | None = None,
        preset: str | None = None,
        exclude: Iterable[str] = (),
    ) -> RankedList:
        """Rank the items that a user has not seen.

        Parameters
        ----------
        user_id
            A user of the workspace.
        k
            How many items, at least 1; fewer come back where fewer are unseen.
        weights
            λ by granularity in [0, 1]; those not named come from the preset.
        fusion
            ``score`` (late fusion with λ), ``vector`` or ``concat`` (with α).
        alpha
            α by granularity; default λ normalised to sum 1.
        exclude
            Ids of items to leave out besides the seen ones; the scores of the others stay.

        Raises
        ------
        NotFoundError
            Unknown user, granularity or preset.
        InputError
            ``k`` below 1, a weight outside [0, 1], an unknown fusion mode.
        """
        check_k(k)
        user = self.user_position(user_id)
        lam = self.resolve_weights(weights, base, preset)
        shares = alpha_of(lam, alpha)
        split = self._split(user, lam, shares, fusion)
        unseen = self._unseen(user, exclude)
        return self.subject(fusion).ranked(user, k, lam, split, unseen, fusion=fusion, alpha=shares)

    def contributions(
        self,
        user_id: str,
        weights: Mapping[str, float] | None = None,
        *,
        base: str | None = None,
        fusion: str = "score",
        alpha: Mapping[str, float] | None = None,
        preset: str | None = None,
    ) -> tuple[list[str], tuple[str, ...], NDArray[np.float64]]:
        """Contributions of every granularity to every item, seen ones included.

        Returns
        -------
        items, granularities, array
            The array is |I| × K; a row's sum is the item's score.
        """
        lam = self.resolve_weights(weights, base, preset)
        split = self._split(self.user_position(user_id), lam, alpha_of(lam, alpha), fusion)
        return self.item_ids, self.present, split.contributions

    def candidates(
        self, user_id: str, limit: int = 2000, include: Iterable[str] = (), exclude: Iterable[str] = ()
    ) -> Candidates:
        """The unseen items that can win under some λ (``score`` fusion), for those who try many λ.

        Parameters
        ----------
        limit
            At most how many; more make it likelier that a list can be told to be exact.
        include
            Ids of unseen items that are wanted besides.
        exclude
            As in :meth:`rank`.

        Raises
        ------
        NotFoundError
            Unknown user or item.
        """
        user = self.user_position(user_id)
        raw, unseen = self._raw_scores(user, "score"), self.model.unseen(user)
        scale, median = scale_and_median(raw, unseen)
        wanted = np.array([self.item_position(i) for i in include], dtype=np.int64)
        return find_candidates(raw, scale, median, self._unseen(user, exclude), limit, wanted)

    def explain(
        self,
        user_id: str,
        item_id: str,
        weights: Mapping[str, float] | None = None,
        *,
        base: str | None = None,
        fusion: str = "score",
        alpha: Mapping[str, float] | None = None,
        preset: str | None = None,
    ) -> Explanation:
        """Split one item's score over granularities, and each contribution over evidence.

        Raises
        ------
        NotFoundError
            Unknown user, item, granularity or preset.
        """
        user, item = self.user_position(user_id), self.item_position(item_id)
        lam = self.resolve_weights(weights, base, preset)
        split = self._split(user, lam, alpha_of(lam, alpha), fusion)
        return self.subject(fusion).explained(user, item, lam, split, self.model.unseen(user), fusion)

    def interests(self, user_id: str, top: int = 8) -> dict[str, tuple[Interest, ...]]:
        """The evidence that makes up most of each granularity's user vector."""
        return interests_of(self.model, self.user_position(user_id), top)

    def neighbours(
        self,
        item_id: str,
        k: int = 10,
        weights: Mapping[str, float] | None = None,
        *,
        base: str | None = None,
        alpha: Mapping[str, float] | None = None,
    ) -> dict[str, tuple[Neighbour, ...]]:
        """The ``k`` items nearest to one: ``fused`` under the weights, and at each granularity.

        A granularity at which the item has no vector has no neighbours; see
        :mod:`mgrec_core.model.neighbours`.

        Raises
        ------
        NotFoundError
            Unknown item or granularity.
        InputError
            ``k`` below 1, a weight outside [0, 1].
        """
        from mgrec_core.model.neighbours import nearest

        check_k(k, what="neighbour")
        shares = alpha_of(self.resolve_weights(weights, base), alpha)
        return {
            g: tuple(
                Neighbour(n, self.item_ids[i], self._labels[i], float(c))
                for n, (i, c) in enumerate(zip(found.positions, found.cosines, strict=True), start=1)
            )
            for g, found in nearest(self.model, self.item_position(item_id), k, shares).items()
        }

    # Vectors

    def fused_vectors(
        self, weights: Mapping[str, float] | None = None, *, of: str = "users", base: str | None = None
    ) -> tuple[list[str], Vectors]:
        """Fused vectors of all users, z_u = Σ_k α_k ẑ_uk, or of all items.

        Raises
        ------
        InputError
            ``of`` is neither ``users`` nor ``items``, or there is nothing to fuse.
        """
        alpha = alpha_of(self.resolve_weights(weights, base), None)
        if _kind(of) == "users":
            return self.user_ids, fused_user_vectors(self.model, alpha)
        return self.item_ids, fused_item_vectors(self.model, alpha)

    def granularity_vectors(self, granularity: str, *, of: str = "users") -> tuple[list[str], Vectors]:
        """z_uk of all users or profiles of all items, reduced to at most 384 dimensions.

        An item's profile is a_ik, see :func:`mgrec_core.model.fusion.vectors.item_profiles`.

        Raises
        ------
        NotFoundError
            An unknown granularity.
        InputError
            It is absent in this build.
        """
        check_name(granularity)
        if granularity not in self.model.granularities:
            raise InputError(f"{granularity} is absent: {self.model.absent[granularity]}")
        g = self.model.granularities[granularity]
        if _kind(of) == "users":
            return self.user_ids, reduced(g.user_vectors(slice(None)))
        return self.item_ids, reduced(item_profiles(g))

    def joint_vectors(
        self, granularity: str = "fused", weights: Mapping[str, float] | None = None, base: str | None = None
    ) -> tuple[list[str], list[str], Vectors]:
        """Users and items in one space: kinds (``users`` or ``items``), ids, vectors.

        See :func:`mgrec_core.model.fusion.vectors.joint_vectors`; users come first.

        Raises
        ------
        NotFoundError
            An unknown granularity.
        InputError
            It is absent in this build, or there is no shared space.
        """
        if granularity != "fused":
            check_name(granularity)
            if granularity not in self.model.granularities:
                raise InputError(f"{granularity} is absent: {self.model.absent[granularity]}")
            vectors = joint_vectors(self.model, self.model.granularities[granularity])
        else:
            vectors = joint_vectors(self.model, alpha_of(self.resolve_weights(weights, base), None))
        kinds = ["users"] * len(self.user_ids) + ["items"] * len(self.item_ids)
        return kinds, [*self.user_ids, *self.item_ids], vectors

    def history_sizes(self, of: str = "users") -> NDArray[np.int64]:
        """Items of every user, or users of every item."""
        seen = self.model.seen
        if _kind(of) == "users":
            return np.diff(seen.indptr).astype(np.int64)
        return np.bincount(seen.indices, minlength=seen.shape[1]).astype(np.int64)

    def dominant_granularity(
        self, weights: Mapping[str, float] | None = None, base: str | None = None
    ) -> pd.DataFrame:
        """The granularity that gives most of each user's top ten: user_id, granularity, share."""
        lam = self.resolve_weights(weights, base)
        names, share = dominant_granularities(self.model, list(lam.values.values()))
        return pd.DataFrame({"user_id": self.user_ids, "granularity": names, "share": share})

    # What the tables say

    def history(self, user_id: str) -> pd.DataFrame:
        """A user's items: item_id, title, n_events, strength, rating, last_time; newest first."""
        self.user_position(user_id)
        return self._tables.history(user_id)

    def profile(self, user_id: str) -> UserProfile:
        """Counts, times and attributes of a user."""
        self.user_position(user_id)
        return self._tables.profile(user_id)

    def item_attributes(self, item_id: str) -> dict[str, str]:
        """All attributes of an item, several values joined by commas."""
        self.item_position(item_id)
        return self._tables.item_attributes(item_id)

    def item_text(self, item_id: str) -> str:
        """What the language model reads of an item; empty where it has no text."""
        self.item_position(item_id)
        return self._tables.item_text(item_id)

    def attribute_values(self, of: str) -> pd.DataFrame:
        """All attribute values of users or items, one a row: id, attribute, value."""
        return self._tables.attribute_values(_kind(of))

    def users_frame(self) -> pd.DataFrame:
        """All users: user_id, n_items, n_events, last_time and one column an attribute."""
        return self._tables.users()

    def items_frame(self) -> pd.DataFrame:
        """All items: item_id, title, n_users and one column an attribute (its first value)."""
        return self._tables.items()

    def _split(self, user: int, lam: Weights, alpha: dict[str, float], fusion: str) -> Split:
        if fusion not in FUSION_MODES:
            raise InputError(f"unknown fusion mode {fusion!r}: choose {', '.join(FUSION_MODES)}")
        factors = lam.values if fusion == "score" else alpha
        return self.model.split(user, list(factors.values()), fusion, self._raw_scores(user, fusion))

    def _raw_scores(self, user: int, fusion: str) -> Vectors:
        """Raw scores by user, the newest few kept: sliders ask for the same user again and again."""
        key = (user, "vector" if fusion == "vector" else "score")
        with self._lock:
            if key in self._raw:
                self._raw.move_to_end(key)
                return self._raw[key]
        raw = self.model.raw(user, fusion)
        with self._lock:
            self._raw[key] = raw
            while len(self._raw) > max(1, min(_CACHED_USERS, _CACHED_BYTES // max(1, raw.nbytes))):
                self._raw.popitem(last=False)
        return raw

    def _unseen(self, user: int, exclude: Iterable[str]) -> NDArray[np.bool_]:
        unseen = self.model.unseen(user)
        unseen[[self._items[i] for i in exclude if i in self._items]] = False
        return unseen

    def user_position(self, user_id: str) -> int:
        """Row of a user in every |U| × … array.

        Raises
        ------
        NotFoundError
            The user is unknown.
        """
        try:
            return self._users[user_id]
        except (KeyError, TypeError):
            raise NotFoundError(
                f"unknown user {str(user_id)[:80]!r} in workspace {self.workspace.path}"
            ) from None

    def item_position(self, item_id: str) -> int:
        """Row of an item in every |I| × … array.

        Raises
        ------
        NotFoundError
            The item is unknown.
        """
        try:
            return self._items[item_id]
        except (KeyError, TypeError):
            raise NotFoundError(
                f"unknown item {str(item_id)[:80]!r} in workspace {self.workspace.path}"
            ) from None


def _kind(of: str) -> str:
    if of not in ("users", "items"):
        raise InputError(f"vectors of {of!r}: choose users or items")
    return of
