"""Leakage risks: what in the data tells the answer that an evaluation holds out.

Each rule is one function; what it cannot judge (too few rows to tell a leak from chance) it leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mgrec_core.quality.document import Column, Finding, FindingExample, Part, Section, Severity, Table
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import graded, number, part_of, percent, share, short

KEY = "leakage"
LEAST = 10
"""Users or items that a rule needs before it speaks."""
CORRELATED = 0.95
"""Rank correlation from which an attribute counts as computed from the events."""
LATE = 0.1
"""The last part of the dated events, as an evaluation with a split by time may hold out."""


def check(data: Snapshot) -> Part:
    """Apply every rule."""
    findings = [finding for rule in _RULES for finding in rule(data)]
    rows = tuple(
        (
            rule.__name__.strip("_").replace("_", " "),
            " ".join((rule.__doc__ or "").split()),
            sum(f.check == rule.__name__.strip("_") for f in findings),
        )
        for rule in _RULES
    )
    table = Table(
        key="rules",
        title="Rules",
        note="Every rule was applied; 0 means that it found nothing.",
        total=len(rows),
        rows=rows,
        columns=(Column(name="Rule"), Column(name="Looks for"), Column(name="Found", kind="count")),
    )
    section = Section(
        key=KEY,
        title="Leakage",
        tables=(table,),
        about="What in the data may tell the answer that an evaluation holds out, so that results look "
        "too good.",
        numbers=(
            number("leaks", "leakage risks", len(findings), "rules that found something, an attribute each"),
            number(
                "late_items",
                "items only in the last events",
                _late(data)[0],
                f"items whose events are all among the last {percent(LATE)} of the dated events",
            ),
        ),
    )
    return section, tuple(findings)


_CHANCE = "coalesce(u.n_items * i.n_users / (SELECT nullif(count(*), 0) FROM q_pairs)::DOUBLE, 0)"
"""How likely a user u and an item i of these many pairs are a pair if who has what is drawn at random."""


def _beyond(hits: int, expected: float) -> bool:
    """Whether values name the other side of a pair far more often than values of that form would by chance.

    Twice as often, and three standard deviations of a Poisson count above it: years in titles and numbers
    of episodes are users' ids now and then, and meet these users' items as often as any others.
    """
    return bool(hits >= 2 * expected + 3 * expected**0.5)


def _finding(
    check: str,
    severity: Severity,
    title: str,
    value: float,
    number: str,
    definition: str,
    meaning: str,
    remedy: str,
    examples: tuple[FindingExample, ...] = (),
    column: str = "",
) -> Finding:
    return Finding(
        check=check,
        section=KEY,
        severity=severity,
        title=title,
        value=value,
        number=number,
        definition=definition,
        meaning=meaning,
        remedy=remedy,
        examples=examples,
        column=column,
    )


def _user_attribute_names_items(data: Snapshot) -> Iterator[Finding]:
    """User attributes whose value is the id or title of an item in that user's own history."""
    rows = data.rows(
        f"""WITH named AS (
                SELECT a.attribute, a.user_id, a.value, max((p.item_id IS NOT NULL)::INT) AS hit,
                       least(1, sum({_CHANCE})) AS chance
                FROM v_user_attributes a
                JOIN q_users u ON u.user_id = a.user_id AND u.n_items > 0
                LEFT JOIN q_items i ON i.item_id = a.value OR i.title = a.value
                LEFT JOIN q_pairs p ON p.user_id = a.user_id AND p.item_id = i.item_id
                GROUP BY ALL
            )
            SELECT attribute, count(*), sum(hit)::BIGINT, sum(chance ORDER BY chance),
                   min(user_id) FILTER (hit = 1), min_by(value, user_id) FILTER (hit = 1)
            FROM named GROUP BY 1 HAVING sum(hit) >= {LEAST} AND avg(hit) >= 0.3 ORDER BY 1"""
    )
    for attribute, n, hits, chance, user, value in rows:
        if not _beyond(hits, chance):
            continue
        yield _finding(
            "user_attribute_names_items",
            "high",
            f"The user attribute {short(attribute, 40)} names items of the history",
            share(hits, n),
            f"{part_of(hits, n, 'values')}, {chance:,.1f} by chance",
            "values of the attribute that are the id or title of an item in the user's own history / "
            "its values",
            "The attribute was made from the events: if it names a held-out item, a model that reads "
            "it knows the answer.",
            "Leave the column out, or compute it from the training part alone.",
            (FindingExample(kind="user", id=user, detail=f"{short(attribute, 40)}: {short(value, 60)}"),),
            column=attribute,
        )


def _user_attribute_follows_taste(data: Snapshot) -> Iterator[Finding]:
    """User attributes that equal the most frequent value among the user's own items, far above chance."""
    data.run(
        """CREATE OR REPLACE TEMP TABLE q_mode AS
           SELECT user_id, attribute, value FROM (
               SELECT p.user_id, v.attribute, v.value, row_number() OVER (
                   PARTITION BY p.user_id, v.attribute ORDER BY count(*) DESC, v.value) AS place
               FROM q_pairs p JOIN q_values v USING (item_id)
               WHERE v.value IN (SELECT value FROM v_user_attributes) GROUP BY p.user_id, v.attribute, v.value
           ) WHERE place = 1"""
    )
    rows = data.rows(
        f"""WITH paired AS (
                SELECT a.attribute AS ours, m.attribute AS theirs, a.user_id, a.value AS said, m.value AS top
                FROM v_user_attributes a JOIN q_mode m USING (user_id)
            ), fit AS (
                SELECT ours, theirs, count(*) AS n, sum((said = top)::INT)::BIGINT AS hits FROM paired
                    GROUP BY ALL
            ), chance AS (
                SELECT ours, theirs, sum(s.n * t.n) / max(f.n) / max(f.n) AS chance
                FROM (SELECT ours, theirs, said AS value, count(*) AS n FROM paired GROUP BY ALL) s
                JOIN (SELECT ours, theirs, top AS value, count(*) AS n FROM paired GROUP BY ALL) t
                    USING (ours, theirs, value)
                JOIN fit f USING (ours, theirs) GROUP BY ALL
            )
            SELECT ours, theirs, n, hits, chance FROM fit JOIN chance USING (ours, theirs)
            WHERE hits >= {LEAST} AND hits >= 0.8 * n AND chance <= 0.5 ORDER BY ours, theirs"""
    )
    for ours, theirs, n, hits, chance in rows:
        yield _finding(
            "user_attribute_follows_taste",
            "high",
            f"The user attribute {short(ours, 40)} is the user's most frequent {short(theirs, 40)}",
            share(hits, n),
            f"{part_of(hits, n, 'users')}, {percent(chance)} by chance",
            "users whose attribute equals the most frequent value among their own items / users that "
            "have both; "
            "chance: Σ share of the value among users × share of it among the most frequent values",
            "The attribute was computed from the whole history, the held-out part included.",
            "Leave the column out, or compute it from the training part alone.",
            column=ours,
        )


def _user_attribute_counts_events(data: Snapshot) -> Iterator[Finding]:
    """Numeric user attributes that rank users as their number of events or items does."""
    for attribute, what, n, r in _correlated(
        data,
        "SELECT user_id AS id, n_events AS events, n_items AS items FROM q_users WHERE n_items > 0",
        "v_user_attributes",
        "user_id",
        ("events", "items"),
    ):
        yield _finding(
            "user_attribute_counts_events",
            "medium",
            f"The user attribute {short(attribute, 40)} counts the user's {what}",
            r,
            f"rank correlation {r:.3f} over {n:,} users",
            f"Spearman's rank correlation of the attribute with the user's number of {what}",
            "It was computed from all events, the held-out ones included: it tells how much is still "
            "to come.",
            "Leave the column out, or compute it from the training part alone.",
            column=attribute,
        )


def _item_attribute_counts_events(data: Snapshot) -> Iterator[Finding]:
    """Numeric item attributes that rank items as their number of users or their mean rating does."""
    for attribute, what, n, r in _correlated(
        data,
        """SELECT i.item_id AS id, i.n_users AS users, r.mean AS "mean rating" FROM q_items i LEFT JOIN (
               SELECT item_id, avg(rating ORDER BY rating) AS mean FROM q_events GROUP BY 1 HAVING
                   count(rating) >= 3
           ) r USING (item_id) WHERE i.n_users > 0""",
        "v_item_attributes",
        "item_id",
        ("users", '"mean rating"'),
    ):
        yield _finding(
            "item_attribute_counts_events",
            "high",
            f"The item attribute {short(attribute, 40)} follows the items' {what}",
            r,
            f"rank correlation {r:.3f} over {n:,} items",
            f"Spearman's rank correlation of the attribute with the item's {what}"
            f"{' (of at least 3)' if 'rating' in what else ''}",
            "It was computed from all events, so it holds the popularity or the ratings of the "
            "held-out part.",
            "Leave the column out, or compute it from events before the test part.",
            column=attribute,
        )


def _correlated(
    data: Snapshot, facts: str, attributes: str, key: str, measures: tuple[str, ...]
) -> Iterator[tuple[str, str, int, float]]:
    """(attribute, measure, n, |r|) of numeric attributes, one value an id, that follow the events."""
    for measure in measures:
        yield from (
            (attribute, measure.strip('"'), n, abs(r))
            for attribute, n, r in data.rows(
                f"""WITH numbers AS (
                        SELECT attribute, {key} AS id, try_cast(value AS DOUBLE) AS x FROM {attributes}
                        QUALIFY count(*) OVER (PARTITION BY attribute, {key}) = 1
                    ), known AS (
                        SELECT attribute, x, {measure} AS y FROM numbers JOIN ({facts}) USING (id)
                        WHERE x IS NOT NULL AND isfinite(x) AND {measure} IS NOT NULL
                    ), ranked AS (
                        SELECT attribute, x, y, rank() OVER (PARTITION BY attribute ORDER BY x)
                                   + count(*) OVER (PARTITION BY attribute, x) / 2 AS rx,
                               rank() OVER (PARTITION BY attribute ORDER BY y)
                                   + count(*) OVER (PARTITION BY attribute, y) / 2 AS ry
                        FROM known
                    )
                    SELECT attribute, count(*), corr(rx, ry) AS r FROM ranked GROUP BY 1
                    HAVING count(*) >= 2 * {LEAST} AND count(DISTINCT x) >= {LEAST} AND count(DISTINCT
                        y) >= {LEAST}
                       AND abs(r) >= {CORRELATED} ORDER BY 1"""
            )
        )


def _item_attribute_names_users(data: Snapshot) -> Iterator[Finding]:
    """Item attributes whose value is the id of a user who has the item."""
    rows = data.rows(
        f"""WITH named AS (
                SELECT a.attribute, a.item_id, a.value, (p.user_id IS NOT NULL)::INT AS hit,
                       least(1, {_CHANCE}) AS chance
                FROM v_item_attributes a JOIN q_items i ON i.item_id = a.item_id AND i.n_users > 0
                LEFT JOIN q_users u ON u.user_id = a.value
                LEFT JOIN q_pairs p ON p.item_id = a.item_id AND p.user_id = a.value
            )
            SELECT attribute, count(*), sum(hit)::BIGINT, sum(chance ORDER BY chance),
                   min(item_id) FILTER (hit = 1) FROM named GROUP BY 1
            HAVING sum(hit) >= {LEAST} AND avg(hit) >= 0.3 ORDER BY 1"""
    )
    for attribute, n, hits, chance, item in rows:
        if not _beyond(hits, chance):
            continue
        yield _finding(
            "item_attribute_names_users",
            "high",
            f"The item attribute {short(attribute, 40)} names users of the item",
            share(hits, n),
            f"{part_of(hits, n, 'values')}, {chance:,.1f} by chance",
            "values of the attribute that are the id of a user who has the item / its values",
            "The attribute repeats the events, the held-out ones included.",
            "Leave the column out.",
            (FindingExample(kind="item", id=item),),
            column=attribute,
        )


def _text_contains_ids(data: Snapshot) -> Iterator[Finding]:
    """Texts that hold the id of a user who has the item, or titles that are only the item's id."""
    named, chance = data.row(
        f"""WITH words AS (
                SELECT DISTINCT item_id, n_users, unnest(regexp_split_to_array(
                    concat_ws(' ', title, description), '[^\\w-]+')) AS word
                FROM q_items
            ), met AS (
                SELECT i.item_id, max((p.user_id IS NOT NULL)::INT) AS hit, least(1, sum({_CHANCE})) AS chance
                FROM words i JOIN q_users u ON u.user_id = i.word AND length(i.word) >= 4
                LEFT JOIN q_pairs p ON p.item_id = i.item_id AND p.user_id = i.word GROUP BY i.item_id
            )
            SELECT coalesce(sum(hit), 0)::BIGINT, coalesce(sum(chance ORDER BY chance), 0) FROM met"""
    )
    if (named >= LEAST or (named and share(named, data.items) >= 0.05)) and _beyond(named, chance):
        yield _finding(
            "text_contains_ids",
            "high",
            "Texts name users who have the item",
            share(named, data.items),
            f"{part_of(named, data.items, 'items')}, {chance:,.1f} by chance",
            "items whose title or description holds, as a word of at least four characters, the id of "
            "a user who has it",
            "The language model reads who has the item: text then tells the held-out pairs.",
            "Remove ids of people from titles and descriptions before the import.",
        )
    (own,) = data.row("SELECT count(*) FROM q_items WHERE title = item_id")
    if share(own, data.items) >= 0.2:
        yield _finding(
            "text_contains_ids",
            "low",
            "Titles are ids",
            share(own, data.items),
            part_of(own, data.items, "items"),
            "items whose title is their id / items",
            "The language model reads a code: neighbours in the language space mean nothing.",
            "Import readable titles, or leave the column title out.",
        )


def _graph_holds_events(data: Snapshot) -> Iterator[Finding]:
    """Triples of the knowledge graph that join a user to an item of that user's own history."""
    n, relation, chance = data.row(
        f"""WITH ends AS (
                SELECT relation, head_id AS who, tail_id AS what FROM v_kg WHERE NOT head_is_item
                UNION ALL
                SELECT relation, tail_id, head_id FROM v_kg WHERE NOT tail_is_item
            )
            SELECT count(p.user_id), min(relation) FILTER (p.user_id IS NOT NULL),
                   coalesce(sum(least(1, {_CHANCE}) ORDER BY u.n_items, i.n_users), 0)
            FROM ends e JOIN q_users u ON u.user_id = e.who JOIN q_items i ON i.item_id = e.what
            LEFT JOIN q_pairs p ON p.user_id = e.who AND p.item_id = e.what"""
    )
    if n >= LEAST and _beyond(n, chance):
        total = data.count("v_kg")
        yield _finding(
            "graph_holds_events",
            "high",
            "The knowledge graph repeats events",
            share(n, total),
            f"{part_of(n, total, 'triples')}, {chance:,.1f} by chance, "
            f"e.g. with the relation {short(relation, 40)}",
            "triples that join a user to an item that the user has / triples",
            "The graph holds the held-out events, whatever is held out of the table of events.",
            "Leave triples about users out of the graph; friends belong into the social file.",
        )


def _feedback_overlaps_events(data: Snapshot) -> Iterator[Finding]:
    """Feedback about pairs that are in the events too."""
    n, both = data.row(
        """SELECT count(*), count(s.user_id) FROM v_feedback f
           LEFT JOIN v_seen s ON s.user_id = f.user_id AND s.item_id = f.item_id"""
    )
    if n and share(both, n) >= 0.05:
        yield _finding(
            "feedback_overlaps_events",
            "low",
            "Feedback repeats events",
            share(both, n),
            part_of(both, n, "rows of feedback"),
            "rows of feedback whose (user, item) is in the events too / rows of feedback",
            "Feedback on a held-out pair tells its outcome. mgrec's own evaluation drops the feedback "
            "of held-out "
            "pairs; weights learned from feedback have seen it all the same.",
            "Evaluate learned weights on events later than the feedback (--split time).",
        )


def _tags_on_events(data: Snapshot) -> Iterator[Finding]:
    """Tags that users gave to items of their own history."""
    n, both = data.row(
        """SELECT count(*), count(p.user_id) FROM v_tags t
           LEFT JOIN q_pairs p ON p.user_id = t.user_id AND p.item_id = t.item_id"""
    )
    if both:
        yield _finding(
            "tags_on_events",
            "note",
            "Tags tell pairs of the history",
            share(both, n),
            part_of(both, n, "tags"),
            "tags whose (user, item) is in the events too / tags",
            "A tag on a held-out pair tells that the user has the item. mgrec's own evaluation drops "
            "those tags; "
            "other tools have to be told.",
            "Nothing to do inside mgrec; elsewhere drop the tags of test pairs.",
        )


def _one_timestamp(data: Snapshot) -> Iterator[Finding]:
    """Users whose whole history has one timestamp, or data in which all events have."""
    users, same = data.row(
        """SELECT count(*), count(*) FILTER (stamps = 1) FROM (
               SELECT user_id, count(DISTINCT item_id) AS n, count(DISTINCT timestamp) AS stamps
               FROM q_events WHERE timestamp IS NOT NULL GROUP BY 1 HAVING n >= 5
           )"""
    )
    whole = bool(data.period and data.period[0] == data.period[1] and data.dated > 1)
    if whole or (same >= LEAST and share(same, users) >= 0.01):
        yield _finding(
            "one_timestamp",
            "high" if whole else graded(share(same, users), medium=0.3),
            "All events have the same timestamp" if whole else "Whole histories have one timestamp",
            share(same, users),
            part_of(same, users, "users with five items or more"),
            "users with at least five dated items that all have the same timestamp / users with at "
            "least five dated items",
            "Their order is unknown: all their items are equally recent, and which of them --split last "
            "holds out is drawn.",
            "If these are one basket or one import of old ratings, use --split random for them; if "
            "times were cut to "
            "days or lost, import the full timestamps.",
        )


def _future_dates(data: Snapshot) -> Iterator[Finding]:
    """Events dated after today."""
    (n,) = data.row("SELECT count(*) FROM q_events WHERE timestamp >= ?::DATE + INTERVAL 2 DAY", data.today)
    if n:
        yield _finding(
            "future_dates",
            graded(share(n, data.events), high=0.01, medium=0.0001, low=0.0),
            "Events lie in the future",
            share(n, data.events),
            part_of(n, data.events, "events"),
            f"events dated more than a day after {data.today:%d %b %Y} / events",
            "They count as the newest of all: recent follows them, and splits by time hold them out first.",
            "Check the unit (milliseconds read as seconds), the time zone and the order of day and month.",
        )


def _late_items(data: Snapshot) -> Iterator[Finding]:
    """Items whose only events are among the last tenth of all dated events."""
    items, events, last = _late(data)
    if share(events, last) >= 0.1:
        yield _finding(
            "late_items",
            graded(share(events, last), medium=0.3),
            "The newest events are on items without a past",
            share(events, last),
            f"{part_of(events, last, 'last events')}, on {items:,} items",
            f"of the last {percent(LATE)} of the dated events, those on items that have no event before",
            "With a split by time no history shows these items: a model without text or graph cannot "
            "rank them, "
            "and a random split hides that.",
            "Evaluate with --split time and read the segment items (new); see that new items have "
            "texts and attributes.",
        )


def _late(data: Snapshot) -> tuple[int, int, int]:
    """Items only among the last events, the last events on them, and the last events."""
    found = data.row(
        f"""WITH stamped AS (
                SELECT item_id, timestamp > (SELECT quantile_disc(timestamp, {1 - LATE}) FROM q_events)
                    AS late
                FROM q_events WHERE timestamp IS NOT NULL
            ), by_item AS (SELECT item_id, bool_and(late) AS only_late, count(*) FILTER (late) AS n
                FROM stamped GROUP BY 1)
            SELECT count(*) FILTER (only_late), coalesce(sum(n) FILTER (only_late), 0)::BIGINT,
                coalesce(sum(n), 0)::BIGINT
            FROM by_item"""
    )
    return int(found[0]), int(found[1]), int(found[2])


_RULES: tuple[Callable[[Snapshot], Iterator[Finding]], ...] = (
    _user_attribute_names_items,
    _user_attribute_follows_taste,
    _user_attribute_counts_events,
    _item_attribute_counts_events,
    _item_attribute_names_users,
    _text_contains_ids,
    _graph_holds_events,
    _feedback_overlaps_events,
    _tags_on_events,
    _one_timestamp,
    _future_dates,
    _late_items,
)
