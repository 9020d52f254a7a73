"""RecBole's atomic files: tab-separated, each column's type in the header (``rating:float``).

- ``.inter``: the events. ``rating``, ``weight``, ``timestamp`` and ``session_id`` are what they are in
  the canonical folder; a ``label`` of 0 makes an ``impression``, any other numbers are ratings.
- ``.item`` and ``.user``: titles and attributes. A ``token_seq`` is a list of values, but for the title.
- ``.kg`` and ``.link``: triples between entities, and which entity is which item. An entity that is
  linked becomes its item.
- ``.net``: friendships.

Vectors (``float_seq``) are not used, and the receipt says so.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from mgrec_core.data.cleaning import Duplicates, judge, trimmed
from mgrec_core.data.importers.base import Import, Importer
from mgrec_core.data.importers.seed_csv import is_negative, label_meaning
from mgrec_core.data.importers.tables import (
    add_missing,
    complete_items,
    complete_users,
    load_events,
    load_items,
    load_kg,
    load_social,
    load_users,
)
from mgrec_core.data.rules import REJECTED, Rule
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError

KINDS = ("inter", "item", "user", "kg", "link", "net")
TITLES = ("title", "movie_title", "item_title", "item_name", "name", "artist_name", "book_title")
Types = dict[str, str]


RULES = (
    Rule(
        "duplicate_link",
        REJECTED,
        "the entity was linked before; the alphabetically first of its items is kept",
    ),
)


class RecBoleImporter(Importer):
    """Reads one data set of atomic files."""

    name: ClassVar[str] = "recbole"
    looks_for: ClassVar[str] = "a file ending in .inter"
    order: ClassVar[int] = 7

    def recognises(self, source: Path) -> bool:
        """Return whether the folder has interactions."""
        return any(path.is_file() for path in source.glob("*.inter"))

    def fill(self, run: Import) -> None:
        """Fill every table for which the folder has a file."""
        paths = {kind: _one(run.source, kind) for kind in KINDS}
        if paths["inter"] is None:
            raise InputError(f"no file ends in .inter in {run.source.resolve().name}; put the events there")
        run.files = sum(path is not None for path in paths.values())
        columns: dict[str, str | None]
        if path := paths["item"]:
            staged, types = _stage(run, path)
            title = next((one for name in TITLES if (one := staged.find(name))), None)
            columns = {"item_id": _id(staged, "item_id"), "title": title}
            load_items(run, staged, columns, _attributes(run, staged, types, {*columns.values()}))
        if path := paths["user"]:
            staged, types = _stage(run, path)
            user = _id(staged, "user_id")
            load_users(run, staged, user, _attributes(run, staged, types, {user}))
        _events(run, paths["inter"])
        if path := paths["net"]:
            staged, _ = _stage(run, path)
            ends = [staged.find("source_id"), staged.find("target_id")]
            if not all(ends):
                ends = [staged.need("user_id"), staged.need("friend_id")]
            columns = {"user_id": ends[0], "friend_id": ends[1], "weight": staged.find("weight")}
            load_social(run, staged, columns)
        complete_users(run)
        complete_items(run)
        if path := paths["kg"]:
            _kg(run, path, paths["link"])
        elif path := paths["link"]:
            run.receipt.ignore(path.name, "ignored_file", "there is no .kg file whose entities it could link")
            run.files -= 1


IMPORTER = RecBoleImporter()


def _one(source: Path, kind: str) -> Path | None:
    found = sorted(path for path in source.glob(f"*.{kind}") if path.is_file())
    if len(found) > 1:
        names = " and ".join(path.name for path in found[:2])
        raise InputError(f"the folder {source.resolve().name} holds {names}; keep only one of them")
    return found[0] if found else None


def _stage(run: Import, path: Path) -> tuple[Staged, Types]:
    """Read a file; return it with plain column names, and the type of each."""
    staged = run.stage(path, delimiter="\t", quoted=False)
    columns: dict[str, str] = {}
    types: Types = {}
    for header, column in staged.columns.items():
        name, _, kind = header.rpartition(":") if ":" in header else (header, "", "token")
        if name in columns:
            raise InputError(f"{path.name} has two columns named '{name}'; rename one of them")
        columns[name], types[name] = column, kind.strip().lower()
    return replace(staged, columns=columns), types


def _id(staged: Staged, name: str) -> str:
    """Return the id column: by its name, else the only other one that is called some id."""
    ids = [one for one in staged.columns if one.endswith("_id") and one not in ("user_id", "session_id")]
    if name == "item_id" and staged.find(name) is None and len(ids) == 1:
        return staged.columns[ids[0]]
    return staged.need(name)


def _attributes(run: Import, staged: Staged, types: Types, used: set[str | None]) -> dict[str, str]:
    found = {}
    for name, column in staged.columns.items():
        if column in used:
            continue
        if types[name] == "float_seq":
            run.receipt.ignore(staged.file, "ignored_column", f"the column '{name}' is a vector and not used")
        elif types[name] == "token_seq":
            found[name] = rf"regexp_replace(trim({column}), '\s+', '|', 'g')"
        else:
            found[name] = column
    return found


def _events(run: Import, path: Path) -> None:
    staged, _ = _stage(run, path)
    names = ("rating", "weight", "timestamp", "session_id", "event")
    columns = {name: staged.find(name) for name in names}
    columns |= {"user_id": staged.need("user_id"), "item_id": _id(staged, "item_id")}
    checks = {}
    label = staged.find("label")
    use = label_meaning(run, staged, label) if label else ""
    if label and use == "binary":
        negative = is_negative(label)
        kind = columns["event"] or "'interaction'"
        staged = run.derive(staged, {"x_event": f"CASE WHEN {negative} THEN 'impression' ELSE {kind} END"})
        columns["event"], checks["negative_label"] = "x_event", negative
    elif label and use == "rating" and columns["rating"] is None:
        columns["rating"] = label
    used = {*columns.values(), label if use else None}
    for name in (name for name, column in staged.columns.items() if column not in used):
        explanation = f"the column '{name}' has no place here and is not used"
        run.receipt.ignore(staged.file, "ignored_column", explanation)
    load_events(run, staged, columns, checks=checks)


def _kg(run: Import, path: Path, link: Path | None) -> None:
    run.connection.execute("CREATE TEMP TABLE links (entity VARCHAR, item VARCHAR)")
    if link:
        staged, _ = _stage(run, link)
        item, entity = _linked(staged)
        cells = run.cells()
        cells.text("item_id", item, required=True)
        cells.text("tail_id", entity, required=True)
        cells.known("_item_known", item, "items")
        cells.check("unknown_item", "NOT _item_known")
        again = Duplicates("duplicate_link", ["tail_id"], order=["item_id"])
        judged = judge(run.connection, staged, cells, again)
        run.connection.execute(
            f"INSERT INTO links SELECT tail_id, item_id FROM {judged.table} WHERE _rejected IS NULL"
        )
        run.record(staged, judged, "entity links")
        run.drop(staged, judged)
    staged, _ = _stage(run, path)
    head, relation, tail = (staged.need(name) for name in ("head_id", "relation_id", "tail_id"))
    prefix = "'entity:' || " if link else ""
    staged = run.derive(
        staged,
        {
            "x_head": f"coalesce(h.item, {prefix}{trimmed(head)})",
            "x_tail": f"coalesce(t.item, {prefix}{trimmed(tail)})",
        },
        f"LEFT JOIN links h ON h.entity = {trimmed('file.' + head)}"
        f" LEFT JOIN links t ON t.entity = {trimmed('file.' + tail)}",
    )
    if "unknown_item" in run.off:
        add_missing(run, "items", "item", "links")
    load_kg(run, staged, {"head_id": "x_head", "relation": relation, "tail_id": "x_tail", "tail_label": tail})
    run.connection.execute("DROP TABLE links")


def _linked(staged: Staged) -> tuple[str, str]:
    entity = staged.need("entity_id")
    rest = replace(staged, columns=staged.others("entity_id"))
    return _id(rest, "item_id"), entity
