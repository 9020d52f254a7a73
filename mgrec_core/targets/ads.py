"""Ranks advertisements for a user: campaign → product → attribute evidence, and who redeemed them."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.explanation import Evidence
from mgrec_core.foundation.results import WeightsLike
from mgrec_core.model.explanation import evidence_of
from mgrec_core.model.granularities import specs
from mgrec_core.model.granularities.incidence import rarity
from mgrec_core.model.granularities.structure import Block, Granularity, Matrix, normalise_rows
from mgrec_core.model.model import Model
from mgrec_core.targets.holdings import AdHoldings, Holdings
from mgrec_core.targets.ranker import Ranker
from mgrec_core.targets.redemptions import split_redemptions
from mgrec_core.targets.target import Target


def default_weights() -> dict[str, float]:
    """λ by part; the first present of ``repeat`` and ``popularity`` has 1.

    Set by hand, not learned. Those of the parts without products lie between what tuning found on two
    validation splits of The Complete Journey, which disagree; there the list is no better than the most
    redeemed first. Those of the parts with products were measured on no real data. `tune --target ads`
    learns a workspace's own.
    """
    interests = {spec.name: spec.weight_for_ads for spec in specs() if not spec.prior}
    own = {"repeat": 1.0, "ad_attribute": 0.5, "audience": 0.2, "popularity": 0.5, "reach": 0.0}
    return {**interests, **own}


CLICK = 0.5
"""What a click on an ad says of its attributes, against a redemption's 1."""


class Ads(Ranker):
    """Candidates are the ads shown to the user (all where none was), active, not yet redeemed.

    Parts:

    - each granularity: the mean raw score of the ad's products, s_k(u, ad) = z_uk·mean_i a_ik;
    - ``repeat``: the user's own strength with the ad's products, Σ_i S[u,i] / √products;
    - ``ad_attribute``: the values (campaign, type …) of ads that the user redeemed or clicked;
    - ``audience``: people alike who redeemed it, Σ_v cos(u, v) / √redeemers, over histories and
      redemptions;
    - ``popularity``: ln(1 + redeemers), and ``reach``: ln(1 + users it was shown to), priors.
    """

    target = "ads"
    bases = ("repeat", "popularity", "reach")

    def __init__(
        self,
        model: Model,
        data: Holdings,
        ads: AdHoldings,
        period: tuple[np.datetime64 | None, np.datetime64 | None] = (None, None),
    ) -> None:
        self.defaults = default_weights()
        self.user_ids, self.target_ids, self.labels = data.user_ids, ads.ad_ids, ads.labels
        self.ads, self.data = ads, data
        self._each = model.granularities
        self.won = ads.redeemed if ads.redeemed.nnz else ads.clicked
        self.active = active(ads, *period)
        self.absent: dict[str, str] = {}
        self._pooled = self._products(model) | self._own(ads)
        self._redeemers = np.asarray(self.won.sum(axis=0)).ravel()
        self._reach = np.log1p(np.asarray(ads.shown.sum(axis=0)).ravel())
        self._profiles = _profiles(data.strength, self.won)
        self._worth = 1.0 / np.sqrt(np.maximum(self._redeemers, 1.0))
        self._audience = sparse.csr_array(sparse.diags_array(self._worth) @ (self.won.T @ self._profiles))
        priors: list[str] = []
        if self.won.nnz:
            priors = ["audience", "popularity"]
        else:
            reason = "no ad was redeemed or clicked: add ad_events (user_id, ad_id, kind)"
            self.absent |= dict.fromkeys(("audience", "popularity", "ad_attribute"), reason)
        if ads.shown.nnz:
            priors.append("reach")
        else:
            self.absent["reach"] = "no ad is said to have been shown: add ad_events of the kind shown"
        self.parts = (*self._pooled, *priors) if ads.ad_ids else ()

    def at(self, moment: np.datetime64) -> Ads:
        """The same ranker over the ads whose period has this moment (UTC) in it."""
        found = copy(self)
        found.active = active(self.ads, moment, moment)
        return found

    def why_not(self) -> str:
        """One sentence: why nothing can be ranked."""
        if not self.target_ids:
            return "there are no advertisements: add an ads file (ad_id, title)"
        return super().why_not()

    def _products(self, model: Model) -> dict[str, Granularity]:
        """Granularities whose items are ads: the mean of their products' vectors."""
        if not self.ads.items.nnz:
            reason = "no ad has products: add ad_items (ad_id, item_id)"
            present = [g for g in model.present if g != "popularity"]
            self.absent |= dict.fromkeys((*present, "repeat"), reason)
            return {}
        n = np.diff(self.ads.items.indptr).astype(np.float64)
        mean = sparse.csr_array(sparse.diags_array(1.0 / np.maximum(n, 1.0)) @ self.ads.items)
        found = {}
        for name, g in model.granularities.items():
            if name != "popularity":
                blocks = tuple(replace(b, items=_mean(mean, b.items)) for b in g.blocks)
                found[name] = replace(g, blocks=blocks)
        self.absent |= {k: v for k, v in model.absent.items() if k != "popularity"}
        root = sparse.csr_array(sparse.diags_array(1.0 / np.sqrt(np.maximum(n, 1.0))) @ self.ads.items)
        each = sparse.eye_array(len(self.data.item_ids), format="csr", dtype=np.float32)
        found["repeat"] = Granularity(
            "repeat", "item", self.data.item_ids, self.data.labels, self.data.strength,
            (Block(each, root.astype(np.float32), 1.0, "", ""),), "the user's history with the ad's products",
        )  # fmt: skip
        return found

    def _own(self, ads: AdHoldings) -> dict[str, Granularity]:
        """The ads' own attributes, by rarity among ads; a user weighs those of the ads they took up."""
        took = sparse.csr_array(ads.redeemed + CLICK * ads.clicked)
        if not ads.values.nnz or not took.nnz:
            self.absent.setdefault("ad_attribute", "no ad has attributes: add columns to the ads file")
            return {}
        rare = sparse.csr_array(ads.values @ sparse.diags_array(rarity(ads.values)))
        profiles = normalise_rows(rare.astype(np.float32))
        each = sparse.eye_array(len(ads.value_names), format="csr", dtype=np.float32)
        weights = normalise_rows(sparse.csr_array(took @ profiles))
        weights.sort_indices()
        return {
            "ad_attribute": Granularity(
                "ad_attribute",
                "attribute",
                ads.value_names,
                ads.value_names,
                weights,
                (Block(each, profiles, 1.0, "", ""),),
                "values of the ads that the user took up",
            )
        }

    def scores(self, rows: NDArray[np.int64]) -> list[NDArray[np.floating]]:
        """Raw scores, one array of shape (len(rows), N) a part."""
        return [self._scores(part, rows) for part in self.parts]

    def _scores(self, part: str, rows: NDArray[np.int64]) -> NDArray[np.floating]:
        if part in self._pooled:
            return self._pooled[part].scores(rows)
        if part == "audience":
            return np.asarray((self._profiles[rows] @ self._audience.T).toarray())
        prior = np.log1p(self._redeemers) if part == "popularity" else self._reach
        return np.broadcast_to(prior, (len(rows), len(prior)))

    def allowed(self, user: int) -> NDArray[np.bool_]:
        """Active ads that were shown to the user (any, where none was) and not redeemed yet."""
        shown = self.ads.shown[[user]].toarray()[0] > 0
        mask = self.active & (shown if shown.any() else True)
        mask[self.won.indices[self.won.indptr[user] : self.won.indptr[user + 1]]] = False
        return np.asarray(mask)

    def active_users(self) -> NDArray[np.bool_]:
        """Users with a history or who were shown an ad."""
        return (np.diff(self.data.strength.indptr) > 0) | (np.diff(self.ads.shown.indptr) > 0)

    def about(self, user: int, target: int) -> dict[str, Any]:
        """Period, number of products and of redeemers, and whether it was shown to the user."""
        return {
            "starts": _iso(self.ads.starts[target]),
            "ends": _iso(self.ads.ends[target]),
            "products": int(self.ads.items.indptr[target + 1] - self.ads.items.indptr[target]),
            "redeemed_by": int(self._redeemers[target]),
            "shown": bool(self.ads.shown[[user]].toarray()[0][target] > 0),
        }

    def pieces(self, user: int, target: int, part: str, factor: float = 1.0) -> list[Evidence]:
        """What of the user's interests the ad's products or attributes match, or who redeemed it."""
        if part in self._pooled:
            g = self._pooled[part]
            return evidence_of(g, user, factor, *g.evidence_scores(user, target))
        if part == "audience":
            column = np.flatnonzero(self.won[:, [target]].toarray()[:, 0])
            alike = (self._profiles[column] @ self._profiles[[user]].T).toarray()[:, 0]
            return [
                Evidence("person", self.user_ids[v], self.user_ids[v], float(value) * factor, float(a))
                for v, a, value in zip(column, alike, alike * self._worth[target], strict=True)
            ]
        value = np.log1p(self._redeemers[target]) if part == "popularity" else self._reach[target]
        said = "redeemed it" if part == "popularity" else "were shown it"
        label = f"{np.expm1(value):,.0f} users {said}"
        return [Evidence("everyone", "everyone", label, float(value) * factor, 1.0)]

    def products(self, user_id: str, ad_id: str, weights: WeightsLike = None) -> list[dict[str, Any]]:
        """The ad's products and what each adds to the score by part, best first.

        The products' shares of a part and its baseline sum to its contribution.

        Returns
        -------
        list of dict
            ``item_id``, ``title``, ``value`` (their sum over parts) and ``contributions``.
        """
        user, target = self.user(user_id), self.target_place(ad_id)
        split, _ = self._one(user, self.resolve(weights))
        places = self.ads.items.indices[self.ads.items.indptr[target] : self.ads.items.indptr[target + 1]]
        if not len(places):
            return []
        shares: dict[str, NDArray[np.float64]] = {}
        rows = np.array([user])
        for p, part in enumerate(self.parts):
            factor = float(split.factor[p])
            if part == "repeat":
                own = self.data.strength[[user]].toarray()[0][places]
                shares[part] = factor * own / np.sqrt(len(places))
            elif part in self._pooled and part != "ad_attribute":
                one = self._each[part].scores(rows)[0][places].astype(np.float64)
                shares[part] = factor * one / len(places)
        total = np.sum(list(shares.values()), axis=0)
        order = np.lexsort((places, -total))
        return [
            {
                "item_id": self.data.item_ids[places[n]],
                "title": self.data.labels[places[n]],
                "value": float(total[n]),
                "contributions": {part: float(values[n]) for part, values in shares.items()},
            }
            for n in order
        ]


def active(ads: AdHoldings, since: np.datetime64 | None, until: np.datetime64 | None) -> NDArray[np.bool_]:
    """Ads whose period overlaps [since, until]; an unknown end of a period is open."""
    mask = np.ones(len(ads.ad_ids), dtype=bool)
    if since is not None:
        mask &= np.isnat(ads.ends) | (ads.ends >= since)
    if until is not None:
        mask &= np.isnat(ads.starts) | (ads.starts <= until)
    return mask


def _mean(mean: sparse.csr_array, items: Matrix) -> Matrix:
    found = mean @ items
    if sparse.issparse(found):
        return sparse.csr_array(found).astype(np.float32)
    return np.asarray(found, dtype=np.float32)


def _profiles(strength: sparse.csr_array, won: sparse.csr_array) -> sparse.csr_array:
    """Histories by √rarity and redemptions, each of unit length, side by side."""
    by_rarity = strength @ sparse.diags_array(np.sqrt(rarity(strength)))
    parts = [normalise_rows(sparse.csr_array(m).astype(np.float32)) for m in (by_rarity, won)]
    both = sparse.csr_array(sparse.hstack(parts)) * np.float32(0.5**0.5)
    return sparse.csr_array(both)


def _iso(moment: np.datetime64) -> str | None:
    return None if np.isnat(moment) else str(moment.astype("datetime64[s]"))


def _open(
    connection: duckdb.DuckDBPyConnection, model: Model, held: Holdings, since: np.datetime64 | None
) -> Ads:
    ads = AdHoldings.load(connection, held.user_ids, held.item_ids, held.ad_ids)
    return Ads(model, held, ads, (since, None))


TARGET = Target("ads", default_weights, _open, split_redemptions, order=2)
