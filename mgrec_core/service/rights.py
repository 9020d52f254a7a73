"""Who may do what: roles, what each page and each action needs, and the rights of one person.

A role is one of viewer < analyst < admin, or none. :data:`NEEDED` says which role each page and each action
needs, and nothing else does but the switches of ``access.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from mgrec_core.foundation.errors import InputError


class Role(IntEnum):
    """What somebody may do; each role may do what those before it may."""

    NONE = 0
    VIEWER = 1
    ANALYST = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The role as files and pages call it."""
        return self.name.lower()


NEEDED: dict[str, Role] = {
    **{
        f"page {name}": Role.VIEWER
        for name in (
            "overview", "user", "map", "lab", "item", "compare", "people", "ads", "quality", "knowledge",
            "model",
        )
    },
    "page sql": Role.ANALYST,
    "page importing": Role.ADMIN,
    "page audit": Role.ADMIN,
    "export with pseudonyms": Role.VIEWER,
    "export ids": Role.ANALYST,
    "save presets": Role.ANALYST,
    "save cohorts": Role.ANALYST,
    "give feedback": Role.ANALYST,
    "review names": Role.ANALYST,
    "measure and learn": Role.ANALYST,
    "query": Role.ANALYST,
    "import": Role.ADMIN,
    "build": Role.ADMIN,
    "forget": Role.ADMIN,
    "delete": Role.ADMIN,
    "read the audit log": Role.ADMIN,
}  # fmt: skip
"""Page or action → the role that it needs; what is not listed needs the highest.

``sql`` and ``imports`` of the file replace the role of what :data:`SWITCHES` names.
"""

SWITCHES = {"sql": ("page sql", "query"), "imports": ("page importing", "import")}
"""Key of the file → the pages and actions whose role it sets."""

KINDS = {
    "import": "import",
    "build": "build",
    "forget": "forget",
    "adapt": "build",
    "compress": "build",
    **dict.fromkeys(("evaluate", "tune", "panel", "pareto", "project", "feedback"), "measure and learn"),
}
"""Kind of a job's command → the action that starting or cancelling it is."""


class AccessError(InputError):
    """The person who asks may not do this."""


@dataclass(frozen=True)
class Rights:
    """What one person may do.

    Attributes
    ----------
    everywhere
        The role in workspaces that the file does not name, and for what belongs to none.
    own
        Name of a workspace → the role there.
    needs
        Page or action → the role that it needs in place of that in :data:`NEEDED`.
    """

    everywhere: Role
    own: Mapping[str, Role] = field(default_factory=dict)
    needs: Mapping[str, Role] = field(default_factory=dict)

    @classmethod
    def all(cls) -> Rights:
        """Return the rights of whoever uses a server where nobody signs in."""
        return cls(Role.ADMIN)

    def role(self, workspace: str = "") -> Role:
        """Return the role in a workspace; without a name, the one for what belongs to none."""
        return self.own.get(workspace, self.everywhere) if workspace else self.everywhere

    @property
    def highest(self) -> Role:
        """The highest role anywhere."""
        return max(self.everywhere, *self.own.values(), Role.NONE)

    def needed(self, action: str) -> Role:
        """Return the role that a page or action needs."""
        return self.needs.get(action) or NEEDED.get(action, Role.ADMIN)

    def may(self, action: str, workspace: str = "") -> bool:
        """Whether the person may open a page or do something, in a workspace or apart from any."""
        return self.role(workspace) >= self.needed(action)

    def why_not(self, action: str, workspace: str = "") -> str:
        """Return why the person may not do this as one sentence; empty where they may."""
        if self.may(action, workspace):
            return ""
        need, role = self.needed(action), self.role(workspace)
        where = " in this workspace" if workspace else ""
        have = f"you are {_a(role)}{where}" if role else f"you have no role{where}"
        return f"This needs the role {need.word}; {have}. Whoever runs the server can give it."


def _a(role: Role) -> str:
    return f"{'an' if role.word[0] in 'aeiou' else 'a'} {role.word}"
