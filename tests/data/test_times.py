"""The forms of time: each is read back as it was written, and a column's form is decided on all of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrec_core.data.times import FORMATS, check_form, read, survey, time_form
from mgrec_core.foundation.errors import InputError

MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2026, 11, 1)).map(lambda at: at.replace(microsecond=0))
FEW = settings(deadline=None, max_examples=20)
PARTS = {"%S": {"second": 0}, "%M": {"minute": 0}, "%d": {"day": 1}, "hour": {"hour": 0}}


def read_all(texts: list[str], named: str = "", asks: bool = False) -> list[datetime | None]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            "CREATE TABLE s AS SELECT unnest(?) AS t, generate_subscripts(?, 1) AS row", [texts, texts]
        )
        found = survey(connection, "s", "t", where="a.csv, t", named=named, asks=asks)
        rows = connection.execute(
            f"SELECT {read('t', 'try_cast(t AS DOUBLE)', found.form)} FROM s ORDER BY row"
        ).fetchall()
    return [time for (time,) in rows]


def cut(moment: datetime, form: str) -> datetime:
    """The moment as exactly as a form can say it."""
    lost: dict[str, int] = {}
    for sign, part in PARTS.items():
        has = sign in form if sign != "hour" else "%H" in form or "%I" in form
        lost |= {} if has else part
    return moment.replace(**lost)


@pytest.mark.parametrize("form", FORMATS)
@FEW
@given(moments=st.lists(MOMENTS, min_size=1, max_size=5))
def test_what_a_form_writes_is_read_back(form: str, moments: list[datetime]) -> None:
    moments = [cut(one, form) for one in moments]
    zoned = [one.replace(tzinfo=UTC) for one in moments]
    texts = [one.strftime(form) for one in zoned]
    assert read_all(texts, check_form(form)) == moments
    if "%d/%m" not in form and "%m/%d" not in form and "%d-%m" not in form and "%m-%d" not in form:
        assert read_all(texts) == moments


@FEW
@given(
    moments=st.lists(MOMENTS, min_size=1, max_size=5),
    form=st.sampled_from(("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y")),
)
def test_one_day_after_the_twelfth_decides_for_all(moments: list[datetime], form: str) -> None:
    moments = [cut(one, form) for one in moments]
    clear = datetime(2024, 5, 31)
    assert read_all([one.strftime(form) for one in (*moments, clear)]) == [*moments, clear]


@FEW
@given(st.lists(MOMENTS, min_size=1, max_size=5))
def test_numbers_since_1970_and_iso_are_what_they_were(moments: list[datetime]) -> None:
    seconds = [int(one.replace(tzinfo=UTC).timestamp()) for one in moments]
    for factor in (1, 10**3, 10**6, 10**9):
        assert read_all([str(one * factor) for one in seconds]) == moments
    assert read_all([one.isoformat() for one in moments]) == moments
    assert read_all([(one + timedelta(hours=5)).isoformat(" ") + " +0500" for one in moments]) == moments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-01-01 05:00:00 +0500", datetime(2018, 1, 1)),
        ("2018-01-01 05:00:00 +05:00", datetime(2018, 1, 1)),
        ("2018-01-01 00:00:00,123", datetime(2018, 1, 1, 0, 0, 0, 123000)),
        ("2018-01-01 01:00 PM", datetime(2018, 1, 1, 13)),
        ("2018-01-01 13:00 PM", datetime(2018, 1, 1, 13)),
        ("1/31/2018, 1:05:09\u202fPM", datetime(2018, 1, 31, 13, 5, 9)),
        ("1/31/18 0:00", datetime(2018, 1, 31)),
        ("Mon, 01 Jan 2018 00:00:00 GMT", datetime(2018, 1, 1)),
        ("Mon, 01 Jan 2018 02:00:00 +0200", datetime(2018, 1, 1)),
        ("01/Jan/2018:00:00:00 +0000", datetime(2018, 1, 1)),
        ("Jan 1, 2018, 12:00 AM", datetime(2018, 1, 1)),
        ("/Date(1514764800000)/", datetime(2018, 1, 1)),
        ('{"$date": "2018-01-01T00:00:00Z"}', datetime(2018, 1, 1)),
        ("2018-W01-1", datetime(2018, 1, 1)),
        ("20180101", datetime(2018, 1, 1)),
        ("2018010105", datetime(2018, 1, 1, 5)),
        ("20180101235958", datetime(2018, 1, 1, 23, 59, 58)),
        ("2018", datetime(2018, 1, 1)),
        ("2018-01", datetime(2018, 1, 1)),
        ("01.02.2018", datetime(2018, 2, 1)),
        ("01 Mar 2024 12:15", datetime(2024, 3, 1, 12, 15)),
        ("2024/03/10 12:05 AM", datetime(2024, 3, 10, 0, 5)),
        ("2024年10月26日", datetime(2024, 10, 26)),
        ("2024年1月6日 09:30", datetime(2024, 1, 6, 9, 30)),
        ("1514764800.25", datetime(2018, 1, 1, 0, 0, 0, 250000)),
        ("43101", datetime(2018, 1, 1)),
        ("43101.5", datetime(2018, 1, 1, 12)),
        ("1,514,764,800", datetime(2018, 1, 1)),
        ("20181301", None),
        ("12345", None),
        ("99999999", None),
        ("1-1-18x", None),
        ("yesterday", None),
    ],
)
def test_forms_that_programs_write(text: str, expected: datetime | None) -> None:
    assert read_all([text]) == [expected]


def test_days_of_a_spreadsheet_are_read_only_where_all_numbers_are() -> None:
    assert read_all(["43101", "43102.25"]) == [datetime(2018, 1, 1), datetime(2018, 1, 2, 6)]
    assert read_all(["43101.333333333", "43101.999999999"]) == [datetime(2018, 1, 1, 8), datetime(2018, 1, 2)]
    assert read_all(["43101", "1514764800"]) == [None, datetime(2018, 1, 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 de agosto de 2024", datetime(2024, 8, 1)),
        ("jueves, 15 de septiembre del 2022", datetime(2022, 9, 15)),
        ("3 ene 2024 08:05", datetime(2024, 1, 3, 8, 5)),
        ("15. März 2023", datetime(2023, 3, 15)),
        ("3. Dez. 2023, 14:30 Uhr", datetime(2023, 12, 3, 14, 30)),
        ("1er août 2024", datetime(2024, 8, 1)),
        ("29 févr. 2024 à 21:00:07", datetime(2024, 2, 29, 21, 0, 7)),
        ("30 février 2024", None),
        ("3 bananas 2024", None),
    ],
)
def test_months_by_their_spanish_german_and_french_names(text: str, expected: datetime | None) -> None:
    assert read_all([text]) == [expected]
    assert time_form([text] * 3) == ("auto" if expected or "février" in text else "")


def test_six_digits_are_dates_only_where_the_whole_column_is() -> None:
    assert read_all(["240102", "231231"]) == [datetime(2024, 1, 2), datetime(2023, 12, 31)]
    assert read_all(["311223", "020124"]) == [datetime(2023, 12, 31), datetime(2024, 1, 2)]
    assert read_all(["240102", "999999"]) == [None, None] == read_all(["240102", "450102"])
    both = ["010203", "020304"]
    with pytest.raises(InputError, match=r'can be read as %d%m%y and as %y%m%d .*--time-form "%d%m%y"'):
        read_all(both)
    assert read_all(both, "%y%m%d") == [datetime(2001, 2, 3), datetime(2002, 3, 4)]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE s AS SELECT unnest(?) AS t", [both])
        (doubt,) = survey(connection, "s", "t", where="a.csv, t", asks=True).doubts
    assert doubt.rows[0] == ("010203", "1 February 2003", "3 February 2001")
    assert time_form(["240102", "231231"], 0.5) == "auto"
    assert time_form(["240102", "231231"]) == "" == time_form(["240102", "999999"], 0.5)


def test_dates_that_fit_both_ways_are_a_question_that_a_form_answers() -> None:
    texts = ["01/02/2023 10:00", "11/12/2023 09:30"]
    with pytest.raises(
        InputError, match=r"every date can be read as %d/%m/%Y and as %m/%d/%Y .*--time-form"
    ) as found:
        read_all(texts)
    assert "\n" not in str(found.value)
    assert read_all(texts, "%d/%m/%Y") == [datetime(2023, 2, 1, 10), datetime(2023, 12, 11, 9, 30)]
    assert read_all(texts, "%m/%d/%Y") == [datetime(2023, 1, 2, 10), datetime(2023, 11, 12, 9, 30)]
    assert read_all(texts, asks=True) == read_all(texts, "%m/%d/%Y")
    assert read_all(["02/02/2023", "11/11/2023"]) == [datetime(2023, 2, 2), datetime(2023, 11, 11)]


def test_the_answer_reads_what_the_question_showed_years_of_two_digits_too() -> None:
    texts = ["01/02/24", "11/12/24 9:05 PM"]
    assert read_all(texts, "%d/%m/%Y") == [datetime(2024, 2, 1), datetime(2024, 12, 11, 21, 5)]
    assert read_all(texts, "%m/%d/%y") == [datetime(2024, 1, 2), datetime(2024, 11, 12, 21, 5)]


def test_dates_with_dots_that_fit_both_ways_are_told() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE s AS SELECT unnest(['01.02.2023', '05.06.2023']) AS t")
        told = survey(connection, "s", "t", where="a.csv, t").told
    assert told == ("its dates are %d.%m.%Y, as dates with dots are; if they are not, name their form",)


def test_a_form_that_fails_where_the_other_reads_all_is_refused() -> None:
    with pytest.raises(InputError, match="cannot read 1 of the times, and %d/%m/%Y reads all"):
        read_all(["01/02/2023", "31/01/2023"], "%m/%d/%Y")


def test_dates_in_both_orders_cannot_be_told_but_one_slip_in_many_can() -> None:
    with pytest.raises(InputError, match="some dates have the day first and some the month"):
        read_all(["31/01/2023", "01/31/2023", "01/02/2023"])
    found = read_all(["31/01/2023"] * 200 + ["01/31/2023", "01/02/2023"])
    assert found[-2:] == [None, datetime(2023, 2, 1)]


@pytest.mark.parametrize(
    ("values", "share", "form"),
    [
        (["24.12.2023 18:00"], 0.95, "auto"),
        (["1703440800"], 0.95, "auto"),
        (["20231224"], 0.95, "auto"),
        (["19000"], 0.95, "days"),
        (["43101", "43102"], 0.5, "auto"),
        (["1999", "2003"], 0.95, ""),
        (["1999", "2003"], 0.5, "auto"),
        (["x"], 0.5, ""),
        (["12", "7"], 0.5, ""),
    ],
)
def test_samples_tell_whether_a_column_has_times(values: list[str], share: float, form: str) -> None:
    assert time_form(values, share) == form


def test_what_is_no_form_is_refused() -> None:
    assert check_form("auto") == "" and check_form(" days ") == "days"
    with pytest.raises(InputError, match="is no form of time: use auto, seconds"):
        check_form("american")
