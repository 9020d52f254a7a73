"""Day-resolution dates: no order among the events of a day comes from ids."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from mgrec_core.evaluation.splits import make_split
from tests.built import ROOT, imported

CASE = ROOT.parent / "shared" / "cases" / "40-same-day-ties" / "in"


def test_items_of_a_day_share_an_age_and_any_of_them_is_held_out(tmp_path: Path) -> None:
    if not CASE.is_dir():
        pytest.skip("the cases are not there")
    _, workspace = imported(tmp_path / "workspace", CASE)
    with closing(workspace.connect()) as connection:
        ((most,),) = connection.execute(
            "SELECT max(n) FROM (SELECT count(DISTINCT age) AS n FROM v_recency GROUP BY user_id, last_time)"
        ).fetchall()
        assert most == 1
        split = make_split(connection, "last")
        last_by_id = connection.execute(
            """SELECT user_id, item_id FROM v_pairs
               QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY item_id DESC) <= 2"""
        ).df()
    assert split.notes()
    assert len(split.test.merge(last_by_id)) < len(split.test) / 2
