"""Additions of every table, and additions after people decided something about the workspace."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mgrec_core.data.importers import import_source
from mgrec_core.data.importers.identifiers import KIND
from mgrec_core.data.options import ImportOptions
from mgrec_core.operations import review
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.key import KEY_FILE, WorkspaceKey
from tests.operations.support import assert_equal_builds, assert_equal_tables, workspace_of
from tests.operations.test_append import write
from tests.targets.worlds import write_ads

Rows = list[list[str]]


def some(source: Path, target: Path, wanted: dict[str, Callable[[list[str]], bool]]) -> Path:
    """Copy files of a folder, and of each the header and the wanted rows."""
    target.mkdir()
    for name, keep in wanted.items():
        rows = read(source / name)
        with (target / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([rows[0], *filter(keep, rows[1:])])
    return target


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def every(row: list[str]) -> bool:
    return True


def reasons(workspace: Workspace, added: int) -> dict[tuple[str, str], int]:
    """The newest addition's reasons: file and rule → count."""
    with workspace.reading() as connection:
        rows = connection.execute("SELECT file, rule, count FROM import_reasons").fetchall()
    end = f" (added {added})"
    return {(file.removesuffix(end), rule): count for file, rule, count in rows if file.endswith(end)}


def test_advertisements_and_nothing_else(built_world: Workspace, tmp_path: Path) -> None:
    """Ads, what they are for and what became of them come later, some of them again; no events do."""
    whole = write_ads(tmp_path / "whole", n=16)
    first = some(
        whole,
        tmp_path / "first",
        {
            "interactions.csv": every,
            "items.csv": every,
            "ads.csv": lambda row: row[0] < "a10",
            "ad_items.csv": lambda row: row[0] < "a10",
            "ad_events.csv": lambda row: row[1] < "a10" and row[0] < "u12",
        },
    )
    later = some(
        whole,
        tmp_path / "later",
        {
            "ads.csv": lambda row: row[0] >= "a08",
            "ad_items.csv": lambda row: row[0] >= "a08",
            "ad_events.csv": lambda row: row[1] >= "a08" or row[0] >= "u12",
        },
    )
    added = workspace_of(first, tmp_path / "added", built_world.path / "cache")
    build(added, with_map=False)
    report = import_data(added, later, append=True)
    build(added, with_map=False)
    at_once = workspace_of(whole, tmp_path / "at once", added.path / "cache")
    build(at_once, with_map=False)
    assert_equal_tables(added, at_once)
    assert_equal_builds(added, at_once)
    assert all(file.accepted + file.repaired + file.rejected == file.read for file in report.files)
    told = reasons(added, 1)
    held = {tuple(row) for row in read(first / "ad_events.csv")}
    twice = sum(tuple(row) in held for row in read(later / "ad_events.csv")[1:])
    assert twice > 0 and told["ad_events.csv", "duplicate_ad_event"] == twice
    assert told["ads.csv", "duplicate_ad"] == 2 and told["ad_items.csv", "duplicate_ad_item"] == 6


def test_an_advertisement_given_anew_and_ones_that_do_not_fit(tmp_path: Path) -> None:
    workspace = workspace_of(write_ads(tmp_path / "one", n=8), tmp_path / "workspace")
    more = write(
        tmp_path / "more",
        ads=[
            ["ad_id", "title", "starts", "ends", "campaign"],
            ["a00", "A better coupon", "", "", ""],
            ["a01", "", "2025-05-01", "2025-06-01", "C"],
            ["a02", "Coupon 2", "2025-01-01", "2025-03-01", "A"],
            ["new", "Never seen", "2025-09-01", "2025-08-01", "C"],
        ],
        ad_items=[["ad_id", "item_id"], ["new", "i03"], ["new", "nowhere"], ["nothing", "i03"]],
        ad_events=[
            ["user_id", "ad_id", "kind", "timestamp"],
            ["u00", "new", "clicked", "2025-08-05"],
            ["nobody", "new", "clicked", "2025-08-05"],
            ["u00", "nothing", "clicked", "2025-08-05"],
            ["u00", "new", "sniffed", "2025-08-05"],
        ],
    )  # fmt: skip
    import_data(workspace, more, append=True)
    assert reasons(workspace, 1) == {
        ("ads.csv", "updated_ad"): 2,
        ("ads.csv", "duplicate_ad"): 1,
        ("ads.csv", "ends_before_start"): 1,
        ("ad_items.csv", "unknown_item"): 1,
        ("ad_items.csv", "unknown_ad"): 1,
        ("ad_events.csv", "unknown_user"): 1,
        ("ad_events.csv", "unknown_ad"): 1,
        ("ad_events.csv", "unknown_ad_event"): 1,
    }
    with workspace.reading() as connection:
        ads = connection.execute(
            "SELECT ad_id, title, starts::DATE::VARCHAR, ends::DATE::VARCHAR FROM ads"
            " WHERE ad_id IN ('a00', 'a01', 'a02', 'new') ORDER BY 1"
        ).fetchall()
        campaigns = connection.execute(
            "SELECT ad_id, value FROM ad_attributes WHERE ad_id IN ('a00', 'a01', 'new') ORDER BY 1"
        ).fetchall()
        assert connection.execute("SELECT * FROM ad_items WHERE ad_id = 'new'").fetchall() == [("new", "i03")]
        events = connection.execute("SELECT user_id, kind FROM ad_events WHERE ad_id = 'new'").fetchall()
    assert ads == [
        ("a00", "A better coupon", "2025-01-01", "2025-03-01"),  # what is not given stays
        ("a01", "Coupon 1", "2025-05-01", "2025-06-01"),
        ("a02", "Coupon 2", "2025-01-01", "2025-03-01"),
        ("new", "Never seen", None, None),
    ]
    assert campaigns == [("a00", "A"), ("a01", "C"), ("new", "C")]
    assert events == [("u00", "clicked")]


def test_friendships_alone(own_world: Workspace, tmp_path: Path) -> None:
    with own_world.reading() as connection:
        held = connection.execute("SELECT user_id, friend_id, weight FROM social ORDER BY ALL").fetchall()
        before = connection.execute("SELECT count(*) FROM users").fetchall()
    one, other = held[0][:2], held[1][:2]
    more = write(
        tmp_path / "more",
        social=[
            ["user_id", "friend_id", "weight"],
            [*one, "0.01"],  # weaker than it is: there already
            [*other, "7"],
            ["u00", "a newcomer", "1"],
            ["u00", "u00", "1"],
        ],
    )
    report = import_data(own_world, more, append=True)
    assert [(file.target, file.read, file.rejected) for file in report.files] == [("social", 4, 2)]
    with own_world.reading() as connection:
        ties = {
            (a, b): w
            for a, b, w in connection.execute("SELECT user_id, friend_id, weight FROM social").fetchall()
        }
        assert connection.execute("SELECT count(*) FROM users").fetchall() == [(before[0][0] + 1,)]
        assert ("user", "a newcomer") in connection.execute("SELECT * FROM implied").fetchall()
    assert ties[one] == held[0][2] and ties[other] == 7 and ties["a newcomer", "u00"] == 1
    assert len(ties) == len(held) + 1


FILMS = {
    "ratings": [["userId", "movieId", "rating", "timestamp"],
        *([f"{u}", f"{m}", "4.0", f"{1500000000 + 100 * u + m}"] for u in range(6) for m in range(u, u + 3))],
    "movies": [["movieId", "title", "genres"],
        *([f"{m}", f"Film {m} (19{m + 50})", "Drama|War"] for m in range(8))],
    "tags": [["userId", "movieId", "tag", "timestamp"],
        *([f"{n % 4}", f"{n % 2}", tag, f"{1500000000 + n}"] for n in range(4) for tag in ("Slow", "odd"))],
}  # fmt: skip


def test_tags(tmp_path: Path) -> None:
    """A tag that is there already keeps its first time, in capitals or not."""
    cut = 6
    one = {**FILMS, "tags": FILMS["tags"][:cut]}
    two = {**FILMS, "tags": [FILMS["tags"][0], ["0", "0", "SLOW", "1600000000"], *FILMS["tags"][cut - 2 :]]}
    added = workspace_of(write(tmp_path / "one", **one), tmp_path / "added")
    import_data(added, write(tmp_path / "two", **two), append=True)
    assert_equal_tables(added, workspace_of(write(tmp_path / "all", **FILMS), tmp_path / "at once"))
    assert reasons(added, 1)["tags.csv", "duplicate_tag"] == 3


PERSONAL = {
    "interactions": [["user_id", "item_id", "event", "timestamp"],
        ["ann@x.example", "i1", "click", "1709290000"], ["u2", "i1", "click", "1709290001"]],
    "items": [["item_id", "title", "seller_email"], ["i1", "Tea", "bob@y.example"]],
    "users": [["user_id", "name", "shelf", "age"], ["ann@x.example", "Ann Leander", "k-99", "30"]],
}  # fmt: skip
MORE = {
    "interactions": [["user_id", "item_id", "event", "timestamp"],
        ["ann@x.example", "i1", "click", "1709290000"], ["ann@x.example", "i2", "click", "1709290009"],
        ["carl@z.example", "i1", "click", "1709290002"]],
    "items": [["item_id", "title", "seller_email"], ["i2", "Cup", "dora@y.example"]],
    "users": [["user_id", "name", "shelf", "age"], ["carl@z.example", "Carl Sagittar", "k-77", "50"]],
    "social": [["user_id", "friend_id"], ["carl@z.example", "ann@x.example"]],
}  # fmt: skip
SECRETS = (b"ann@x", b"carl@z", b"Leander", b"Sagittar", b"k-99", b"k-77")
CHOICES = {
    "as found": ImportOptions(),
    "chosen": ImportOptions.of(
        hash_columns=["user_id", "shelf"], keep_columns=["seller_email"], drop_columns=["name"]
    ),
    "hashed": ImportOptions.of(identifiers="hash", drop_columns=["shelf"]),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_an_addition_treats_identifiers_as_the_import_did(choice: str, tmp_path: Path) -> None:
    """With the same key and the same choices, though nobody says them again."""
    both = {
        name: [*PERSONAL.get(name, rows[:1]), *(row for row in rows[1:] if row not in PERSONAL.get(name, []))]
        for name, rows in MORE.items()
    }
    workspace = Workspace.create(tmp_path / "workspace")
    import_data(workspace, write(tmp_path / "one", **PERSONAL), options=CHOICES[choice])
    key = (workspace.path / KEY_FILE).read_bytes()
    import_data(workspace, write(tmp_path / "two", **MORE), append=True)
    assert (workspace.path / KEY_FILE).read_bytes() == key
    at_once = Workspace.create(tmp_path / "at once")
    shutil.copy(workspace.path / KEY_FILE, at_once.path)
    import_data(at_once, write(tmp_path / "both", **both), options=CHOICES[choice])
    assert_equal_tables(workspace, at_once)
    ann = WorkspaceKey(workspace.path).pseudonym("ann@x.example", KIND)
    with workspace.reading() as connection:
        said = connection.execute("SELECT item_id FROM events WHERE user_id = ?", [ann]).fetchall()
        assert (ann,) in connection.execute("SELECT unnest([user_id, friend_id]) FROM social").fetchall()
        sellers = connection.execute("SELECT value FROM item_attributes ORDER BY 1").fetchall()
        tables = [name for (name,) in connection.execute("SHOW TABLES").fetchall()]
        shown = repr([connection.execute(f"FROM {name}").fetchall() for name in tables]).encode()
    assert said == [("i1",), ("i2",)]
    assert (sellers == [("bob@y.example",), ("dora@y.example",)]) == (choice == "chosen")
    files = b"".join(path.read_bytes() for path in workspace.path.rglob("*") if path.is_file())
    secrets = SECRETS[:4] if choice == "as found" else SECRETS  # nothing says that a shelf is personal
    assert [secret for secret in secrets if secret in files + shown] == []


def named(folder: Path, kg: Rows, events: Rows) -> Path:
    titles = (
        "Toy Story (1995)",
        "Toy Story 2 (1999)",
        "Godfather, The (1972)",
        "Solaris (1972)",
        "Solaris (2002)",
    )
    return write(
        folder,
        interactions=[["user_id", "item_id", "timestamp"], *events],
        items=[["item_id", "title"], *([f"{n}", title] for n, title in enumerate(titles))],
        kg=[["head_id", "relation", "tail_id", "tail_label"], *kg],
    )


KG = [
    ["Toy Story", "by", "pixar", "Pixar"],
    ["Solaris", "about", "space", "Space"],
    ["Godfahter", "about", "crime", "Crime"],
]
KG_MORE = [
    ["Toy Story 2", "by", "pixar", "Pixar"],
    ["Solaris", "from", "lem", "Stanisław Lem"],
    ["Godfahter", "by", "coppola", "Coppola"],
]
EVENTS = [[f"u{n}", f"{n % 5}", f"2025-01-{n + 1:02}"] for n in range(9)]


@pytest.mark.parametrize("applied", [True, False])
def test_what_people_decided_about_names_holds_for_what_is_added(applied: bool, tmp_path: Path) -> None:
    """Whether the decisions had been written into the tables before or not."""
    workspace = workspace_of(named(tmp_path / "one", KG, EVENTS[:5]), tmp_path / "workspace")
    decided = [("Solaris", "4", "accepted"), ("Godfahter", "2", "rejected")]
    review.decide(workspace, decided)
    if applied:
        assert review.apply(workspace) == 3
    import_data(workspace, named(tmp_path / "two", KG_MORE, EVENTS[3:]), append=True)
    if not applied:
        assert review.apply(workspace) == 3
    assert review.apply(workspace) == 0
    with workspace.reading() as connection:
        linked = connection.execute(
            "SELECT head_id, relation FROM v_kg WHERE source = 'linked' ORDER BY ALL"
        ).fetchall()
    assert linked == [("0", "by"), ("1", "by"), ("4", "about"), ("4", "from")]  # and Godfahter is no film

    at_once = workspace_of(named(tmp_path / "all", [*KG, *KG_MORE], EVENTS), tmp_path / "at once")
    review.decide(at_once, decided)
    review.apply(at_once)
    assert_equal_tables(workspace, at_once)
    assert review.undo(workspace) and review.undo(workspace)  # and they can still be taken back
    assert review.apply(workspace) == 3
    assert {c.node_id for c in review.candidates(workspace) if c.verdict == "review"} == {
        "Solaris",
        "Godfahter",
    }


def test_an_addition_keeps_switched_off_rules(tmp_path: Path) -> None:
    events = [["user_id", "item_id", "timestamp"], ["a", "1", "2025-01-01"], ["a", "1", "2025-01-01"]]
    off = ImportOptions.of(without=["duplicate_event"])
    import_source(write(tmp_path / "one", interactions=events), tmp_path / "one.duckdb", options=off)
    report = import_source(
        write(tmp_path / "two", interactions=events),
        tmp_path / "two.duckdb",
        earlier=tmp_path / "one.duckdb",
    )
    assert report.counts["events"] == 4
    assert {(reason.rule, reason.action) for reason in report.reasons} == {
        ("duplicate_event", "switched off")
    }
