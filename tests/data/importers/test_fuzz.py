"""A seeded part of the fuzzed folders: each is imported or refused in one sentence."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mgrec_core.data.importers import import_source
from tests.data.importers import fuzz, fuzz_known
from tests.data.importers.fuzz import DAMAGES, case, outcome
from tests.data.importers.sources import SOURCES

SEEDS = 63  # three of every kind; about 0.4 s of one core each


@pytest.mark.parametrize("part", range(3))
def test_a_damaged_folder_is_imported_or_refused(part: int, tmp_path: Path) -> None:
    found = [outcome(seed, tmp_path / str(seed)) for seed in range(part, SEEDS, 3)]
    assert set(found) == {"imported", "refused"}


def test_cases_come_from_their_seed_and_use_every_damage(tmp_path: Path) -> None:
    made = [case(seed, tmp_path / str(seed))[0] for seed in range(400)]
    done = {what.rpartition(", ")[2] for what in made}
    assert {"packed", "parquet"} < done and len(done & set(DAMAGES)) > len(DAMAGES) - 3
    assert (
        sum(what.startswith("known: ") for what in made)
        > sum(what.startswith("typed ") for what in made)
        > 30
    )
    for seed in (7, 17, 18, 19):
        case(seed, tmp_path / "again")
        for path in (tmp_path / "again").iterdir():
            assert path.read_bytes() == (tmp_path / str(seed) / path.name).read_bytes()
            path.unlink()
        (tmp_path / "again").rmdir()


def test_an_import_that_is_not_what_is_known_of_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = dict(fuzz._whole("movielens"))
    monkeypatch.setattr(fuzz, "_whole", lambda _: whole | {"movies.csv": whole["movies.csv"] + 1})
    report = import_source(fuzz.write(tmp_path / "m", SOURCES["movielens"].data), tmp_path / "m.duckdb")
    with pytest.raises(AssertionError, match="movies"):
        fuzz.check_reads("x", "movielens", "ratings.csv", None, report)
    one = fuzz_known.known(random.Random(5))
    report = import_source(fuzz.write(tmp_path / "k", one.files), tmp_path / "k.duckdb")
    fuzz_known.check(one, report, tmp_path / "k.duckdb")
    one.events[next(iter(one.events))] += 1
    with pytest.raises(AssertionError):
        fuzz_known.check(one, report, tmp_path / "k.duckdb")
