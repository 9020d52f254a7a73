"""A seeded part of the fuzzed folders: each is imported or refused in one sentence."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import duckdb
import pytest

from mgrec_core.data.importers import import_source
from tests.data.importers import fuzz, fuzz_known, fuzz_meant, fuzz_values
from tests.data.importers.fuzz import DAMAGES, case, outcome
from tests.data.importers.fuzz_claims import CLAIMS
from tests.data.importers.sources import SOURCES

SEEDS = 29  # one of every kind; about 0.4 s of one core each


@pytest.mark.parametrize("part", range(3))
def test_a_damaged_folder_is_imported_or_refused(part: int, tmp_path: Path) -> None:
    found = [outcome(seed, tmp_path / str(seed)) for seed in range(part, SEEDS, 3)]
    assert set(found) == {"imported", "refused"}


def test_cases_come_from_their_seed_and_use_every_damage(tmp_path: Path) -> None:
    made = [case(seed, tmp_path / str(seed))[0] for seed in range(180)]
    done = {what.rpartition(", ")[2] for what in made}
    assert {"packed", "parquet"} < done and len(done & set(DAMAGES)) > len(DAMAGES) - 3
    assert (
        sum(what.startswith("known: ") for what in made) > sum(what.startswith("typed ") for what in made) > 8
    )
    assert {what.split()[1] for what in made if what.startswith("meant: ")} >= {
        "times:",
        "verbs:",
        "dialect:",
    }
    for seed in (7, 17, 18, 19, 20, 21, 28):
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


CHANGES = {
    "canonical": (
        "UPDATE events SET timestamp = timestamp + INTERVAL 1 HOUR",
        "UPDATE events SET weight = 3 WHERE weight = 2",
        "UPDATE events SET item_id = 'i2' WHERE item_id = 'i1'",
        "INSERT INTO events BY NAME SELECT * FROM events LIMIT 1",
        "DELETE FROM events WHERE user_id = 'u1'",
        "UPDATE items SET title = 'Teas' WHERE title = 'Tea'",
        "UPDATE item_attributes SET value = 'ho' WHERE value = 'hot'",
        "UPDATE social SET friend_id = 'u9'",
        "UPDATE kg SET tail_id = 'e9' WHERE tail_id = 'e1'",
    ),
    "database, sqlite": ("UPDATE events SET session_id = 's9'",),
    "amazon reviews": ("UPDATE events SET rating = 1 WHERE rating = 5",),
    "mind": ("UPDATE feedback SET kind = 'click'",),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_value_that_is_not_in_the_files_is_told(kind: str, tmp_path: Path) -> None:
    source = SOURCES[kind]
    report = import_source(fuzz.write(tmp_path / "s", source.data), tmp_path / "x.duckdb", source.format)
    assert fuzz_values.check(kind, CLAIMS[kind], source.data, report, tmp_path / "x.duckdb") > 20
    for change in CHANGES[kind]:
        copy = Path(shutil.copy(tmp_path / "x.duckdb", tmp_path / "changed.duckdb"))
        with duckdb.connect(str(copy)) as connection:
            connection.execute(change)
        with pytest.raises(AssertionError):
            fuzz_values.check(kind, CLAIMS[kind], source.data, report, copy)


@pytest.mark.parametrize("kind", SOURCES)
def test_what_undamaged_folders_hold_is_right(kind: str, tmp_path: Path) -> None:
    source = SOURCES[kind]
    report = import_source(fuzz.write(tmp_path / "s", source.data), tmp_path / "x.duckdb", source.format)
    assert fuzz_values.check(kind, CLAIMS[kind], source.data, report, tmp_path / "x.duckdb") > 20
    fuzz_values.check_kept(kind, CLAIMS[kind], source.data, report, tmp_path / "x.duckdb")


def test_what_a_folder_means_is_compared_row_by_row(tmp_path: Path) -> None:
    one = fuzz_meant._lists(random.Random(1))
    report = import_source(fuzz.write(tmp_path / "s", one.files), tmp_path / "x.duckdb")
    assert fuzz_meant.check(one, report, tmp_path / "x.duckdb") > 60
    one.tables[fuzz_meant.TITLES].pop(("i1", "Title i1"))
    with pytest.raises(AssertionError, match="more"):
        fuzz_meant.check(one, report, tmp_path / "x.duckdb")
