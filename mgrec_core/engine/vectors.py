"""Vectors of users and items in one build, for maps and neighbours."""

from __future__ import annotations

import pandas as pd

from mgrec_core.engine.loaded import users_or_items
from mgrec_core.engine.weighing import Weighing
from mgrec_core.foundation.checks import check_k
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Neighbour, WeightsLike
from mgrec_core.model.fusion.vectors import (
    dominant_granularities,
    fused_item_vectors,
    fused_user_vectors,
    item_profiles,
    joint_vectors,
    reduced,
)
from mgrec_core.model.fusion.weights import check_name
from mgrec_core.model.granularities.structure import Granularity, Vectors


class VectorLookups(Weighing):
    """What a build knows of vectors, fused or at one granularity."""

    def fused_vectors(self, weights: WeightsLike = None, *, of: str = "users") -> tuple[list[str], Vectors]:
        """Fused vectors of all users, z_u = Σ_k α_k ẑ_uk, or of all items.

        Raises
        ------
        InputError
            ``of`` is neither ``users`` nor ``items``, or there is nothing to fuse.
        """
        alpha = self.resolve(weights).shares
        if users_or_items(of) == "users":
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
        g = self._granularity(granularity)
        if users_or_items(of) == "users":
            return self.user_ids, reduced(g.user_vectors(slice(None)))
        return self.item_ids, reduced(item_profiles(g))

    def joint_vectors(
        self, granularity: str = "fused", weights: WeightsLike = None
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
        fused = granularity == "fused"
        shown = self.resolve(weights).shares if fused else self._granularity(granularity)
        vectors = joint_vectors(self.model, shown)
        kinds = ["users"] * len(self.user_ids) + ["items"] * len(self.item_ids)
        return kinds, [*self.user_ids, *self.item_ids], vectors

    def dominant_granularity(self, weights: WeightsLike = None) -> pd.DataFrame:
        """The granularity that gives most of each user's top ten: user_id, granularity, share."""
        lam = self.resolve(weights)
        names, share = dominant_granularities(self.model, list(lam.values.values()))
        return pd.DataFrame({"user_id": self.user_ids, "granularity": names, "share": share})

    def neighbours(
        self, item_id: str, k: int = 10, weights: WeightsLike = None
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
        shares = self.resolve(weights).shares
        return {
            g: tuple(
                Neighbour(n, self.item_ids[i], self._labels[i], float(c))
                for n, (i, c) in enumerate(zip(found.positions, found.cosines, strict=True), start=1)
            )
            for g, found in nearest(self.model, self.item_position(item_id), k, shares).items()
        }

    def _granularity(self, name: str) -> Granularity:
        check_name(name)
        if name not in self.model.granularities:
            raise InputError(f"{name} is absent: {self.model.absent[name]}")
        return self.model.granularities[name]
