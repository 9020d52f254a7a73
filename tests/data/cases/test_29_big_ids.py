"""Ids of many digits: exact as integers, lost as floating-point numbers."""

from __future__ import annotations

import pytest

from mgrec_core.foundation.errors import InputError
from tests.data.cases.importing import Brought, case


def test_integers_are_exact(tmp_path) -> None:
    brought = Brought(case("29-big-ids/pq"), tmp_path)
    users = [user for (user,) in brought.rows("SELECT user_id FROM users ORDER BY 1")]
    assert users == ["76561197970982479", "76561197970982480", "9007199254740992", "9007199254740993"]


def test_floating_point_numbers_beyond_2_to_the_53_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="last digits of an id are lost"):
        Brought(case("29-big-ids/pqfloat"), tmp_path)
