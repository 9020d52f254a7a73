"""A seeded part of the fuzzed folders: each is imported or refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.importers.fuzz import DAMAGES, case, outcome

SEEDS = 60  # about 0.25 s of one core each


@pytest.mark.parametrize("part", range(3))
def test_a_damaged_folder_is_imported_or_refused(part: int, tmp_path: Path) -> None:
    found = [outcome(seed, tmp_path / str(seed)) for seed in range(part, SEEDS, 3)]
    assert set(found) == {"imported", "refused"}


def test_cases_come_from_their_seed_and_use_every_damage(tmp_path: Path) -> None:
    done = {case(seed, tmp_path / str(seed))[0].rpartition(", ")[2] for seed in range(300)}
    assert {"packed", "parquet"} < done and len(done & set(DAMAGES)) > len(DAMAGES) - 3
    for place in ("a", "b"):
        case(7, tmp_path / place)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
