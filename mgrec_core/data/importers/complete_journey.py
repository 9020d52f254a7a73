"""The Complete Journey (dunnhumby, as the R package completejourney writes it): a grocer's baskets.

Each line of a basket becomes a ``purchase``, the basket its session, the quantity its weight.
Lines with a quantity of 0 or less are rejected; quantities beyond 1000 are fuel by volume and weigh 1.

Products have no names: the title is the type and the package size. The hierarchy becomes
attributes (department, category, type, package size, brand) and knowledge graph: item → type →
category → department, item → brand, item → manufacturer. Manufacturers are numbers without a
meaning of their own, so they are in the graph only.

Demographics and the campaigns a household received are its attributes. A redeemed coupon becomes
feedback of the kind ``redemption`` for each product it stands for, which ``coupons.csv`` says; where
that file is missing a coupon cannot be linked to products, and what is kept is the attribute
``redeemed_campaign``.

A coupon of a campaign is an advertisement, ``campaign:coupon``: shown to the households that received
the campaign, for the products that ``coupons.csv`` says, in the campaign's period. Without that file
the coupons are those that somebody redeemed, and they have no products.

Dates are ISO 8601, epoch seconds or days since 1970, told apart by their size.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mgrec_core.data.cleaning import Cells, Duplicates, Judged, judge, trimmed
from mgrec_core.data.importers.base import Import, Importer, find
from mgrec_core.data.importers.reading import peek
from mgrec_core.data.importers.tables import (
    add_missing,
    complete_items,
    complete_users,
    load_events,
    load_items,
    load_users,
)
from mgrec_core.data.importers.wording import from_days, is_days, is_decimal_id, readable
from mgrec_core.data.rules import REJECTED, REPAIRED, Rule
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError

SUFFIXES = (".csv", ".csv.gz", ".parquet")
LARGEST_COUNT = 1000
OTHERS = ("demographics", "campaign_descriptions", "campaigns", "coupons", "coupon_redemptions")

_GRAPH = """
CREATE TEMP TABLE wide AS SELECT item_id,
    max(value) FILTER (attribute = 'type') AS type, max(value) FILTER (attribute = 'category') AS category,
    max(value) FILTER (attribute = 'department') AS department,
    max(value) FILTER (attribute = 'brand') AS brand,
    max(value) FILTER (attribute = 'manufacturer') AS manufacturer
FROM item_attributes GROUP BY item_id;
INSERT INTO kg SELECT head, relation, kind || ':' || value, label, 'given hierarchy', 1 FROM (
    SELECT item_id AS head, 'is_a' AS relation, 'type' AS kind, type AS value, type AS label FROM wide
    UNION SELECT item_id, 'in_category', 'category', category, category FROM wide WHERE type IS NULL
    UNION SELECT item_id, 'in_department', 'department', department, department FROM wide
        WHERE type IS NULL AND category IS NULL
    UNION SELECT 'type:' || type, 'in_category', 'category', category, category FROM wide
    UNION SELECT 'category:' || category, 'in_department', 'department', department, department FROM wide
    UNION SELECT item_id, 'of_brand', 'brand', brand, brand FROM wide
    UNION SELECT item_id, 'made_by', 'manufacturer', manufacturer, 'manufacturer ' || manufacturer FROM wide
) WHERE head IS NOT NULL AND value IS NOT NULL ORDER BY ALL;
DELETE FROM item_attributes WHERE attribute = 'manufacturer';
DROP TABLE wide;
"""

_ADS = """
INSERT INTO ads SELECT number || ':' || coupon,
    concat('Coupon ', coupon, ', campaign ', number, ' (' || kind || ')'), starts, ends
FROM (SELECT number, coupon FROM coupon_products UNION SELECT number, coupon FROM redemptions)
LEFT JOIN campaign_labels USING (number) WHERE number IS NOT NULL ORDER BY ALL;
INSERT INTO ad_attributes SELECT ad_id, attribute, value FROM (
    SELECT ad_id, string_split(ad_id, ':') AS parts FROM ads
) LEFT JOIN campaign_labels ON number = parts[1], LATERAL (
    VALUES ('campaign', parts[1]), ('coupon', parts[2]), ('campaign type', kind)
) AS each(attribute, value) WHERE value IS NOT NULL ORDER BY ALL;
INSERT INTO ad_items SELECT DISTINCT ad_id, product FROM ads
JOIN coupon_products ON ad_id = concat(coalesce(number, split_part(ad_id, ':', 1)), ':', coupon)
ORDER BY ALL;
INSERT INTO ad_events SELECT user_id, ad_id, 'shown', starts FROM recipients
JOIN ads ON split_part(ad_id, ':', 1) = number ORDER BY ALL;
INSERT INTO ad_events SELECT user_id, number || ':' || coupon, 'redeemed', timestamp FROM redemptions
WHERE number IS NOT NULL ORDER BY ALL;
DROP TABLE campaign_labels; DROP TABLE coupon_products; DROP TABLE recipients; DROP TABLE redemptions;
"""


RULES = (
    Rule(
        "no_quantity",
        REJECTED,
        "the quantity is 0 or less: nothing was bought",
        because="a purchase of 0 or less is none",
    ),
    Rule(
        "metered_quantity",
        REPAIRED,
        "the quantity is beyond 1000, metered like fuel; the weight is 1",
        instead="the quantity is the weight, however large",
    ),
    Rule("days_since_1970", REPAIRED, "the date counts days since 1970 and was converted"),
    Rule("missing_campaign", REJECTED, "there is no campaign"),
    Rule("duplicate_campaign", REJECTED, "the same campaign of the same user was read before"),
    Rule("missing_coupon", REJECTED, "there is no coupon"),
    Rule("duplicate_coupon", REJECTED, "the same product of the same coupon was read before"),
    Rule(
        "unlinked_coupon",
        REPAIRED,
        "no file says which products the coupon stands for: kept as the user's attribute, not as feedback",
        because="nothing says which products it stands for",
    ),
)


class CompleteJourneyImporter(Importer):
    """Reads products and transactions, and demographics, campaigns and coupons where they are."""

    name: ClassVar[str] = "complete-journey"
    looks_for: ClassVar[str] = "products.csv and transactions.csv with household_id and basket_id"
    order: ClassVar[int] = 5

    def recognises(self, source: Path) -> bool:
        """Return whether the folder has products and baskets of households."""
        found = _transactions(source)
        return bool(
            found
            and find(source, "products", *SUFFIXES)
            and {"household_id", "basket_id"} <= {*peek(found[0])}
        )

    def fill(self, run: Import) -> None:
        """Fill every table for which the folder has a file."""
        found, products = _transactions(run.source), run.need("products", *SUFFIXES)
        if len(found) != 1:
            names = " and ".join(path.name for path in found) or "no transactions.csv"
            raise InputError(f"the folder {run.source.resolve().name} holds {names}; put exactly one there")
        paths = {stem: run.find(stem, *SUFFIXES) for stem in OTHERS}
        known = {path.name for path in (*paths.values(), *found, products) if path}
        run.files = len(known)
        run.ignore_files(SUFFIXES, known, "the file has no place here and was not read")
        _products(run, products)
        if path := paths["demographics"]:
            _demographics(run, path)
        _purchases(run, found[0])
        complete_users(run)
        complete_items(run)
        _campaigns(run, paths["campaign_descriptions"], paths["campaigns"])
        _coupons(run, paths["coupons"], paths["coupon_redemptions"])
        run.connection.execute(_ADS)


IMPORTER = CompleteJourneyImporter()


def _transactions(source: Path) -> list[Path]:
    return [
        path for stem in ("transactions", "transactions_sample") if (path := find(source, stem, *SUFFIXES))
    ]


def _products(run: Import, path: Path) -> None:
    staged = run.stage(path)
    number, maker = staged.need("product_id"), staged.need("manufacturer_id")
    department, category = staged.need("department"), staged.need("product_category")
    kind, size, brand = staged.need("product_type"), staged.need("package_size"), staged.need("brand")
    run.ignore_columns(
        staged, "product_id", "manufacturer_id", "department", "product_category",
        "product_type", "package_size", "brand",
    )  # fmt: skip
    name = f"coalesce({readable(kind)}, {readable(category)}, {readable(department)})"
    small = f"lower({readable(size)})"
    told = {"department": department, "category": category, "type": kind, "brand": brand}
    # Made once: what looks at a column names it a dozen times.
    shown = {f"x_{name}": readable(column) for name, column in told.items()} | {"x_size": small}
    staged = run.derive(
        staged,
        {"x_item": run.whole_id(number), "x_title": f"concat({name}, ' (' || {small} || ')')"} | shown,
    )
    load_items(
        run,
        staged,
        {"item_id": "x_item", "title": "x_title"},
        {name: f"x_{name}" for name in told}
        | {"package size": "x_size", "manufacturer": run.whole_id(maker)},
        checks={"decimal_id": is_decimal_id(number)},
    )
    run.connection.execute(_GRAPH)


def _demographics(run: Import, path: Path) -> None:
    staged = run.stage(path)
    user = staged.need("household_id")
    attributes = {name.replace("_", " "): column for name, column in staged.others("household_id").items()}
    staged = run.derive(staged, {"x_user": run.whole_id(user)})
    load_users(run, staged, "x_user", attributes, checks={"decimal_id": is_decimal_id(user)})


def _purchases(run: Import, path: Path) -> None:
    staged = run.stage(path)
    user, item, basket = (staged.need(name) for name in ("household_id", "product_id", "basket_id"))
    quantity, time = staged.need("quantity"), staged.need("transaction_timestamp")
    run.ignore_columns(staged, "household_id", "product_id", "basket_id", "quantity", "transaction_timestamp")
    number = f"try_cast({trimmed(quantity)} AS DOUBLE)"
    metered = f"{number} > {LARGEST_COUNT} AND isfinite({number})"
    if "metered_quantity" in run.off:
        metered = "false"
    staged = run.derive(
        staged,
        {
            "x_user": run.whole_id(user),
            "x_item": run.whole_id(item),
            "x_time": from_days(time),
            "x_amount": f"CASE WHEN {metered} THEN '1' ELSE {quantity} END",
        },
    )
    load_events(
        run,
        staged,
        {"user_id": "x_user", "item_id": "x_item", "weight": "x_amount"}
        | {"timestamp": "x_time", "session_id": basket},
        event="purchase",
        required="weight",
        checks={
            "no_quantity": f"{number} <= 0",
            "metered_quantity": metered,
            "decimal_id": f"{is_decimal_id(user)} OR {is_decimal_id(item)}",
            "days_since_1970": is_days(time),
        },
    )


def _campaigns(run: Import, described: Path | None, received: Path | None) -> None:
    """Make ``campaign_labels`` (number, label), and attributes of who received which campaign."""
    run.connection.execute(
        "CREATE TEMP TABLE recipients (user_id VARCHAR, number VARCHAR);"
        "CREATE TEMP TABLE campaign_labels"
        " (number VARCHAR, label VARCHAR, kind VARCHAR, starts TIMESTAMP, ends TIMESTAMP)"
    )
    if described:
        staged = run.stage(described)
        number, kind = staged.need("campaign_id"), staged.need("campaign_type")
        start, end = staged.need("start_date"), staged.need("end_date")
        run.ignore_columns(staged, "campaign_id", "campaign_type", "start_date", "end_date")
        label = f"concat_ws(', ', {trimmed(kind)}, {from_days(start)} || ' to ' || {from_days(end)})"
        cells = run.cells()
        cells.add("number", run.whole_id(number), 0)
        cells.add("label", f"concat({run.whole_id(number)}, ' (' || nullif({label}, '') || ')')", 0)
        cells.add("kind", trimmed(kind), 0)
        for name, date in (("starts", start), ("ends", end)):
            cells.add(name, f"try_cast({from_days(date)} AS TIMESTAMP)", 0)
        cells.check("missing_campaign", "number IS NULL")
        cells.check("days_since_1970", f"{is_days(start)} OR {is_days(end)}")
        again = Duplicates("duplicate_campaign", ["number"], order=["label"])
        judged = judge(run.connection, staged, cells, again)
        run.connection.execute(
            f"INSERT INTO campaign_labels SELECT number, label, kind, starts, ends FROM {judged.table}"
            " WHERE _rejected IS NULL"
        )
        run.record(staged, judged, "campaign names")
        run.drop(staged, judged)
    if received:
        staged = run.stage(received)
        user, number = staged.need("household_id"), staged.need("campaign_id")
        run.ignore_columns(staged, "household_id", "campaign_id")
        cells = _household(run, user, number)
        cells.check("missing_campaign", "number IS NULL")
        again = Duplicates("duplicate_campaign", ["user_id", "number"])
        judged = judge(run.connection, staged, cells, again)
        _add_users(run, judged)
        _add_campaigns(run, judged, "campaign")
        run.connection.execute(
            f"INSERT INTO recipients SELECT user_id, number FROM {judged.table} WHERE _rejected IS NULL"
        )
        run.record(staged, judged, "user_attributes")
        run.drop(staged, judged)


def _coupons(run: Import, coupons: Path | None, redeemed: Path | None) -> None:
    run.connection.execute(
        "CREATE TEMP TABLE coupon_products (coupon VARCHAR, product VARCHAR, number VARCHAR);"
        "CREATE TEMP TABLE redemptions (user_id VARCHAR, coupon VARCHAR, number VARCHAR, timestamp TIMESTAMP)"
    )
    if coupons:
        staged = run.stage(coupons)
        coupon, item = staged.need("coupon_upc"), staged.need("product_id")
        campaign = staged.find("campaign_id")
        staged = run.derive(staged, {"x_item": run.whole_id(item)})
        cells = run.cells()
        cells.add("coupon", run.whole_id(coupon), 0)
        cells.check("missing_coupon", "coupon IS NULL")
        cells.text("item_id", "x_item", required=True)
        cells.known("_item_known", "x_item", "items")
        cells.check("unknown_item", "NOT _item_known")
        cells.add("number", run.whole_id(campaign) if campaign else "CAST(NULL AS VARCHAR)", 0)
        again = Duplicates("duplicate_coupon", ["coupon", "item_id", "number"])
        judged = judge(run.connection, staged, cells, again)
        run.connection.execute(
            f"INSERT INTO coupon_products SELECT coupon, item_id, number FROM {judged.table}"
            " WHERE _rejected IS NULL"
        )
        run.record(staged, judged, "coupon products")
        run.drop(staged, judged)
    if redeemed:
        _redemptions(run, run.stage(redeemed))


def _redemptions(run: Import, staged: Staged) -> None:
    user, coupon = staged.need("household_id"), staged.need("coupon_upc")
    campaign, date = staged.need("campaign_id"), staged.need("redemption_date")
    run.ignore_columns(staged, "household_id", "coupon_upc", "campaign_id", "redemption_date")
    staged = run.derive(staged, {"x_time": from_days(date)})
    cells = _household(run, user, campaign)
    cells.add("coupon", run.whole_id(coupon), 0)
    cells.check("missing_coupon", "coupon IS NULL")
    cells.time("timestamp", "x_time")
    cells.check("days_since_1970", is_days(date))
    cells.check("unlinked_coupon", "coupon NOT IN (SELECT coupon FROM coupon_products)")
    again = Duplicates("duplicate_feedback", ["user_id", "coupon", "number", "timestamp"])
    judged = judge(run.connection, staged, cells, again)
    _add_users(run, judged)
    _add_campaigns(run, judged, "redeemed_campaign")
    run.connection.execute(
        "INSERT INTO feedback SELECT DISTINCT user_id, product, 'redemption', timestamp"
        f" FROM {judged.table} JOIN coupon_products USING (coupon) WHERE _rejected IS NULL ORDER BY ALL"
    )
    run.connection.execute(
        f"INSERT INTO redemptions SELECT user_id, coupon, number, timestamp FROM {judged.table}"
        " WHERE _rejected IS NULL"
    )
    if "unknown_item" in run.off:
        add_missing(run, "items", "item_id", "feedback")
    run.record(staged, judged, "feedback")
    run.drop(staged, judged)


def _household(run: Import, user: str, campaign: str) -> Cells:
    cells = run.cells()
    cells.add("user_id", run.whole_id(user), 0)
    cells.add("number", run.whole_id(campaign), 0)
    cells.check("missing_user_id", "user_id IS NULL")
    cells.check("decimal_id", f"{is_decimal_id(user)} OR {is_decimal_id(campaign)}")
    return cells


def _add_users(run: Import, judged: Judged) -> None:
    run.connection.execute(
        f"INSERT INTO users SELECT DISTINCT user_id FROM {judged.table} WHERE _rejected IS NULL"
        " AND user_id NOT IN (SELECT user_id FROM users) ORDER BY user_id"
    )


def _add_campaigns(run: Import, judged: Judged, attribute: str) -> None:
    run.connection.execute(
        "INSERT INTO user_attributes SELECT DISTINCT user_id, ?, coalesce(label, number) AS value"
        f" FROM {judged.table} LEFT JOIN campaign_labels USING (number)"
        " WHERE _rejected IS NULL AND number IS NOT NULL ORDER BY ALL",
        [attribute],
    )
