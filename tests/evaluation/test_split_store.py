"""Splits are kept with the workspace and found by the fingerprint of their pairs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from mgrec_core.evaluation.split_store import choose_split, kept_splits
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError


def test_a_split_comes_back_by_its_fingerprint(world: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    made = choose_split(tmp_path, world, "random", 0.3, 5)
    last = choose_split(tmp_path, world, "last-n", count=2)
    assert set(kept_splits(tmp_path)) == {made.fingerprint, last.fingerprint}
    for split in (made, last):
        again = choose_split(tmp_path, world, split.fingerprint)
        assert again.to_dict() == split.to_dict()
        pd.testing.assert_frame_equal(again.test, split.test, check_dtype=False)


def test_an_unknown_fingerprint_says_which_are_kept(world: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    kept = choose_split(tmp_path, world).fingerprint
    with pytest.raises(NotFoundError, match=kept):
        choose_split(tmp_path, world, "0123456789abcdef")


def test_pairs_that_are_gone_are_refused(world: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    kept = choose_split(tmp_path, world)
    other = duckdb.connect()
    other.execute("CREATE TABLE v_history AS SELECT 'u0' AS user_id, 'i0' AS item_id")
    with pytest.raises(InputError, match="no longer there"):
        choose_split(tmp_path, other, kept.fingerprint)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all"])
def test_a_damaged_split_is_one_sentence(
    world: duckdb.DuckDBPyConnection, tmp_path: Path, content: bytes
) -> None:
    kept = choose_split(tmp_path, world)
    (tmp_path / "splits" / f"{kept.fingerprint}.parquet").write_bytes(content)
    with pytest.raises(WorkspaceBrokenError, match="damaged"):
        choose_split(tmp_path, world, kept.fingerprint)


def test_another_splits_pairs_under_its_name_are_refused(
    world: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    one, other = (choose_split(tmp_path, world, "random", 0.3, seed) for seed in (1, 2))
    folder = tmp_path / "splits"
    (folder / f"{one.fingerprint}.parquet").replace(folder / f"{other.fingerprint}.parquet")
    with pytest.raises(WorkspaceBrokenError):
        choose_split(tmp_path, world, other.fingerprint)
