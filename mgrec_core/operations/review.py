"""What people decide about names that may mean items: kept in the workspace's state, written on demand.

A decision is remembered at once and can be undone; :func:`apply` (and every build) writes what was decided
into the tables. Decisions outlive a new import of the same data.
"""

from __future__ import annotations

import contextlib
import csv
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from mgrec_core.data.fingerprint import data_fingerprint
from mgrec_core.data.knowledge.linking import link_names, write_linked
from mgrec_core.data.labels import item_labels
from mgrec_core.foundation.causes import line_of, refusal
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.files import replacing
from mgrec_core.foundation.text import guarded, unguarded
from mgrec_core.operations.locking import writing
from mgrec_core.workspace.state import StateFile

if TYPE_CHECKING:
    from mgrec_core.workspace.folder import Workspace

VERDICTS = ("accepted", "rejected")
COLUMNS = ("node_id", "label", "item_id", "title", "score", "verdict", "decided")


@dataclass(frozen=True)
class LinkCandidate:
    """A name, an item it may mean, and what is held of it: accepted, review or rejected.

    ``decided`` says by whom: ``rule`` or ``person``; ``pending`` that the tables do not know it yet.
    """

    node_id: str
    label: str
    item_id: str
    title: str
    score: float
    verdict: str
    decided: str
    pending: bool = False


def candidates(workspace: Workspace) -> list[LinkCandidate]:
    """Every candidate with its effective verdict, those to review first, then by score.

    A person's acceptance of one item puts the other candidates of the name out.
    """
    with workspace.reading() as connection:
        rows = connection.execute(
            """SELECT node_id, l.label, item_id, coalesce(title, item_id), score, verdict, decided
               FROM kg_links l LEFT JOIN items USING (item_id) ORDER BY node_id, score DESC, item_id"""
        ).fetchall()
        labels = item_labels(connection) if rows else {}
    decided = decisions(workspace)
    chosen = {node: item for (node, item), verdict in decided.items() if verdict == "accepted"}
    found = []
    for node, label, item, title, score, verdict, by in rows:
        now, who = verdict, by
        if (node, item) in decided:
            now, who = decided[(node, item)], "person"
        elif node in chosen and chosen[node] != item:
            now, who = "rejected", "person"
        elif by == "person" and not any(name == node for name, _ in decided):
            now, who = "review", "rule"  # the decision was taken back
        pending = now != verdict
        found.append(
            LinkCandidate(node, label, item, labels.get(item, title), float(score), now, who, pending)
        )
    order = {"review": 0, "accepted": 1, "rejected": 2}
    return sorted(found, key=lambda c: (order[c.verdict], -c.score, c.node_id, c.item_id))


def to_review(connection: duckdb.DuckDBPyConnection) -> int:
    """How many names the rules left for a person to decide."""
    row = connection.execute(
        "SELECT count(DISTINCT node_id) FROM kg_links WHERE verdict = 'review'"
    ).fetchone()
    return int(row[0]) if row else 0


def decisions(workspace: Workspace) -> dict[tuple[str, str], str]:
    """The newest decision on each (name, item)."""
    rows = StateFile(workspace.state).rows(
        "kg_decisions", "SELECT node_id, item_id, verdict FROM kg_decisions ORDER BY id"
    )
    found: dict[tuple[str, str], str] = {}
    for node, item, verdict in rows:
        pair = (str(node), str(item))
        if verdict == "accepted":  # a later choice of an item for the name takes back the earlier one
            for other in [p for p in found if p[0] == pair[0] and found[p] == "accepted"]:
                del found[other]
        found[pair] = str(verdict)
    return found


def decide(workspace: Workspace, pairs: Iterable[tuple[str, str, str]]) -> int:
    """Remember decisions.

    Parameters
    ----------
    pairs
        Name, item and verdict (``accepted`` or ``rejected``).

    Raises
    ------
    NotFoundError
        The pair is no candidate.
    InputError
        The verdict is none.
    """
    wanted = list(pairs)
    known = {(c.node_id, c.item_id) for c in candidates(workspace)}
    for node, item, verdict in wanted:
        if verdict not in VERDICTS:
            raise InputError(f"verdict {verdict!r} is none of {', '.join(VERDICTS)}")
        if (node, item) not in known:
            raise NotFoundError(
                f"{node!r} and item {item!r} are no candidate: `kg link --json` lists the candidates"
            )
    now = datetime.now(UTC).replace(tzinfo=None)
    with StateFile(workspace.state).open(read_only=False) as connection:
        row = connection.execute("SELECT coalesce(max(id), 0) FROM kg_decisions").fetchone() or (0,)
        for n, (node, item, verdict) in enumerate(wanted, start=int(row[0]) + 1):
            connection.execute(
                "INSERT INTO kg_decisions VALUES (?, ?, ?, ?, ?)", [n, node, item, verdict, now]
            )
    return len(wanted)


def undo(workspace: Workspace) -> tuple[str, str, str] | None:
    """Take back the newest decision and return it; ``None`` when there is none."""
    if not workspace.state.is_file():
        return None
    with StateFile(workspace.state).open(read_only=False) as connection:
        row = connection.execute(
            "SELECT id, node_id, item_id, verdict FROM kg_decisions ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row is None:
            return None
        connection.execute("DELETE FROM kg_decisions WHERE id = ?", [row[0]])
    return str(row[1]), str(row[2]), str(row[3])


def apply(workspace: Workspace) -> int:
    """Write pending decisions into the tables; return how many candidates changed.

    The data fingerprint changes with the linked triples: the build is stale then.
    """
    if not decisions(workspace) and not _has_people(workspace):
        return 0
    with writing(workspace):
        pending = [c for c in candidates(workspace) if c.pending]
        if not pending:
            return 0
        with _changing(workspace) as connection:
            connection.executemany(
                "UPDATE kg_links SET verdict = ?, decided = ? WHERE node_id = ? AND item_id = ?",
                [(c.verdict, c.decided, c.node_id, c.item_id) for c in pending],
            )
            write_linked(connection)
    return len(pending)


def link_all(workspace: Workspace) -> int:
    """Link every name in the graph by its label, also where most of its roots are items.

    The import links by itself only a graph that speaks of names; a graph with item ids that speaks of
    some items by name needs this, again after each import. Decisions of people hold.

    Returns
    -------
    int
        Links that the rules accepted.
    """
    with writing(workspace), _changing(workspace) as connection:
        accepted = link_names(connection, always=True)
    apply(workspace)
    return accepted


@contextlib.contextmanager
def _changing(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the database to change; moved into place, so that readers and a crash see a whole one.

    The workspace must be locked.
    """
    with workspace.reading():
        pass  # tells readably what is wrong with it
    with replacing(workspace.database) as staged:
        try:
            shutil.copyfile(workspace.database, staged)
            with contextlib.closing(duckdb.connect(str(staged))) as connection:
                yield connection
                connection.execute(
                    "UPDATE meta SET value = ? WHERE key = 'data_fingerprint'", [data_fingerprint(connection)]
                )
                connection.execute("CHECKPOINT")
        finally:
            staged.with_name(staged.name + ".wal").unlink(missing_ok=True)


def _has_people(workspace: Workspace) -> bool:
    with workspace.reading() as connection:
        row = connection.execute("SELECT count(*) FROM kg_links WHERE decided = 'person'").fetchone()
    return bool(row and row[0])


def write_csv(workspace: Workspace, path: Path) -> int:
    """Write every candidate to a CSV file; verdicts may be changed there and read back."""
    rows = candidates(workspace)
    try:
        with replacing(path) as staged, staged.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([[_cell(getattr(row, name)) for name in COLUMNS] for row in rows])
    except OSError as error:
        raise refusal(error, path, "written", choose="choose another --export") from None
    return len(rows)


def _cell(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value


def read_csv(workspace: Workspace, path: Path) -> int:
    """Take the verdicts of a CSV file with the columns node_id, item_id and verdict as decisions.

    Rows to review, and rows whose verdict is what holds already, are passed over.

    Raises
    ------
    NotFoundError, InputError
        There is no such file, it lacks a column, or a row is no candidate.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            columns = set(reader.fieldnames or ())
    except FileNotFoundError:
        raise NotFoundError(f"{path} does not exist: check --import") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        unfit = InputError(
            f"{path} cannot be read as CSV ({line_of(error)}): export it with `kg link --export`"
        )
        raise refusal(error, path, damaged=unfit, other=unfit) from None
    missing = sorted({"node_id", "item_id", "verdict"} - columns)
    if missing:
        raise InputError(f"{path} has no column {', '.join(missing)}: export it with `kg link --export`")
    held = {(c.node_id, c.item_id): c.verdict for c in candidates(workspace)}
    wanted = [
        (unguarded(str(r["node_id"])), unguarded(str(r["item_id"])), str(r["verdict"]).strip().lower())
        for r in rows
    ]
    changed = [w for w in wanted if w[2] != "review" and held.get(w[:2]) != w[2]]
    return decide(workspace, changed) if changed else 0
