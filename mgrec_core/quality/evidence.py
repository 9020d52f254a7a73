"""What each granularity will be able to do: for which users and items there is evidence.

Computed from the views by the same rules as the granularities' own files, so it is known before any
build; a test holds the two against each other.
"""

from __future__ import annotations

from mgrec_core.data.receipt import read_receipt
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import Coverage, Spec, specs
from mgrec_core.quality.document import Column, Finding, Part, Section, Table
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import number, part_of, share

KEY = "granularities"
MOST_PATHS = 20_000_000
"""Two-hop paths that may be walked; above that one hop is counted and the share is "at least"."""

_COLUMNS = (
    Column(name="Granularity", kind="granularity"),
    Column(name="Possible"),
    Column(name="Users with evidence", kind="share"),
    Column(name="Items it can rank", kind="share"),
    Column(name="Counted are"),
    Column(name="To make it possible, or better"),
)


def check(data: Snapshot) -> Part:
    """One row a granularity, in the fixed order."""
    _prepare(data)
    exact = _walk(data)
    found = [(spec, *_counts(data, spec.coverage)) for spec in specs()]
    rows = []
    for spec, users, items in found:
        counted = spec.coverage.counted
        if not exact and "q_knowledge" in spec.coverage.items:
            counted += " (one hop only, as the graph is large: at least this many)"
        partly = users < 0.95 * data.users or items < 0.95 * data.items
        rows.append(
            (
                spec.name,
                "yes" if users else "no",
                share(users, data.users),
                share(items, data.items),
                counted,
                spec.coverage.remedy if not users or partly else "",
            )
        )
    possible = sum(row[1] == "yes" for row in rows)
    section = Section(
        key=KEY,
        title="What is possible",
        about="For which users and items each granularity has evidence, before anything is built.",
        numbers=(
            number(
                "possible",
                f"of {len(rows)} granularities possible",
                possible,
                "granularities with evidence for any user",
            ),
        ),
        tables=(
            Table(
                key="granularities",
                title="Granularities",
                columns=_COLUMNS,
                rows=tuple(rows),
                total=len(rows),
                note="Shares of all users and of the whole catalogue. The default configuration is assumed.",
            ),
        ),
    )
    return section, tuple(_findings(data, found))


def _prepare(data: Snapshot) -> None:
    config = Config().attribute
    data.run(
        f"""CREATE OR REPLACE TEMP TABLE q_attribute AS
            SELECT DISTINCT item_id FROM q_values SEMI JOIN (
                SELECT attribute, value FROM q_values GROUP BY ALL
                HAVING count(*) >= {config.min_items} AND count(*) <= {config.max_share} * {data.items}
            ) USING (attribute, value)"""
    )
    data.run(
        """CREATE OR REPLACE TEMP TABLE q_shared AS
           SELECT DISTINCT item_id FROM q_pairs SEMI JOIN (SELECT user_id FROM q_users WHERE n_items >
               1) USING (user_id)"""
    )


def _walk(data: Snapshot) -> bool:
    """Make ``q_knowledge``, items with a usable entity within two hops; tell whether both were walked."""
    config = Config().knowledge
    data.run(
        """CREATE OR REPLACE TEMP TABLE q_edges AS
           WITH joined AS (
               SELECT head_id AS a, tail_id AS b, head_is_item AS a_item, tail_is_item AS b_item FROM v_kg
               UNION SELECT tail_id, head_id, tail_is_item, head_is_item FROM v_kg
           )
           SELECT a, CASE WHEN b_item THEN 'item ' ELSE 'entity ' END || b AS b, b AS b_id, a_item, b_item
           FROM joined WHERE a <> b"""
    )
    (paths,) = data.row(
        """SELECT coalesce(sum(x.n * y.n), 0) FROM
               (SELECT b_id, b_item, count(*) AS n FROM q_edges WHERE a_item GROUP BY ALL) x
               JOIN (SELECT a, a_item, count(*) AS n FROM q_edges WHERE NOT b_item GROUP BY ALL) y
                 ON y.a = x.b_id AND y.a_item = x.b_item"""
    )
    exact = bool(paths <= MOST_PATHS)
    # As `knowledge` walks: item → entity, item → item, item → entity → entity, item → item → entity.
    onward = """UNION SELECT x.a, y.b FROM q_edges x
                JOIN q_edges y ON y.a = x.b_id AND y.a_item = x.b_item AND NOT y.b_item WHERE x.a_item"""
    data.run(
        f"""CREATE OR REPLACE TEMP TABLE q_knowledge AS
            WITH reached AS (SELECT a, b FROM q_edges WHERE a_item {onward if exact else ""})
            SELECT DISTINCT a AS item_id FROM reached SEMI JOIN (
                SELECT b FROM reached GROUP BY b
                HAVING count(*) >= {config.min_items} AND count(*) <= {config.max_share} * {data.items}
            ) USING (b)"""
    )
    return exact


def _counts(data: Snapshot, coverage: Coverage) -> tuple[int, int]:
    """Users with evidence, and items that can be ranked; without such items there is no evidence."""
    these = " UNION ".join(f"SELECT item_id FROM {relation}" for relation in coverage.items)
    users = coverage.users or f"q_pairs SEMI JOIN ({these}) USING (item_id)"
    (n_items,) = data.row(f"SELECT count(DISTINCT item_id) FROM ({these})")
    (n_users,) = data.row(f"SELECT count(DISTINCT user_id) FROM {users}")
    return (int(n_users), int(n_items)) if n_items else (0, 0)


def _findings(data: Snapshot, found: list[tuple[Spec, int, int]]) -> list[Finding]:
    result = []
    # What describes items is of no use where the events name them otherwise: more of it would not help.
    reasons = read_receipt(data.connection)[1]
    unmet = next((one.explanation for one in reasons if one.rule == "ids_do_not_meet"), "")
    for spec, users, _ in found:
        if users and users >= 0.5 * data.users:
            continue
        said = "has evidence for few users" if users else "is not possible"
        result.append(
            Finding(
                check=f"evidence_{spec.name}",
                section=KEY,
                severity="low" if users else spec.coverage.absent,
                title=f"{spec.label} {said}",
                value=share(users, data.users),
                number=part_of(users, data.users, "users"),
                definition=spec.coverage.counted,
                meaning="The granularity is absent; everything else works without it."
                if not users
                else "For the other users it says nothing; their lists follow the other granularities.",
                remedy=(unmet if spec.coverage.items else "") or spec.coverage.remedy,
            )
        )
    return result
