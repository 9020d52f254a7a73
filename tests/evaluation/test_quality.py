"""Quality floors on the MovieLens sample: nDCG@10, the last 20 % of each user's ratings held out.

Everything is rebuilt on the training part with the real language model; full ranking of unseen
items; 671 users.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from mgrec_core.data.importers import import_source
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.relevance import Relevance
from mgrec_core.evaluation.splits import make_split
from mgrec_core.evaluation.test_users import top_lists
from mgrec_core.metrics import user_metric
from mgrec_core.metrics.significance import paired_bootstrap
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import default_weights

pytestmark = pytest.mark.build
PERSONAL = ("behaviour", "recent", "attribute", "knowledge", "collaborative")


@pytest.fixture(scope="module")
def connection(
    sample_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    database = tmp_path_factory.mktemp("movielens") / "mgrec.duckdb"
    import_source(sample_data / "movielens", database)
    opened = duckdb.connect(str(database), read_only=True)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def ndcg(connection: duckdb.DuckDBPyConnection, pytestconfig: pytest.Config) -> dict[str, np.ndarray]:
    split = make_split(connection, "last", 0.2)
    cache = pytestconfig.cache.mkdir("text-vectors")  # type: ignore[union-attr]
    fold = Fold.prepare(connection, split, None, Config(), cache, relevance=Relevance("any"))
    model, test_users = fold.model, fold.test_users
    assert len(test_users.rows) == 671
    weightings = {g: [float(g == other) for other in model.present] for g in model.present}
    weightings["default"] = list(default_weights(model.present).values())
    lists = top_lists(model, test_users.rows, weightings, 10)
    rng = np.random.default_rng(0)
    lists["random"] = np.stack(
        [rng.permutation(np.flatnonzero(model.unseen(int(u))))[:10] for u in test_users.rows]
    )
    return {name: user_metric("ndcg@10", top, test_users.relevant) for name, top in lists.items()}


@pytest.mark.parametrize("name", PERSONAL)
def test_every_personal_granularity_alone_beats_random(ndcg: dict[str, np.ndarray], name: str) -> None:
    difference = paired_bootstrap(ndcg[name], ndcg["random"], samples=2000)
    assert difference.low > 0, f"{name}: {difference}"


def test_collaborative_floor(ndcg: dict[str, np.ndarray]) -> None:
    assert ndcg["collaborative"].mean() >= 0.13


def test_default_preset_floor(ndcg: dict[str, np.ndarray]) -> None:
    assert ndcg["default"].mean() >= 0.145


def test_the_default_preset_beats_all_but_recent_and_is_not_below_that(ndcg: dict[str, np.ndarray]) -> None:
    """`recent` alone reaches the level of the default preset since it forgets by a power law."""
    for name in PERSONAL:
        difference = paired_bootstrap(ndcg["default"], ndcg[name], samples=2000)
        assert difference.high > 0 if name == "recent" else difference.low > 0, f"{name}: {difference}"


def test_no_figure_is_too_good_to_be_true(ndcg: dict[str, np.ndarray]) -> None:
    """A leak of the held-out ratings would lift nDCG far above anything published on these data."""
    assert max(values.mean() for values in ndcg.values()) < 0.25
