"""The gate: where people sign in nothing is drawn, opened or started before somebody has."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAuthError

from mgrec_core.foundation.errors import MgrecError
from pages.ui import text
from pages.ui.serving import login
from pages.ui.session import allowed
from pages.ui.widgets import problems


def is_open() -> bool:
    """Whether whoever is at this session may go on; using a page counts as using the login."""
    if not login.configured():
        return True
    found = allowed.signed_in()
    return found is not None and found.holds(used=True) and bool(allowed.rights().highest)


def check() -> None:
    """End the run of a page with the sign-in page, unless the gate is open."""
    if is_open():
        _remember()
        return
    found = allowed.signed_in()
    # What the session held of a workspace goes: somebody else may sit there next.
    for key in [k for k in st.session_state if not str(k).startswith("gate_")]:
        del st.session_state[key]
    _, middle, _ = st.columns([1, 2, 1])
    with middle, st.container(border=True, key="gate"):
        st.title("mgrec")
        if found is not None and found.holds():
            _no_role(found)
        else:
            _sign_in(ended=found is not None)
    st.stop()


def hold() -> None:
    """Run the page again, and so show the gate, where the login has ended (fragments run without it)."""
    if login.configured() and allowed.person() is None:
        st.rerun()


def who(where: DeltaGenerator) -> None:
    """Say who is signed in, as what, and offer to sign out."""
    found = allowed.signed_in()
    if found is None:
        return
    with where.container(key="who"):
        role = allowed.rights().role(allowed.here())
        st.caption(f"Signed in as **{text.md(text.shorten(found.name, 60))}** · {role.word}")
        st.button("Sign out", key="gate_out", icon=":material/logout:", on_click=_sign_out)


def _sign_in(*, ended: bool) -> None:
    if right := login.elsewhere(st.context.url):
        st.write("People sign in here under another address.")
        st.link_button(f"Go to {right}", right, type="primary", icon=":material/login:")
        return
    st.write("Your login has ended. Sign in again to go on." if ended else "Sign in to go on.")
    for name in login.providers():
        label = "Sign in" if name == "default" else f"Sign in with {name.capitalize()}"
        if st.button(label, key=f"gate_{name}", type="primary", icon=":material/login:"):
            try:
                st.login(None if name == "default" else name)
            except StreamlitAuthError as error:
                problems.say(" ".join(str(error).split()))


def _no_role(found: allowed.Person) -> None:
    _once("sign in", found, outcome="refused", detail=allowed.access().problem or "no role")
    st.write(f"You are signed in as **{text.md(text.shorten(found.name, 60))}**, who has no role here.")
    why = allowed.access().problem
    problems.say(why or "Whoever runs the server can give you one in access.yaml.", tone="info")
    st.button("Sign out", key="gate_out", icon=":material/logout:", on_click=_sign_out)


def _sign_out() -> None:
    found = allowed.signed_in()
    if found is not None:
        found.end()
        problems.attempt(allowed.record, "sign out", who=found)
    st.logout()


def _remember() -> None:
    if (found := allowed.signed_in()) is not None:
        _once("sign in", found)


def _once(action: str, found: allowed.Person, *, outcome: str = "done", detail: str = "") -> None:
    """Write it down once for each window of a login."""
    mark = (found.key, outcome)
    if st.session_state.get("gate_seen") == mark:
        return
    try:
        allowed.record(action, outcome=outcome, detail=detail)
    except MgrecError as error:
        problems.say(error)
        st.stop()
    st.session_state["gate_seen"] = mark
