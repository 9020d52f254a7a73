"""What the person at this session may do, and the audit log of what they did.

Everything that writes, starts or hands out something asks :func:`require` itself: callbacks and fragments run
without the gate before the pages. Where nobody signs in everybody may do everything.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.foundation import log
from mgrec_core.foundation.errors import MgrecError, NotFoundError
from mgrec_core.service import audit, jobs
from mgrec_core.service.jobs import Job
from mgrec_core.service.rights import KINDS, AccessError, Rights, Role
from pages.ui.address.view import View
from pages.ui.serving import login
from pages.ui.session.folders import root

if TYPE_CHECKING:
    from mgrec_core.service.access import Access

LOCAL = "local"
"""What the audit log calls whoever uses a server where nobody signs in."""

_ENDED = "Your login has ended: sign in again."


@dataclass
class _Login:
    seen: float
    until: float
    ended: bool = False


_logins: dict[str, _Login] = {}
"""Digest of a login → when it was last used; all of a person's windows share it."""
_lock = threading.Lock()


@dataclass(frozen=True)
class Person:
    """Who has signed in.

    Attributes
    ----------
    name
        E-mail address, else ``sub``: as pages and the audit log call them.
    claims
        Of the identity token.
    address
        Of the machine they come from, as far as that is known.
    """

    name: str
    claims: Mapping[str, Any]
    address: str

    @property
    def key(self) -> str:
        """What tells this login from every other one, of the same person too."""
        parts = [str(self.claims.get(c, "")) for c in ("iss", "sub", "iat", "nonce", "sid", "at_hash")]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def holds(self, *, used: bool = False) -> bool:
        """Whether the login holds: neither signed out nor too old nor unused for too long.

        Parameters
        ----------
        used
            Whether this counts as using it.
        """
        made, ends = _number(self.claims.get("iat")), _number(self.claims.get("exp"))
        limits, now = access().session, time.time()
        until = made + 3600 * limits.absolute_hours
        with _lock:
            found = _logins.get(self.key)
            if found is None:
                # Of a login that this process has not seen nobody knows the last use: the server was
                # started anew, or the browser was. It counts as used when it was made.
                for old in [key for key, one in _logins.items() if one.until < now]:
                    del _logins[old]
                found = _logins[self.key] = _Login(made, until)
            if found.ended or now >= until or (ends and now >= ends):
                return False
            if now >= found.seen + 60 * limits.idle_minutes:
                return False
            if used:
                found.seen = now
            return True

    def end(self) -> None:
        """Sign out: the cookie is worth nothing from now on, wherever it is kept."""
        with _lock:
            _logins.setdefault(self.key, _Login(0, self.until)).ended = True

    @property
    def until(self) -> float:
        """When nobody needs to remember the login any more."""
        return _number(self.claims.get("iat")) + 3600 * access().session.absolute_hours


def access() -> Access:
    """Return what ``access.yaml`` says now."""
    from mgrec_core.service.access import Access  # where nobody signs in no file is read

    path = Access.file(root())
    try:
        stamp = path.stat()
    except OSError:
        return Access.load(path)
    return _loaded(path, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=4)
def _loaded(path: Path, modified: int, size: int) -> Access:
    from mgrec_core.service.access import Access

    return Access.load(path)


def signed_in() -> Person | None:
    """Return who has signed in, whether that login still holds or not."""
    if not login.configured() or not st.user.is_logged_in:
        return None
    claims = st.user.to_dict()
    # An address that nobody has checked must not name somebody else in the audit log.
    known = claims.get("email_verified") is True or access().unverified_emails
    name = (known and claims.get("email")) or claims.get("sub") or ""
    return Person(str(name), claims, _address())


def holds(claims: Mapping[str, Any]) -> bool:
    """Whether the login with these claims holds, asked outside a session."""
    return Person("", claims, "").holds()


def may_upload(claims: Mapping[str, Any]) -> bool:
    """Whether a person with these claims may use files anywhere: data to import, or presets."""
    found = access().rights(claims)
    return any(found.highest >= found.needed(action) for action in ("import", "save presets"))


def person() -> Person | None:
    """Return who has signed in and may go on, or None."""
    found = signed_in()
    return found if found is not None and found.holds() else None


def rights() -> Rights:
    """Return what the person at this session may do."""
    if not login.configured():
        return Rights.all()
    found = person()
    return access().rights(found.claims) if found else Rights(Role.NONE)


def here() -> str:
    """Return the workspace that the session looks at."""
    view: View | None = st.session_state.get("view")
    return view.workspace if view else ""


def may(action: str, workspace: str | None = None) -> bool:
    """Whether this may be done, by default in the workspace that is looked at."""
    return rights().may(action, here() if workspace is None else workspace)


def sees(workspace: str) -> bool:
    """Whether a workspace is there for this person at all."""
    return rights().role(workspace) >= Role.VIEWER


def check_seen(workspace: str) -> None:
    """Treat a workspace without a role as one that is not there.

    Raises
    ------
    NotFoundError
        The person has no role in it.
    """
    if not sees(workspace):
        raise NotFoundError(f"there is no workspace {workspace!r}: choose another one")


def require(action: str, workspace: str | None = None, *, detail: str = "", kept: bool = True) -> None:
    """Refuse what the person may not do; write into the audit log what they asked for.

    Parameters
    ----------
    action
        One of :data:`mgrec_core.service.rights.NEEDED`.
    workspace
        By default the one that is looked at.
    detail
        What the audit log says about it.
    kept
        Whether to write it down where it is allowed; a refusal always is.

    Raises
    ------
    AccessError
        They may not, or their login has ended.
    InputError
        The audit log cannot be written: nothing is done then by people who sign in.
    """
    workspace = here() if workspace is None else workspace
    if login.configured() and person() is None:
        raise AccessError(_ENDED)
    if why := rights().why_not(action, workspace):
        record(action, workspace, outcome="refused", detail=detail)
        raise AccessError(why)
    if kept:
        record(action, workspace, detail=detail)


def record(
    action: str, workspace: str = "", *, outcome: str = "done", detail: str = "", who: Person | None = None
) -> None:
    """Write one line into the audit log.

    Raises
    ------
    InputError
        It cannot be written, and people sign in; without a login that is only logged.
    """
    who = who or signed_in()
    name = who.name if who else LOCAL
    try:
        audit.append(
            root(), name, action, workspace=workspace, outcome=outcome, detail=detail,
            address=who.address if who else "",
        )  # fmt: skip
    except MgrecError as error:
        if login.configured():
            raise
        log.unexpected(log.get("pages"), error, action=action)


def control(
    action: str, workspace: str | None = None, *, disabled: bool = False, help: str | None = None
) -> dict[str, Any]:
    """Return ``disabled`` and ``help`` of a control: off, with the reason, where the action is refused."""
    why = rights().why_not(action, here() if workspace is None else workspace)
    return {"disabled": disabled or bool(why), "help": why or help}


def start(
    folder: Path,
    arguments: Sequence[str],
    *then: Sequence[str],
    environment: Mapping[str, str] | None = None,
) -> Job:
    """Start a job as :func:`mgrec_core.service.jobs.start` does, where the person may.

    Raises
    ------
    AccessError
        They may not do one of its steps.
    MgrecError
        What ``jobs.start`` raises.
    """
    kinds = list(dict.fromkeys(command[0] for command in (arguments, *then)))
    for kind in kinds:
        require(KINDS.get(kind, kind), folder.name, kept=False)
    record(KINDS.get(kinds[0], kinds[0]), folder.name, detail=f"asked for a job: {', then '.join(kinds)}")
    job = jobs.start(folder, arguments, *then, environment=environment)
    record(KINDS.get(kinds[0], kinds[0]), folder.name, detail=f"job {job.id}")
    return job


def cancel(job: Job, workspace: str) -> None:
    """Cancel a job, where the person may start one of its kind."""
    for kind in sorted(job.kinds):
        require(KINDS.get(kind, kind), workspace, detail=f"cancel job {job.id}")
    job.cancel()


def _address() -> str:
    """Return the visitor's address: of the connection, or what the proxy before this server wrote."""
    if access().forwarded_for:
        sent = st.context.headers.get_all("X-Forwarded-For")
        return sent[-1].rpartition(",")[2].strip() if sent else ""
    return st.context.ip_address or "127.0.0.1"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
