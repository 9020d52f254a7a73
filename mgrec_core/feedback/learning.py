"""Weights that follow feedback: everybody's, and each user's, with every step kept and undoable.

Everybody's weights start from the active preset, a user's own from everybody's. Each piece of
feedback moves both by one step (see :mod:`mgrec_core.feedback.update`); what is applied to a user
is their own weights drawn to everybody's. Nothing of this changes a list by itself: everybody's
weights are the preset ``feedback``, a user's are applied when asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb

from mgrec_core.feedback import history
from mgrec_core.feedback.examples import Examples
from mgrec_core.feedback.history import EVERYBODY, Step
from mgrec_core.feedback.log import OPINIONS, THUMBS, UNWANTED, Feedback, FeedbackLog, check, insert
from mgrec_core.feedback.settings import FeedbackSettings
from mgrec_core.feedback.update import (
    FeedbackExample,
    Floats,
    shrink,
    step,
    taken_back,
    to_shares,
    to_weights,
)
from mgrec_core.foundation.errors import NotFoundError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.foundation.results import Weights
from mgrec_core.workspace.state import StateFile

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


_AGAIN = "learned again from"


@dataclass(frozen=True)
class Personal:
    """One user's learned weights.

    Attributes
    ----------
    weights
        What is applied: ``own`` drawn to ``everybody``.
    own
        Learned from this user alone; ``None`` without feedback.
    everybody
        Learned from all feedback, or the active preset where there is none.
    n
        Pieces of feedback of the user.
    trust
        n/(n+κ), the part of ``own`` in ``weights``.
    """

    weights: Weights
    own: Weights | None
    everybody: Weights
    n: int
    trust: float

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "weights": self.weights.values,
            "base": self.weights.base,
            "alpha": _alpha(self.weights),
            "own": self.own.values if self.own else None,
            "everybody": self.everybody.values,
            "n_feedback": self.n,
            "trust": self.trust,
        }


class FeedbackLearner:
    """Feedback of one workspace and what was learned from it.

    Parameters
    ----------
    engine
        Its build gives the scores of what was shown.
    settings
        Default: the workspace's ``feedback.yaml``.
    """

    def __init__(self, engine: Engine, settings: FeedbackSettings | None = None) -> None:
        self.engine = engine
        self.settings = settings or FeedbackSettings.of(engine.workspace.path)
        self.log = FeedbackLog(engine.workspace.state)
        self._state = StateFile(engine.workspace.state)

    # What there is

    def history(self, user_id: str = EVERYBODY) -> list[Step]:
        """Steps of a user's own weights (``EVERYBODY``: of all), oldest first."""
        return history.read(self._state, user_id)

    def everybody(self) -> Weights:
        """Weights learned from all feedback; the active preset's where there is none."""
        found = self.history(EVERYBODY)
        return found[-1].weights if found else self._active()

    def personal(self, user_id: str) -> Personal:
        """A user's weights.

        Raises
        ------
        NotFoundError
            The user is unknown.
        """
        self.engine.user_position(user_id)
        present = self.engine.present
        everybody, steps = self.everybody(), self.history(user_id)
        own = steps[-1].weights if steps else None
        n = len(self.log.of_user(user_id)) if own else 0
        if any(s.reason.startswith(_AGAIN) for s in steps):  # only then was the import's learned from
            n += len(self._imported.get(user_id, ()))
        all_shares = to_shares(everybody.values, present)
        mine = to_shares(own.values, present) if own else all_shares
        mixed = to_weights(shrink(mine, all_shares, n, self.settings), present) if n else everybody
        trust = n / (n + self.settings.shrinkage) if n else 0.0
        return Personal(mixed, own, everybody, n, trust)

    def users(self) -> frozenset[str]:
        """Ids of all who have said anything, in the import or the log."""
        return frozenset(self._imported) | {row.user_id for row in self.log.all()}

    def unwanted(self, user_id: str) -> frozenset[str]:
        """Items on which a user's newest opinion, of the import or the log, is ``dislike`` or ``dismiss``."""
        rows = sorted([*self._imported.get(user_id, ()), *self.log.of_user(user_id)], key=_when)
        said = {row.item_id: row.kind for row in rows if row.kind in OPINIONS}
        return frozenset(item for item, kind in said.items() if kind in UNWANTED)

    # What changes

    def record(self, rows: Sequence[Feedback]) -> list[int]:
        """Keep feedback and move the weights by it; return its numbers.

        One piece is one step in the histories, several at once are one step together. The file is
        open for a moment only, and a failure leaves all as it was.

        Raises
        ------
        NotFoundError
            An unknown user or item.
        InputError
            An unknown kind, or the state file cannot be written.
        """
        check(rows, self.settings.strengths)
        for row in rows:
            self.engine.user_position(row.user_id)
            self.engine.item_label(row.item_id)
        active = self._active()
        examples = self._examples(rows, active)
        with self._state.open(read_only=False) as connection:
            connection.begin()
            numbers = insert(connection, rows)
            for who, mine in _by_whom(rows, examples).items():
                reason = f"import of {len(mine)}"
                if len(rows) == 1:
                    reason = f"{rows[0].kind} of {rows[0].item_id} (#{numbers[0]})"
                self._move(connection, who, mine, reason, active)
            connection.commit()
        return numbers

    def press(self, row: Feedback, kind: str | None) -> None:
        """Set what a user says of an item to ``like``, ``dislike`` or nothing; the old word is taken back.

        Raises
        ------
        NotFoundError
            An unknown user or item.
        InputError
            The state file cannot be written.
        """
        before = [r for r in self.log.of_user(row.user_id) if r.item_id == row.item_id and r.kind in THUMBS]
        if kind is not None and [r.kind for r in before] == [kind]:
            return
        for old in before:
            self.take_back(old.id)
        if kind is not None:
            self.record([replace(row, kind=kind)])

    def take_back(self, number: int) -> Feedback:
        """Forget one piece of feedback and what the weights learned from it; return it.

        The newest step is dropped, an older one divided out; of feedback that came in a file with
        others, what it would teach now is taken back.

        Raises
        ------
        NotFoundError
            There is none of that number.
        """
        row, present = self.log.one(number), self.engine.present
        (example,) = self._examples([row], self._active())
        with self._state.open(read_only=False) as connection:
            connection.begin()
            connection.execute("DELETE FROM feedback_log WHERE id = ?", [number])
            for who in (EVERYBODY, row.user_id):
                steps = history.steps(connection, who)
                at = [n for n, s in enumerate(steps) if n and s.reason.endswith(f"(#{number})")]
                if not at:  # it came with others, or its step is no longer kept
                    self._withdraw(connection, who, steps, example, f"took back #{number}")
                    continue
                if at[-1] == len(steps) - 1:
                    history.drop_newest(connection, who)
                    continue
                now, before, after = (
                    to_shares(s.weights.values, present)
                    for s in (steps[-1], steps[at[-1] - 1], steps[at[-1]])
                )
                shares = taken_back(now, before, after)
                history.append(connection, who, to_weights(shares, present), f"took back #{number}")
            connection.commit()
        return row

    def undo(self, user_id: str = EVERYBODY) -> Step | None:
        """Take the newest step of a user's weights (``EVERYBODY``: of all) back; the feedback stays.

        Returns
        -------
        Step or None
            Where the weights stand now; ``None`` when they are where they came from.

        Raises
        ------
        NotFoundError
            There is no step.
        """
        if len(self.history(user_id)) < 2:
            whose = f"user {user_id}'s weights" if user_id else "everybody's weights"
            raise NotFoundError(f"there is nothing to undo: no feedback has moved {whose} yet")
        with self._state.open(read_only=False) as connection:
            connection.begin()
            left = history.drop_newest(connection, user_id)
            connection.commit()
        return left

    def learn_again(self, progress: Progress = silent) -> dict[str, Any]:
        """Go through all feedback from the start: that of the import, then the log.

        It is wanted after an import with feedback, a new build, or other settings.

        Returns
        -------
        dict
            The document of ``feedback learn --json``.
        """
        rows = sorted([*self.imported(), *self.log.all()], key=_when)
        active = self._active()
        examples = self._examples(rows, active, progress)
        used = sum(e is not None for e in examples)
        present = self.engine.present
        with self._state.open(read_only=False) as connection:
            connection.begin()
            shares = to_shares(active.values, present)
            own: dict[str, Floats] = {}
            counts: Counter[str] = Counter()
            for row, example in zip(rows, examples, strict=True):
                if example is None:
                    continue
                mine = own.get(row.user_id, shares)
                own[row.user_id] = self._step(mine, example)
                shares = self._step(shares, example)
                counts[row.user_id] += 1
            if used:
                self._begin(connection, EVERYBODY, active)
                learned = to_weights(shares, present)
                history.append(connection, EVERYBODY, learned, f"{_AGAIN} {used}")
                for user, mine in own.items():
                    self._begin(connection, user, learned)
                    reason = f"{_AGAIN} {counts[user]}"
                    history.append(connection, user, to_weights(mine, present), reason)
            connection.commit()
        return {"read": len(rows), "used": used, "users": len(own), **self.weights_document()}

    def weights_document(self, user_id: str = EVERYBODY) -> dict[str, Any]:
        """Learned weights as the commands print them."""
        if user_id:
            return {"user_id": user_id, **self.personal(user_id).to_dict()}
        weights = self.everybody()
        learned = bool(self.history(EVERYBODY))
        return {
            "preset": history.PRESET if learned else None,
            "base": weights.base,
            "weights": weights.values,
            "alpha": _alpha(weights),
        }

    def imported(self) -> list[Feedback]:
        """Feedback that came with the data (the canonical table ``feedback``); it knows no list."""
        with self.engine.workspace.reading() as connection:
            found = connection.execute(
                """SELECT user_id, item_id, kind, timestamp FROM v_feedback
                   ORDER BY timestamp NULLS FIRST, user_id, item_id, kind"""
            ).fetchall()
        known = self.settings.strengths
        return [
            Feedback(str(user), str(item), str(kind), origin="import", made=made)
            for user, item, kind, made in found
            if str(kind) in known
        ]

    @cached_property
    def _imported(self) -> dict[str, list[Feedback]]:
        """Imported feedback by user."""
        found: dict[str, list[Feedback]] = {}
        for row in self.imported():
            found.setdefault(row.user_id, []).append(row)
        return found

    def _active(self) -> Weights:
        return self.engine.active_preset().as_weights()

    def _examples(
        self, rows: Sequence[Feedback], active: Weights, progress: Progress = silent
    ) -> list[FeedbackExample | None]:
        """Examples in the order of the rows, computed user by user: scores of a user come at once."""
        source = Examples(self.engine, self.settings, active)
        found: list[FeedbackExample | None] = [None] * len(rows)
        for done, n in enumerate(sorted(range(len(rows)), key=lambda n: rows[n].user_id)):
            found[n] = source.of(rows[n])
            progress("feedback", done + 1, len(rows))
        return found

    def _step(self, shares: Floats, example: FeedbackExample) -> Floats:
        return step(shares, example, self.settings, int(shares.argmax()))

    def _move(
        self,
        connection: duckdb.DuckDBPyConnection,
        who: str,
        examples: Sequence[FeedbackExample],
        reason: str,
        active: Weights,
    ) -> None:
        if not examples:
            return
        present = self.engine.present
        start = active
        if who != EVERYBODY:
            all_steps = history.steps(connection, EVERYBODY)
            # Everybody's weights before this feedback: they have moved by it already.
            start = all_steps[-2].weights if len(all_steps) > 1 else active
        now = self._begin(connection, who, start)
        shares = to_shares(now.values, present)
        for example in examples:
            shares = self._step(shares, example)
        history.append(connection, who, to_weights(shares, present), reason)

    def _withdraw(
        self,
        connection: duckdb.DuckDBPyConnection,
        who: str,
        steps: Sequence[Step],
        example: FeedbackExample | None,
        reason: str,
    ) -> None:
        """Take back what an example would teach now, where its own step is not known."""
        if not steps or example is None:
            return
        present = self.engine.present
        now = to_shares(steps[-1].weights.values, present)
        shares = taken_back(now, now, self._step(now, example))
        history.append(connection, who, to_weights(shares, present), reason)

    def _begin(self, connection: duckdb.DuckDBPyConnection, who: str, start: Weights) -> Weights:
        """Where the weights of one stand; where they stand nowhere yet, their start is kept first."""
        steps = history.steps(connection, who)
        if steps:
            return steps[-1].weights
        where = "everybody's weights" if who else "the active preset"
        history.append(connection, who, start, f"start from {where}")
        return start


def _by_whom(
    rows: Sequence[Feedback], examples: Sequence[FeedbackExample | None]
) -> dict[str, list[FeedbackExample]]:
    """Usable examples of everybody, then of each user."""
    found: dict[str, list[FeedbackExample]] = {EVERYBODY: []}
    for row, example in zip(rows, examples, strict=True):
        if example is not None:
            found[EVERYBODY].append(example)
            found.setdefault(row.user_id, []).append(example)
    return found


def _alpha(weights: Weights) -> dict[str, float]:
    return {g: round(share, 6) for g, share in weights.shares.items()}


def _when(row: Feedback) -> tuple[datetime, int]:
    """When it was said; the import knows no number, so the log's word comes after it at the same time."""
    return row.made or datetime.min, row.id
