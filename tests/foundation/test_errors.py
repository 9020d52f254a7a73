"""What a person is told of an error: ours as they are, a few others as a sentence, faults not at all."""

from __future__ import annotations

import duckdb
import pytest

from mgrec_core.foundation.causes import readable
from mgrec_core.foundation.errors import InputError, NotFoundError


def test_ours_are_told_as_they_are() -> None:
    error = NotFoundError("there is no user 7")
    assert readable(error) is error


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        (KeyboardInterrupt(), "cancelled; the workspace is as it was", 1),
        (MemoryError(), "not enough memory", 1),
        (duckdb.OutOfMemoryException("x"), "not enough memory", 1),
        (FileNotFoundError(2, "No such file or directory", "a.csv"), "a.csv: No such file or directory", 1),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "is no UTF-8", 2),
        (duckdb.IOException("Corrupt database file"), "import the source again (Corrupt", 2),
        (duckdb.IOException("torn page"), "cannot be read (torn page): try again", 1),
        (OSError(28, "No space left on device", "a.csv"), "a.csv cannot be written: its disk is full", 1),
    ],
)
def test_what_a_person_can_cause_becomes_a_sentence(error: BaseException, said: str, code: int) -> None:
    found = readable(error)
    assert found is not None and said in str(found) and found.exit_code == code
    assert isinstance(found, InputError) == (code == 2)


@pytest.mark.parametrize("error", [KeyError("a"), ValueError("b"), ZeroDivisionError()])
def test_a_fault_of_the_program_has_no_sentence(error: BaseException) -> None:
    assert readable(error) is None
