"""Undo and redo: the views of a session, one after another. No page here."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Any

from pages.ui.address.view import View

MOST = 200
"""So many steps are kept; the oldest go first."""

_LEFT_OUT = ("sql",)  # the text field has an undo of its own
FIELDS = tuple(f.name for f in fields(View) if f.name not in _LEFT_OUT)
_WORDS = {
    "item": "explained item", "weights": "weights", "alpha": "α", "k": "length k", "fusion": "fusion mode",
    "personal": "personal weights", "of": "points of the map", "space": "space of the map",
    "colour": "colour of the map", "neighbours": "neighbours of the map", "min_dist": "minimum "
                                                                                      "distance of "
                                                                                      "the map",
    "metric": "metric of the map", "seed": "seed of the map", "test_ratio": "share held out",
    "split": "held-out events", "lab": "part of the lab", "other": "explained row", "people": "weights",
    "ads": "weights", "people_base": "base", "ads_base": "base", "on": "day", "entity": "node of the graph",
    "reference_weights": "reference", "reference_base": "reference", "form": "form of the list",
    "hide": "hidden items", "look": "part of the page", "near": "granularity", "groups": "segment",
    "versus": "what is compared", "second": "second user", "left": "first preset", "right": "second preset",
    "clusters": "clusters of the map", "centres": "clusters of the map", "smallest": "clusters of the map",
    "find": "point of the map", "cohort": "cohort", "picked": "selection on the map",
    "own": "settings of the page",
}  # fmt: skip

Snapshot = dict[str, Any]


@dataclass
class History:
    """What was looked at before, what is looked at, and what was taken back.

    Attributes
    ----------
    past, future
        Oldest first and next first.
    """

    past: list[Snapshot] = field(default_factory=list)
    now: Snapshot | None = None
    future: list[Snapshot] = field(default_factory=list)

    def record(self, view: View) -> bool:
        """Make a step of what an analyst has changed; tells whether there was anything."""
        found = _snapshot(view)
        if self.now is None or found == self.now:
            self.now = found
            return False
        self.past = [*self.past, self.now][-MOST:]
        self.now, self.future = found, []
        return True

    def settle(self, view: View) -> None:
        """Take over what a page has corrected in the view: that is nobody's step."""
        self.now = _snapshot(view)

    def go(self, steps: int, view: View) -> str:
        """Go so many steps back (below 0) or on, as far as there are any; return what changed."""
        start = self.now
        for _ in range(abs(steps)):
            source, target = (self.past, self.future) if steps < 0 else (self.future, self.past)
            if not source or self.now is None:
                break
            if steps < 0:
                target.insert(0, self.now)
                self.now = source.pop()
            else:
                target.append(self.now)
                self.now = source.pop(0)
        if self.now is None or start is None or self.now == start:
            return ""
        for name, value in self.now.items():
            setattr(view, name, _own(value))
        return difference(start, self.now)

    @property
    def undoes(self) -> str:
        """What the next undo changes; empty when there is none."""
        return difference(self.past[-1], self.now) if self.past and self.now else ""

    @property
    def redoes(self) -> str:
        """What the next redo changes; empty when there is none."""
        return difference(self.now, self.future[0]) if self.future and self.now else ""


def difference(first: Snapshot, second: Snapshot) -> str:
    """Say in words which parts of two views differ.

    Examples
    --------
    >>> difference({"user": "1", "k": 10}, {"user": "2", "k": 20})
    'user, length k'
    """
    names = [name for name in second if first.get(name) != second[name]]
    if "workspace" in names:
        return "workspace"
    return ", ".join(dict.fromkeys(_WORDS.get(name, name.replace("_", " ")) for name in names))


def _snapshot(view: View) -> Snapshot:
    return {name: _own(getattr(view, name)) for name in FIELDS}


def _own(value: Any) -> Any:
    return value if isinstance(value, tuple) else deepcopy(value)  # 50,000 keys of points never change
