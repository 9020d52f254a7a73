"""The Complete Journey: a small folder with its quirks, and the real one."""

from __future__ import annotations

from datetime import datetime

from tests.data.importers.sources import COMPLETE_JOURNEY as FOLDER

LABEL = "1 (Type B, 2017-03-03 to 2017-04-09)"


def test_baskets_become_purchases(run) -> None:
    imported = run(FOLDER)
    assert imported.rows("SELECT user_id, item_id, event, weight, timestamp, session_id FROM events") == [
        ("1", "900000", "purchase", 2.0, datetime(2017, 1, 28, 19, 6, 53), "b1"),
        ("1", "92", "purchase", 1.0, datetime(2017, 1, 28, 19, 6, 53), "b1"),
        ("2", "fuel", "purchase", 1.0, datetime(2017, 2, 1, 10), "b3"),
    ]
    reasons = imported.reasons("transactions.csv")
    assert reasons == {"ignored_column": 2, "no_quantity": 1, "metered_quantity": 1}
    assert imported.rows("SELECT user_id FROM users ORDER BY 1") == [("1",), ("2",), ("7",), ("8",)]


def test_products_without_names_are_called_by_their_type(run) -> None:
    imported = run(FOLDER)
    assert imported.rows("SELECT item_id, title FROM items ORDER BY item_id") == [
        ("900000", "Ice - crushed/cubed (22 lb)"), ("92", "Bread"), ("fuel", None),
    ]  # fmt: skip
    values = "SELECT attribute, value FROM item_attributes WHERE item_id = '900000' ORDER BY 1"
    assert imported.rows(values) == [
        ("brand", "National"), ("category", "Frzn ice"), ("department", "Grocery"),
        ("package size", "22 lb"), ("type", "Ice - crushed/cubed"),
    ]  # fmt: skip
    assert imported.reasons("products.csv") == {"decimal_id": 1, "duplicate_item": 1}


def test_the_hierarchy_is_a_knowledge_graph(run) -> None:
    triples = run(FOLDER).rows("SELECT head_id, relation, tail_id, tail_label FROM kg ORDER BY ALL")
    assert triples == [
        ("900000", "is_a", "type:Ice - crushed/cubed", "Ice - crushed/cubed"),
        ("900000", "made_by", "manufacturer:2", "manufacturer 2"),
        ("900000", "of_brand", "brand:National", "National"),
        ("92", "in_category", "category:Bread", "Bread"),
        ("92", "made_by", "manufacturer:69", "manufacturer 69"),
        ("92", "of_brand", "brand:Private", "Private"),
        ("category:Bread", "in_department", "department:Pastry", "Pastry"),
        ("category:Frzn ice", "in_department", "department:Grocery", "Grocery"),
        ("type:Ice - crushed/cubed", "in_category", "category:Frzn ice", "Frzn ice"),
    ]


def test_demographics_and_campaigns_are_attributes(run) -> None:
    imported = run(FOLDER)
    assert imported.rows("SELECT * FROM user_attributes WHERE user_id IN ('1', '8') ORDER BY ALL") == [
        ("1", "age", "65+"), ("1", "campaign", LABEL), ("1", "campaign", "2"), ("1", "income", "35-49K"),
        ("1", "redeemed_campaign", LABEL), ("8", "campaign", LABEL),
    ]  # fmt: skip
    assert imported.reasons("campaigns.csv") == {"duplicate_campaign": 1}


def test_days_and_seconds_are_told_apart(run) -> None:
    rows = FOLDER["transactions.csv"] + "3,1,b9,92,1,1,17230.0\n"
    imported = run({**FOLDER, "transactions.csv": rows})
    assert imported.rows("SELECT timestamp FROM events WHERE user_id = '3'") == [(datetime(2017, 3, 5),)]
    assert imported.reasons("transactions.csv")["days_since_1970"] == 1
    assert imported.reasons("campaign_descriptions.csv") == {"days_since_1970": 1}


def test_redeemed_coupons_are_feedback_on_their_products(run) -> None:
    imported = run(FOLDER)
    day = datetime(2017, 3, 5)
    assert imported.rows("FROM feedback") == [
        ("1", "900000", "redemption", day),
        ("1", "92", "redemption", day),
    ]
    assert imported.reasons("coupon_redemptions.csv") == {"days_since_1970": 2, "unlinked_coupon": 1}
    assert imported.reasons("coupons.csv") == {"unknown_item": 1}


def test_coupons_without_products_cannot_be_linked_and_the_receipt_says_so(run) -> None:
    imported = run({name: content for name, content in FOLDER.items() if name != "coupons.csv"})
    assert imported.report.counts["feedback"] == 0
    assert imported.reasons("coupon_redemptions.csv")["unlinked_coupon"] == 2
    attribute = "SELECT DISTINCT user_id, value FROM user_attributes WHERE attribute = 'redeemed_campaign'"
    assert imported.rows(attribute) == [("1", LABEL)]


def test_only_products_and_transactions_are_needed(run, refuse) -> None:
    two = {name: FOLDER[name] for name in ("products.csv", "transactions.csv")}
    assert run(two).report.counts["events"] == 3
    both = {**two, "transactions_sample.csv": FOLDER["transactions.csv"]}
    assert "transactions.csv and transactions_sample.csv" in refuse(both, name="both")
    assert "no transactions.csv" in refuse(
        {"x.csv": "a\n", "products.csv": "a\n"}, "complete-journey", "none"
    )


def test_the_real_set_has_its_published_counts(real) -> None:
    imported = real("complete-journey")
    assert imported.file("products.csv") == (92331, 92330, 1, 0)
    assert imported.file("transactions_sample.csv") == (75000, 73892, 692, 416)
    assert imported.reasons("transactions_sample.csv")["no_quantity"] == 416
    assert imported.file("demographics.csv") == (801, 801, 0, 0)
    assert imported.file("campaign_descriptions.csv") == (27, 0, 27, 0)
    assert imported.file("campaigns.csv") == (6589, 6589, 0, 0)
    assert imported.file("coupon_redemptions.csv") == (2102, 0, 2102, 0)
    # one product of the transactions is in no catalogue; 2,469 households are those of the full set
    assert imported.report.counts == {
        "users": 2375, "items": 92332, "events": 74584, "item_attributes": 430001, "kg": 281129,
        "social": 0, "feedback": 0, "tags": 0, "ads": 557, "ad_events": 433_516,
    }  # fmt: skip
    span = imported.rows("SELECT min(timestamp)::DATE::VARCHAR, max(timestamp)::DATE::VARCHAR FROM events")
    assert span == [("2017-01-01", "2018-01-01")]
    assert imported.rows("SELECT title FROM items WHERE item_id = '25671'") == [
        ("Ice - crushed/cubed (22 lb)",)
    ]
    assert imported.rows("SELECT count(DISTINCT text) FROM v_item_text") == [(20707,)]
