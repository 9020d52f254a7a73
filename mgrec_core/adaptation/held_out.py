"""What a language model that learns must not see, so that every figure on it is honest.

Two kinds of pairs are kept from it: those that ``evaluate`` tests on, and those on which ``tune`` learns its
weights, of which the model's own training uses the means only to choose its best state. Besides, a tenth of
the items with all their events: on these is measured what the model says of items that nobody has had yet.
A twentieth of the items of what is left does for such items what the second kind does for known ones: without
them a training would look at known items alone, and what it gains there it can lose on new ones.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.split_store import choose_split
from mgrec_core.evaluation.splits import Split, make_split
from mgrec_core.foundation.errors import InputError

NEW_ITEMS = 0.1
"""Share of the items that the model never sees chosen."""
NEW_TO_VALIDATE = 0.05
"""Share of the items, of what is not tested on, that its training validates on."""


@dataclass(frozen=True)
class HeldOut:
    """The pairs that are kept from training.

    Attributes
    ----------
    test
        As ``evaluate`` holds them out by default.
    validation
        Of what is left, as ``tune`` holds them out.
    new
        Whole items, of all the data.
    new_validation
        Whole items, of what is not tested on.
    """

    test: Split
    validation: Split
    new: Split
    new_validation: Split

    @property
    def tested(self) -> pd.DataFrame:
        """Those that figures are of; columns user_id, item_id."""
        return _together(self.test, self.new)

    @property
    def pairs(self) -> pd.DataFrame:
        """All of them; columns user_id, item_id."""
        return _together(self.test, self.validation, self.new, self.new_validation)

    def to_dict(self) -> dict[str, Any]:
        """Describe them; the fingerprints name their exact pairs."""
        return {
            "test": self.test.to_dict(),
            "validation": self.validation.to_dict(),
            "new": self.new.to_dict(),
            "new_validation": self.new_validation.to_dict(),
        }


def hold_out(
    path: Path, connection: duckdb.DuckDBPyConnection, test_ratio: float = 0.2, seed: int = 0
) -> HeldOut:
    """Choose what is kept from training: the last items where events are dated, else a random share.

    Parameters
    ----------
    path
        The workspace's folder; the test's pairs are kept there.

    Raises
    ------
    InputError
        There are too few pairs or items to hold any out.
    """
    dated = connection.execute("SELECT count(last_time) FROM v_history").fetchone()
    kind = "last" if dated and dated[0] else "random"
    try:
        test = choose_split(path, connection, kind, test_ratio, seed)
        with contextlib.closing(training_connection(connection, test.test)) as training:
            validation = test.again(training)
        new = make_split(connection, "items", NEW_ITEMS, seed)
        with contextlib.closing(training_connection(connection, _together(test, new))) as training:
            return HeldOut(test, validation, new, make_split(training, "items", NEW_TO_VALIDATE, seed + 1))
    except InputError as error:
        raise InputError(
            f"there is too little to learn from: {error}; a language model adapts to data where people have"
            " several items each"
        ) from None


def _together(*splits: Split) -> pd.DataFrame:
    pairs = [one.test[["user_id", "item_id"]] for one in splits]
    return pd.concat(pairs, ignore_index=True).drop_duplicates()
