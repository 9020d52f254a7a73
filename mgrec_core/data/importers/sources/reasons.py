"""Why a PostgreSQL server cannot be read, in words of our own.

What answers at an address may be anything, and says what it likes: nothing of it is quoted. Its
text and its SQLSTATE only choose between the sentences below.
"""

from __future__ import annotations

_STATES = {
    "28": "wrong user or password",
    "28000": "the server does not let this user in from here",
    "3D": "there is no database of this name",
    "42501": "the user may not read it",
    "42": "a table or column is not there any more",
    "53": "the server has no more room or connections",
    "54": "it is too large for the server",
    "55": "the server uses it otherwise just now",
    "57": "the server ended the connection",
    "57014": "the server stopped the query",
    "58": "the server has a fault of its own",
    "08": "the connection broke off",
    "22": "the server cannot show one of its values as text",
    "25": "the server ended the snapshot",
    "40": "the server ended the snapshot",
    "XX": "the server has a fault of its own",
}
_NONE = "the server answered something that is no PostgreSQL"
_SAID = (
    ("expected authentication request", _NONE),
    ("received invalid", _NONE),
    ("invalid response", _NONE),
    (" value: ", "an option of the address has a value that does not exist"),
    ("integer value", "an option of the address has a value that does not exist"),
    ("definition of service", "the service that PGSERVICE of the environment names is not defined"),
    ("service file", "the service that PGSERVICE of the environment names is not defined"),
    ("connection refused", "nothing listens at this host and port"),
    ("could not translate host name", "the name of the host is not known"),
    ("timeout expired", "no answer within the time to wait"),
    ("timed out", "no answer within the time to wait"),
    ("no route to host", "no way leads to this host"),
    ("network is unreachable", "no way leads to this host"),
    ("no such file or directory", "no server listens at this socket"),
    ("no password supplied", "the server asks for a password, and none is set for this host"),
    ("password authentication failed", "wrong user or password"),
    ("no pg_hba.conf entry", "the server does not let this user in from here"),
    ("too many c", "the server has no more connections"),
    ("connection slots", "the server has no more connections"),
    ("starting up", "the server is starting or stopping"),
    ("shutting down", "the server is starting or stopping"),
    ("server does not support ssl", "the server offers no TLS, which the address asks for"),
    ("certificate", "TLS failed: the server's certificate is not one to trust for this host"),
    ("ssl", "TLS failed"),
    ("authentication", "the server asks for a way of logging in that cannot be used"),
    ("session is", "no server is of the kind that target_session_attrs asks for"),
    ("server is", "no server is of the kind that target_session_attrs asks for"),
    ("could not match", "it names more ports than hosts"),
    ("permission denied", "it may not be used by this program"),
    ("reset by peer", "the connection broke off"),
    ("closed the connection", "the connection broke off"),
)


def reason(error: BaseException) -> str:
    """Return why a server could not be reached or read.

    Parameters
    ----------
    error
        What the driver raised.

    Examples
    --------
    >>> reason(OSError('connection to server at "x", port 1 failed: Connection refused'))
    'nothing listens at this host and port'
    >>> reason(OSError("<script>"))
    'the server answered something that is no PostgreSQL'
    """
    state = str(getattr(error, "sqlstate", None) or "").upper()
    if found := _STATES.get(state) or _STATES.get(state[:2]):
        return found
    text = str(error).lower()
    if "database" in text and "does not exist" in text:
        return "there is no database of this name"
    if "role" in text and "does not exist" in text:
        return "wrong user or password"
    for said, ours in _SAID:
        if said in text:
            return ours
    if "fatal:" in text:
        return "the server refused the connection"
    return _NONE
