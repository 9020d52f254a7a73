"""Ids that differ by zeros, capitals, quotes, a prefix or thousands separators, or have lost their digits."""

from __future__ import annotations

import pytest

from mgrec_core.foundation.errors import InputError
from tests.data.cases.importing import Brought, case


@pytest.mark.parametrize("form", ["zeros", "quotes", "case", "prefix", "thousands"])
def test_the_difference_is_told_and_joins_when_it_is_asked_for(form: str, tmp_path) -> None:
    folder = case(f"06-ids-differ-in-form/{form}")
    told = Brought(folder, tmp_path).told["ids_do_not_meet"]
    assert told.startswith("of 40 items in events, 0 are in the catalogue: ")
    assert f"--join-ids {form} would join 100%" in told
    (tmp_path / "joined").mkdir()
    joined = Brought(folder, tmp_path / "joined", join_ids=[form])
    assert joined.report.counts["items"] == 40 and "joined_id" in joined.told


def test_ids_without_their_last_digits_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match=r"last digits of an id are lost .*4\.00638E\+12"):
        Brought(case("06-ids-differ-in-form/sci"), tmp_path)
