"""Every control of every served page × every role, pressed by a client that does not care what is off."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from websockets.sync.client import ClientConnection

from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine
from pages.ui.address.page import pages
from tests import login, support
from tests.login import Served, controls, deferred, key_of, run, session_of

NEEDS = "This needs the role"
FOLDED = ("popover", "expandable")
PARTS = "tab"
"""How the keys end of what chooses the part of a page that is drawn and has controls of its own."""

TABS = ("Ranked list", "Interests", "History", "Feedback")
"""Parts of the User page."""

States = dict[str, dict[str, object]]


@dataclass(frozen=True)
class Part:
    """A part of a page as it was drawn for somebody."""

    socket: ClientConnection
    session: str
    controls: dict[str, tuple[str, Any]]
    states: States


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    base = tmp_path_factory.mktemp("roles")
    root = support.copy_root(support.built_root(tmp_path_factory.getbasetemp()), base / "workspaces")
    live(root / "shop", base)
    with login.serving(base, root) as found:
        yield found


def live(folder: Path, base: Path) -> None:
    """Leave in a workspace what pages offer to change: presets, cohorts, feedback, an evaluation, maps."""
    with (base / "feedback.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["user_id", "item_id", "kind"], ["u00", "i07", "like"]])
    for words in (
        ["evaluate"],
        ["tune", "--save-preset", "mine"],
        ["panel"],
        ["project"],
        ["feedback", "import", str(base / "feedback.csv")],
        ["query", "SELECT DISTINCT user_id FROM v_events", "--cohort", "all of them"],
    ):
        assert main([*words, "--workspace", str(folder), "--quiet"]) == 0


def held(root: Path) -> object:
    """What may not change by the hand of somebody who may not change it."""
    files = {
        str(path.relative_to(root)): path.stat().st_size
        for path in root.rglob("*")
        if path.is_file() and path.parent.name != ".audit"
        and not path.name.startswith((".checked", ".lock", "state.duckdb", "privacy.key"))
    }  # fmt: skip
    with duckdb.connect(str(root / "shop" / "state.duckdb"), read_only=True) as connection:
        tables = sorted(connection.execute("SELECT table_name FROM duckdb_tables()").fetchall())
        rows = {
            name: sorted(map(repr, connection.execute(f'FROM "{name}"').fetchall())) for (name,) in tables
        }
    return files, hashlib.sha256(repr(rows).encode()).hexdigest()


def drawn(served: Served, who: str, page: str) -> Iterator[Part]:
    """Every part of a page, each with all that is folded opened."""
    with served.open(served.cookie(sub=who)) as socket:
        answers = run(socket, page)
        session = session_of(answers)
        first = controls(answers)
        for chosen in parts(first) or [{}]:
            states = dict(chosen)
            found = controls(run(socket, page, states)) if chosen else first
            while folded := {n for n, (k, _) in found.items() if k in FOLDED} - states.keys():
                states |= {name: {"bool_value": True} for name in folded}
                found = controls(run(socket, page, states))  # what was folded may hold something folded
            yield Part(socket, session, found, states)


def parts(found: dict[str, tuple[str, Any]]) -> list[States]:
    """The states that choose the parts of a page, of which one is drawn at a time."""
    chosen: list[States] = []
    for name, (kind, control) in found.items():
        if kind == "button_group" and key_of(name).endswith(PARTS):
            chosen += [{name: {"string_array_value": {"data": [one.content]}}} for one in control.options]
        if kind == "tab_container":
            chosen += [{name: {"string_value": title}} for title in TABS]
    return chosen


def name_of(page: str) -> str:
    return "" if page == "overview" else page


PRESSED: dict[str, dict[str, object]] = {"button": {"trigger_value": True}, "feedback": {"string_value": "1"}}


@pytest.mark.parametrize("page", [page.name for page in pages()])
@pytest.mark.parametrize("who", ["vera", "abel"])
def test_what_a_role_may_not_do_is_off_with_the_reason_and_changes_nothing_when_pressed(
    served: Served, who: str, page: str
) -> None:
    before = held(served.root)
    for part in drawn(served, who, name_of(page)):
        pressed = []
        for name, (kind, control) in part.controls.items():
            if (
                kind not in PRESSED
                or not control.disabled
                or (kind == "button" and NEEDS not in control.help)
            ):
                continue
            if kind == "button":
                assert f"you are {'a viewer' if who == 'vera' else 'an analyst'}" in control.help
            said = run(part.socket, name_of(page), {**part.states, name: PRESSED[kind]})
            assert b"Traceback" not in b"".join(m.SerializeToString() for m in said)
            pressed.append(key_of(name))
        assert not pressed or held(served.root) == before, (who, page, pressed)


@pytest.mark.parametrize("page", ["user", "item", "compare", "people", "quality", "knowledge", "lab"])
def test_files_a_viewer_takes_away_hold_no_id_of_a_user(served: Served, page: str) -> None:
    files = 0
    for part in drawn(served, "vera", page):
        for kind, control in part.controls.values():
            if kind != "download_button":
                continue
            files += 1
            address = control.url
            if control.deferred_file_id:
                address = deferred(part.socket, part.session, control.deferred_file_id)
            content = httpx.get(served.address + address).content if address.startswith("/") else b""
            assert bool(content) != control.disabled, (control.label, address)
            assert not re.search(rb"\bu[0-3][0-9]\b", content), control.label
    assert files


def test_an_analyst_saves_a_preset_and_a_viewer_does_not(served: Served) -> None:
    for who, kept in (("vera", False), ("abel", True)):
        for part in drawn(served, who, "user"):
            name = next(
                n for n, (k, c) in part.controls.items() if getattr(c, "label", "") == "Name of the preset"
            )
            save = next(n for n in part.controls if key_of(n).endswith("save_preset-Save"))
            run(part.socket, "user", {
                **part.states, name: {"string_value": f"of {who}"}, save: {"trigger_value": True},
            })  # fmt: skip
            break
        assert (f"of {who}" in Engine.open(served.root / "shop").presets()) is kept
