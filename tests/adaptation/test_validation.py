"""What a training looks at while it learns: known and new items, by the texts' own vectors."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from mgrec_core.adaptation.held_out import HeldOut
from mgrec_core.adaptation.teaching import validation_for
from mgrec_core.adaptation.validation import Validation
from mgrec_core.data.dataset import Dataset
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.foundation.errors import InputError
from mgrec_core.model.config import Config
from tests.adaptation.conftest import KINDS


@pytest.fixture(scope="module")
def validation(shop: duckdb.DuckDBPyConnection, held_out: HeldOut) -> Validation:
    return validation_for(shop, held_out, Config())


def by_kind(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors that know what people choose by: the kind of thing."""
    rows = [[float(kind in text) for kind in KINDS] for text in texts]
    return np.asarray(rows, np.float32) + 1e-3


def by_chance(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((len(texts), 8)).astype(np.float32)


def test_it_tells_vectors_that_know_from_vectors_that_do_not(validation: Validation) -> None:
    assert validation(by_kind) > 1.5 * validation(by_chance)


def test_new_items_have_no_event_and_nothing_of_a_test_is_in_it(
    validation: Validation, held_out: HeldOut
) -> None:
    known, new = validation.parts
    assert known.data.items == new.data.items
    hits = {new.data.items[n] for n in np.flatnonzero(new.test_users.relevant.any(axis=0))}
    assert hits and hits <= set(held_out.new_validation.test["item_id"])
    assert not new.data.strength[:, [new.data.item_index[item] for item in hits]].nnz
    tested = set(held_out.tested.itertuples(index=False, name=None))
    for part in validation.parts:
        users, items = part.data.seen.nonzero()
        pairs = {(part.data.users[u], part.data.items[i]) for u, i in zip(users, items, strict=True)}
        rows, columns = part.test_users.relevant.nonzero()
        asked = {
            (part.data.users[part.test_users.rows[row]], part.data.items[column])
            for row, column in zip(rows, columns, strict=True)
        }
        assert asked and not asked & tested and not pairs & tested and not asked & pairs


def test_both_parts_count_alike(validation: Validation) -> None:
    means = [Validation((part,), validation.config)(by_kind) for part in validation.parts]
    assert validation(by_kind) == pytest.approx(np.sqrt(means[0] * means[1]))


def test_without_new_items_known_ones_are_looked_at(
    shop: duckdb.DuckDBPyConnection, held_out: HeldOut
) -> None:
    with contextlib.closing(training_connection(shop, held_out.pairs)) as connection:
        data = Dataset.load(connection)
    alone = Validation.of((data, held_out.validation.test), None, Config())
    assert len(alone.parts) == 1 and alone(by_kind) > 0
    with pytest.raises(InputError, match="nothing to validate on"):
        Validation.of((data, held_out.validation.test[:0]), None, Config())


def test_hits_are_there_however_large_the_catalogue_is(
    shop: duckdb.DuckDBPyConnection, held_out: HeldOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mgrec_core.adaptation.validation.MOST_ITEMS", 9)
    found = validation_for(shop, held_out, Config())
    assert 3 <= len(found.parts[0].data.items) <= 9
    assert all(part.test_users.relevant.any(axis=1).all() for part in found.parts)
    assert 0 < found(by_kind) <= 1
