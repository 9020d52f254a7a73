"""Whether people sign in: the section ``[auth]`` of Streamlit's secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from streamlit import config
from streamlit.auth_util import get_secrets_auth_section, is_authlib_installed, validate_auth_credentials
from streamlit.errors import StreamlitAuthError

_SHORTEST = 32  # characters of the secret that signs the cookies of logins
_seen = False


def configured() -> bool:
    """Whether people sign in.

    Once they do, they do until the process ends: a secrets file that is emptied, damaged or moved away
    while the server runs must not open it.
    """
    global _seen
    _seen = _seen or bool(get_secrets_auth_section())
    return _seen


def providers() -> list[str]:
    """Return the names of the providers; ``default`` where the section itself describes the only one."""
    section = get_secrets_auth_section()
    named = [name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value]
    return named or ["default"]


def elsewhere(opened: str | None) -> str | None:
    """Return the address at which to sign in, or None where it is the one that is open.

    A login comes back to ``redirect_uri`` and counts for its name alone: who opens 127.0.0.1 where that says
    localhost would be sent to the sign-in page again, without a word.
    """
    back = urlsplit(str(get_secrets_auth_section().get("redirect_uri", "")))
    if not opened or not back.hostname or urlsplit(opened).hostname == back.hostname:
        return None
    return f"{back.scheme}://{back.netloc}"


def refusal() -> str | None:
    """Return why the server must not start with these secrets, or None."""
    if not configured():
        broken = [f for f in config.get_option("secrets.files") if Path(f).is_file() and not _loads()]
        if broken:
            return f"{Path(broken[0]).name} cannot be read, and may hold [auth]: correct it, or move it away."
        return None
    if not is_authlib_installed():
        return "[auth] in secrets.toml needs Authlib: install it with `pip install -r requirements.txt`."
    section = get_secrets_auth_section()
    if len(str(section.get("cookie_secret", ""))) < _SHORTEST:
        return (
            f"cookie_secret in [auth] of secrets.toml has fewer than {_SHORTEST} characters: write what "
            '`python -c "import secrets; print(secrets.token_hex(32))"` prints.'
        )
    try:
        for name in providers():
            validate_auth_credentials(name)
    except StreamlitAuthError as error:
        return " ".join(str(error).split())
    return None


def _loads() -> bool:
    from streamlit.runtime.secrets import secrets_singleton

    return secrets_singleton.load_if_toml_exists()
