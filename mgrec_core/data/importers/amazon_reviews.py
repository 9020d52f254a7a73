"""Amazon Reviews 2023 (McAuley Lab): JSON lines of reviews, and of products, also gzipped.

The reviews of one or several categories, each with or without its products: a file whose first record
has ``user_id``, ``asin`` and ``rating`` is reviews, one with ``parent_asin`` and ``main_category`` or
``categories`` products (``meta_….jsonl``).

- A review is an event, ``verified_review`` where the purchase was verified and ``review`` elsewhere, with
  its rating. The item is ``parent_asin``, the product with all its variations, as in the products.
- A product has its title; features and description together are its text. ``main_category``, ``store``,
  ``price``, the author and every plain value of ``details`` are attributes.
- ``categories``, from wide to narrow, are values of ``category`` and a hierarchy in the knowledge graph:
  (item, in_category, narrowest), (category, part_of, the next wider); equal names under different
  parents stay apart. ``bought_together`` gives triples between items.
- The means and numbers of ratings are computed from all reviews, so they would tell of held-out ones;
  they are not used, nor are the reviews' texts, pictures and helpful votes.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mgrec_core.data.cleaning import trimmed
from mgrec_core.data.importers.base import Import, Importer
from mgrec_core.data.importers.sources.records import first_record, stage_records
from mgrec_core.data.importers.tables import (
    complete_items,
    complete_users,
    load_events,
    load_items,
    reject_events_read_before,
    reject_read_before,
    sort_events,
)
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError

SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".json", ".json.gz")
REVIEW = ("rating", "asin", "parent_asin", "user_id", "timestamp", "verified_purchase")
PRODUCT = ("parent_asin", "title", "main_category", "store", "price", "categories", "features", "description")
_PATH = " > "
_NO_ATTRIBUTE = ("best sellers rank", "customer reviews")  # ranks and means over all reviews


class AmazonReviewsImporter(Importer):
    """Reads reviews and, where they are, products."""

    name: ClassVar[str] = "amazon-reviews"
    looks_for: ClassVar[str] = "JSON lines with user_id, asin and rating"
    order: ClassVar[int] = 9
    from_file: ClassVar[bool] = True

    def recognises(self, source: Path) -> bool:
        """Return whether there are reviews."""
        return bool(_files(source)[0])

    def fill(self, run: Import) -> None:
        """Fill items and their graph, then events."""
        reviews, products = _files(run.given if isinstance(run.given, Path) else run.source)
        if not reviews:
            raise InputError(
                f"{run.source.name} has no JSON lines with user_id, asin and rating (the reviews); add them"
            )
        run.files = len(reviews) + len(products)
        if run.source.is_dir():
            known = {path.name for path in (*reviews, *products)}
            run.ignore_files(
                (*SUFFIXES, ".csv", ".csv.gz"), known, "the file has no place here and was not read"
            )
        for path in products:
            _products(run, path)
        for path in reviews:
            _reviews(run, path)
        sort_events(run)
        complete_users(run)
        complete_items(run)


IMPORTER = AmazonReviewsImporter()


def _files(source: Path) -> tuple[list[Path], list[Path]]:
    """Return the files of reviews and those of products."""
    paths = sorted(source.iterdir()) if source.is_dir() else [source]
    reviews, products = [], []
    for path in paths:
        if path.is_file() and path.name.lower().endswith(SUFFIXES):
            keys = set(first_record(path))
            if {"user_id", "asin", "rating"} <= keys:
                reviews.append(path)
            elif "parent_asin" in keys and keys & {"main_category", "categories"}:
                products.append(path)
    return reviews, products


def _stage(run: Import, path: Path) -> Staged:
    run.tell(path.name)
    return run.protect(stage_records(run.connection, path, run.scratch, run.limit))


def _products(run: Import, path: Path) -> None:
    staged = _stage(run, path)
    item = staged.need("parent_asin")
    found = {name: staged.find(name) for name in PRODUCT}
    details = {
        name.partition(".")[2]: column
        for name, column in staged.columns.items()
        if name.lower().startswith("details.") and name.partition(".")[2].lower() not in _NO_ATTRIBUTE
    }
    author, together = staged.find("author.name"), staged.find("bought_together")
    used = {*found.values(), *details.values(), author, together}
    for name in (name for name, column in staged.columns.items() if column not in used):
        explanation = f"the column '{name}' has no place here and is not used"
        run.receipt.ignore(staged.file, "ignored_column", explanation)
    texts = [f"replace({one}, '|', ' ')" for one in (found["features"], found["description"]) if one]
    text = f"nullif(concat_ws(' ', {', '.join(texts)}), '')" if texts else "CAST(NULL AS VARCHAR)"
    attributes = {name: str(found[name]) for name in ("main_category", "store", "price") if found[name]}
    categories = found["categories"]
    if categories:
        attributes["category"] = categories
    if author:
        attributes["author"] = author
    # A detail is one value, whatever signs it holds; nested ones stay out.
    for name, column in details.items():
        if name.lower() not in attributes:
            plain = f"CASE WHEN left({column}, 1) NOT IN ('{{', '[') THEN replace({column}, '|', '/') END"
            attributes[name] = plain
    _graph(run, staged, item, categories, together)
    columns = {"item_id": item, "title": found["title"], "description": "x_text"}
    staged = run.derive(staged, {"x_text": text})
    load_items(run, staged, columns, attributes, checks=reject_read_before(run, item, "item"))


def _graph(run: Import, staged: Staged, item: str, categories: str | None, together: str | None) -> None:
    """Fill kg from the products; what several rows of an item say is merged."""
    rows = []
    if categories:
        rows.append(
            "SELECT head, relation, tail, label FROM"
            " (SELECT item, path, unnest(range(1, len(path) + 1)) AS depth"
            f" FROM (SELECT {trimmed(item)} AS item, list_filter(list_transform("
            f"string_split({categories}, '|'), lambda one: trim(one)), lambda one: one <> '') AS path"
            f" FROM {staged.table} WHERE {categories} IS NOT NULL)) AS t,"
            f" LATERAL (SELECT 'category:' || array_to_string(path[1:depth], '{_PATH}') AS here,"
            f" 'category:' || array_to_string(path[1:depth - 1], '{_PATH}') AS wider) AS l,"
            " LATERAL (SELECT item AS head, 'in_category' AS relation, here AS tail, path[depth] AS label"
            " WHERE depth = len(path)"
            " UNION ALL SELECT here, 'part_of', wider, path[depth - 1] WHERE depth > 1) AS triple"
        )
    if together:
        rows.append(
            f"SELECT {trimmed(item)}, 'bought_together', other, other FROM"
            f" (SELECT {item}, unnest(string_split({together}, '|')) AS other FROM {staged.table})"
            f" WHERE other <> '' AND other <> {trimmed(item)}"
        )
    if rows:
        run.connection.execute(
            "INSERT INTO kg SELECT head, relation, tail, min(label), 'given', 1 FROM"
            f" ({' UNION ALL '.join(rows)}) AS triples(head, relation, tail, label)"
            " WHERE head IS NOT NULL AND tail IS NOT NULL"
            " AND NOT EXISTS (FROM kg WHERE head_id = head"
            " AND kg.relation = triples.relation AND tail_id = tail)"
            " GROUP BY ALL ORDER BY ALL"
        )


def _reviews(run: Import, path: Path) -> None:
    staged = _stage(run, path)
    column = {name: staged.find(name) for name in REVIEW}
    user, item, rating = staged.need("user_id"), staged.need("asin"), staged.need("rating")
    run.ignore_columns(staged, *REVIEW)
    parent, verified, time = column["parent_asin"], column["verified_purchase"], column["timestamp"]
    made = {
        "x_item": f"coalesce({trimmed(parent)}, {item})" if parent else item,
        "x_event": f"CASE WHEN {verified} = 'true' THEN 'verified_review' ELSE 'review' END"
        if verified
        else "'review'",
        # The format counts milliseconds: that is no fault to repair.
        "x_time": f"CASE WHEN try_cast({time} AS BIGINT) >= 100000000000"
        f" THEN CAST(CAST({time} AS BIGINT) / 1000 AS VARCHAR) ELSE {time} END"
        if time
        else "CAST(NULL AS VARCHAR)",
    }
    staged = run.derive(staged, made)
    columns = {
        "user_id": user,
        "item_id": "x_item",
        "event": "x_event",
        "rating": rating,
        "timestamp": "x_time",
    }
    load_events(run, staged, columns, settle=reject_events_read_before(run))
