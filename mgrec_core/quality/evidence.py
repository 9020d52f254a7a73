"""What each granularity will be able to do: for which users and items there is evidence.

Computed from the views by the same rules as the granularities' own files, so it is known before any
build; a test holds the two against each other.
"""

from __future__ import annotations

from mgrec_core.model.config import Config
from mgrec_core.quality.document import Column, Finding, Part, Section, Table
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import graded, number, part_of, share

KEY = "granularities"
MOST_PATHS = 20_000_000
"""Two-hop paths that may be walked; above that one hop is counted and the share is "at least"."""

_ABOUT = {
    "behaviour": (
        "users with an item that has words; items with words",
        "Add an items file with titles, descriptions or attributes.",
    ),
    "recent": (
        "users with a dated item; items with words, or that share a user with another",
        "Add a timestamp column to the interactions.",
    ),
    "attribute": (
        "users with an item that has a value of at least {min_items} items and at most {max_share} of "
        "the catalogue",
        "Add columns to the items file: category, brand, genre, price; or tags.",
    ),
    "knowledge": (
        "users with an item within two hops of an entity that other items reach too",
        "Add a kg file (head_id, relation, tail_id), or attributes, from which a graph is derived.",
    ),
    "collaborative": (
        "users with events; items of users who have two or more",
        "Import more than one item a user: a longer period, or weaker event types.",
    ),
    "social": (
        "users with a friend who has events; items in the histories of friends",
        "Add a social file (user_id, friend_id[, weight]); its ids must be those of the events.",
    ),
    "popularity": ("all users; items with a user", "Import interactions."),
}
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
    found = {
        "behaviour": _behaviour(data),
        "recent": _recent(data),
        "attribute": _held(data, "q_attribute"),
        "knowledge": _held(data, "q_knowledge"),
        "collaborative": _collaborative(data),
        "social": _social(data),
        "popularity": (data.users if data.pairs else 0, data.count("q_items WHERE n_users > 0")),
    }
    config = Config().attribute
    rows = []
    for name, (users, items) in found.items():
        definition, remedy = _ABOUT[name]
        definition = definition.format(min_items=config.min_items, max_share=f"{100 * config.max_share:g} %")
        if name == "knowledge" and not exact:
            definition += " (one hop only, as the graph is large: at least this many)"
        partly = users < 0.95 * data.users or items < 0.95 * data.items
        rows.append(
            (
                name,
                "yes" if users else "no",
                share(users, data.users),
                share(items, data.items),
                definition,
                remedy if not users or partly else "",
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


def _held(data: Snapshot, items: str) -> tuple[int, int]:
    """Users with a pair on one of these items, and the items."""
    (users,) = data.row(f"SELECT count(DISTINCT user_id) FROM q_pairs SEMI JOIN {items} USING (item_id)")
    return int(users), data.count(items)


def _behaviour(data: Snapshot) -> tuple[int, int]:
    (users,) = data.row(
        "SELECT count(DISTINCT user_id) FROM q_pairs SEMI JOIN (SELECT item_id FROM q_text WHERE text "
        "IS NOT NULL) USING (item_id)"
    )
    items = data.count("q_text WHERE text IS NOT NULL")
    return (int(users), items) if items and data.pairs else (0, items)


def _collaborative(data: Snapshot) -> tuple[int, int]:
    items = data.count("q_shared")
    return (data.active, items) if items else (0, 0)


def _recent(data: Snapshot) -> tuple[int, int]:
    (users,) = data.row("SELECT count(DISTINCT user_id) FROM q_pairs WHERE last_time IS NOT NULL")
    (items,) = data.row(
        "SELECT count(*) FROM (SELECT item_id FROM q_shared UNION SELECT item_id FROM q_text WHERE "
        "text IS NOT NULL)"
    )
    return (int(users), int(items)) if items else (0, 0)


def _social(data: Snapshot) -> tuple[int, int]:
    (users,) = data.row(
        """SELECT count(DISTINCT s.user_id) FROM v_social s
           SEMI JOIN (SELECT user_id FROM q_users WHERE n_items > 0) f ON f.user_id = s.friend_id"""
    )
    (items,) = data.row(
        "SELECT count(DISTINCT item_id) FROM q_pairs SEMI JOIN (SELECT friend_id FROM v_social) f ON "
        "f.friend_id = q_pairs.user_id"
    )
    return int(users), int(items)


def _findings(data: Snapshot, found: dict[str, tuple[int, int]]) -> list[Finding]:
    result = []
    for name, (users, _) in found.items():
        definition, remedy = _ABOUT[name]
        if users >= 0.5 * data.users and users:
            continue
        title = (
            f"{name.capitalize()} has evidence for few users"
            if users
            else f"{name.capitalize()} is not possible"
        )
        severity = (
            graded(1.0, medium=1.0)
            if not users and name in ("behaviour", "collaborative")
            else graded(1.0, low=1.0)
        )
        config = Config().attribute
        result.append(
            Finding(
                check=f"evidence_{name}",
                section=KEY,
                severity="note" if name == "social" and not users else severity,
                title=title,
                value=share(users, data.users),
                number=part_of(users, data.users, "users"),
                definition=definition.format(
                    min_items=config.min_items, max_share=f"{100 * config.max_share:g} %"
                ),
                meaning="The granularity is absent; everything else works without it."
                if not users
                else "For the other users it says nothing; their lists follow the other granularities.",
                remedy=remedy,
            )
        )
    return result
