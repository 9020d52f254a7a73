"""A few queries at once; the next waits its turn, in the order of asking, and can be cancelled."""

from __future__ import annotations

import pytest

from mgrec_core.foundation.errors import Cancelled, InputError
from mgrec_core.service.query.turns import AT_ONCE, SHARED, Places, Turn
from mgrec_core.workspace.folder import Workspace

LONG = "SELECT count(*) FROM range(100000000000) a, range(1000) b"


def test_one_waits_until_the_other_ends(built_world: Workspace) -> None:
    places = Places(1)
    first = Turn(built_world.path, LONG, places=places)
    second = Turn(built_world.path, "SELECT 2 AS n", places=places)
    third = Turn(built_world.path, LONG, places=places)
    fourth = Turn(built_world.path, "SELEC", places=places)
    assert second.running and second.ahead > 0 and second._query is None
    assert third.ahead == second.ahead + 1 and fourth.ahead == second.ahead + 2
    third.cancel()  # it never started
    with pytest.raises(Cancelled, match="while it waited"):
        third.result()
    assert third._query is None and not third.running and third.ahead == 0
    first.cancel()
    with pytest.raises(Cancelled, match="cancelled"):
        first.result()
    assert second.result().to_frame()["n"].tolist() == [2]
    with pytest.raises(InputError, match="SELEC"):
        fourth.result()
    assert not second.running and second.ahead == 0 and places._free == 1 and not places._waiting


def test_no_more_run_at_once_than_there_are_places(built_world: Workspace) -> None:
    assert SHARED._free == AT_ONCE == 4
    places = Places(2)
    turns = [Turn(built_world.path, LONG, places=places) for _ in range(4)]
    deepest = [turn.ahead for turn in turns[2:]]
    assert all(ahead > 0 for ahead in deepest) and sum(turn._query is not None for turn in turns) <= 2
    for turn in turns:
        turn.cancel()
    for turn in turns:
        with pytest.raises(Cancelled):
            turn.result()
        turn.cancel()  # once more does no harm
    assert places._free == 2 and not places._waiting
