"""Settings are checked in one line, and equal maps have equal names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.foundation.errors import InputError
from mgrec_core.projection import ProjectionSettings, cache_path

ROOT = Path("w")


def test_weights_count_to_three_decimals() -> None:
    a = ProjectionSettings(weights={"recent": 0.3, "social": 1.0})
    b = ProjectionSettings(weights={"social": 1.0, "recent": 0.3000001})
    c = ProjectionSettings(weights={"recent": 0.301, "social": 1.0})
    assert a.key() == b.key() != c.key()


def test_weights_do_not_count_for_a_single_granularity() -> None:
    a = ProjectionSettings(granularity="recent", weights={"recent": 0.3})
    assert a.key() == ProjectionSettings(granularity="recent").key()


@pytest.mark.parametrize(
    "change",
    [{"of": "items"}, {"granularity": "recent"}, {"n_neighbours": 5}, {"min_dist": 0.5},
     {"metric": "euclidean"}, {"seed": 1}, {"max_points": 100}],
)  # fmt: skip
def test_every_setting_counts(change: dict[str, object]) -> None:
    assert ProjectionSettings(**change).key() != ProjectionSettings().key()


def test_both_spellings_of_neighbours_are_understood() -> None:
    one, other = (
        ProjectionSettings.from_options(n_neighbours=7),
        ProjectionSettings.from_options(n_neighbors=7),
    )
    assert one == other and one.n_neighbors == 7 and one.key() == other.key()


def test_another_build_has_another_file() -> None:
    assert cache_path(ROOT, "a", ProjectionSettings()) != cache_path(ROOT, "b", ProjectionSettings())


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_name_leaves_the_folder(build: str, granularity: str) -> None:
    path = cache_path(ROOT, build, ProjectionSettings(granularity=granularity))
    assert path.parent == ROOT / "projections"
    assert path.suffix == ".parquet" and len(path.name) < 255


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"n_neighbours": 1}, "n_neighbours"),
        ({"min_dist": 1.5}, "min_dist"),
        ({"metric": "manhattan"}, "metric"),
        ({"of": "shops"}, "of"),
        ({"weights": {"recent": 1.2}}, "recent is 1.2"),
        ({"weights": {"recent": float("nan")}}, "recent is nan"),
        ({"neighbors": 3}, "neighbors"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_wrong_option_is_named_in_one_line(options: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named) as caught:
        ProjectionSettings.from_options(**options)
    assert "\n" not in str(caught.value)
