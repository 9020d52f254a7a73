from __future__ import annotations

import contextlib
from pathlib import Path

import duckdb
import pytest

from mgrec_core.adaptation.held_out import HeldOut, hold_out
from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.evaluation.splits import make_split
from mgrec_core.foundation.errors import InputError
from tests.adaptation.conftest import world


def test_what_evaluate_and_tune_use_is_kept_from_training(
    shop: duckdb.DuckDBPyConnection, held_out: HeldOut
) -> None:
    test = make_split(shop, "last", 0.2, 0)
    with contextlib.closing(training_connection(shop, test.test)) as training:
        validation = test.again(training)
    assert held_out.test.fingerprint == test.fingerprint
    assert held_out.validation.fingerprint == validation.fingerprint
    with contextlib.closing(training_connection(shop, held_out.pairs)) as training:
        data = Dataset.load(training)
    learned = {(data.users[u], data.items[i]) for u, i in zip(*data.seen.nonzero(), strict=True)}
    assert learned and not learned & set(held_out.pairs.itertuples(index=False, name=None))
    items = {item for _, item in learned}
    for new in (held_out.new, held_out.new_validation):
        assert len(new.test) and not items & set(new.test["item_id"])
    tested = set(held_out.tested.itertuples(index=False, name=None))
    assert not tested & set(held_out.new_validation.test.itertuples(index=False, name=None))


def test_too_little_is_said(tmp_path: Path) -> None:
    few = world(users=1, each=1)
    with contextlib.closing(few.connect()) as connection:
        connection.execute("DELETE FROM events WHERE event_id > 0")
        with pytest.raises(InputError, match="too little to learn from"):
            hold_out(tmp_path, connection)
