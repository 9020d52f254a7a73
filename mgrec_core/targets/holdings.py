"""What ranking people and advertisements reads besides the model: histories, friends and ads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.data.dataset import sparse_matrix


@dataclass(frozen=True)
class Holdings:
    """Histories and friends in the order of a model's users and items.

    Attributes
    ----------
    strength : |U| × |I|
        As in :class:`mgrec_core.data.dataset.Dataset`.
    friends : |U| × |U|
        Tie strength in (0, 1], symmetric.
    ad_ids
        The advertisements in an order of their own; None for that of their ids.
    """

    user_ids: list[str]
    item_ids: list[str]
    labels: list[str]
    strength: sparse.csr_array
    friends: sparse.csr_array
    ad_ids: list[str] | None = None

    @classmethod
    def load(
        cls,
        connection: duckdb.DuckDBPyConnection,
        user_ids: list[str],
        item_ids: list[str],
        labels: list[str],
    ) -> Holdings:
        """Read the views of an open workspace database."""
        u, i = pd.Index(user_ids), pd.Index(item_ids)
        pairs = connection.execute("SELECT user_id, item_id, strength FROM v_pairs").df()
        ties = connection.execute("SELECT user_id, friend_id, strength FROM v_social").df()
        return cls(
            user_ids,
            item_ids,
            labels,
            sparse_matrix(u, i, pairs["user_id"], pairs["item_id"], pairs["strength"]),
            sparse_matrix(u, u, ties["user_id"], ties["friend_id"], ties["strength"]),
        )


@dataclass(frozen=True)
class AdHoldings:
    """Advertisements and what users did with them.

    Attributes
    ----------
    ad_ids, labels : N
        Sorted by id unless told otherwise.
    starts, ends : N
        Period, UTC; NaT where it is not known.
    items : N × |I|
        1 for every item that the ad is for.
    value_names, values : |V|, N × |V|
        ``attribute: value`` of the ads themselves.
    shown, clicked, redeemed : |U| × N
        1 where it happened.
    """

    ad_ids: list[str]
    labels: list[str]
    starts: NDArray[np.datetime64]
    ends: NDArray[np.datetime64]
    items: sparse.csr_array
    value_names: list[str]
    values: sparse.csr_array
    shown: sparse.csr_array
    clicked: sparse.csr_array
    redeemed: sparse.csr_array

    @classmethod
    def load(
        cls,
        connection: duckdb.DuckDBPyConnection,
        user_ids: Sequence[str],
        item_ids: Sequence[str],
        ad_ids: Sequence[str] | None = None,
    ) -> AdHoldings:
        """Read the views of an open workspace database."""
        ads = connection.execute("SELECT ad_id, label, starts, ends FROM v_ads ORDER BY ad_id").df()
        if ad_ids is not None:
            ads = ads.set_index("ad_id").loc[list(ad_ids)].reset_index()
        a, u, i = pd.Index(ads["ad_id"].astype(str)), pd.Index(user_ids), pd.Index(item_ids)
        items = connection.execute("SELECT ad_id, item_id FROM v_ad_items").df()
        values = connection.execute("SELECT ad_id, attribute || ': ' || value AS name FROM v_ad_values").df()
        names = sorted(values["name"].unique().tolist())
        done = {}
        for kind in ("shown", "clicked", "redeemed"):
            rows = connection.execute(
                "SELECT user_id, ad_id FROM v_ad_events WHERE kind = ? GROUP BY ALL", [kind]
            ).df()
            done[kind] = sparse_matrix(u, a, rows["user_id"], rows["ad_id"])
        return cls(
            ad_ids=a.tolist(),
            labels=ads["label"].astype(str).tolist(),
            starts=ads["starts"].to_numpy(dtype="datetime64[us]"),
            ends=ads["ends"].to_numpy(dtype="datetime64[us]"),
            items=sparse_matrix(a, i, items["ad_id"], items["item_id"]),
            value_names=names,
            values=sparse_matrix(a, pd.Index(names), values["ad_id"], values["name"]),
            **done,
        )
