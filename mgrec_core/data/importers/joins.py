"""Whether the ids of events meet those of the catalogue, and by what forms they would.

Everything here looks at distinct ids. An id that the catalogue has in another form takes that form, which is
sure only where no two ids of the catalogue would become one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, count, takewhile
from typing import Literal

from mgrec_core.data import questions
from mgrec_core.data.cells import literal
from mgrec_core.data.importers.state import RunState
from mgrec_core.data.importers.wording import whole_id
from mgrec_core.data.options import DIFFERENCES
from mgrec_core.data.receipt import READ_AS, Reason
from mgrec_core.foundation.text import shorten

Owner = Literal["user", "item"]

_serial = count()
_LOOKED_AT = 50_000
"""Distinct ids that are compared to find out by what they differ, chosen by their hash."""
_EXAMPLES = 5
_ENOUGH = 0.5
"""Share of the ids without a match that a difference must explain to be worth telling."""
_DECIMAL = r"-?\d{1,15}\.0+"


@dataclass(frozen=True)
class Forms:
    """Ids of a file that the catalogue has in another form: a table ``written``, ``held``, and the rule."""

    table: str
    rule: str


def forms_of(run: RunState, table: str, owner: Owner, bare: str) -> Forms | None:
    """Return the ids of a column that mean one of the catalogue though they are written otherwise.

    Parameters
    ----------
    run
        The running import.
    table, bare
        Staging table, and SQL for its ids.
    owner
        Whose ids they are.

    Returns
    -------
    Forms
        By the differences that the person named; else, where all ids of one side are decimal numbers
        (10.0) and those of the other are not, by that. None where there is nothing to do.
    """
    asked = run.options.join_ids
    if not asked and "decimal_id" in run.off:
        return None
    catalogue = _catalogue(run, owner)
    if not run.connection.execute(f"SELECT 1 FROM {catalogue} LIMIT 1").fetchall():
        return None
    number = next(_serial)
    alone, forms = f"alone_{number}", f"forms_{number}"
    run.connection.execute(
        f"CREATE TEMP TABLE {alone} AS SELECT DISTINCT id FROM (SELECT {bare} AS id FROM {table}) AS given"
        f" WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM {catalogue})"
    )
    differences = asked
    if not asked:
        differences = ("decimals",) if _decimals_differ(run, alone, catalogue) else ()
    found = None
    if differences:
        prefixes = _prefixes(run, alone, catalogue)
        met = f"({_meeting(alone, catalogue, differences, prefixes)})"
        run.connection.execute(f"CREATE TEMP TABLE {forms} AS FROM {met}")
        ((met_ids,),) = run.connection.execute(f"SELECT count(*) FROM {forms}").fetchall()
        ((all_ids,),) = run.connection.execute(f"SELECT count(*) FROM {alone}").fetchall()
        if asked:
            run.joined |= _used(run, alone, catalogue, prefixes, int(met_ids))
        if met_ids and (asked or met_ids >= _ENOUGH * all_ids):
            found = Forms(forms, "joined_id" if asked else "decimal_id")
    run.connection.execute(f"DROP TABLE {alone}")
    return found


def _used(run: RunState, alone: str, catalogue: str, prefixes: Mapping[str, str], met: int) -> set[str]:
    """Return the differences that a person named without which fewer ids would meet."""
    asked = run.options.join_ids
    used = set()
    for difference in asked:
        others = [one for one in asked if one != difference]
        left = 0
        if others:
            query = f"SELECT count(*) FROM ({_meeting(alone, catalogue, others, prefixes)})"
            ((left,),) = run.connection.execute(query).fetchall()
        if left < met:
            used.add(difference)
    return used or ({*asked} if met else set())


def tell_idle(run: RunState) -> None:
    """Say in the receipt which of the differences that a person named have joined no id."""
    file = next((one.file for one in run.receipt.files if one.target == "events"), None)
    if file is None:
        return
    for difference in run.options.join_ids:
        if difference not in run.joined:
            text = (
                f"--join-ids {difference} joined no id: none in events would be one of the catalogue's by"
                " that; leave it out, or compare how both files write ids"
            )
            run.receipt.reasons.append(Reason(file, "joined_nothing", READ_AS, 0, text))


def tell_join(run: RunState, owner: Owner, source: str) -> None:
    """Tell in the receipt how many users or items of the events the catalogue has, and why not more.

    Parameters
    ----------
    run
        The running import; the catalogue is in its tables, what only events name is not yet.
    owner
        Whose ids are compared.
    source
        Table with a column ``user_id`` or ``item_id``.
    """
    catalogue = _catalogue(run, owner)
    if not run.connection.execute(f"SELECT 1 FROM {catalogue} LIMIT 1").fetchall():
        return
    number = next(_serial)
    found = f"met_{number}"
    run.connection.execute(
        f"CREATE TEMP TABLE {found} AS SELECT id, id IN (SELECT id FROM {catalogue}) AS met"
        f" FROM (SELECT DISTINCT {owner}_id AS id FROM {source})"
    )
    ((every, met),) = run.connection.execute(
        f"SELECT count(*), count(*) FILTER (met) FROM {found}"
    ).fetchall()
    if met < every and (owner == "item" or met < _ENOUGH * every):
        run.receipt.reasons.append(_reason(run, owner, found, catalogue, int(every), int(met)))
    run.connection.execute(f"DROP TABLE {found}")


def meets_by_decimals(run: RunState, owner: Owner, source: str) -> bool:
    """Tell whether :func:`forms_of` would have something to do for ids that are typed already."""
    found = forms_of(run, source, owner, f"{owner}_id")
    if found:
        run.connection.execute(f"DROP TABLE {found.table}")
    return found is not None


def _reason(run: RunState, owner: Owner, found: str, catalogue: str, every: int, met: int) -> Reason:
    where = "the catalogue" if owner == "item" else "the table of users"
    file = next((one.file for one in run.receipt.files if one.target == "events"), "interactions")
    text = f"of {every:,} {owner}s in events, {met:,} are in {where}"
    if met >= _ENOUGH * every:
        what = "have no title and no attributes" if owner == "item" else "have no attributes"
        return Reason(file, "not_in_catalogue", READ_AS, every - met, f"{text}; the others {what}")
    alone = f"(SELECT id FROM {found} WHERE NOT met ORDER BY hash(id) LIMIT {_LOOKED_AT})"
    ((theirs, ours),) = run.connection.execute(
        f"SELECT (SELECT min(id) FROM {found} WHERE NOT met), (SELECT min(id) FROM {catalogue})"
    ).fetchall()
    best = _explanation(run, alone, catalogue)
    if best is None:
        shown = f"for example {shorten(theirs, 40)} and {shorten(ours, 40)}"
        advice = "compare how both files write ids; if they are the same things, write them alike"
    else:
        differences, share, rows = best
        theirs, ours = rows[0]
        run.receipt.questions.append(questions.ids(file, owner, text, differences, rows))
        shown = f"{shorten(theirs, 40)} may be {shorten(ours, 40)}"
        advice = f"--join-ids {','.join(differences)} would join {share:.0%} of the rest"
    return Reason(file, "ids_do_not_meet", READ_AS, every - met, f"{text}: {shown}; {advice}")


def _explanation(
    run: RunState, alone: str, catalogue: str
) -> tuple[tuple[str, ...], float, list[tuple[str, str]]] | None:
    """Return the differences that join most, the share of ids that they join, and both forms of some."""
    prefixes = _prefixes(run, alone, catalogue)
    ((every,),) = run.connection.execute(f"SELECT count(*) FROM {alone}").fetchall()
    for size in (1, 2):
        tried = []
        for differences in combinations(DIFFERENCES, size):
            query = _meeting(alone, catalogue, differences, prefixes)
            ((met,),) = run.connection.execute(f"SELECT count(*) FROM ({query})").fetchall()
            tried.append((int(met) / every, differences, query))
        share, best, query = max(tried, key=lambda one: one[0])
        if share >= _ENOUGH:
            rows = run.connection.execute(f"FROM ({query}) ORDER BY ALL LIMIT {_EXAMPLES}").fetchall()
            return best, share, [(str(written), str(held)) for written, held in rows]
    return None


def _catalogue(run: RunState, owner: Owner) -> str:
    """SQL for the ids that a profile or a catalogue names, here or in the workspace that is added to."""
    named = f"SELECT {owner}_id AS id FROM {{0}}.{owner}s WHERE {owner}_id NOT IN"
    named += f" (SELECT id FROM {{0}}.implied WHERE kind = '{owner}')"
    earlier = f" UNION {named.format('earlier')}" if run.adds else ""
    return f"({named.format('main')}{earlier})"


def _decimals_differ(run: RunState, alone: str, catalogue: str) -> bool:
    every = f"coalesce(bool_and(regexp_full_match(id, '{_DECIMAL}')), false)"
    some = f"coalesce(bool_or(regexp_full_match(id, '{_DECIMAL}')), false)"
    rows = [
        run.connection.execute(f"SELECT {every}, {some} FROM {one}").fetchone() for one in (alone, catalogue)
    ]
    (all_here, some_here), (all_there, some_there) = (row or (False, False) for row in rows)
    return bool(all_here and not some_there) or bool(all_there and not some_here)


def _meeting(alone: str, catalogue: str, differences: Sequence[str], prefixes: Mapping[str, str]) -> str:
    """SQL for pairs ``written``, ``held`` of ids that are equal but for some differences."""
    theirs = _alike("id", differences, prefixes["there"])
    return (
        f"SELECT a.id AS written, c.held FROM {alone} AS a"
        f" JOIN (SELECT {theirs} AS key, any_value(id) AS held FROM {catalogue}"
        " GROUP BY key HAVING count(*) = 1) AS c"
        f" ON c.key = {_alike('a.id', differences, prefixes['here'])}"
    )


def _alike(id: str, differences: Sequence[str], prefix: str) -> str:
    """SQL for what ids that differ only so have in common."""
    text = id
    for difference in DIFFERENCES:  # in this order, whatever the person's
        if difference not in differences:
            continue
        if difference == "quotes":
            text = f"trim({text}, {literal(chr(34) + chr(39) + '`= ')})"
        elif difference == "decimals":
            text = whole_id(text)
        elif difference == "case":
            text = f"lower({text})"
    if "thousands" in differences:
        grouped = literal(r"\d{1,3}([,.'’ \x{A0}]\d{3})+")
        digits = rf"regexp_replace({text}, '\D', '', 'g')"
        text = f"CASE WHEN regexp_full_match({text}, {grouped}) THEN {digits} ELSE {text} END"
    if "prefix" in differences:
        start = literal(prefix.lower() if "case" in differences else prefix)
        text = (
            f"CASE WHEN starts_with({text}, {start}) THEN substr({text}, {len(prefix) + 1}) ELSE {text} END"
        )
    if "zeros" in differences:
        short = f"coalesce(nullif(ltrim({text}, '0'), ''), '0')"
        text = f"CASE WHEN regexp_full_match({text}, '0+\\d+') THEN {short} ELSE {text} END"
    return text


def _prefixes(run: RunState, alone: str, catalogue: str) -> dict[str, str]:
    """What all ids of either side begin with, up to the last sign in it or without the digits at its end."""
    found = {}
    for side, ids in (("here", alone), ("there", catalogue)):
        ends = run.connection.execute(f"SELECT min(id), max(id) FROM {ids}").fetchone() or (None, None)
        pairs = zip(*(str(end or "") for end in ends), strict=False)
        common = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        signs = re.match(r".*[^\w]|.*_", common, re.DOTALL)
        found[side] = signs[0] if signs else common.rstrip("0123456789")
    if found["here"] == found["there"]:
        return {"here": "", "there": ""}
    return found
