"""The synthetic shop holds what its README says, and what was planted can be found by plain means."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

STRENGTH = {"view": 0.2, "click": 0.4, "cart": 0.7, "purchase": 1.0}


@pytest.fixture(scope="module")
def folder(sample_data: Path) -> Path:
    return sample_data / "marketplace"


@pytest.fixture(scope="module")
def tables(folder: Path) -> dict[str, pd.DataFrame]:
    files = sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")])
    return {file.name.split(".")[0]: pd.read_csv(file) for file in files}


def run(folder: Path, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-B", folder / "generate.py", *arguments], check=True)


def contents(folder: Path) -> dict[str, bytes]:
    """What the files hold; packed bytes may differ between versions of zlib."""
    return {
        file.name: gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        for file in [*folder.glob("*.csv"), *folder.glob("*.csv.gz")]
    }


def test_generated_again_it_is_the_same(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "a")
    run(folder, tmp_path / "b")
    assert contents(tmp_path / "a") == contents(folder)
    packed = "interactions.csv.gz"
    assert (tmp_path / "a" / packed).read_bytes() == (tmp_path / "b" / packed).read_bytes()


@pytest.mark.parametrize("seed", ["2", "8"])  # with 8 somebody buys all that an interest offers
def test_another_seed_is_another_shop(folder: Path, tmp_path: Path, seed: str) -> None:
    run(folder, tmp_path, "--seed", seed)
    made, kept = contents(tmp_path), contents(folder)
    assert made.keys() == kept.keys()
    assert all(made[name] != kept[name] for name in made)


def test_it_says_what_it_is(folder: Path) -> None:
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "Everything here is synthetic" in readme
    assert "CC0" in readme
    assert "16,119 events" in readme
    assert sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) < 700_000


def test_counts_and_kinds(tables: dict[str, pd.DataFrame]) -> None:
    events, items = tables["interactions"], tables["items"]
    assert len(events) == 16_119
    assert len(items) == 500
    assert items["title"].is_unique
    assert len(tables["users"]) == events["user_id"].nunique() == 300
    assert set(events["event"]) == set(STRENGTH)
    assert set(tables["feedback"]["kind"]) == {"click", "purchase", "dismiss", "like"}
    assert events["weight"].notna().equals(events["event"] == "purchase")
    assert events.groupby("session_id")["user_id"].nunique().max() == 1
    assert events.groupby("user_id")["session_id"].nunique().between(6, 11).all()
    times = pd.to_datetime(events["timestamp"])
    assert times.max() - times.min() > pd.Timedelta(days=150)
    assert tables["social"]["weight"].between(0, 1, inclusive="right").all()
    assert set(events["item_id"]) <= set(items["item_id"])


def test_the_graph_is_two_hops_deep(tables: dict[str, pd.DataFrame]) -> None:
    kg = tables["kg"]
    from_items = kg[kg["head_id"].isin(tables["items"]["item_id"])]
    second = kg[~kg["head_id"].isin(tables["items"]["item_id"])]
    assert set(from_items["tail_id"]) == set(second["head_id"])
    assert set(second["relation"]) == {"based_in", "has_theme"}


def test_themes_are_seen_in_the_graph_alone(tables: dict[str, pd.DataFrame]) -> None:
    items, kg = tables["items"], tables["kg"]
    hidden = set(kg.loc[kg["relation"].isin(["part_of", "has_theme"]), "tail_label"])
    text = " ".join(items.drop(columns=["item_id", "price"]).astype(str).to_numpy().ravel()).casefold()
    assert not [label for label in hidden if re.search(rf"\b{re.escape(label.casefold())}\b", text)]


def test_every_granularity_is_planted_in_everybody(tables: dict[str, pd.DataFrame]) -> None:
    planted = tables["planted"]
    assert planted.groupby("user_id")["granularity"].nunique().eq(6).all()
    own = planted[planted["group"] == planted["granularity"]]
    assert own["user_id"].nunique() == 300
    assert own["strength"].eq(0.7).all()
    assert planted.loc[planted["group"] != planted["granularity"], "strength"].eq(0.04).all()
    sizes = planted.drop_duplicates("user_id")["group"].value_counts()
    assert sizes["social"] > sizes["knowledge"] > sizes["behaviour"] > sizes["attribute"]


@pytest.mark.parametrize(
    ("granularity", "kind", "column"),
    [
        ("attribute", "category", "category"),
        ("attribute", "brand", "brand"),
        ("knowledge", "entity", "theme"),
        ("behaviour", "topic", "topic"),
        ("recent", "category", "category"),
    ],
)
def test_choices_follow_what_was_planted(
    tables: dict[str, pd.DataFrame], granularity: str, kind: str, column: str
) -> None:
    pairs = tables["interactions"].drop_duplicates(["user_id", "item_id"])
    if granularity == "recent":  # planted in the second half of the sessions
        number = pairs["session_id"].str[-2:].astype(int)
        pairs = pairs[number > 0.55 * number.groupby(pairs["user_id"]).transform("max")]
    planted = tables["planted"].query("granularity == @granularity and kind == @kind")
    planted = planted.assign(value=planted["label"] if kind == "entity" else planted["id"])
    items = tables["items"].merge(tables["planted_items"], on="item_id")
    joined = pairs.merge(planted, on="user_id").merge(items, on="item_id")
    share = (joined[column] == joined["value"]).groupby(joined["group"]).mean()
    others = share.drop(granularity)
    if granularity == "attribute":  # the favourite category is also the old taste of the group `recent`
        others = others.drop("recent")
    assert share[granularity] > 0.25
    assert share[granularity] > 2.5 * others.max()


# ── plain stand-ins for the granularities: what is planted can be found ──────────────────────────


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-9)


def values(items: list[str], pairs: list[tuple[str, str]]) -> np.ndarray:
    """Items × values, IDF-weighted, unit rows."""
    at = {item: n for n, item in enumerate(items)}
    names = {name: n for n, name in enumerate(sorted({name for _, name in pairs}))}
    table = np.zeros((len(items), len(names)))
    for item, name in pairs:
        table[at[item], names[name]] = 1
    return unit(table * np.log(len(items) / table.sum(0)))


@pytest.fixture(scope="module")
def quality(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """nDCG@10 on the last fifth of each user's items: one row a stand-in, one column a group, and 'all'."""
    events, items_table, kg = tables["interactions"], tables["items"], tables["kg"]
    group = tables["planted"].drop_duplicates("user_id").set_index("user_id")["group"].sort_index()
    users, items = list(group.index), list(items_table["item_id"])
    user_at, item_at = ({key: n for n, key in enumerate(keys)} for keys in (users, items))
    events = events.assign(amount=events["event"].map(STRENGTH))
    pairs = events.groupby(["user_id", "item_id"]).agg(amount=("amount", "sum"), time=("timestamp", "min"))
    pairs = pairs.reset_index().sort_values(["user_id", "time", "item_id"])
    rank, size = pairs.groupby("user_id").cumcount(), pairs.groupby("user_id")["item_id"].transform("size")
    cut = (size * 0.8).astype(int)
    row, column = pairs["user_id"].map(user_at).to_numpy(), pairs["item_id"].map(item_at).to_numpy()
    known = (rank < cut).to_numpy()
    history, latest = np.zeros((2, len(users), len(items)))
    strength = np.log1p(pairs["amount"].to_numpy())
    history[row[known], column[known]] = strength[known]
    latest[row[known], column[known]] = (strength * 0.5 ** ((cut - 1 - rank) / 4).to_numpy())[known]
    wanted = np.zeros(history.shape, dtype=bool)
    wanted[row[~known], column[~known]] = True

    words = [
        (item, word)
        for item, *texts in items_table.drop(columns="price").itertuples(index=False)
        for word in set(re.findall(r"\w+", " ".join(texts).lower()))
    ]
    attributes = [
        (i, f"{c}={v}") for c in ("category", "brand") for i, v in zip(items, items_table[c], strict=True)
    ]
    upper = dict(zip(kg["head_id"], kg["tail_id"], strict=True))
    first = kg[kg["head_id"].isin(items)][["head_id", "tail_id"]].to_numpy().tolist()
    entities = [(item, entity) for item, near in first for entity in (near, upper[near])]
    friends = np.zeros((len(users), len(users)))
    for user, friend, weight in tables["social"].itertuples(index=False):
        friends[user_at[user], user_at[friend]] = friends[user_at[friend], user_at[user]] = weight
    inverse = np.linalg.inv(history.T @ history + 50 * np.eye(len(items)))
    ease = -inverse / np.diag(inverse)
    np.fill_diagonal(ease, 0)
    text, attribute, entity = (values(items, rows) for rows in (words, attributes, entities))
    scores = {
        "random": np.random.default_rng(0).random(history.shape),
        "social": friends @ history,
        "knowledge": history @ entity @ entity.T,
        "behaviour": history @ text @ text.T,
        "attribute": history @ attribute @ attribute.T,
        "collaborative": history @ ease,
        "whole": unit(history @ ease) + unit(history @ text @ text.T),
        "recent": unit(latest @ ease) + unit(latest @ text @ text.T),
    }
    discount = 1 / np.log2(np.arange(10) + 2)
    result = {}
    for name, score in scores.items():
        top = np.argsort(np.where(history > 0, np.inf, -score), axis=1, kind="stable")[:, :10]
        gain = (np.take_along_axis(wanted, top, 1) * discount).sum(1)
        ideal = np.array([discount[: min(10, n)].sum() for n in wanted.sum(1)])
        by_user = pd.Series(gain / ideal, index=users)
        result[name] = {**by_user.groupby(group).mean(), "all": by_user.mean()}
    return pd.DataFrame(result).T


def test_each_source_finds_its_group(quality: pd.DataFrame) -> None:
    sources = quality.drop(index="random")
    for granularity in ("collaborative", "recent"):
        assert sources[granularity].idxmax() == granularity, quality.round(3).to_string()
    # The stand-in for `recent` reads texts and the histories of others: it is no source of its own.
    sources = sources.drop(index=["recent", "whole"])
    for granularity in ("social", "knowledge", "behaviour", "attribute"):
        assert sources[granularity].idxmax() == granularity, quality.round(3).to_string()


def test_a_shift_of_taste_is_seen_in_the_last_sessions(quality: pd.DataFrame) -> None:
    # The same means, once on the history that fades and once on all of it.
    assert quality.loc["recent", "recent"] > 1.3 * quality.loc["whole", "recent"], quality.round(
        3
    ).to_string()
    assert quality.loc["recent", "recent"] > 1.3 * quality.drop(index=["recent", "whole"])["recent"].max()


def test_the_planted_order_of_the_sources(quality: pd.DataFrame) -> None:
    order = ["social", "knowledge", "behaviour", "attribute", "random"]
    assert list(quality.loc[order, "all"].sort_values(ascending=False).index) == order, quality.round(
        3
    ).to_string()
    assert quality.loc["attribute", "all"] > 2 * quality.loc["random", "all"]
