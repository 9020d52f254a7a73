"""Recommends people to a user: by friends in common, and by interests that are alike."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.explanation import Evidence
from mgrec_core.model.explanation import evidence_of
from mgrec_core.model.granularities import is_prior, specs
from mgrec_core.model.granularities.structure import Block, Granularity
from mgrec_core.model.model import Model
from mgrec_core.targets.friendships import split_friendships
from mgrec_core.targets.holdings import Holdings
from mgrec_core.targets.links import LINKS, Links
from mgrec_core.targets.ranker import Ranker
from mgrec_core.targets.similarity import Similarity
from mgrec_core.targets.target import Target


def default_weights() -> dict[str, float]:
    """λ chosen on validation friendships of Last.fm HetRec, the test friendships being gone."""
    links = {"adamic_adar": 1.0, "resource_allocation": 0.0, "common_friends": 0.0, "degree": 0.5}
    interests = {spec.name: spec.weight_for_people for spec in specs() if not spec.prior}
    return {**links, "history": 1.0, **interests, "fused_vector": 0.5}


class People(Ranker):
    """Candidates are all users but oneself and one's friends.

    Parts: the link predictors of :mod:`mgrec_core.targets.links`; ``degree``, ln(1 + friends), a
    prior; ``history``, the cosine of the histories; the cosine of the user vectors of each
    granularity; and ``fused_vector``, the cosine of z_u = Σ_k α_k·ẑ_uk as a concatenation, which is
    the mean of the granularities' cosines.
    """

    target = "users"
    bases = ("adamic_adar", "history", "behaviour")

    def __init__(self, model: Model, data: Holdings) -> None:
        self.defaults = default_weights()
        user_ids, friends, strength = data.user_ids, data.friends, data.strength
        self.user_ids = self.target_ids = self.labels = user_ids
        self.friends, self.strength = friends, strength
        self.links = Links(friends)
        self.absent = dict(model.absent)
        similar = {
            name: Similarity(g)
            for name, g in model.granularities.items()
            if not is_prior(name) and g.weights.nnz
        }
        if strength.nnz:
            histories = _histories(strength, data.item_ids, data.labels)
            similar = {"history": Similarity(histories), **similar}
        else:
            self.absent["history"] = "there are no events: import interactions"
        self.similar = similar
        interests = [name for name in similar if name != "history"]
        self.alpha = {name: 1.0 / len(interests) for name in interests}
        graph = (*LINKS, "degree") if friends.nnz else ()
        if not graph:
            reason = "there are no friendships: add a social file (user_id, friend_id)"
            self.absent |= dict.fromkeys((*LINKS, "degree"), reason)
        fused = ("fused_vector",) if len(interests) > 1 else ()
        self.parts = (*graph, *similar, *fused)
        self.absent = {name: why for name, why in self.absent.items() if name in self.defaults}

    def scores(self, rows: NDArray[np.int64]) -> list[NDArray[np.float64]]:
        """Raw scores, one array of shape (len(rows), |U|) a part."""
        shape = (len(rows), len(self.user_ids))
        found: dict[str, NDArray[np.float64]] = {}
        for part in self.parts:
            if part in LINKS:
                found[part] = self.links.rows(part, rows)
            elif part == "degree":
                found[part] = np.broadcast_to(np.log1p(self.links.degree), shape)
            elif part == "fused_vector":
                found[part] = sum((a * found[g] for g, a in self.alpha.items()), np.zeros(shape))
            else:
                found[part] = self.similar[part].rows(rows)
        return list(found.values())

    def allowed(self, user: int) -> NDArray[np.bool_]:
        """Everybody but the user and their friends."""
        mask = np.ones(len(self.user_ids), dtype=bool)
        mask[user] = False
        mask[self.friends.indices[self.friends.indptr[user] : self.friends.indptr[user + 1]]] = False
        return mask

    def active_users(self) -> NDArray[np.bool_]:
        """Users with friends or a history."""
        return (np.diff(self.friends.indptr) > 0) | (np.diff(self.strength.indptr) > 0)

    def about(self, user: int, target: int) -> dict[str, Any]:
        """How many friends the two have in common, and the other has at all."""
        common, _ = self.links.pieces("common_friends", user, target)
        return {"common_friends": len(common), "friends": int(self.links.degree[target])}

    def pieces(self, user: int, target: int, part: str, factor: float = 1.0) -> list[Evidence]:
        """Common friends, or what of the user's evidence makes the two alike."""
        if part in LINKS:
            rows, values = self.links.pieces(part, user, target)
            tie = self.friends[[user]].toarray()[0]
            return [
                Evidence("friend", self.user_ids[w], self.user_ids[w], float(v), float(tie[w]))
                for w, v in zip(rows, values * factor, strict=True)
            ]
        if part == "degree":
            degree = float(self.links.degree[target])
            value = float(np.log1p(degree)) * factor
            return [Evidence("degree", self.user_ids[target], f"{degree:,.0f} friends", value, 1.0)]
        if part == "fused_vector":
            return [
                Evidence("granularity", name, name, share * self._cosine(name, user, target) * factor, share)
                for name, share in sorted(self.alpha.items())
            ]
        similarity = self.similar[part]
        return evidence_of(similarity.granularity, user, factor, *similarity.pieces(user, target))

    def _cosine(self, name: str, user: int, target: int) -> float:
        return float(self.similar[name].pieces(user, target)[1].sum())


def _histories(strength: sparse.csr_array, ids: list[str], labels: list[str]) -> Granularity:
    """Histories as a granularity of their own: one direction an item, by √rarity.

    cos(u, v) = Σ_i w_i²·S[u,i]·S[v,i] / lengths with w_i = √ln((1 + |U|) / (1 + users_i)): an item
    that everybody has tells no friendship.
    """
    users = np.bincount(strength.indices, minlength=strength.shape[1])
    rarity = np.log((1.0 + strength.shape[0]) / (1.0 + users))
    evidence = sparse.diags_array(np.sqrt(np.maximum(rarity, 1e-9)), format="csr", dtype=np.float32)
    return Granularity(
        "history", "item", ids, labels, strength, (Block(evidence, evidence, 1.0, "", ""),), "the histories"
    )


def _open(
    connection: duckdb.DuckDBPyConnection, model: Model, held: Holdings, since: np.datetime64 | None
) -> People:
    return People(model, held)


TARGET = Target("users", default_weights, _open, split_friendships, order=1)
