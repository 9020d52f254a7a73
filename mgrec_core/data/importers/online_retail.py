"""UCI Online Retail: the order lines of a shop, and any export with the same columns.

Each line becomes a ``purchase``: the invoice is its session, the quantity its weight. Lines are
left out, each under a rule of its own, when they name no customer, book no product (postage, fees,
discounts, samples, vouchers, manual entries), correct the stock, or cost nothing.

**Cancellations** (invoices that begin with C) are no events: each takes back earlier purchases of
the same customer and product, the latest first, in amount. A purchase that was taken back whole
leaves; one taken back in part keeps the rest as its weight; what finds no earlier purchase is
counted and changes nothing. Lines that repeat another in every column count once.

The catalogue is every product that any customer, named or not, paid for. Its title is its most
frequent description (the alphabetically first of equally frequent ones), notes of the
warehouse such as "damaged" apart, since nobody paid for those. ``price`` is the median unit price.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mgrec_core.data.cleaning import Judged, literal, trimmed
from mgrec_core.data.importers.base import Import, Importer
from mgrec_core.data.importers.reading import peek
from mgrec_core.data.importers.tables import complete_users, load_events
from mgrec_core.data.importers.wording import is_decimal_id, readable
from mgrec_core.data.receipt import Reason
from mgrec_core.data.rules import REJECTED, REPAIRED, Rule
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError

SUFFIXES = (".csv", ".csv.gz", ".parquet")
NAMES = {  # of both editions of the set
    "invoice": ("InvoiceNo", "Invoice"),
    "code": ("StockCode",),
    "description": ("Description",),
    "quantity": ("Quantity",),
    "time": ("InvoiceDate",),
    "price": ("UnitPrice", "Price"),
    "customer": ("CustomerID", "Customer ID"),
    "country": ("Country",),
}
_KEYS = ("invoice", "code", "quantity", "customer")
# Codes without a digit are accounts (POST, DOT, M, D, S, B, CRUK, PADS, BANK CHARGES, AMAZONFEE …).
NO_PRODUCT = r"[^0-9]*|C[0-9]|ADJUST[0-9]*|TEST[0-9]*|GIFT_.*"
SERVICES = r"(next day )?carriage|(dotcom )?postage|.*gift voucher.*"
SLASHED = r"\d{1,2}/\d{1,2}/\d{2,4} \d{1,2}:\d\d(:\d\d)?"


RULES = (
    Rule(
        "not_a_product",
        REJECTED,
        "the code is no product: postage, fees, discounts, samples, vouchers, manual",
        instead="postage, fees and other accounts are items like any other",
    ),
    Rule(
        "stock_correction",
        REJECTED,
        "the quantity is 0 or less and the invoice is no cancellation",
        because="a purchase of 0 or less is none",
    ),
    Rule(
        "free_line",
        REJECTED,
        "the unit price is 0 or less: a gift or a correction, not a purchase",
        instead="gifts and corrections are purchases like any other",
    ),
    Rule(
        "cancellation",
        REJECTED,
        "the line is no purchase: it took back an earlier one of the same product",
        instead="purchases stay whole, and a cancelling line is an event 'cancel', which counts nothing",
    ),
    Rule(
        "cancellation_in_part",
        REJECTED,
        "the line took back what there was of earlier purchases; the rest was bought before the data begin",
        because="it follows from the rule cancellation: switch that one off",
    ),
    Rule(
        "cancellation_of_nothing",
        REJECTED,
        "the line cancels a purchase that is not in the data; nothing was taken back",
        because="it follows from the rule cancellation: switch that one off",
    ),
    Rule(
        "cancelled_purchase",
        REJECTED,
        "later cancellations of the same customer and product took all of it back",
        because="it follows from the rule cancellation: switch that one off",
    ),
    Rule(
        "partly_cancelled",
        REPAIRED,
        "later cancellations took some of it back; the weight is what was kept",
        because="it follows from the rule cancellation: switch that one off",
    ),
    Rule(
        "upper_case",
        REPAIRED,
        "the code was put in capitals",
        instead="codes stay as they are written, so 85123a and 85123A are two",
    ),
    Rule(
        "other_description",
        REPAIRED,
        "the code has several descriptions; the most frequent became its title",
        instead="the title is the description of the earliest paid line, not the most frequent",
    ),
    Rule("slashed_date", REPAIRED, "the date is written with slashes (12/31/2011 8:26) and was converted"),
)


class OnlineRetailImporter(Importer):
    """Reads order lines with the columns of UCI's Online Retail and Online Retail II."""

    name: ClassVar[str] = "online-retail"
    looks_for: ClassVar[str] = "a CSV or Parquet file with InvoiceNo, StockCode, Quantity and CustomerID"
    order: ClassVar[int] = 4

    def recognises(self, source: Path) -> bool:
        """Return whether a file has the columns of order lines."""
        return bool(_order_files(source))

    def fill(self, run: Import) -> None:
        """Fill items and events from the one file of order lines."""
        found = _order_files(run.source)
        if not found:
            raise InputError(
                f"no file has the columns InvoiceNo, StockCode, Quantity and CustomerID in"
                f" {run.source.resolve().name}; put the order lines there as CSV or Parquet"
            )
        if len(found) > 1:
            names = " and ".join(path.name for path in found)
            raise InputError(f"{names} both hold order lines; keep one, or join them into one file")
        staged = run.stage(found[0])
        columns = {role: _column(staged, role) for role in NAMES}
        known = [name for names in NAMES.values() for name in names]
        run.ignore_columns(staged, *known)
        staged = _prepare(run, staged, columns)
        _fill_items(run, staged, columns)
        countries = f"{staged.table}_countries"
        run.connection.execute(
            f"CREATE TEMP TABLE {countries} AS SELECT DISTINCT x_user AS user_id,"
            f" {trimmed(columns['country'] or 'NULL')} AS value FROM {staged.table}"
        )
        keeps = "cancellation" in run.off
        load_events(
            run,
            staged,
            {"user_id": "x_user", "item_id": "x_item", "weight": "x_amount"}
            | {"timestamp": "x_time", "session_id": columns["invoice"]}
            | ({"event": "x_kind"} if keeps else {}),
            event="purchase",
            required="weight",
            checks={
                "not_a_product": "NOT x_product",
                "stock_correction": "x_number <= 0 AND NOT x_cancels",
                "free_line": "NOT x_paid",
                "decimal_id": " OR ".join(
                    is_decimal_id(columns[name] or "") for name in ("customer", "code")
                ),
                "upper_case": "x_code <> x_item",
                "other_description": "x_words <> x_title",
                "slashed_date": "x_slashed",
                "partly_cancelled": "false",
            },
            settle=None if keeps else lambda judged: _take_back(run, judged),
        )
        complete_users(run)
        run.connection.execute(
            f"INSERT INTO user_attributes SELECT user_id, 'country', value FROM {countries}"
            " SEMI JOIN users USING (user_id) WHERE value IS NOT NULL ORDER BY ALL"
        )
        run.connection.execute(f"DROP TABLE {countries}")


IMPORTER = OnlineRetailImporter()


def _order_files(source: Path) -> list[Path]:
    found = []
    for path in sorted(source.iterdir()):
        if path.name.endswith(SUFFIXES) and path.is_file():
            names = peek(path)
            if all(any(name.lower() in names for name in NAMES[role]) for role in _KEYS):
                found.append(path)
    return found


def _column(staged: Staged, role: str) -> str | None:
    found = next((column for name in NAMES[role] if (column := staged.find(name))), None)
    return found if found or role == "country" else staged.need(NAMES[role][0])


def _prepare(run: Import, staged: Staged, columns: dict[str, str | None]) -> Staged:
    """Add what the lines say: ids, amount, time, whether they sell a product, and the product's title."""
    raw = {role: column or "NULL" for role, column in columns.items()}
    code, quantity = run.whole_id(raw["code"]), f"try_cast({trimmed(raw['quantity'])} AS DOUBLE)"
    words = rf"regexp_replace({trimmed(raw['description'])}, '\s+', ' ', 'g')"
    cancels = f"coalesce(upper(left({trimmed(raw['invoice'])}, 1)) = 'C', false)"
    slashed = f"regexp_full_match({trimmed(raw['time'])}, '{SLASHED}')"
    staged = run.derive(
        staged,
        {
            "x_user": run.whole_id(raw["customer"]),
            "x_code": code,
            "x_item": code if "upper_case" in run.off else f"upper({code})",
            "x_number": quantity,
            "x_amount": f"CASE WHEN {quantity} IS NULL THEN {raw['quantity']}"
            f" ELSE CAST(abs({quantity}) AS VARCHAR) END",
            "x_cancels": cancels,
            "x_kind": f"CASE WHEN {cancels} THEN 'cancel' ELSE 'purchase' END",
            "x_words": words,
            "x_paid": f"{'free_line' in run.off}"
            f" OR coalesce(try_cast({trimmed(raw['price'])} AS DOUBLE) > 0, false)",
            "x_slashed": f"coalesce({slashed}, false)",
            "x_time": _iso(run, staged, raw["time"]),
        },
    )
    several = f"SELECT count(*) FROM (SELECT x_item FROM {staged.table} GROUP BY x_code, x_item"
    ((codes,),) = run.connection.execute(
        f"{several} HAVING count(DISTINCT {raw['description']}) > 1)"
    ).fetchall()
    if codes:
        explanation = "codes with several descriptions: the most frequent among paid lines became the title"
        run.receipt.reasons.append(
            Reason(staged.file, "several_descriptions", "ignored", int(codes), explanation)
        )
    place = "(first, x_words)" if "other_description" in run.off else "(-n, x_words)"
    titles = (
        f"LEFT JOIN (SELECT x_item AS titled, arg_min(x_words, {place}) AS x_title FROM"
        f" (SELECT x_item, x_words, count(*) AS n, coalesce(min(x_time), '~') AS first FROM {staged.table}"
        "  WHERE x_paid AND x_item IS NOT NULL AND x_words IS NOT NULL GROUP BY ALL) GROUP BY x_item)"
        " ON titled = x_item"
    )
    product = (
        f"NOT coalesce(regexp_full_match(x_item, {literal(NO_PRODUCT)})"
        f" OR regexp_full_match(coalesce(x_title, x_words), {literal(SERVICES)}, 'i'), false)"
    )
    if "not_a_product" in run.off:
        product = "true"
    return run.derive(staged, {"x_title": "x_title", "x_product": product}, titles)


def _iso(run: Import, staged: Staged, column: str) -> str:
    """Return SQL for the time; dates with slashes begin with the month unless one shows otherwise."""
    text = trimmed(column)
    ((days_first,),) = run.connection.execute(
        f"SELECT coalesce(bool_or(try_cast(regexp_extract({text}, '^(\\d+)/', 1) AS INTEGER) > 12), false)"
        f" FROM {staged.table} WHERE regexp_full_match({text}, '{SLASHED}')"
    ).fetchall()
    days = "%d/%m" if days_first else "%m/%d"
    forms = ", ".join(f"'{days}/{year} {clock}'" for year in ("%y", "%Y") for clock in ("%H:%M", "%H:%M:%S"))
    parsed = f"coalesce(CAST(try_strptime({text}, [{forms}]) AS VARCHAR), {column})"
    return f"CASE WHEN regexp_full_match({text}, '{SLASHED}') THEN {parsed} ELSE {column} END"


def _fill_items(run: Import, staged: Staged, columns: dict[str, str | None]) -> None:
    price = f"median(try_cast({trimmed(columns['price'] or 'NULL')} AS DOUBLE))"
    sold = f"FROM {staged.table} WHERE x_product AND x_paid AND x_item IS NOT NULL"
    run.connection.execute(
        f"INSERT INTO items SELECT x_item, {readable('any_value(x_title)')}, NULL {sold}"
        " GROUP BY x_item ORDER BY x_item"
    )
    run.connection.execute(
        f"INSERT INTO item_attributes SELECT x_item, 'price', printf('%.10g', {price}) {sold}"
        " GROUP BY x_item ORDER BY x_item"
    )


def _take_back(run: Import, judged: Judged) -> None:
    """Let cancellations take back earlier purchases, the latest first, as from a stack.

    ``balance`` is what a customer has of a product after each line; cancellations cannot push it below
    zero. Of a purchase remains what the balance never fell below afterwards.
    """
    bit = 1 << judged.repairs.index("partly_cancelled")
    run.connection.execute(
        f"""CREATE TEMP TABLE taken_back AS
        WITH lines AS (
            SELECT _row, x_cancels, weight, CASE WHEN x_cancels THEN -weight ELSE weight END AS change,
                row_number() OVER (PARTITION BY user_id, item_id ORDER BY
                    CASE WHEN timestamp IS NOT NULL THEN timestamp
                         WHEN x_cancels THEN TIMESTAMP 'infinity' ELSE TIMESTAMP '-infinity' END,
                    x_cancels, session_id NULLS LAST, weight) AS place, user_id, item_id
            FROM {judged.table} WHERE _rejected IS NULL
              AND (user_id, item_id) IN (SELECT (user_id, item_id) FROM {judged.table} WHERE x_cancels)
        ), sums AS (
            SELECT *, sum(change) OVER (PARTITION BY user_id, item_id ORDER BY place) AS total FROM lines
        ), floors AS (
            SELECT *, least(0, min(total) OVER (PARTITION BY user_id, item_id ORDER BY place)) AS lowest
            FROM sums
        ), balances AS (
            SELECT *, total - lowest AS balance,
                lag(lowest, 1, 0) OVER (PARTITION BY user_id, item_id ORDER BY place) - lowest AS unmatched
            FROM floors
        )
        SELECT _row, x_cancels, weight, unmatched,
            greatest(0, least(weight, min(balance) OVER (PARTITION BY user_id, item_id ORDER BY place
                ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) - (balance - weight))) AS kept
        FROM balances"""
    )
    run.connection.execute(
        f"""UPDATE {judged.table} AS line SET
            _rejected = CASE WHEN t.x_cancels AND t.unmatched >= t.weight THEN 'cancellation_of_nothing'
                WHEN t.x_cancels AND t.unmatched > 0 THEN 'cancellation_in_part'
                WHEN t.x_cancels THEN 'cancellation' WHEN t.kept <= 0 THEN 'cancelled_purchase' END,
            _repairs = CASE WHEN NOT t.x_cancels AND t.kept > 0 AND t.kept < t.weight
                THEN line._repairs | {bit} ELSE line._repairs END,
            weight = CASE WHEN t.x_cancels THEN line.weight ELSE t.kept END
        FROM taken_back AS t WHERE line._row = t._row"""
    )
    run.connection.execute("DROP TABLE taken_back")
