"""Columns of items and users as attribute values: cells split where they are lists, one row a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mgrec_core.data.cleaning import Judged, trimmed
from mgrec_core.data.columns.facts import Owner
from mgrec_core.data.columns.lists import FORMS, NONE, OWNERS, USUAL, guess, pieces
from mgrec_core.data.columns.settling import Loaded, settle, tell
from mgrec_core.data.importers.base import Import
from mgrec_core.data.receipt import READ_AS, Reason
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import nearest, shorten

_WHOLE = ("attribute", "number", "text")
"""Roles that a person gives to columns that are not to be split."""


def load_attributes(
    run: Import,
    staged: Staged,
    judged: Judged,
    owner: Owner,
    attributes: Mapping[str, str],
) -> None:
    """Insert the values of the good rows into ``item_attributes`` or ``user_attributes``.

    Cells in brackets are read as lists whatever the mapping separates them at.

    Parameters
    ----------
    run, staged, judged
        The running import, the file and its cleaned rows.
    owner
        Whose attributes they are.
    attributes
        Attribute name → SQL of its cells.
    """
    given = _given(run, owner, attributes)
    open_ = {name: cell for name, cell in attributes.items() if name not in given}
    found = guess(run.connection, judged.table, f"{owner}_id", open_)
    for name, cell in attributes.items():
        separator, lists_owners = given.get(name, found.get(name, "")), False
        if separator.startswith(OWNERS):
            separator, lists_owners = separator.removeprefix(OWNERS), True
        elif name in open_ and separator not in FORMS:
            separator = run.separators.get(name, separator)
        split = "" if lists_owners or separator == NONE else separator or USUAL
        ((values,),) = run.connection.execute(
            f"INSERT INTO {owner}_attributes SELECT DISTINCT {owner}_id, ?, {trimmed('value')} AS value"
            f" FROM (SELECT {owner}_id, unnest({pieces(cell, split)}) AS value"
            f" FROM {judged.table} WHERE _rejected IS NULL)"
            f" WHERE {trimmed('value')} IS NOT NULL ORDER BY ALL",
            [name],
        ).fetchall()
        kept = "" if separator in (NONE, USUAL) else separator
        run.columns.append(Loaded(staged.file, owner, name, kept, int(values), lists_owners))


def tell_untitled(run: Import, staged: Staged) -> None:
    """Say in the receipt that a file of items has no titles."""
    explanation = (
        "the items have no titles: their ids are shown instead, and the language model reads descriptions and"
        " attributes only; where a column names them, call it 'title'"
    )
    run.receipt.reasons.append(Reason(staged.file, "no_title", READ_AS, 1, explanation))


def _given(run: Import, owner: Owner, names: Iterable[str]) -> dict[str, str]:
    """Separators that are settled: by a person, by an earlier file, or by the workspace that is added to."""
    earlier = {one.name: one.separator for one in run.columns if one.owner == owner and not one.lists_owners}
    if run.adds:
        rows = run.connection.execute(
            "SELECT name, separator FROM earlier.columns WHERE owner = ? AND role <> 'id'", [owner]
        ).fetchall()
        earlier = {**dict(rows), **earlier}
    found = {name: earlier[name] for name in names if earlier.get(name)}
    for name in names:
        if chosen := run.options.separators.get(name.lower()):
            found[name] = chosen
        elif run.options.roles.get(name.lower()) in _WHOLE:
            found[name] = NONE
    return found


def settle_columns(run: Import) -> None:
    """Give every attribute column its role, and say so in the receipt.

    Raises
    ------
    InputError
        When the person named a column that is no attribute of any file.
    """
    names = {one.name.lower() for one in run.columns} | run.met
    for option, named in (("role", run.options.roles), ("separator", run.options.separators)):
        for name in named:
            if name not in names:
                raise InputError(
                    f"no file has an attribute column '{shorten(name, 60)}' that could have a {option}:"
                    " correct the name or leave it out;"
                    f" {nearest(name, (one.name for one in run.columns), 'the attribute columns are')}"
                )
    settle(run.connection, run.columns, run.options.roles, run.options.separators)
    tell(run.connection, run.columns, run.receipt)
