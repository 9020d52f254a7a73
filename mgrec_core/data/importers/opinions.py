"""A column of yes and no in the canonical events, which says whether somebody liked the thing."""

from __future__ import annotations

from collections.abc import Mapping

from mgrec_core.data.cells import literal, saying
from mgrec_core.data.importers.base import Import
from mgrec_core.data.importers.mapping.names import OPINIONS, RECOMMENDED, fold
from mgrec_core.data.receipt import READ_AS, Reason, count_rows
from mgrec_core.data.staged import Staged
from mgrec_core.foundation.text import shorten

_MANY = 50


def with_opinions(
    run: Import, staged: Staged, columns: Mapping[str, str | None]
) -> tuple[Staged, dict[str, str | None], tuple[str, ...]]:
    """Read a column such as ``liked`` as the kind of event, where the file says nothing else of it.

    Parameters
    ----------
    run, staged
        The running import and the file.
    columns
        Target column → SQL column, or None where the file has none.

    Returns
    -------
    tuple
        The file, its columns, and the names of those that were read so.
    """
    found = dict(columns)
    if columns.get("event") or columns.get("rating"):
        return staged, found, ()
    for name, column in staged.columns.items():
        if fold(name) not in RECOMMENDED:
            continue
        text = f"lower({saying(column, value=True)})"
        rows = run.connection.execute(
            f"SELECT DISTINCT {text} AS said FROM {staged.table} WHERE said IS NOT NULL LIMIT {_MANY}"
        ).fetchall()
        said = {str(value) for (value,) in rows}
        if not said or not said <= OPINIONS.keys():
            continue
        cases = " ".join(
            f"WHEN {literal(word)} THEN {literal('recommend' if OPINIONS[word] else 'not_recommend')}"
            for word in sorted(said)
        )
        sentence = (
            f"the column '{shorten(name, 60)}' says who liked what: yes is a recommendation, no is against"
        )
        number = count_rows(run.connection, staged.table)
        run.receipt.reasons.append(Reason(staged.file, "opinions", READ_AS, number, sentence))
        found["event"] = "x_event"
        return run.derive(staged, {"x_event": f"CASE {text} {cases} END"}), found, (name,)
    return staged, found, ()
