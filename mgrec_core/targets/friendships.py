"""Evaluate and tune the ranking of people on friendships that were held out before anything is built."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from mgrec_core.builder import encode
from mgrec_core.config import Config
from mgrec_core.data.dataset import Dataset, sparse_matrix
from mgrec_core.errors import InputError
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.model import build_model
from mgrec_core.progress import Progress, silent
from mgrec_core.targets.holdings import Holdings
from mgrec_core.targets.people import People
from mgrec_core.targets.trial import TargetTrial

if TYPE_CHECKING:
    from mgrec_core.engine import Engine


@dataclass(frozen=True)
class FriendSplit:
    """Held-out friendships, one row each, the smaller id first.

    Attributes
    ----------
    test
        Columns user_id, friend_id.
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


def split_friendships(
    connection: duckdb.DuckDBPyConnection, test_ratio: float = 0.2, seed: int = 0
) -> FriendSplit:
    """Choose a random share of the friendships; both directions of one go together.

    Raises
    ------
    InputError
        A ratio outside (0, 1), or fewer than two friendships.
    """
    if not 0.0 < test_ratio < 1.0:
        raise InputError(f"--test-ratio is {test_ratio:g}: it lies between 0 and 1")
    pairs = connection.execute(
        """SELECT user_id, friend_id FROM v_social WHERE user_id < friend_id
           ORDER BY md5(? || chr(31) || user_id || chr(31) || friend_id), user_id, friend_id""",
        [str(seed)],
    ).df()
    if len(pairs) < 2:
        raise InputError(
            f"there are {len(pairs)} friendships, and holding some out needs two: add a social file"
        )
    n = min(len(pairs) - 1, max(1, round(len(pairs) * test_ratio)))
    test = pairs.iloc[:n].sort_values(["user_id", "friend_id"], ignore_index=True).astype(str)
    return FriendSplit(test_ratio, seed, len(pairs), test)


def without_friendships(
    connection: duckdb.DuckDBPyConnection, test: pd.DataFrame
) -> duckdb.DuckDBPyConnection:
    """Copy the tables into memory without the held-out friendships, whichever way they are written."""
    nothing = pd.DataFrame({"user_id": [], "item_id": []}, dtype="string")
    training = training_connection(connection, nothing)
    training.register("held_out", test.astype("string"))
    training.execute(
        """DELETE FROM social WHERE EXISTS (SELECT 1 FROM held_out h WHERE
           (h.user_id = social.user_id AND h.friend_id = social.friend_id)
           OR (h.user_id = social.friend_id AND h.friend_id = social.user_id))"""
    )
    training.unregister("held_out")
    return training


def friend_trial(
    connection: duckdb.DuckDBPyConnection,
    split: FriendSplit,
    model: str | None,
    config: Config,
    cache: Path,
    progress: Progress = silent,
) -> TargetTrial:
    """Build everything on the remaining friendships and test on the others."""
    with contextlib.closing(without_friendships(connection, split.test)) as training:
        data = Dataset.load(training)
    text, sequences, _ = encode(data, model, config, cache, progress)
    built = build_model(data, config, text, sequences, progress)
    held = Holdings(data.users, data.items, data.labels, data.strength, data.friends)
    u = pd.Index(data.users)
    forward = sparse_matrix(u, u, split.test["user_id"], split.test["friend_id"])
    return TargetTrial.of(People(built, held), (forward + forward.T).tocsr())


def trial_of(
    engine: Engine, test_ratio: float, seed: int, progress: Progress = silent
) -> tuple[FriendSplit, TargetTrial]:
    """The trial of an engine's workspace, with the build's options and language model."""
    with contextlib.closing(engine.workspace.connect()) as connection:
        split = split_friendships(connection, test_ratio, seed)
        return split, _trial(engine, connection, split, progress)


def validation_of(
    engine: Engine, test_ratio: float, seed: int, progress: Progress = silent
) -> tuple[FriendSplit, FriendSplit, TargetTrial]:
    """As :func:`trial_of`, within the training part: the test friendships are gone from both sides."""
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(contextlib.closing(engine.workspace.connect()))
        outer = split_friendships(connection, test_ratio, seed)
        training = stack.enter_context(contextlib.closing(without_friendships(connection, outer.test)))
        inner = split_friendships(training, test_ratio, seed + 1)
        return outer, inner, _trial(engine, training, inner, progress)


def _trial(
    engine: Engine, connection: duckdb.DuckDBPyConnection, split: FriendSplit, progress: Progress
) -> TargetTrial:
    config = Config.model_validate(engine.manifest.config)
    cache = engine.workspace.path / "cache"
    return friend_trial(connection, split, engine.manifest.model_source, config, cache, progress)
