"""Friendships that are held out before anything is built."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd
from scipy import sparse

from mgrec_core.data.dataset import Dataset, sparse_matrix
from mgrec_core.foundation.errors import InputError
from mgrec_core.model.model import Model
from mgrec_core.targets.holdings import Holdings
from mgrec_core.targets.people import People
from mgrec_core.targets.ranker import Ranker
from mgrec_core.targets.splits import HeldOut


@dataclass(frozen=True)
class FriendSplit(HeldOut):
    """A random share of the friendships; both directions of one go together.

    Attributes
    ----------
    test
        Columns user_id, friend_id, one row a friendship, the smaller id first.
    """

    test_ratio: float
    seed: int
    n_friendships: int
    test: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Describe the split; the fingerprint names its exact friendships."""
        text = "\n".join(self.test["user_id"] + "\t" + self.test["friend_id"])
        return {
            "kind": "random",
            "of": "friendships",
            "test_ratio": self.test_ratio,
            "seed": self.seed,
            "n_pairs": len(self.test),
            "n_training": self.n_friendships - len(self.test),
            "fingerprint": hashlib.sha256(text.encode()).hexdigest()[:16],
        }

    def cut(self, training: duckdb.DuckDBPyConnection) -> None:
        """Delete the friendships, whichever way they are written."""
        training.register("held_out", self.test.astype("string"))
        training.execute(
            """DELETE FROM social WHERE EXISTS (SELECT 1 FROM held_out h WHERE
               (h.user_id = social.user_id AND h.friend_id = social.friend_id)
               OR (h.user_id = social.friend_id AND h.friend_id = social.user_id))"""
        )
        training.unregister("held_out")

    def ranker(self, training: duckdb.DuckDBPyConnection, model: Model, data: Dataset) -> Ranker:
        """Everybody is a candidate but the friends of the training part."""
        return People(model, Holdings(data.users, data.items, data.labels, data.strength, data.friends))

    def relevant(self, ranker: Ranker) -> sparse.csr_array:
        """Held-out friends, |U| × |U|, both ways."""
        u = pd.Index(ranker.user_ids)
        forward = sparse_matrix(u, u, self.test["user_id"], self.test["friend_id"])
        return sparse.csr_array(forward + forward.T)


def split_friendships(
    connection: duckdb.DuckDBPyConnection, kind: str | None = None, test_ratio: float = 0.2, seed: int = 0
) -> FriendSplit:
    """Choose the held-out friendships of an open workspace database.

    Raises
    ------
    InputError
        A split other than random (friendships are undated), a ratio outside (0, 1), or fewer than
        two friendships.
    """
    if kind not in (None, "random"):
        raise InputError(f"split {kind!r} of friendships, which have no time: use --split random")
    if not 0.0 < test_ratio < 1.0:
        raise InputError(f"--test-ratio is {test_ratio:g}: it lies between 0 and 1")
    pairs = connection.execute(
        """SELECT user_id, friend_id FROM v_social WHERE user_id < friend_id
           ORDER BY md5(? || chr(31) || user_id || chr(31) || friend_id), user_id, friend_id""",
        [str(seed)],
    ).df()
    if len(pairs) < 2:
        raise InputError(
            f"holding friendships out needs at least two and there are {len(pairs)}: add a social file"
        )
    n = min(len(pairs) - 1, max(1, round(len(pairs) * test_ratio)))
    test = pairs.iloc[:n].astype(str).sort_values(["user_id", "friend_id"], ignore_index=True)
    return FriendSplit(test_ratio, seed, len(pairs), test)
