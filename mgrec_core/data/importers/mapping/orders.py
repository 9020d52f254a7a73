"""Orders and their lines, and other tables that belong together by a key they share."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from typing import Any

from mgrec_core.data.importers.mapping.model import TableMapping
from mgrec_core.data.importers.mapping.names import STATUS, fold, kind_of_file, words
from mgrec_core.data.importers.mapping.roles import roles_of
from mgrec_core.data.importers.mapping.verbs import Join
from mgrec_core.data.times import time_form

Samples = Lookup[str, Sequence[str]]

_CANCELLED_AT = words("cancelledat canceledat cancelledon storniertam")
_TAKEN_BACK = words(
    "refunded isrefunded refund cancelled canceled iscancelled iscanceled cancellation voided isvoided returned"
    " isreturned storniert stornierung retourniert retoure erstattet annule rembourse cancelado reembolsado"
)
"""Names of columns that say with yes and no whether an order was taken back."""
_FLAG = words("yes no y n true false t f 1 0 ja nein j oui non o si")
_YES = ["1", "ja", "j", "o", "oui", "si", "t", "true", "y", "yes"]
_UNDONE = words(
    "cancelled canceled refunded voided failed returned trash wc-cancelled wc-refunded wc-failed storniert"
    " retourniert annule annulée annulee rembourse remboursé cancelado reembolsado 已取消 已退款"
)
"""States in which an order is none."""


def of_orders(file: str, samples: Samples, columns: dict[str, str]) -> dict[str, Any]:
    """Return what leaves out orders that were taken back; nothing where no column says so.

    Where only the first line of an order says its state, the file is joined to itself, and ``columns`` get
    the order as session.
    """
    rows = max((len(values) for values in samples.values()), default=0)
    where: list[dict[str, Any]] = []
    named: list[str] = []
    for column, values in samples.items():
        folded = fold(column)
        undone = sorted({one.strip().lower() for one in values} & _UNDONE)
        if folded in STATUS and undone:
            usual = ["cancelled", "canceled", "refunded", "voided", "failed"]
            where.append({"column": column, "not_in": sorted({*undone, *usual})})
        elif folded in _TAKEN_BACK and values and {fold(one) for one in values} <= _FLAG:
            where.append({"column": column, "not_in": _YES})
        elif folded in _CANCELLED_AT:
            where.append({"column": column, "present": False})
        else:
            continue
        named.append(column)
    if not where:
        return {}
    order = columns.get("session_id") or next((one for one in samples if fold(one) == "name"), "")
    sparse = any(len(samples[column]) < 0.8 * rows for column in named if fold(column) in STATUS)
    if sparse and order in samples and len(set(samples[order])) < len(samples[order]):
        where = [{**one, "column": f"order.{one['column']}"} for one in where]
        columns.setdefault("session_id", order)
        joined = {"file": file, "keys": {order: order}, "name": "order", "columns": named}
        return {"join": [joined], "where": where}
    return {"where": where}


def joins(entries: Sequence[TableMapping], samples: Lookup[str, Samples]) -> list[TableMapping]:
    """Return the entries, lines that name an item joined to the table that says whose order they are in."""
    heads = [one for one in entries if one.table == "users" and not one.explode]
    found: list[TableMapping] = []
    used: set[str] = set()
    for entry in entries:
        pairs = (
            (one, _key(entry, one, samples)) for one in heads if entry.table == "items" and not entry.pivot
        )
        head, key = next(((one, key) for one, key in pairs if key), (None, None))
        if head is None or key is None:
            found.append(entry)
            continue
        used.add(head.file)
        found.append(_line(entry, head, key, samples))
    return [one for one in found if not (one.table == "users" and one.file in used)]


def _key(line: TableMapping, head: TableMapping, samples: Lookup[str, Samples]) -> tuple[str, str] | None:
    """Return the column of lines and that of orders that are the same, ``order_id`` and ``id``."""
    user, item = head.columns["user_id"], line.columns["item_id"]
    stem = fold(head.file.partition(" [")[2].rstrip("]") or head.file.split(".")[0])
    there = {fold(column): column for column in samples.get(head.file, {}) if column != user}
    for column in samples.get(line.file, {}):
        folded = fold(column)
        if column == item or not folded.endswith(("id", "nr", "no", "number", "nummer", "key")):
            continue
        if folded in there and there[folded] != item:
            return column, there[folded]
        if "id" in there and folded.removesuffix("id").rstrip("s") == stem.rstrip("s"):
            return column, there["id"]
    return None


def _line(
    entry: TableMapping, head: TableMapping, key: tuple[str, str], samples: Lookup[str, Samples]
) -> TableMapping:
    join = {"file": head.file, "keys": {key[0]: key[1]}}
    prefix = Join.model_validate(join).prefix
    own, theirs = roles_of(samples[entry.file]), roles_of(samples[head.file])
    columns = {
        "user_id": f"{prefix}.{theirs['user_id']}",
        "item_id": entry.columns["item_id"],
        "session_id": key[0],
    }
    form = "auto"
    for roles, before, table in ((own, "", entry.file), (theirs, f"{prefix}.", head.file)):
        column = roles.get("timestamp")
        if column and "timestamp" not in columns and (told := time_form(samples[table][column], 0.5)):
            columns["timestamp"], form = f"{before}{column}", told
    if "weight" in own:
        columns["weight"] = own["weight"]
    made: dict[str, Any] = {"table": "interactions", "file": entry.file, "columns": columns, "join": [join]}
    if kind := kind_of_file(entry.file) or kind_of_file(head.file):
        made["constants"] = {"event": kind}
    made["timestamp"] = form
    state = of_orders(head.file, samples[head.file], {})
    made["where"] = [{**one, "column": f"{prefix}.{one['column']}"} for one in state.get("where", [])]
    return TableMapping.model_validate(made)


def lookups(entries: Sequence[TableMapping], samples: Lookup[str, Samples]) -> list[TableMapping]:
    """Return the entries, items joined to tables of two columns that name what they have the number of."""
    used = {one.file for one in entries}
    small = {name: [*found] for name, found in samples.items() if name not in used and len(found) == 2}
    done: list[TableMapping] = []
    for entry in entries:
        added = []
        for name, (key, label) in ((name, pair) for name, pair in small.items() if entry.table == "items"):
            own = next((column for column in samples.get(entry.file, {}) if fold(column) == fold(key)), None)
            if own and fold(key).endswith("id") and not entry.explode and own != entry.columns.get("item_id"):
                added.append({"file": name, "keys": {own: key}, "columns": [label]})
        made = {
            **entry.model_dump(by_alias=True, exclude_defaults=True),
            "join": [*entry.written().get("join", []), *added],
        }
        done.append(TableMapping.model_validate(made) if added else entry)
    return done
