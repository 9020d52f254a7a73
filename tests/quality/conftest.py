"""A clean world without anything to find, and ways to plant something in it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta

import duckdb
import pytest

from mgrec_core.quality.assessment import assess_tables
from mgrec_core.quality.document import Finding, QualityReport
from tests.worlds import Row, World

TODAY = date(2026, 1, 1)
START = datetime(2025, 1, 1)
USERS, ITEMS, DAYS = 100, 120, 240
KINDS = ("tea", "lamp", "radio", "kettle")

Plant = Callable[[duckdb.DuckDBPyConnection], None]


def event(user: str, item: str, when: datetime | None, rating: object = None) -> Row:
    return (user, item, "purchase", None, rating, when, None)


def clean_world() -> World:
    """People who come back on random days at random hours for random items of two kinds."""
    r = random.Random(5)
    events: list[Row] = []
    for u in range(USERS):
        # Two kinds a user; drawn without regard to time, so that nothing drifts.
        liked = [i for i in range(ITEMS) if i % 4 in (u % 4, (u + 1) % 4)]
        for item in r.sample(liked, 12 + u % 12):
            when = START + timedelta(days=r.randrange(DAYS), seconds=r.randrange(9 * 3600, 20 * 3600))
            events.append(event(f"u{u:03}", f"i{item:03}", when))
    names = [f"i{i:03}" for i in range(ITEMS)]
    return World(
        events=tuple(events),
        items=tuple((name, f"{KINDS[n % 4]} number {n} of the house", None) for n, name in enumerate(names)),
        attributes=tuple((name, "kind", KINDS[n % 4]) for n, name in enumerate(names)),
        kg=tuple((name, "made_by", f"brand:{n % 7}", f"Brand {n % 7}") for n, name in enumerate(names)),
        social=tuple((f"u{u:03}", f"u{(u + 4) % USERS:03}", 1.0) for u in range(USERS)),
        user_attributes=tuple(
            (f"u{u:03}", "town", ("Ulm", "Bonn", "Kiel")[r.randrange(3)]) for u in range(USERS)
        ),
    )


def assess_world(world: World, plant: Plant | None = None) -> QualityReport:
    with closing(world.connect()) as connection:
        if plant:
            plant(connection)
        return assess_tables(connection, TODAY)


@pytest.fixture(scope="session")
def clean() -> World:
    return clean_world()


@pytest.fixture(scope="session")
def clean_report(clean: World) -> QualityReport:
    return assess_world(clean)


@pytest.fixture
def checked(clean: World) -> Callable[..., dict[str, Finding]]:
    """Findings by check of the clean world with something planted."""

    def check(plant: Plant | None = None, **changes: object) -> dict[str, Finding]:
        report = assess_world(replace(clean, **changes), plant)  # type: ignore[arg-type]
        return {finding.check: finding for finding in report.findings}

    return check


@pytest.fixture
def opened() -> Iterator[Callable[[World], duckdb.DuckDBPyConnection]]:
    found: list[duckdb.DuckDBPyConnection] = []

    def open_(world: World) -> duckdb.DuckDBPyConnection:
        found.append(world.connect())
        return found[-1]

    yield open_
    for connection in found:
        connection.close()
