"""Three plain files: user_behavior, and optionally item_features and kg_data (CSV or Parquet).

``user_behavior`` (user_id, behavior[, item_id, label, timestamp]), one event a row:

- ``item_id`` names the item and ``behavior`` the kind of event (click, purchase …).
- Without a column ``item_id``, ``behavior`` names the item: ``i1`` is an ``interaction`` with i1,
  ``click:i1`` a click on it.
- ``label`` of 0 and 1 (or -1, false, no) says whether it happened: what did not is an ``impression``.
  A label with more values is a rating. Text is not used, and the receipt says so.
- ``timestamp``, ``rating``, ``weight`` and ``session_id`` are what they are in the canonical folder.

``item_features`` (item_id, item_attr), one row an item or one a feature. ``item_attr`` holds
features separated by ``|``, ``;`` or a comma without a space: ``genre:Drama`` is the value Drama of
the attribute genre, as is ``genre=Drama``; ``title:…`` and ``description:…`` become the item's own;
anything else is a value of the attribute ``feature``. Further columns are attributes of their name,
but for ``title`` (or ``name``) and ``description``.

``kg_data`` (head, relation, tail[, tail_label]) are triples as they stand. As (item_id,
kg_feature), features like those above: ``directed_by:Nolan`` is the triple (item, directed_by,
Nolan), anything else (item, has_feature, …). As (user_id, kg_feature) they are the user's attributes.

Column names may be in any case, and some usual other names are understood.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mgrec_core.data.cleaning import Duplicates, judge, literal, trimmed
from mgrec_core.data.importers.base import Import, Importer, find
from mgrec_core.data.importers.tables import complete_items, complete_users, load_events, load_kg
from mgrec_core.data.rules import REJECTED, REPAIRED, Rule
from mgrec_core.data.signals.kinds import words
from mgrec_core.data.staged import Staged

SUFFIXES = (".csv", ".csv.gz", ".parquet")
STEMS = ("user_behavior", "user_behaviour", "user_behaviors")
ALIASES: dict[str, tuple[str, ...]] = {
    "user_id": ("userid", "user", "uid"),
    "item_id": ("itemid", "item", "iid"),
    "behavior": ("behaviour", "behavior_type", "action", "event", "event_type"),
    "label": ("y", "target"),
    "timestamp": ("time", "ts", "datetime", "date"),
    "item_attr": ("item_attrs", "item_attribute", "item_attributes", "item_feature", "attr", "features"),
    "title": ("name", "item_name", "item_title"),
    "kg_feature": ("kg_features", "feature"),
    "head": ("head_id", "h", "subject"),
    "relation": ("relation_id", "rel", "r", "predicate"),
    "tail": ("tail_id", "t", "object"),
}
_NO = ("0", "0.0", "-1", "-1.0", "false", "no", "f", "n")
_YES = ("1", "1.0", "true", "yes", "t", "y")
# Letters and digits as ASCII's and all that is not ASCII: the classes of all letters, forty times over, take
# DuckDB longer to compile than most files to read.
_NAMED = r"^\s*([^\x00-@\[-`{-\x7f][^\x00-\x1f!-,/:-@\[-^`{-\x7f]{0,39}?)\s*[:=]\s*([^/\s].*)$"


RULES = (
    Rule(
        "negative_label",
        REPAIRED,
        "the label says that it did not happen; the event was kept as an impression",
        instead="the label is not used; what did not happen is an event like any other",
    ),
    Rule("missing_feature", REJECTED, "there is no feature"),
    Rule("duplicate_feature", REJECTED, "the same features of the same id were read before"),
)


class SeedCsvImporter(Importer):
    """Reads user_behavior.csv, item_features.csv and kg_data.csv."""

    name: ClassVar[str] = "seed-csv"
    looks_for: ClassVar[str] = "user_behavior.csv"
    order: ClassVar[int] = 8

    def recognises(self, source: Path) -> bool:
        """Return whether the folder has behaviour."""
        return any(find(source, stem, *SUFFIXES) for stem in STEMS)

    def fill(self, run: Import) -> None:
        """Fill events, items, attributes and kg."""
        behavior = next((path for stem in STEMS if (path := run.find(stem, *SUFFIXES))), None)
        behavior = behavior or run.need("user_behavior", *SUFFIXES)
        features, kg = run.find("item_features", *SUFFIXES), run.find("kg_data", *SUFFIXES)
        known = {path.name for path in (behavior, features, kg) if path}
        run.files = len(known)
        other = "the file is none of user_behavior, item_features, kg_data and was not read"
        run.ignore_files((*SUFFIXES, ".tsv"), known, other)
        if features:
            _item_features(run, run.stage(features))
        _behavior(run, run.stage(behavior))
        complete_users(run)
        complete_items(run)
        if kg:
            _kg(run, run.stage(kg))


IMPORTER = SeedCsvImporter()


def _find(staged: Staged, name: str) -> str | None:
    names = (name, *ALIASES.get(name, ()))
    return next((column for one in names if (column := staged.find(one))), None)


def _need(staged: Staged, name: str) -> str:
    return _find(staged, name) or staged.need(name)


def _behavior(run: Import, staged: Staged) -> None:
    user, item = _need(staged, "user_id"), _find(staged, "item_id")
    kind = _find(staged, "behavior")
    if item is None:
        kind = _need(staged, "behavior")
        kinds = ", ".join(literal(one) for one in words())
        prefix = f"regexp_extract(lower({trimmed(kind)}), '^([a-z_]+):.', 1)"
        named = f"coalesce({prefix} IN ({kinds}), false)"
        made = {
            "x_item": f"CASE WHEN {named} THEN regexp_replace({trimmed(kind)}, '^[^:]*:', '')"
            f" ELSE {kind} END",
            "x_event": f"CASE WHEN {named} THEN {prefix} ELSE 'interaction' END",
        }
    else:
        made = {"x_item": item, "x_event": kind or "'interaction'"}
    label, use = _find(staged, "label"), ""
    if label:
        use = label_meaning(run, staged, label)
        if not use:
            explanation = "the label says neither yes or no nor a number, or may not; it is not used"
            run.receipt.ignore(staged.file, "ignored_column", explanation)
    negative = is_negative(label) if label and use == "binary" else "false"
    made["x_event"] = f"CASE WHEN {negative} THEN 'impression' ELSE {made['x_event']} END"
    others = {name: _find(staged, name) for name in ("timestamp", "rating", "weight", "session_id")}
    if use == "rating" and others["rating"] is None:
        others["rating"] = label
    used = {user, item, kind, label, *others.values()}
    for name in (name for name, column in staged.columns.items() if column not in used):
        explanation = f"the column '{name}' has no place here and is not used"
        run.receipt.ignore(staged.file, "ignored_column", explanation)
    staged = run.derive(staged, made)
    columns = {"user_id": user, "item_id": "x_item", "event": "x_event", **others}
    load_events(run, staged, columns, checks={"negative_label": negative} if use == "binary" else None)


def label_meaning(run: Import, staged: Staged, label: str) -> str:
    """Return what a column of labels is: ``binary``, ``rating`` or, for text, nothing."""
    text = f"lower({trimmed(label)})"
    ((binary, numbers),) = run.connection.execute(
        f"SELECT bool_and({text} IN {_NO + _YES}), bool_and(try_cast({text} AS DOUBLE) IS NOT NULL)"
        f" FROM {staged.table} WHERE {text} IS NOT NULL"
    ).fetchall()
    if binary and "negative_label" in run.off:
        return ""
    return "binary" if binary else "rating" if numbers else ""


def is_negative(label: str) -> str:
    """Return SQL that is true where a binary label says no."""
    return f"coalesce(lower({trimmed(label)}) IN {_NO}, false)"


def _pieces(column: str) -> str:
    """Return SQL for the list of features in a cell."""
    return rf"string_split_regex(regexp_replace({column}, ',(\pL)', '|\1', 'g'), '[|;]')"


def _name_of(piece: str, default: str) -> str:
    return f"coalesce(nullif(regexp_extract({piece}, '{_NAMED}', 1), ''), {literal(default)})"


def _value_of(piece: str) -> str:
    return (
        f"CASE WHEN regexp_matches({piece}, '{_NAMED}') THEN regexp_extract({piece}, '{_NAMED}', 2)"
        f" ELSE {piece} END"
    )


def _item_features(run: Import, staged: Staged) -> None:
    item, attr = _need(staged, "item_id"), _find(staged, "item_attr")
    title, description = _find(staged, "title"), _find(staged, "description")
    others = {
        name: column
        for name, column in staged.columns.items()
        if column not in (item, attr, title, description)
    }
    if not (attr or others or title):
        attr = staged.need("item_attr")
    cells = run.cells()
    cells.text("item_id", item, required=True)
    cells.text("title", title)
    cells.text("description", description)
    again = Duplicates("duplicate_feature", ["item_id", *staged.columns.values()])
    judged = judge(run.connection, staged, cells, again)
    good = f"FROM {judged.table} WHERE _rejected IS NULL"
    rows = [
        f"SELECT item_id, {literal(name)} AS name, unnest(string_split({column}, '|')) AS value {good}"
        for name, column in others.items()
    ]
    if attr:
        name, value = _name_of("piece", "feature"), _value_of("piece")
        rows.append(
            f"SELECT item_id, {name}, {value} FROM (SELECT item_id, unnest({_pieces(attr)}) AS piece {good})"
        )
    rows.append("SELECT NULL, NULL, NULL")
    run.connection.execute(
        f"CREATE TEMP TABLE features AS SELECT DISTINCT item_id, name, {trimmed('value')} AS value"
        f" FROM ({' UNION ALL '.join(rows)}) AS f(item_id, name, value) WHERE {trimmed('value')} IS NOT NULL"
    )
    own = {
        kind: f"(SELECT item_id, min(value) AS {kind} FROM features WHERE lower(name) = '{kind}' GROUP BY 1)"
        for kind in ("title", "description")
    }
    run.connection.execute(
        f"INSERT INTO items SELECT i.item_id, coalesce(i.t, title), coalesce(i.d, description) FROM"
        f" (SELECT item_id, min(title) AS t, min(description) AS d {good} GROUP BY item_id) i"
        f" LEFT JOIN {own['title']} USING (item_id) LEFT JOIN {own['description']} USING (item_id) ORDER BY 1"
    )
    run.connection.execute(
        "INSERT INTO item_attributes FROM features"
        " WHERE lower(name) NOT IN ('title', 'description') ORDER BY ALL"
    )
    run.connection.execute("DROP TABLE features")
    run.record(staged, judged, "items")
    run.drop(staged, judged)


def _kg(run: Import, staged: Staged) -> None:
    feature = _find(staged, "kg_feature")
    if feature is None:
        triple = {name: _need(staged, name) for name in ("head", "relation", "tail")}
        columns = {"head_id": triple["head"], "relation": triple["relation"], "tail_id": triple["tail"]}
        optional = {name: staged.find(name) for name in ("tail_label", "source")}
        load_kg(run, staged, {**columns, **optional})
        return
    item, user = _find(staged, "item_id") or _find(staged, "head"), _find(staged, "user_id")
    if not (item or user):
        item = staged.need("item_id")
    cells = run.cells()
    cells.text("item_id", item)
    cells.text("user_id", user)
    cells.text("feature", feature)
    cells.check("missing_item_id" if item else "missing_user_id", "item_id IS NULL AND user_id IS NULL")
    cells.check("missing_feature", "feature IS NULL")
    again = Duplicates("duplicate_feature", ["item_id", "user_id", "feature"])
    judged = judge(run.connection, staged, cells, again)
    run.connection.execute(
        f"CREATE TEMP TABLE features AS SELECT DISTINCT item_id, user_id, name, {trimmed('value')} AS value"
        " FROM"
        f" (SELECT item_id, user_id, {_name_of('piece', '')} AS name, {_value_of('piece')} AS value FROM"
        f" (SELECT item_id, user_id, unnest({_pieces('feature')}) AS piece FROM {judged.table}"
        f" WHERE _rejected IS NULL)) WHERE {trimmed('value')} IS NOT NULL"
    )
    run.connection.execute(
        "INSERT INTO kg SELECT item_id, coalesce(nullif(name, ''), 'has_feature') AS relation,"
        " 'feature:' || value, value, 'given', 1 FROM features WHERE item_id IS NOT NULL"
        " GROUP BY ALL ORDER BY ALL"
    )
    run.connection.execute(
        "INSERT INTO users SELECT DISTINCT user_id FROM features WHERE item_id IS NULL"
        " AND user_id NOT IN (SELECT user_id FROM users) ORDER BY 1"
    )
    run.connection.execute(
        "INSERT INTO user_attributes SELECT DISTINCT user_id, coalesce(nullif(name, ''), 'kg_feature'), value"
        " FROM features WHERE item_id IS NULL ORDER BY ALL"
    )
    run.connection.execute("DROP TABLE features")
    run.record(staged, judged, "kg" if item else "user_attributes")
    run.drop(staged, judged)
