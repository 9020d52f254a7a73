"""What may be there twice: one title under several ids, one id in two forms, users with the same items."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.foundation.chunks import slices
from mgrec_core.quality.document import Column, Finding, FindingExample, Part, Section, Table
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import graded, number, part_of, share, short

KEY = "duplicates"
ALIKE = 0.9
"""Least Jaccard similarity |A ∩ B| / |A ∪ B| of two users' items that counts as near-identical."""
LEAST_ITEMS = 8
"""Users with fewer items may agree by chance."""
MOST_COMPARED = 20_000_000
"""Pairs of users that may be looked at before only identical users are sought."""
SHOWN = 50

_TITLES = """
CREATE OR REPLACE TEMP TABLE q_titles AS
SELECT * FROM (
    SELECT lower(regexp_replace(trim(title), '\\s+', ' ', 'g')) AS same, item_id, title, n_users,
           count(*) OVER (PARTITION BY same) AS copies
    FROM q_items WHERE title IS NOT NULL
) WHERE copies > 1
"""
# Programs that know no empty whole number write 17850 as 17850.0 in one file and not in the other.
_FORMS = r"""
SELECT kind, given, whole FROM (
    SELECT 'user' AS kind, user_id AS given, regexp_extract(user_id, '^(-?\d+)\.0+$', 1) AS whole
    FROM q_users WHERE regexp_full_match(user_id, '-?\d+\.0+')
) SEMI JOIN (SELECT user_id FROM q_users) ON user_id = whole
UNION ALL
SELECT kind, given, whole FROM (
    SELECT 'item' AS kind, item_id AS given, regexp_extract(item_id, '^(-?\d+)\.0+$', 1) AS whole
    FROM q_items WHERE regexp_full_match(item_id, '-?\d+\.0+')
) SEMI JOIN (SELECT item_id FROM q_items) ON item_id = whole
ORDER BY kind, given
"""
# Prefix filter (Chaudhuri, Ganti, Kaushik 2006; Bayardo, Ma, Srikant 2007): with items in one order,
# rarest first, two sets of Jaccard ≥ t share an item among the first n − ⌈t·n⌉ + 1 of each. Exact.
_PREFIX = f"""
CREATE OR REPLACE TEMP TABLE q_prefix AS
SELECT user_id, item_id, n FROM (
    SELECT p.user_id, p.item_id, u.n_items AS n,
           row_number() OVER (PARTITION BY p.user_id ORDER BY i.n_users, p.item_id) AS place
    FROM q_pairs p JOIN q_users u USING (user_id) JOIN q_items i USING (item_id)
    WHERE u.n_items >= {LEAST_ITEMS}
) WHERE place <= n - ceil({ALIKE} * n - 1e-9) + 1
"""
_CANDIDATES = f"""
SELECT DISTINCT a.user_id AS a, b.user_id AS b FROM q_prefix a JOIN q_prefix b
  ON a.item_id = b.item_id AND a.user_id < b.user_id
WHERE least(a.n, b.n) >= {ALIKE} * greatest(a.n, b.n) - 1e-9
"""
_IDENTICAL = f"""
WITH sets AS (
    SELECT user_id, list_sort(list(item_id)) AS held, count(*) AS n FROM q_pairs GROUP BY 1 HAVING n >=
        {LEAST_ITEMS}
)
SELECT min(user_id) AS a, max(user_id) AS b, n, n FROM sets GROUP BY held, n HAVING count(*) > 1 ORDER
    BY n DESC, a
"""


def check(data: Snapshot) -> Part:
    """Equal titles, near-identical users, repeated events."""
    data.run(_TITLES)
    titles = data.rows(
        """SELECT arg_min(title, item_id) AS title, count(*) AS n, string_agg(item_id, ', ' ORDER BY
        n_users DESC, item_id),
                  sum(n_users)::BIGINT
           FROM q_titles GROUP BY same ORDER BY sum(n_users) DESC, title"""
    )
    copies = sum(row[1] for row in titles)
    data.run(_PREFIX)
    (compared,) = data.row(
        "SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM (SELECT count(*) AS n FROM q_prefix GROUP BY item_id)"
    )
    exact_only = compared > MOST_COMPARED
    twins = data.rows(_IDENTICAL) if exact_only else _near(data)
    twin_users = {user for row in twins for user in row[:2]}
    (repeated,) = data.row(
        """SELECT coalesce(sum(n - 1), 0)::BIGINT FROM (
               SELECT count(*) AS n FROM q_events WHERE timestamp IS NOT NULL
               GROUP BY user_id, item_id, event, timestamp
           )"""
    )
    rule = (
        f"the same set of at least {LEAST_ITEMS} items"
        if exact_only
        else f"at least {LEAST_ITEMS} items each, |A ∩ B| / |A ∪ B| ≥ {ALIKE:g}"
    )
    tables = []
    if titles:
        tables.append(
            Table(
                key="titles",
                title="One title, several ids",
                note="Titles are compared in lower case with single spaces.",
                total=len(titles),
                columns=(
                    Column(name="Title"),
                    Column(name="Ids", kind="count"),
                    Column(name="Which, most users first"),
                    Column(name="Users, summed", kind="count"),
                ),
                rows=tuple((short(t), n, short(ids), users) for t, n, ids, users in titles[:SHOWN]),
            )
        )
    if twins:
        tables.append(
            Table(
                key="twins",
                title="Near-identical users",
                note=f"Definition: {rule}.",
                total=len(twins),
                columns=(
                    Column(name="User", kind="user"),
                    Column(name="Twin", kind="user"),
                    Column(name="Items in common", kind="count"),
                    Column(name="Jaccard", kind="number"),
                ),
                rows=tuple(
                    (a, b, common, round(common / together, 3)) for a, b, common, together in twins[:SHOWN]
                ),
            )
        )
    section = Section(
        key=KEY,
        title="Duplicates",
        tables=tuple(tables),
        about="What may be there twice under different ids.",
        numbers=(
            number(
                "same_title_items",
                "items that share a title",
                copies,
                "items whose title another item has too",
            ),
            number("twin_users", "users with a near-identical one", len(twin_users), rule),
            number(
                "repeated_events",
                "repeated events",
                repeated,
                "dated events with user, item, kind and time of one before; rows equal in every column are "
                "dropped at import",
            ),
        ),
    )
    found = _findings(data, titles, copies, twins, twin_users, repeated, rule)
    return section, (*_two_forms(data), *found)


def _two_forms(data: Snapshot) -> list[Finding]:
    """Ids that are there as a decimal number and as a whole one."""
    forms = data.rows(_FORMS)
    users = sum(kind == "user" for kind, _, _ in forms)
    items = len(forms) - users
    if not forms:
        return []
    everything = data.users + data.items
    return [
        Finding(
            check="id_in_two_forms",
            section=KEY,
            severity=graded(share(len(forms), everything), medium=0.001),
            title="Ids are written in two forms",
            value=share(len(forms), everything),
            number=f"{part_of(users, data.users, 'users')}, {part_of(items, data.items, 'items')}",
            definition="users and items whose id is a decimal number (17850.0) where the whole number "
            "(17850) is one too / users and items",
            meaning="They are probably the same: their histories, texts and friends are split over two ids. "
            "In text files ids are taken as they are written.",
            remedy="Write the column as whole numbers or text in the program that exports it, or give the "
            "ids as numbers (Parquet): those are made whole.",
            examples=tuple(
                FindingExample(kind=kind, id=given, like=whole, detail=f"also there as {whole}")
                for kind, given, whole in forms[:5]
            ),
        )
    ]


def _findings(
    data: Snapshot,
    titles: list[tuple[Any, ...]],
    copies: int,
    twins: list[tuple[Any, ...]],
    twin_users: set[str],
    repeated: int,
    rule: str,
) -> list[Finding]:
    found = []
    if copies:
        (touched,) = data.row("SELECT count(*) FROM q_pairs SEMI JOIN q_titles USING (item_id)")
        found.append(
            Finding(
                check="same_title",
                section=KEY,
                severity=graded(share(touched, data.pairs), medium=0.1, low=0.005),
                title="Items share a title",
                value=share(copies, data.items),
                number=f"{part_of(copies, data.items, 'items')}, {len(titles):,} titles",
                definition="items whose title (lower case, single spaces) another item has too / items",
                meaning="If they are the same thing, its history is split over ids, and a list can "
                "hold something "
                "the user has already. If they are different things, the language model cannot tell "
                "them apart.",
                remedy="Merge the ids before the import, or make titles distinct (year, size, edition).",
                examples=tuple(
                    FindingExample(kind="value", id=short(t), detail=f"ids {short(ids, 60)}")
                    for t, _, ids, _ in titles[:5]
                ),
            )
        )
    if twins:
        found.append(
            Finding(
                check="twin_users",
                section=KEY,
                severity=graded(share(len(twin_users), data.active), medium=0.05, low=0.001),
                title="Users have nearly the same items",
                value=share(len(twin_users), data.active),
                number=part_of(len(twin_users), data.active, "users with events"),
                definition=rule,
                meaning="They may be one person with two accounts, or copies by a program. "
                "Collaborative evidence "
                "counts them twice, and one's held-out items stand in the other's history: evaluations "
                "look too good.",
                remedy="Merge the accounts, or leave one of each out before the import.",
                examples=tuple(
                    FindingExample(
                        kind="user", id=a, like=b, detail=f"{common:,} of {together:,} items in common"
                    )
                    for a, b, common, together in twins[:5]
                ),
            )
        )
    if repeated and share(repeated, data.events) >= 0.01:
        found.append(
            Finding(
                check="repeated_events",
                section=KEY,
                severity="low",
                title="Events are repeated",
                value=share(repeated, data.events),
                number=part_of(repeated, data.events, "events"),
                definition="dated events with the user, item, kind and time of one before / events",
                meaning="Sent twice, or counted in pieces: their amounts are summed, so repeated ones "
                "weigh more.",
                remedy="Check the logging; give quantities in the column weight instead of repeated rows.",
            )
        )
    return found


def _near(data: Snapshot) -> list[tuple[Any, ...]]:
    """Near-identical pairs of users as (a, b, items in common, items of either), most alike first."""
    pairs = data.arrays("SELECT user_id AS u, item_id AS i FROM q_pairs SEMI JOIN q_prefix USING (user_id)")
    found = data.arrays(_CANDIDATES)
    if not len(found["a"]):
        return []
    users, rows = np.unique(pairs["u"], return_inverse=True)
    items, columns = np.unique(pairs["i"], return_inverse=True)
    held = sparse.csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape=(len(users), len(items)))
    size = np.diff(held.indptr)
    a, b = np.searchsorted(users, found["a"]), np.searchsorted(users, found["b"])
    alike = []
    for part in slices(len(a), 1, 100_000):
        x, y = a[part], b[part]
        common: NDArray[np.int64] = np.asarray(held[x].multiply(held[y]).sum(axis=1)).ravel()
        together = size[x] + size[y] - common
        for n in np.flatnonzero(common >= ALIKE * together - 1e-9):
            alike.append((str(users[x[n]]), str(users[y[n]]), int(common[n]), int(together[n])))
    return sorted(alike, key=lambda row: (-row[2] / row[3], -row[2], row[0], row[1]))
