"""What users, items and events lack: titles, text, each attribute, tags, graph, friends, dates."""

from __future__ import annotations

from dataclasses import dataclass

from mgrec_core.quality.document import Cell, Column, Finding, FindingExample, Part, Section, Table
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import graded, number, part_of, share

KEY = "missing"
MOST_ATTRIBUTES = 40
"""Attributes that get a row each, the most complete first."""


@dataclass(frozen=True)
class _Field:
    """Something an item or a user can have; ``have`` selects the ids that do."""

    of: str
    name: str
    have: str
    values: tuple[str, ...] = ()


_ITEM_FIELDS = (
    _Field("items", "title", "SELECT item_id AS id FROM q_items WHERE title IS NOT NULL"),
    _Field("items", "description", "SELECT item_id AS id FROM q_items WHERE description IS NOT NULL"),
    _Field("items", "any text", "SELECT item_id AS id FROM q_text WHERE text IS NOT NULL"),
    _Field("items", "any attribute or tag", "SELECT DISTINCT item_id AS id FROM q_values"),
    _Field("items", "tags", "SELECT DISTINCT item_id AS id FROM v_tags"),
    _Field(
        "items",
        "knowledge graph",
        """SELECT head_id AS id FROM v_kg WHERE head_is_item UNION SELECT tail_id FROM v_kg WHERE
        tail_is_item""",
    ),
)
_USER_FIELDS = (
    _Field("users", "events", "SELECT user_id AS id FROM q_users WHERE n_items > 0"),
    _Field("users", "friends", "SELECT DISTINCT user_id AS id FROM v_social"),
    _Field("users", "feedback", "SELECT DISTINCT user_id AS id FROM v_feedback"),
)
_COLUMNS = (
    Column(name="Of"),
    Column(name="What"),
    Column(name="Have it", kind="count"),
    Column(name="Missing", kind="count"),
    Column(name="Missing, share", kind="share"),
    Column(name="Share of events without it", kind="share"),
    Column(name="Examples, most events first"),
)


def check(data: Snapshot) -> Part:
    """One row a field: how many have it, how many lack it, how many events that touches."""
    data.run(
        """CREATE OR REPLACE TEMP TABLE q_weight AS
           SELECT 'items' AS of, i.item_id AS id, i.label, coalesce(n, 0) AS n
           FROM q_items i LEFT JOIN (SELECT item_id, count(*) AS n FROM q_events GROUP BY 1) USING (item_id)
           UNION ALL
           SELECT 'users', u.user_id, u.user_id, coalesce(n, 0)
           FROM q_users u LEFT JOIN (SELECT user_id, count(*) AS n FROM q_events GROUP BY 1) USING
               (user_id)"""
    )
    rows: list[tuple[Cell, ...]] = []
    lacking: dict[str, tuple[int, float]] = {}
    for field in (*_ITEM_FIELDS, *_attributes(data, "item"), *_USER_FIELDS, *_attributes(data, "user")):
        total = data.items if field.of == "items" else data.users
        have, touched = data.row(
            f"""SELECT count(h.id), coalesce(sum(w.n) FILTER (h.id IS NULL), 0)
                FROM q_weight w LEFT JOIN ({field.have}) h ON h.id = w.id WHERE w.of = '{field.of}'""",
            *field.values,
        )
        missing = total - have
        lacking[f"{field.of}: {field.name}"] = (missing, share(touched, data.events))
        named = _examples(data, field) if field.of == "items" and 0 < missing < total else ()
        names = ", ".join(example.label for example in named)  # a user's id would tell nothing, but of whom
        rows.append(
            (field.of, field.name, have, missing, share(missing, total), share(touched, data.events), names)
        )
    for name in ("timestamp", "rating", "session_id"):
        have = data.count(f"q_events WHERE {name} IS NOT NULL")
        gap = 1 - share(have, data.events) if data.events else 0.0
        rows.append(("events", name.removesuffix("_id"), have, data.events - have, gap, gap, ""))
    table = Table(
        key="fields",
        title="What is there and what is missing",
        columns=_COLUMNS,
        rows=tuple(rows),
        total=len(rows),
        note="Share of events without it: events whose item (or user) lacks the field / events.",
    )
    without = {
        name: lacking[f"items: {name}"][0] for name in ("any text", "any attribute or tag", "knowledge graph")
    }
    section = Section(
        key=KEY,
        title="Missing",
        tables=(table,),
        about="What users, items and events lack, and how many events that touches.",
        numbers=(
            *(
                number(
                    f"without_{name.split()[-1]}",
                    f"items without {name}",
                    share(n, data.items),
                    f"items without {name} / items",
                    "share",
                )
                for name, n in without.items()
            ),
            number(
                "without_friends",
                "users without friends",
                share(lacking["users: friends"][0], data.users),
                "users without a tie / users",
                "share",
            ),
        ),
    )
    return section, tuple(_findings(data, lacking))


def _attributes(data: Snapshot, of: str) -> list[_Field]:
    rows = data.rows(
        f"SELECT attribute FROM v_{of}_attributes GROUP BY 1 "
        f"ORDER BY count(DISTINCT {of}_id) DESC, 1 LIMIT {MOST_ATTRIBUTES}"
    )
    have = f"SELECT DISTINCT {of}_id AS id FROM v_{of}_attributes WHERE attribute = ?"
    return [_Field(f"{of}s", name, have, (name,)) for (name,) in rows]


def _examples(data: Snapshot, field: _Field, limit: int = 3) -> list[FindingExample]:
    rows = data.rows(
        f"""SELECT w.id, w.label, w.n FROM q_weight w ANTI JOIN ({field.have}) h ON h.id = w.id
            WHERE w.of = '{field.of}' ORDER BY w.n DESC, w.id LIMIT {limit}""",
        *field.values,
    )
    kind = field.of.removesuffix("s")
    return [
        FindingExample.model_validate({"kind": kind, "id": i, "label": label, "detail": f"{n:,} events"})
        for i, label, n in rows
    ]


def _findings(data: Snapshot, lacking: dict[str, tuple[int, float]]) -> list[Finding]:
    found = []
    for n, check_, what, meaning, remedy in (
        (
            2,
            "without_text",
            "text",
            "The language model has nothing to read: these items get no place in the "
            "language space, and behaviour cannot bring them into a list.",
            "Add titles or descriptions to the items file.",
        ),
        (
            3,
            "without_attributes",
            "attributes or tags",
            "They are no evidence of a preferred category, brand or genre.",
            "Add columns to the items file (category, brand, genre, price).",
        ),
        (
            5,
            "without_graph",
            "a place in the knowledge graph",
            "The granularity knowledge neither learns from them nor recommends them.",
            "Add triples to the kg file, or attributes, from which a graph is derived.",
        ),
    ):
        field = _ITEM_FIELDS[n]
        missing, touched = lacking[f"items: {field.name}"]
        if not missing or missing == data.items:  # wholly absent: the section on granularities says so
            continue
        found.append(
            Finding(
                check=check_,
                section=KEY,
                severity=graded(max(touched, share(missing, data.items) / 4), medium=0.2, low=0.02),
                title=f"Items without {what}",
                value=share(missing, data.items),
                number=f"{part_of(missing, data.items, 'items')}, with {100 * touched:.3g} % of the events",
                definition=f"items without {what} / items; events on them / events",
                meaning=meaning,
                remedy=remedy,
                examples=tuple(_examples(data, field, 5)),
            )
        )
    return found
