"""The file ``access.yaml``: with a person's claims it gives a role for every workspace.

One that is damaged, or missing where people sign in, gives nobody a role.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from mgrec_core.foundation.documents import NotYamlError, read_yaml
from mgrec_core.foundation.text import shorten
from mgrec_core.service.rights import SWITCHES, Rights, Role

FILE = "access.yaml"
VARIABLE = "MGREC_ACCESS"


def _role(value: Any) -> Any:
    if isinstance(value, str) and value in {role.word for role in Role}:
        return Role[value.upper()]
    if isinstance(value, Role):
        return value
    raise ValueError("a role is one of none, viewer, analyst, admin")


def _least(value: Any) -> Any:
    if (found := _role(value)) is Role.NONE:
        raise ValueError("a role is needed here: viewer, analyst or admin")
    return found


AnyRole = Annotated[Role, BeforeValidator(_role)]
_Model = ConfigDict(extra="forbid", frozen=True)


class Grant(BaseModel):
    """Who has which role.

    Attributes
    ----------
    default
        The role of who is named nowhere else; for a workspace ``None``: the role they have everywhere.
    values
        Value of the file's claim → role; of several the highest counts.
    people
        E-mail address or ``sub`` → role; such an entry counts more than any claim.
    """

    model_config = _Model

    default: AnyRole | None = None
    values: dict[str, AnyRole] = Field(default_factory=dict)
    people: dict[str, AnyRole] = Field(default_factory=dict)

    def role(self, names: frozenset[str], values: frozenset[str]) -> Role | None:
        """Return the role that this gives, or None where it says nothing."""
        named = [role for name, role in self.people.items() if name.casefold() in names]
        if named:
            return min(named)  # two entries for one person that differ: the careful reading
        found = [role for value, role in self.values.items() if value in values]
        return max(found) if found else self.default


class Session(BaseModel):
    """How long a login holds."""

    model_config = _Model

    idle_minutes: float = Field(default=60, gt=0, le=60 * 24 * 30, allow_inf_nan=False)
    absolute_hours: float = Field(default=12, gt=0, le=24 * 30, allow_inf_nan=False)


class Access(Grant):
    """The file ``access.yaml``.

    Attributes
    ----------
    claim
        Name of the claim that ``values`` look at, a text or a list of texts.
    workspaces
        Name of a workspace → who has which role there instead.
    sql, imports
        Which role may use the SQL page, and the Import page.
    unverified_emails
        Whether an e-mail address counts that the provider does not call verified.
    session
        How long a login holds.
    forwarded_for
        Whether the audit log takes a visitor's address from the last entry of ``X-Forwarded-For``: only
        where a proxy writes it.
    """

    claim: str = "groups"
    workspaces: dict[str, Grant] = Field(default_factory=dict)
    sql: Annotated[Role, BeforeValidator(_least)] = Role.ANALYST
    imports: Annotated[Role, BeforeValidator(_least)] = Role.ADMIN
    unverified_emails: bool = False
    session: Session = Session()
    forwarded_for: bool = False
    _problem: str = PrivateAttr(default="")

    @property
    def problem(self) -> str:
        """One sentence where the file gives nobody a role, else empty."""
        return self._problem

    @classmethod
    def closed(cls, problem: str) -> Self:
        """Return what gives nobody a role, and why."""
        found = cls()
        found._problem = problem
        return found

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file; one that cannot be read gives nobody a role, and :attr:`problem` says why."""
        try:
            content = read_yaml(path.read_text(encoding="utf-8"))
            return cls.model_validate({} if content is None else content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the whole"
            why = f"{shorten(where, 60)}: {first['msg'].removeprefix('Value error, ')}"
        except FileNotFoundError:
            why = "there is no such file"
        except OSError as error:
            why = error.strerror or "it cannot be read"
        except UnicodeError:
            why = "it is no UTF-8"
        except NotYamlError as error:
            why = f"it is no YAML that can be read: {error}"
        return cls.closed(
            f"{shorten(path.name, 80)}, which says who may do what, cannot be used ({why}), so nobody may "
            "do anything; whoever runs the server can correct it"
        )

    @classmethod
    def file(cls, root: Path) -> Path:
        """Return the path of the file that holds for a folder of workspaces."""
        named = os.environ.get(VARIABLE)
        return Path(named) if named else root / FILE

    def rights(self, claims: Mapping[str, Any]) -> Rights:
        """Return what a person with these claims may do.

        Parameters
        ----------
        claims
            Of the identity token: ``sub``, ``email``, ``email_verified``, and :attr:`claim`.
        """
        if self._problem:
            return Rights(Role.NONE)
        names = self._names(claims)
        given = claims.get(self.claim)
        listed = given if isinstance(given, list | tuple) else [given]
        values = frozenset(one for one in listed if isinstance(one, str))
        everywhere = self.role(names, values) or Role.NONE
        found = {name: grant.role(names, values) for name, grant in self.workspaces.items()}
        needs = {action: getattr(self, key) for key, actions in SWITCHES.items() for action in actions}
        return Rights(everywhere, {name: role for name, role in found.items() if role is not None}, needs)

    def _names(self, claims: Mapping[str, Any]) -> frozenset[str]:
        names = [claims.get("sub")]
        if self.unverified_emails or claims.get("email_verified") is True:
            names.append(claims.get("email"))
        return frozenset(name.casefold() for name in names if isinstance(name, str) and name)
