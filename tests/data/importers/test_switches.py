"""Each rule that can be switched off, switched off."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mgrec_core.data.importers import import_source
from mgrec_core.data.options import ImportOptions
from mgrec_core.data.rules import RULES, list_rules
from tests.data.importers.sources import COMPLETE_JOURNEY, LASTFM, ONLINE_RETAIL, SEED

SWITCHABLE = {rule.name: rule.instead for rule in list_rules() if rule.switchable}
DIRTY = {
    "interactions.csv": "user_id;item_id;event;weight;rating;timestamp\n"
    "u1;i1;Click;1;1;1709290000\nu1;i1;Click;1;1;1709290000\nu2;i1;click;x;inf;99999999999\n"
    "u2;i2;click;-1;y;1709290000\nu3;i2;click;inf;1e13;1709290000\nu3;i1;click;1e13;1;1709290001\n"
    "u4;i1;click;1,5;1;1709290000\n",
    "items.csv": "item_id,title\ni1,Tea\n",
    "feedback.csv": "user_id,item_id,kind,timestamp\nu1,i1,like,\nu1,i1,like,\nnew,i1,like,\nu1,lost,like,\n",
}
SHOP = ONLINE_RETAIL["orders.csv"]
assert isinstance(SHOP, str)
GIFT = SHOP + "536400,22423,CAKE STAND,1,2010-12-05 09:00:00,0,12583,France\n"

CASES = [
    ("duplicate_event", DIRTY, "SELECT count(*) FROM events WHERE user_id = 'u1'", 1, 2),
    ("taken_back", {"interactions.csv": "user_id,item_id,quantity\nu,i,-1\nu,j,1\n"},
     "SELECT event FROM events WHERE item_id = 'i'", "refund", "interaction"),
    ("lower_case", DIRTY, "SELECT any_value(event) FROM events WHERE user_id = 'u1'", "click", "Click"),
    ("decimal_comma", DIRTY, "SELECT count(*) FROM events WHERE user_id = 'u4'", 1, 0),
    ("decimal_comma", DIRTY | {"items.csv": "item_id;title;price\ni;I;3,5\n"},
     "SELECT value FROM item_attributes WHERE attribute = 'price'", "3.5", "3,5"),
    ("impossible_date", DIRTY | {"interactions.csv": "user_id,item_id,timestamp\nu,i,2999-01-01\n"},
     "SELECT year(timestamp) FROM events", None, 2999),
    ("duplicate_feedback", DIRTY, "SELECT count(*) FROM feedback", 1, 2),
    ("unknown_user", DIRTY, "SELECT count(*) FROM users WHERE user_id = 'new'", 0, 1),
    ("unknown_item", DIRTY, "SELECT count(*) FROM items WHERE item_id = 'lost'", 0, 1),
    ("not_a_product", ONLINE_RETAIL, "SELECT count(*) FROM items WHERE item_id = 'POST'", 0, 1),
    ("free_line", {"orders.csv": GIFT}, "SELECT count(*) FROM events WHERE item_id = '22423'", 0, 1),
    ("cancellation", ONLINE_RETAIL, "SELECT sum(weight) FROM events WHERE item_id = '71053'", 3, 5),
    ("cancellation", ONLINE_RETAIL, "SELECT count(*) FROM v_events WHERE event = 'cancel' AND amount < 0",
     0, 1),
    ("decimal_id", ONLINE_RETAIL, "SELECT count(*) FROM users WHERE user_id LIKE '%.0'", 0, 1),
    ("upper_case", ONLINE_RETAIL, "SELECT count(*) FROM items WHERE item_id = '85123a'", 0, 1),
    ("other_description", {"orders.csv": SHOP.replace("2010-12-02 08:26:00", "2009-12-02 08:26:00")},
     "SELECT title FROM items WHERE item_id = '85123A'",
     "White hanging heart t-light holder", "Cream hanging heart t-light holder"),
    ("metered_quantity", COMPLETE_JOURNEY, "SELECT max(weight) FROM events", 2, 8776),
    ("negative_label", SEED, "SELECT count(*) FROM events WHERE event = 'impression'", 1, 0),
    ("impossible_date", LASTFM, "SELECT count(*) FROM tags WHERE year(timestamp) = 1956", 0, 1),
    ("unknown_item", LASTFM, "SELECT count(*) FROM items WHERE item_id = '999'", 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "files", "query", "on", "off"), CASES)
def test_a_rule_switched_off_leaves_what_it_says(rule, files, query, on, off, run) -> None:
    assert run(files, name="on/shop").rows(query) == [(on,)]
    imported = run(files, name="off/shop", options=ImportOptions.of([rule]))
    assert imported.rows(query) == [(off,)]
    reasons = [one for one in imported.report.reasons if one.rule != "file_form"]
    told = [(one.rule, one.action, one.explanation) for one in reasons if one.count == 0]
    assert told == [(rule, "switched off", SWITCHABLE[rule])]
    assert (rule, "switched off") in imported.rows("SELECT rule, action FROM import_reasons")


@pytest.mark.parametrize(
    ("rule", "user", "left"),
    [
        ("weight_not_a_number", "u2", {"rating_not_finite"}),
        ("negative_weight", "u2", {"rating_not_a_number"}),
        ("weight_not_finite", "u3", {"rating_too_large"}),
        ("weight_too_large", "u3", set()),
        ("rating_not_finite", "u2", {"weight_not_a_number"}),
        ("rating_not_a_number", "u2", {"negative_weight"}),
        ("rating_too_large", "u3", {"weight_not_finite"}),
    ],
)
def test_a_row_is_kept_without_its_bad_number(rule: str, user: str, left: set[str], run) -> None:
    """The rows break several rules each; those that stay on still hold."""
    imported = run(DIRTY, options=ImportOptions.of([rule]))
    found = imported.reasons("interactions.csv")
    assert rule not in found and left <= set(found)
    both = run(DIRTY, name="all/shop", options=ImportOptions.of([one for one in SWITCHABLE if "_" in one]))
    assert both.rows(
        "SELECT count(*) FROM events WHERE isfinite(weight) AND (weight < 0 OR weight > 1e12)"
    ) == [(0,)]
    assert both.rows("SELECT count(*) FROM events") == [(7,)]


_CELL = st.sampled_from(
    ["", " ", "u1", "u1 ", "U2", "17850.0", "9e+05", "1", "-1", "0", "nan", "inf", "1e13", "1,5", "x",
     "click", "Click", "1709290000", "1709290000000", "2024-03-01", "2999-01-01", "30/02/2024", "a|b",
     "\u00a0é", "a@b.example", "+44 20 7946 0958", "=1+1", '"', "\ufffd"]
)  # fmt: skip


def _table(*names: str) -> st.SearchStrategy[str]:
    rows = st.lists(st.lists(_CELL, min_size=len(names) - 1, max_size=len(names) + 1), max_size=8)
    return rows.map(lambda found: "\n".join([",".join(names), *map(",".join, found)]) + "\n")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    events=_table("user_id", "item_id", "event", "weight", "rating", "timestamp"),
    items=_table("item_id", "title", "price"),
    users=_table("user_id", "name", "email"),
    social=_table("user_id", "friend_id", "weight"),
    feedback=_table("user_id", "item_id", "kind", "timestamp"),
    off=st.sets(st.sampled_from(sorted(SWITCHABLE)), max_size=4),
)
def test_accepted_repaired_and_rejected_are_what_was_read(
    events, items, users, social, feedback, off, tmp_path_factory
) -> None:
    folder: Path = tmp_path_factory.mktemp("dirty")
    head, _, rest = events.partition("\n")
    sure = "u0,i0,click,1,,1709290000"  # first, since an open quote may take all that follows
    files = {
        "interactions": f"{head}\n{sure}\n{rest}",
        "items": items,
        "users": users,
        "social": social,
        "feedback": feedback.replace("\n", "\nu0,i0,like,1709290000\n", 1),  # else no time may be readable
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    report = import_source(folder, folder / "x.duckdb", options=ImportOptions.of(off))
    for one in report.files:
        assert one.accepted + one.repaired + one.rejected == one.read
        rejected = sum(r.count for r in report.reasons if r.file == one.file and r.action == "rejected")
        assert rejected == one.rejected
        text = files[one.file.removesuffix(".csv")]
        if '"' not in text:
            assert one.read == sum(bool(line.strip(" \u00a0")) for line in text.splitlines()[1:])
    for reason in report.reasons:
        assert (
            reason.rule in RULES
            or reason.action in ("read as", "ignored")
            or reason.rule == "direct_identifier"
        )
        assert reason.rule not in off or reason.action == "switched off"
