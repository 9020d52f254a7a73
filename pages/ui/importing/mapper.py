"""The mapping's editor: for every table what it becomes, for every column where it comes from."""

from __future__ import annotations

from collections.abc import Mapping as Mapping_
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.foundation.errors import InputError
from pages.ui import text
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from mgrec_core.data.importers.mapping import Mapping, TableMapping
    from mgrec_core.data.importers.mapping.guess import Table

_UNUSED = "not used"
_CONSTANT = {"interactions": "event", "kg": "relation", "feedback": "kind"}
"""Column that may be one value for all rows."""
_MOST_KINDS = 24


def forget() -> None:
    """Forget what was chosen for earlier tables."""
    for key in [key for key in st.session_state if str(key).startswith("map_")]:
        del st.session_state[key]


def edit(tables: Sequence[Table], proposed: Mapping | None) -> Mapping | None:
    """Show the editor and return the mapping, or None with a sentence while something is missing."""
    from mgrec_core.data.importers.mapping.model import fingerprint

    st.caption(
        "Choose what each table holds and what each column means. Suggestions come from names and values."
    )
    entries: list[dict[str, Any]] = []
    for number, table in enumerate(tables):
        mine = [one for one in proposed.tables if one.file == table.name] if proposed else []
        made = _table(number, table, mine[0] if mine else None, others=mine[1:])
        entries += [made] if made else []
        entries += [_written(one) for one in mine[1:] if made]
    strengths = _strengths(tables, entries, proposed.strengths if proposed else {})
    name = st.text_input(
        "Name of the mapping", value=proposed.name if proposed else "mapping", key="map_name"
    )
    with problems.told(InputError, tone="info"):
        return _mapping({
            "name": name,
            "tables": entries,
            "strengths": strengths,
            "fingerprint": fingerprint(table.samples.keys() for table in tables),
        })  # fmt: skip
    return None


def _strengths(
    tables: Sequence[Table], entries: Sequence[dict[str, Any]], before: Mapping_[str, float]
) -> dict[str, float]:
    """Ask how much each kind of event says; return what differs from the usual, and kinds not shown."""
    from mgrec_core.data.signals.kinds import kind_of

    kinds = _kinds(tables, entries)
    if not kinds:
        return dict(before)
    chosen = {kind: strength for kind, strength in before.items() if kind not in kinds}
    with st.expander(f"How much an event says about interest ({text.count(len(kinds), 'kind')})"):
        st.caption(
            "1: as much for an interest as any event, such as a purchase; 0: nothing; −1: as much against "
            "it, such as a dislike. "
            "Kinds that appear only later in the file get their usual strengths."
        )
        cells = st.columns(4)
        for place, kind in enumerate(kinds):
            known = kind_of(kind)
            usual = known.strength
            value = cells[place % 4].number_input(
                text.md(text.shorten(kind, 30)),
                min_value=-1.0,
                max_value=1.0,
                step=0.05,
                value=float(before.get(kind, usual)),
                help=f"usual: {usual:g}" + ("" if known.known else " (unknown kind)"),
                key=f"map_strength_{kind}",
            )
            if value != usual:
                chosen[kind] = float(value)
    return chosen


def _kinds(tables: Sequence[Table], entries: Sequence[dict[str, Any]]) -> list[str]:
    """Kinds of events in the samples and constants, as the import writes them; the first few."""
    samples = {table.name: table.samples for table in tables}
    found: dict[str, None] = {}
    for entry in entries:
        if entry["table"] == "interactions":
            column = entry["columns"].get("event")
            values = samples[entry["file"]].get(column, []) if column else []
            words = entry.get("values", {}).get(column, {})
            known = [words.get(value.strip().lower(), value) for value in values]
            for value in (*known, *(words.values() if words else ()), *entry.get("constants", {}).values()):
                if kind := value.strip().lower():
                    found[kind] = None
    return sorted(found)[:_MOST_KINDS]


def _mapping(content: dict[str, Any]) -> Mapping:
    import yaml

    from mgrec_core.data.importers.mapping.model import parse

    if not content["tables"]:
        raise InputError("At least one table must hold interactions: who did what with which item.")
    return parse(yaml.safe_dump(content), "the mapping")


def _written(entry: TableMapping) -> dict[str, Any]:
    return entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _beyond(entry: TableMapping) -> dict[str, Any]:
    """Return what an entry says that the editor has no field for: it is kept as it is."""
    shown = {"table", "file", "columns", "constants", "timestamp", "attributes", "list_separator"}
    return {name: value for name, value in _written(entry).items() if name not in shown}


def _told(entry: TableMapping, others: Sequence[TableMapping]) -> None:
    """Say what an entry does besides what the fields show, and which further tables the file fills."""
    from mgrec_core.data.importers.mapping.verbs import Verbs

    done = [name for name in Verbs.model_fields if name in _beyond(entry)]
    parts = [f"before that: {', '.join(done)}"] if done else []
    parts += [f"the same file also fills {', '.join(one.table for one in others)}"] if others else []
    if parts:
        st.caption(f"{text.md('; '.join(parts)).capitalize()} (see the mapping's file).")


def _table(
    number: int, table: Table, entry: TableMapping | None, others: Sequence[TableMapping] = ()
) -> dict[str, Any] | None:
    from mgrec_core.data.importers.mapping.model import OPTIONAL, REQUIRED, TARGETS
    from mgrec_core.data.times import FORMATS, UNITS, time_form

    with st.container(border=True):
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        left.html(f"<b>{text.html(table.name)}</b>")
        target = right.selectbox(
            "becomes",
            [None, *TARGETS],
            index=1 + TARGETS.index(entry.table) if entry else 0,
            format_func=lambda name: name or _UNUSED,
            key=f"map_{number}_table",
        )
        if target is None:
            return None
        columns: dict[str, str] = {}
        constants: dict[str, str] = {}
        same = entry if entry and entry.table == target else None
        cells = st.columns(3)
        # Columns that a join or a list makes are none of the file's, but may be chosen.
        made_by_verbs = [*same.columns.values()] if same else []
        options = list(dict.fromkeys([*table.samples, *made_by_verbs]))
        for place, name in enumerate((*REQUIRED[target], *OPTIONAL[target])):
            guessed = same.columns.get(name) if same else None
            needed = " (needed)" if name in REQUIRED[target] else ""
            key = f"map_{number}_{target}_{name}"
            # Without an index the choice can be taken back, what was guessed too.
            st.session_state.setdefault(key, guessed if guessed in options else None)
            chosen = cells[place % 3].selectbox(
                f"{name}{needed}",
                options,
                index=None,
                placeholder="choose a column" if needed else "none",
                format_func=lambda column: _with_samples(table, column),
                key=key,
            )
            if chosen is not None:
                columns[name] = chosen
            elif _CONSTANT.get(target) == name:
                value = cells[place % 3].text_input(
                    f"{name} of all rows",
                    value=same.constants.get(name, "") if same else "",
                    placeholder="purchase" if name == "event" else "",
                    key=f"map_{number}_{target}_{name}_constant",
                )
                constants.update({name: value.strip()} if value.strip() else {})
        if same:
            _told(same, others)
            shown = {*columns, _CONSTANT.get(target)}
            hidden = {name: value for name, value in same.constants.items() if name not in shown}
            constants = hidden | constants
        made: dict[str, Any] = {
            **(_beyond(same) if same else {}),
            "table": target,
            "file": table.name,
            "columns": columns,
            "constants": constants,
        }
        if "timestamp" in columns:
            column = columns["timestamp"]
            forms = ["auto", *UNITS, *FORMATS]
            if same and same.columns.get("timestamp") == column:
                current = same.timestamp
            else:
                current = time_form(table.samples.get(column, ()), share=0.5) or "auto"
            forms += [] if current in forms else [current]
            made["timestamp"] = st.selectbox(
                "Form of the timestamp",
                forms,
                index=forms.index(current),
                key=f"map_{number}_{target}_form_{column}",
                help="“auto” finds the form from all rows, and asks where two forms fit every row.",
            )
        if target in ("items", "users"):
            names = {column: name for name, column in ((same.attributes or {}) if same else {}).items()}
            free = [c for c in dict.fromkeys([*table.samples, *names]) if c not in columns.values()]
            before = [*names] if same and same.attributes is not None else free
            kept = st.multiselect(
                "Attributes",
                free,
                default=[column for column in before if column in free],
                key=f"map_{number}_{target}_attributes",
            )
            if not (same and same.attributes is None and kept == free):  # every column, also what verbs make
                made["attributes"] = {names.get(column, column): column for column in kept}
            made["list_separator"] = (
                st.text_input(
                    "Separator of several values in a cell",
                    value=same.list_separator if same else "|",
                    max_chars=5,
                    key=f"map_{number}_{target}_separator",
                )
                or "|"
            )
        return made


def _with_samples(table: Table, column: str) -> str:
    values = list(dict.fromkeys(table.samples.get(column, ())))[:3]
    return f"{text.shorten(column, 40)} · {text.shorten(', '.join(values), 60)}" if values else column
