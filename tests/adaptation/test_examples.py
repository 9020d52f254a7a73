from __future__ import annotations

import contextlib
from dataclasses import replace

import duckdb
import numpy as np
import pytest

from mgrec_core.adaptation.examples import Examples, make_examples
from mgrec_core.adaptation.held_out import HeldOut
from mgrec_core.data.dataset import Dataset
from mgrec_core.data.item_texts import item_texts
from mgrec_core.evaluation.holdout import training_connection
from mgrec_core.foundation.errors import InputError
from tests.adaptation.conftest import world


@pytest.fixture(scope="module")
def training(shop: duckdb.DuckDBPyConnection, held_out: HeldOut) -> tuple[Dataset, list[str | None]]:
    with contextlib.closing(training_connection(shop, held_out.pairs)) as connection:
        data, short = Dataset.load(connection), item_texts(connection, "{title}")
        return data, [short[item] for item in data.items]


@pytest.fixture(scope="module")
def examples(training: tuple[Dataset, list[str | None]]) -> Examples:
    data, short = training
    return make_examples(data, short, 800, prompt="passage: ")


def kind_of(examples: Examples, row: int, n_users: int) -> str:
    owner = examples.owners[row]
    if owner < 0:
        return "itself"
    if owner >= n_users:
        return "value"
    return "next or together"


def test_every_kind_is_drawn_and_belongs_together(
    examples: Examples, training: tuple[Dataset, list[str | None]]
) -> None:
    data, short = training
    n = examples.n_items
    kinds = [kind_of(examples, row, len(data.users)) for row in range(len(examples))]
    assert set(kinds) == {"itself", "value", "next or together"}
    assert sum((examples.bags[row] >= 0).sum() > 1 for row in range(len(examples))) > 200
    for row, kind in enumerate(kinds):
        bag, target, owner = examples.bags[row], examples.targets[row], examples.owners[row]
        bag = bag[bag >= 0]
        assert len(bag)
        if kind == "next or together":
            had = data.strength[[owner]].indices
            assert target in had and set(bag % n) <= set(had) - {target}
            ages = data.age[[owner]].toarray()[0]  # type: ignore[index]
            earlier = [i for i in had if i != target and ages[i] >= ages[target]]
            assert not earlier or all(ages[i] >= ages[target] for i in bag % n)
        elif kind == "value":
            name = examples.texts[bag[0]].removeprefix("passage: ")
            assert data.item_values[[target], [data.value_names.index(name)]] != 0
        else:
            assert bag.tolist() == [n + target]
            assert examples.texts[bag[0]] == f"passage: {short[target]}"


def test_texts_have_the_prompt_and_nothing_held_out_is_chosen(
    examples: Examples, held_out: HeldOut, training: tuple[Dataset, list[str | None]]
) -> None:
    data, _ = training
    assert all(text.startswith("passage: ") for text in examples.texts)
    new = {data.item_index[item] for item in held_out.new.test["item_id"]}
    chosen = {
        int(target)
        for target, owner in zip(examples.targets, examples.owners, strict=True)
        if 0 <= owner < len(data.users)
    }
    assert new and not new & chosen


def test_popularity_is_how_often_items_are_drawn(training: tuple[Dataset, list[str | None]]) -> None:
    data, short = training
    many = make_examples(data, short, 20_000)
    drawn = np.bincount(many.targets, minlength=many.n_items) / len(many)
    assert many.popularity.sum() == pytest.approx(1)
    assert np.abs(drawn - many.popularity).max() < 5 * np.sqrt(many.popularity.max() / len(many))
    assert np.array_equal(
        many.popularity, make_examples(data, short, 60).popularity
    )  # however many are drawn


def test_without_times_any_other_item_may_come_before(training: tuple[Dataset, list[str | None]]) -> None:
    data, short = training
    undated = make_examples(replace(data, age=None), short, 3000, bag=20)
    rows = [row for row in range(3000) if 0 <= undated.owners[row] < undated.n_users]
    for row in rows[:200]:
        bag = undated.bags[row][undated.bags[row] >= 0] % undated.n_items
        others = set(data.strength[[undated.owners[row]]].indices.tolist()) - {int(undated.targets[row])}
        assert set(bag.tolist()) == others or len(bag) == 1


def test_the_same_seed_draws_the_same(training: tuple[Dataset, list[str | None]]) -> None:
    data, short = training
    first, second, third = (make_examples(data, short, 60, seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(first.bags, second.bags) and np.array_equal(first.targets, second.targets)
    assert not np.array_equal(first.targets, third.targets)


def test_a_few_pairs_are_refused() -> None:
    with contextlib.closing(world(users=3).connect()) as connection:
        data = Dataset.load(connection)
    with pytest.raises(InputError, match=r"too little to learn from: 30 pairs.*50 are needed"):
        make_examples(data, [None] * len(data.items), 10)
