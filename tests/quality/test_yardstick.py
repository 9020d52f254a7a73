"""Each rule compares with something: innocent data have no high finding, the guilty still have one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mgrec_core.quality.assessment import assess
from mgrec_core.quality.document import Finding, QualityReport
from tests.built import ROOT, imported
from tests.quality.conftest import ITEMS, USERS, assess_world
from tests.worlds import World

Checked = Callable[..., dict[str, Finding]]

YEARS = {f"u{u:03}": str(1930 + u) for u in range(USERS)}
"""Users whose ids are numbers that are years as well."""


def with_years_as_ids(world: World) -> World:
    return replace(
        world,
        events=tuple((YEARS[str(e[0])], *e[1:]) for e in world.events),
        social=tuple((YEARS[str(a)], YEARS[str(b)], w) for a, b, w in world.social),
        user_attributes=tuple((YEARS[str(u)], *rest) for u, *rest in world.user_attributes),
    )


def test_years_and_counts_that_happen_to_be_ids_are_innocent(clean: World) -> None:
    """Titles with years, episodes and triples with years, in data where every year is a user's id."""
    r = random.Random(4)
    world = with_years_as_ids(clean)
    names = [f"i{i:03}" for i in range(ITEMS)]
    report = assess_world(
        replace(
            world,
            items=tuple(
                (name, f"The house ({r.randrange(1930, 2030)})", str(n)) for n, name in enumerate(names)
            ),
            attributes=tuple((name, "year", str(r.randrange(1930, 2030))) for name in names),
            kg=tuple(
                (name, "made_in", str(r.randrange(1930, 2030)), "a year") for name in names for _ in "ab"
            ),
        )
    )
    assert [f.title for f in report.findings if f.severity == "high"] == []


def test_a_buyer_among_years_is_still_found(clean: World) -> None:
    world = with_years_as_ids(clean)
    buyers = {str(e[1]): str(e[0]) for e in world.events}
    told = replace(
        world,
        items=tuple((i, f"sold to {u}", None) for i, u in buyers.items()),
        attributes=tuple((i, "buyer", u) for i, u in buyers.items()),
        kg=tuple((e[0], "bought", e[1], "x") for e in world.events[:50]),
    )
    high = {f.check for f in assess_world(told).findings if f.severity == "high"}
    assert high == {"text_contains_ids", "item_attribute_names_users", "graph_holds_events"}


def test_events_of_1970_are_high(checked: Checked, clean: World) -> None:
    start = datetime(1970, 8, 23)
    events = tuple((*e[:5], start + timedelta(seconds=n), e[6]) for n, e in enumerate(clean.events))
    found = checked(events=events)["early_dates"]
    assert (found.severity, found.title) == ("high", "All events lie in 1970")
    assert "early_dates" not in checked()


def report_of(folder: Path, files: dict[str, str]) -> QualityReport:
    """Quality of files as they are imported."""
    source = folder / "source"
    source.mkdir()
    for name, text in files.items():
        (source / name).write_text(text, encoding="utf-8")
    _, workspace = imported(folder / "workspace", source)
    return assess(workspace)


def lines(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows]) + "\n"


def test_products_that_order_lines_repeat_are_no_rejections(tmp_path: Path) -> None:
    events = [f"u{n % 9},i{n * n % 7},2024-01-{1 + n % 28:02}T10:{n:02}:00" for n in range(60)]
    items = [f"i{n % 7},Thing {n % 7}" for n in range(60)]
    report = report_of(
        tmp_path,
        {
            "interactions.csv": lines("user_id,item_id,timestamp", events),
            "items.csv": lines("item_id,title", items),
        },
    )
    assert not [f for f in report.findings if f.section == "receipt"]


def test_events_there_twice_are_told_as_such(tmp_path: Path) -> None:
    events = [f"u{n % 9},i{n % 7},2024-01-{1 + n % 28:02}T10:{n % 40:02}:00" for n in range(60)] * 2
    report = report_of(tmp_path, {"interactions.csv": lines("user_id,item_id,timestamp", events)})
    (found,) = (f for f in report.findings if f.section == "receipt")
    assert found.check == "repeated_rows" and found.severity == "medium" and "60 of 120" in found.number


def test_times_that_nothing_reads_are_high(tmp_path: Path) -> None:
    times = [f"the {n}th of May" if n % 3 else f"2024-05-01T10:{n:02}:00" for n in range(60)]
    events = [f"u{n % 9},i{n % 7},{time}" for n, time in enumerate(times)]
    report = report_of(tmp_path, {"interactions.csv": lines("user_id,item_id,timestamp", events)})
    found = next(f for f in report.findings if f.check == "impossible_dates")
    assert found.severity == "high" and "40 of 60" in found.number


SAMPLES = ("movielens", "marketplace")
SHARED = ("complete-journey", "lastfm-hetrec", "ml-latest-small", "online-retail")


@pytest.mark.parametrize("name", [*SAMPLES, *SHARED])
def test_innocent_data_have_no_high_finding(name: str, tmp_path: Path) -> None:
    source = ROOT / "sample_data" / name if name in SAMPLES else ROOT.parent / "shared" / "data" / name
    if not source.is_dir():
        pytest.skip(f"{source.name} is not there")
    _, workspace = imported(tmp_path / "workspace", source)
    assert [f.title for f in assess(workspace).findings if f.severity == "high"] == []
