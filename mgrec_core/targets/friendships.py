"""Friendships that are held out before anything is built."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from scipy import sparse

from mgrec_core.evaluation.nameless import nameless_order, placed
from mgrec_core.foundation.errors import InputError
from mgrec_core.targets.held_out import HeldOut


class FriendSplit(HeldOut):
    """A random share of the friendships; ``test`` has one row a friendship, the smaller id first."""

    def cut(self, training: duckdb.DuckDBPyConnection) -> None:
        """Delete the friendships, whichever way they are written."""
        training.execute(
            """DELETE FROM social WHERE EXISTS (SELECT 1 FROM held_out h WHERE
               (h.user_id = social.user_id AND h.friend_id = social.friend_id)
               OR (h.user_id = social.friend_id AND h.friend_id = social.user_id))"""
        )

    def relevant(self, user_ids: Sequence[str], target_ids: Sequence[str]) -> sparse.csr_array:
        """Held-out friends, |U| × |U|, both ways."""
        forward = super().relevant(user_ids, target_ids)
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
    order = nameless_order(connection, seed)
    with placed(connection, order):
        pairs = connection.execute(
            """SELECT least(s.user_id, s.friend_id) AS user_id, greatest(s.user_id, s.friend_id) AS friend_id
               FROM v_social s JOIN order_of_users u ON u.id = s.user_id
               JOIN order_of_users f ON f.id = s.friend_id
               WHERE u.place < f.place
               ORDER BY md5(? || chr(31) || u.place || chr(31) || f.place), u.place, f.place""",
            [str(seed)],
        ).df()
    if len(pairs) < 2:
        raise InputError(
            f"holding friendships out needs at least two and there are {len(pairs)}: add a social file"
        )
    n = min(len(pairs) - 1, max(1, round(len(pairs) * test_ratio)))
    test = pairs.iloc[:n].astype(str).sort_values(["user_id", "friend_id"], ignore_index=True)
    return FriendSplit("random", "friendships", test_ratio, seed, len(pairs), test, order)
