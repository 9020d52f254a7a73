"""UCI Online Retail: its quirks one by one, and the real set."""

from __future__ import annotations

import random

import pytest

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def line(
    invoice: str = "536365", code: str = "85123A", words: str = "WHITE HEART", quantity: str = "6",
    day: int = 1, price: str = "2.55", customer: str = "17850.0", country: str = "France",
) -> str:  # fmt: skip
    return f"{invoice},{code},{words},{quantity},2010-12-{day:02} 08:26:00,{price},{customer},{country}\n"


def orders(*lines: str) -> dict[str, str]:
    return {"data.csv": HEADER + "".join(lines)}


def test_an_order_line_becomes_a_purchase_in_a_basket(run) -> None:
    imported = run(orders(line(), line(code="71053", words="LAMP  No.4 ", price="3"), line(day=2, price="3")))
    rows = "SELECT user_id, item_id, event, weight, session_id, CAST(timestamp AS VARCHAR) FROM events"
    assert imported.rows(rows)[0] == ("17850", "71053", "purchase", 6.0, "536365", "2010-12-01 08:26:00")
    assert imported.rows("FROM items") == [("71053", "Lamp no.4", None), ("85123A", "White heart", None)]
    assert imported.rows("FROM item_attributes") == [("71053", "price", "3"), ("85123A", "price", "2.775")]
    assert imported.rows("FROM user_attributes") == [("17850", "country", "France")]


def test_ids_written_as_decimal_numbers(run) -> None:
    lines = [line(), line(customer="17850", day=2), line(customer="A.0", day=3), line(code="22086.0", day=4)]
    imported = run(orders(*lines))
    assert imported.rows("FROM users") == [("17850",), ("A.0",)]
    assert imported.rows("SELECT item_id FROM items") == [("22086",), ("85123A",)]
    assert imported.reasons("data.csv") == {"decimal_id": 2}


def test_lines_without_customer_are_rejected_but_fill_the_catalogue(run) -> None:
    imported = run(orders(line(), line(code="22086", customer="")))
    assert imported.reasons("data.csv")["missing_user_id"] == 1
    assert imported.report.counts["items"] == 2 and imported.report.counts["events"] == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("POST", "POSTAGE"), ("DOT", "DOTCOM POSTAGE"), ("M", "Manual"), ("m", "Manual"), ("D", "Discount"),
        ("C2", "CARRIAGE"), ("BANK CHARGES", "Bank Charges"), ("AMAZONFEE", "AMAZON FEE"), ("S", "SAMPLES"),
        ("CRUK", "CRUK Commission"), ("PADS", "PADS TO MATCH ALL CUSHIONS"), ("B", "Adjust bad debt"),
        ("gift_0001_20", "Dotcomgiftshop Gift Voucher £20.00"), ("23444", "Next Day Carriage"),
        ("22016", "Dotcomgiftshop Gift Voucher £100.00"), ("ADJUST2", "Adjustment"), ("TEST001", "test"),
    ],
)  # fmt: skip
def test_codes_that_are_no_products(run, code: str, words: str) -> None:
    imported = run(orders(line(), line(code=code, words=words)))
    assert imported.reasons("data.csv")["not_a_product"] == 1
    assert imported.rows("SELECT item_id FROM items") == [("85123A",)]


@pytest.mark.parametrize(
    ("code", "words"), [("23099", "FRENCH CARRIAGE LANTERN"), ("DCGS0003", "BOXED ASHTRAY"), ("SKU-7", "X")]
)
def test_codes_that_are_products(run, code: str, words: str) -> None:
    assert run(orders(line(code=code, words=words))).report.counts["events"] == 1


def test_corrections_of_the_stock_and_gifts_are_no_purchases(run) -> None:
    bad = [line(quantity="-3"), line(quantity="0"), line(price="0.0"), line(price="-1"), line(price="?")]
    more = [line(quantity="many"), line(quantity="")]
    imported = run(orders(line(day=9), *bad, *more))
    assert imported.reasons("data.csv") == {
        "decimal_id": 1, "stock_correction": 2, "free_line": 3, "weight_not_a_number": 1, "missing_weight": 1,
    }  # fmt: skip


def kept(imported) -> list[tuple[str, float]]:
    return imported.rows("SELECT session_id, weight FROM events ORDER BY 1")


def test_a_cancellation_takes_back_the_latest_earlier_purchase_first(run) -> None:
    imported = run(
        orders(
            line("1", quantity="6", day=1), line("2", quantity="4", day=2),
            line("C3", quantity="-5", day=3), line("4", quantity="2", day=4),
        )
    )  # fmt: skip
    assert kept(imported) == [("1", 5.0), ("4", 2.0)]
    reasons = imported.reasons("data.csv")
    assert (reasons["cancelled_purchase"], reasons["partly_cancelled"], reasons["cancellation"]) == (1, 1, 1)


def test_cancellations_are_a_stack(run) -> None:
    """Many random histories against the plainest way to say it."""
    random_ = random.Random(3)
    lines, expected, unmatched = [], {}, 0
    for customer in range(120):
        stack: list[list[object]] = []
        for day in range(1, random_.randint(2, 14)):
            amount, invoice = random_.randint(1, 6), f"{customer}x{day}"
            if random_.random() < 0.45:
                lines.append(line(f"C{invoice}", quantity=str(-amount), day=day, customer=str(customer)))
                while amount and stack:
                    taken = min(amount, int(str(stack[-1][1])))
                    amount -= taken
                    stack[-1][1] = int(str(stack[-1][1])) - taken
                    if not stack[-1][1]:
                        stack.pop()
                unmatched += amount > 0
            else:
                lines.append(line(invoice, quantity=str(amount), day=day, customer=str(customer)))
                stack.append([invoice, amount])
        expected |= {str(invoice): float(str(amount)) for invoice, amount in stack}
    imported = run(orders(*lines))
    assert dict(kept(imported)) == expected
    reasons = imported.reasons("data.csv")
    assert reasons["cancellation_of_nothing"] + reasons["cancellation_in_part"] == unmatched > 0


def test_a_cancellation_of_more_than_was_bought(run) -> None:
    imported = run(
        orders(line("1", quantity="6"), line("C2", quantity="-8", day=2), line("3", quantity="1", day=3))
    )
    assert kept(imported) == [("3", 1.0)]
    assert imported.reasons("data.csv")["cancellation_in_part"] == 1


def test_a_cancellation_before_the_purchase_or_of_another_customer_or_product(run) -> None:
    cancels = [line("C1"), line("C2", code="71053", day=9), line("C3", customer="1", day=9)]
    imported = run(orders(*(one.replace(",6,", ",-6,") for one in cancels), line("4", day=2)))
    assert kept(imported) == [("4", 6.0)]
    assert imported.reasons("data.csv")["cancellation_of_nothing"] == 3


def test_duplicate_lines_count_once_and_a_repeated_cancellation_too(run) -> None:
    buy, cancel = line("1", quantity="6"), line("C2", quantity="-2", day=2)
    imported = run(orders(buy, buy, cancel, cancel))
    assert kept(imported) == [("1", 4.0)]
    assert imported.reasons("data.csv")["duplicate_event"] == 2


def test_the_most_frequent_description_wins_and_ties_go_by_the_alphabet(run) -> None:
    lines = [line(words=words, day=day) for day, words in enumerate(("ZEBRA", "APPLE", "ZEBRA"), 1)]
    ties = [line(code="71053", words=words, day=day) for day, words in enumerate(("ZEBRA", "APPLE"), 1)]
    notes = [line(words="damaged", customer="", price="0.0", day=day) for day in range(1, 9)]
    imported = run(orders(*lines, *ties, *notes))
    assert imported.rows("SELECT title FROM items ORDER BY item_id") == [("Apple",), ("Zebra",)]
    assert imported.reasons("data.csv")["other_description"] == 2
    assert imported.reasons("data.csv")["several_descriptions"] == 2


def test_codes_in_small_letters_are_the_same_product(run) -> None:
    imported = run(orders(line(), line(code="85123a", day=2)))
    assert imported.report.counts["items"] == 1 and imported.reasons("data.csv")["upper_case"] == 1


def test_the_second_edition_and_dates_with_slashes(run) -> None:
    header = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    rows = "1,85048,BALL,12,12/1/2009 7:45,6.95,13085,X\n2,85048,BALL,12,12/31/10 7:45,6.95,13085,X\n"
    imported = run({"online_retail_II.csv": header + rows})
    assert imported.rows("SELECT CAST(timestamp AS VARCHAR) FROM events") == [
        ("2009-12-01 07:45:00",),
        ("2010-12-31 07:45:00",),
    ]
    days = run({"data.csv": header + rows.replace("12/31/10", "31/12/10")}, name="days")
    assert days.rows("SELECT CAST(timestamp AS VARCHAR) FROM events")[0] == ("2009-01-12 07:45:00",)
    assert days.reasons("data.csv") == {"slashed_date": 2}


def test_two_files_of_orders_are_one_too_many(refuse) -> None:
    message = refuse({"a.csv": HEADER + line(), "b.csv": HEADER + line()})
    assert "a.csv and b.csv" in message and "keep one" in message
    assert "InvoiceNo" in refuse({"a.csv": "x\n1\n"}, format="online-retail", name="none")


def test_the_real_set_has_its_published_counts(real) -> None:
    imported = real("online-retail")
    file = "online-retail.csv.gz"
    reasons = imported.reasons(file)
    assert imported.file(file)[0] == 541909
    assert reasons["missing_user_id"] == 135080 and reasons["several_descriptions"] == 650
    # 4,372 customers less 49 who only cancelled, or bought nothing but postage and the like
    assert imported.report.counts == {
        "users": 4323, "items": 3808, "events": 388317, "item_attributes": 3808, "kg": 29,
        "social": 0, "feedback": 0, "tags": 0,
    }  # fmt: skip
    assert reasons["duplicate_event"] == 5220  # of 5,268; the others name no customer
    assert {rule: reasons[rule] for rule in reasons if "cancel" in rule} == {
        "cancellation": 7398, "cancellation_in_part": 56, "cancellation_of_nothing": 1051,
        "cancelled_purchase": 2754, "partly_cancelled": 4566,
    }  # fmt: skip
    span = imported.rows("SELECT min(timestamp)::VARCHAR, max(timestamp)::VARCHAR FROM events")
    assert span == [("2010-12-01 08:26:00", "2011-12-09 12:50:00")]
    assert imported.rows("SELECT count(DISTINCT session_id), min(weight) FROM events") == [(18268, 1.0)]
    assert imported.rows("SELECT title FROM items WHERE item_id = '85123A'") == [
        ("White hanging heart t-light holder",)
    ]
