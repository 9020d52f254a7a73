"""Takes direct identifiers out of a staging table before anything else sees it.

Columns of attributes that hold identifiers are withheld, ids that are identifiers become pseudonyms,
and e-mail addresses within other text are masked, unless the person chose otherwise. The receipt
says what was found and done, and never shows a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mgrec_core.data.cleaning import literal, trimmed
from mgrec_core.data.identifiers import (
    EMAIL,
    INTERNATIONAL,
    IPV4,
    KINDS,
    describes_people,
    is_id,
    is_user_id,
    plain_name,
    recognise,
)
from mgrec_core.data.importers.state import RunState
from mgrec_core.data.options import Handling
from mgrec_core.data.receipt import Reason
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.text import shorten

LOOKED_AT = 1000
"""Distinct values of a column that are looked at, chosen by their hash, whatever the order of the rows."""

RULE = "direct_identifier"
"""What the receipt calls all of this."""

KIND = "identifier"
"""Domain of the pseudonyms: whatever the column, the same identifier gets the same one."""

_DONE = {"drop": "dropped", "hash": "hashed", "keep": "kept"}


def protect(run: RunState, staged: Staged) -> Staged:
    """Return the file without identifiers, as the options of the import say.

    Parameters
    ----------
    run
        The running import; its receipt is told.
    staged
        The file as read; its staging table is changed.
    """
    people = describes_people([*staged.columns])
    before = len(run.receipt.reasons)
    kept, withheld, dropped = dict(staged.columns), {}, set()
    for name, column in staged.columns.items():
        chosen = _chosen(run, name)
        kind = None if chosen else recognise(name, _values(run, staged, column), people=people)
        if is_id(name) and kind != "card":
            kind = None  # ids one by one, so that the same id is the same in every file
        if not (chosen or kind):
            _mask(run, staged, name, column)
            continue
        how: Handling = chosen or run.options.identifiers or "drop"
        if how == "drop" and is_id(name) and not chosen:
            how = "hash"
        if how == "drop":
            del kept[name]
            if chosen:
                dropped.add(name.lower())
            else:
                withheld[name.lower()] = column
        if how != "keep":
            # What is withheld is hashed all the same: a format may turn out to need it as an id.
            run.connection.execute(
                f"UPDATE {staged.table} SET {column} = {run.key.sql(trimmed(column), KIND)}"
                f" WHERE {column} IS NOT NULL"
            )
        what = f"holds {KINDS[kind]} and was {_DONE[how]}" if kind else f"was {_DONE[how]}, as was asked for"
        count = _count(run, staged, f"{column} IS NOT NULL")
        run.receipt.reasons.append(_note(staged, name, _DONE[how], count, what))
    return replace(
        staged,
        columns=kept,
        withheld=withheld,
        dropped=frozenset(dropped),
        private=len(run.receipt.reasons) > before,
    )


def recognised(samples: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return which columns of a table hold identifiers: column → kind.

    Parameters
    ----------
    samples
        Column → some of its values. Columns of ids are left out: their values are judged one by one.
    """
    people = describes_people([*samples])
    found = {name: recognise(name, values, people=people) for name, values in samples.items()}
    return {name: kind for name, kind in found.items() if kind and (kind == "card" or not is_id(name))}


def needed_after_all(run: RunState, staged: Staged) -> None:
    """Correct the receipt where a format took a withheld column as an id: it was hashed, not dropped."""
    for name in staged.demanded:
        for place, reason in enumerate(run.receipt.reasons):
            start = f"the column '{shorten(name, 60)}' "
            about = reason.file == staged.file and reason.explanation.lower().startswith(start)
            if about and reason.action == "dropped":
                text = reason.explanation.replace("was dropped", "was hashed")
                run.receipt.reasons[place] = replace(reason, action="hashed", explanation=text)


def _chosen(run: RunState, name: str) -> Handling | None:
    """Return what the person wants done with a column; hashed ids of users are hashed in every file."""
    columns = run.options.columns
    found = columns.get(name.lower()) or columns.get(plain_name(name))
    if found:
        run.met.update({name.lower(), plain_name(name)})
    elif is_user_id(name) and any(how == "hash" and is_user_id(one) for one, how in columns.items()):
        return "hash"
    return found


def _values(run: RunState, staged: Staged, column: str) -> list[str]:
    rows = run.connection.execute(
        f"SELECT value FROM (SELECT DISTINCT {trimmed(column)} AS value FROM {staged.table})"
        f" WHERE value IS NOT NULL ORDER BY hash(value) LIMIT {LOOKED_AT}"
    ).fetchall()
    return [value for (value,) in rows]


def _mask(run: RunState, staged: Staged, name: str, column: str) -> None:
    """Replace single identifiers in a column that holds something else: an id's whole, or within text."""
    if is_id(name):
        forms = [EMAIL, INTERNATIONAL, *([IPV4] if is_user_id(name) else [])]
        where = (
            f"(contains({column}, '@') OR contains({column}, '+') OR contains({column}, '.'))"
            f" AND regexp_full_match({trimmed(column)}, {literal('|'.join(forms))})"
        )
        done, what = "hashed", "of its ids are such as e-mail addresses and became pseudonyms"
    else:
        where = f"contains({column}, '@') AND regexp_matches({column}, {literal(EMAIL)})"
        done, what = "masked", "of its cells held e-mail addresses within text, now [e-mail]"
    count = _count(run, staged, where)
    if not count:
        return
    if run.options.identifiers == "keep":
        done, what = "kept", "of its cells hold such as e-mail addresses"
    else:
        # The key is asked for only now: it is made when it is first needed.
        masked = f"regexp_replace({column}, {literal(EMAIL)}, '[e-mail]', 'g')"
        instead = run.key.sql(trimmed(column), KIND) if done == "hashed" else masked
        run.connection.execute(f"UPDATE {staged.table} SET {column} = {instead} WHERE {where}")
    run.receipt.reasons.append(_note(staged, name, done, count, f"has identifiers: {count} {what}"))


def _count(run: RunState, staged: Staged, condition: str) -> int:
    ((count,),) = run.connection.execute(f"SELECT count(*) FROM {staged.table} WHERE {condition}").fetchall()
    return int(count)


def _note(staged: Staged, name: str, done: str, count: int, text: str) -> Reason:
    return Reason(staged.file, RULE, done, count, f"the column '{shorten(name, 60)}' {text}")
