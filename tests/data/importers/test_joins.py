"""Ids of events that the catalogue has in another form."""

from __future__ import annotations

import duckdb
import pytest

from mgrec_core.data.options import DIFFERENCES, ImportOptions
from mgrec_core.foundation.errors import InputError

HEADER = "user_id,item_id,timestamp\n"


def files(events: list[str], items: list[str], users: list[str] | None = None) -> dict[str, str]:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    rows = "".join(f"u{n % 3},{cell(one)},{1700000000 + n}\n" for n, one in enumerate(events))
    found = {
        "interactions.csv": HEADER + rows,
        "items.csv": "item_id,title\n"
        + "".join(f"{cell(one)},Title of {n}\n" for n, one in enumerate(items)),
    }
    if users:
        found["users.csv"] = "user_id,country\n" + "".join(f"{one},DE\n" for one in users)
    return found


FORMS = {
    "zeros": (["7", "12", "130"], ["0007", "0012", "0130"]),
    "case": (["sku-a", "sku-b", "Sku-C"], ["SKU-A", "SKU-B", "SKU-C"]),
    "quotes": (['"a1"', "'b2'", "`c3`"], ["a1", "b2", "c3"]),
    "decimals": (["7.0", "12.0", "9e+05"], ["7", "12", "900000"]),
    "thousands": (["71,014", "1,071,015", "71.016"], ["71014", "1071015", "71016"]),
    "prefix": (["item_7", "item_12", "item_130"], ["7", "12", "130"]),
}


def titled(imported) -> int:
    return imported.rows("SELECT count(*) FROM events JOIN items USING (item_id) WHERE title IS NOT NULL")[0][
        0
    ]


@pytest.mark.parametrize("difference", DIFFERENCES)
@pytest.mark.parametrize("turned", [False, True])
def test_each_difference_is_found_told_and_joins_where_it_is_asked_for(
    run, difference: str, turned: bool
) -> None:
    sides = FORMS[difference][::-1] if turned else FORMS[difference]
    off = ImportOptions.of(["decimal_id"])
    told = run(files(*sides), options=off)
    reasons = {one.rule: one for one in told.report.reasons}
    assert titled(told) == 0
    assert reasons["ids_do_not_meet"].explanation.startswith("of 3 items in events, 0 are in the catalogue")
    assert f"--join-ids {difference} would join 100%" in reasons["ids_do_not_meet"].explanation
    joined = run(files(*sides), "joined", options=ImportOptions.of(join_ids=[difference]))
    assert titled(joined) == 3 and joined.report.counts["items"] == 3
    assert joined.reasons("interactions.csv") == {"joined_id": 3}


def test_two_differences_join_together(run) -> None:
    sides = ['"sku-007"', '"sku-012"'], ["SKU-007", "SKU-012"]
    told = run(files(*sides)).report.reasons
    assert "--join-ids case,quotes" in next(one.explanation for one in told if one.rule == "ids_do_not_meet")
    assert titled(run(files(*sides), "b", options=ImportOptions.of(join_ids=["case", "quotes"]))) == 2


def test_decimal_ids_are_made_whole_where_all_are_and_that_makes_them_meet(run) -> None:
    imported = run(files(["7.0", "12.0"], ["7", "12", "13"]))
    assert titled(imported) == 2 and imported.reasons("interactions.csv") == {"decimal_id": 2}
    assert titled(run(files(["7", "12"], ["7.0", "12.0", "13.0"]), "b")) == 2
    assert titled(run(files(["7.0", "12"], ["7", "12", "13"]), "c")) == 2  # those that did not meet are
    assert run(files(["7.0", "12.0"], ["a", "b"]), "d").rows(
        "SELECT item_id FROM items WHERE title IS NULL"
    ) == [
        ("12.0",),
        ("7.0",),
    ]


def test_users_meet_their_profiles_too(run) -> None:
    rows = HEADER + "1.0,i1,1700000000\n2.0,i1,1700000001\n"
    imported = run({"interactions.csv": rows, "users.csv": "user_id,country\n1,DE\n2,FR\n3,FR\n"})
    assert imported.rows("SELECT user_id FROM users ORDER BY 1") == [("1",), ("2",), ("3",)]


def told(imported) -> dict[str, int]:
    """What the receipt says of ids that do not meet."""
    rules = ("not_in_catalogue", "ids_do_not_meet")
    return {one.rule: one.count for one in imported.report.reasons if one.rule in rules}


def test_two_items_that_would_become_one_stay_two(run) -> None:
    imported = run(files(["7", "8"], ["07", "007", "08"]), options=ImportOptions.of(join_ids=["zeros"]))
    assert imported.rows("SELECT DISTINCT item_id FROM events ORDER BY 1") == [("08",), ("7",)]


def test_what_meets_is_not_told_and_what_is_missing_is_counted(run) -> None:
    assert run(files(["a", "b"], ["a", "b", "c"])).reasons("interactions.csv") == {}
    some = run(files(["a", "b", "x"], ["a", "b", "c"]), "b")
    assert told(some) == {"not_in_catalogue": 1}
    none = run(files(["x", "y"], ["a", "b"]), "c").report.reasons
    text = next(one.explanation for one in none if one.rule == "ids_do_not_meet")
    assert "for example x and a" in text and "--join-ids" not in text


def test_typed_events_meet_as_those_of_text_do(run, tmp_path) -> None:
    folder = tmp_path / "typed"
    folder.mkdir()
    (folder / "items.csv").write_text("item_id,title\n7.0,A\n8.0,B\n9.0,C\n")
    duckdb.sql(
        "SELECT 'u' || i AS user_id, 7 + i % 2 AS item_id, make_timestamp(1700000000000000 + i) AS timestamp"
        " FROM range(10) t(i)"
    ).write_parquet(str(folder / "interactions.parquet"))
    assert titled(run(folder)) == 10
    (folder / "items.csv").write_text("item_id,title\n007,A\n008,B\n")
    assert told(run(folder)) == {"ids_do_not_meet": 2}
    assert titled(run(folder, options=ImportOptions.of(join_ids=["zeros"]))) == 10


def test_an_unknown_difference_is_refused() -> None:
    with pytest.raises(InputError, match="choose of zeros, case, quotes"):
        ImportOptions.of(join_ids=["colour"])
    kept = ImportOptions.of(join_ids=["zeros"], time_form="days")
    assert ImportOptions.from_dict(kept.to_dict()) == kept
    assert ImportOptions().beside(kept) == kept
