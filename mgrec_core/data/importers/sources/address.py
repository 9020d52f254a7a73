"""``postgres://`` addresses, read strictly: what can be understood in more than one way is refused.

libpq is never given an address as it was typed, only what was understood here (see
:mod:`~mgrec_core.data.importers.sources.libpq`), so that the hosts that were checked are those that are
called. No message quotes an address: it may hold a password, also where it is written wrongly.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

from mgrec_core.foundation.errors import InputError

SCHEMES = ("postgres", "postgresql")
PORT = 5432
HARMLESS = (
    "application_name",
    "channel_binding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "options",
    "require_auth",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslmode",
    "sslnegotiation",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
)
"""Options of addresses that name no file, no secret and no other host."""
PARTS = ("host", "port", "user", "password", "dbname")
"""Options that only say in another place what the address itself says."""
_POWERFUL = (
    "client_encoding",
    "gssdelegation",
    "gsslib",
    "hostaddr",
    "krbsrvname",
    "max_protocol_version",
    "min_protocol_version",
    "passfile",
    "requirepeer",
    "service",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslpassword",
    "sslrootcert",
)
OPTIONS = frozenset((*PARTS, *HARMLESS, *_POWERFUL))
"""Every option of a connection that the query of an address can hold."""
_LONGEST = 4096
_MOST_HOSTS = 16


@dataclass(frozen=True)
class Host:
    """One place a server may listen at.

    Attributes
    ----------
    name
        Host name in small letters, IP address, or folder of a Unix socket; empty is this machine's usual one.
    port
        None where the address names none.
    """

    name: str
    port: int | None = None

    @property
    def local(self) -> bool:
        """Whether it is on this machine by its name alone."""
        return self.name in ("", "localhost", "127.0.0.1", "::1") or self.socket

    @property
    def socket(self) -> bool:
        """Whether it is a Unix socket that the address names."""
        return self.name.startswith(("/", "@"))

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return f"{name}:{self.port or PORT}"


@dataclass(frozen=True)
class Asked:
    """What an address says, decoded.

    Attributes
    ----------
    scheme
        ``postgres`` or ``postgresql``.
    hosts
        In the order in which they are tried; none means the usual one.
    numbers
        IP addresses (``hostaddr``) that are called in place of looking up the hosts' names.
    user, password, database
        None where they are not named.
    options
        The rest of the query.
    """

    scheme: str
    hosts: tuple[Host, ...] = ()
    numbers: tuple[str, ...] = ()
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    options: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class PostgresAddress:
    """A ``postgres://`` address; its text form shows no password.

    Attributes
    ----------
    url
        The whole address, with the password if it was given there.
    asked
        What it says.

    Raises
    ------
    InputError
        When it cannot be read; the sentence quotes nothing of it.
    """

    url: str = field(repr=False)
    asked: Asked = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked", parse(self.url))

    @property
    def database(self) -> str:
        """Name of the database, which is the name of the data."""
        return self.asked.database or "postgres"

    def without_password(self) -> tuple[str, str]:
        """Return the address without its password, and the password."""
        scheme, login, where, query = _cut(self.url)
        user = login.split(":")[0]
        pieces = [one for one in query.split("&") if one and _decoded(one.partition("=")[0]) != "password"]
        url = f"{scheme}://{user}{'@' if user else ''}{where}{'?' if pieces else ''}{'&'.join(pieces)}"
        return url, self.asked.password or ""

    def with_password(self, password: str) -> PostgresAddress:
        """Return the address with another password; an empty one changes nothing."""
        if not password:
            return self
        scheme, login, where, query = _cut(self.without_password()[0])
        secret = quote(password, safe="")
        # The user may stand in the query; libpq takes it from there too.
        return PostgresAddress(f"{scheme}://{login}:{secret}@{where}{'?' if query else ''}{query}")

    def __str__(self) -> str:
        return f"postgres database {self.database}"


def is_postgres(text: str) -> bool:
    """Tell whether this is a PostgreSQL address rather than a path."""
    return text.strip().lower().startswith(tuple(f"{one}://" for one in SCHEMES))


def parse(url: str) -> Asked:
    """Read an address.

    Raises
    ------
    InputError
        When it cannot be read in one way only.

    Examples
    --------
    >>> asked = parse("postgres://reader@Shop.example:5433/orders?sslmode=require")
    >>> asked.user, [str(host) for host in asked.hosts], asked.database, asked.options
    ('reader', ['shop.example:5433'], 'orders', {'sslmode': 'require'})
    """
    if len(url) > _LONGEST:
        raise _refused(f"it is longer than {_LONGEST} characters")
    if any(c.isspace() or not c.isprintable() for c in url):
        raise _refused("spaces and control characters have to be percent-encoded (a space is %20)")
    scheme, login, where, query = _cut(url)
    if "@" in where or "@" in login:
        raise _refused("an @, / or ? in the user's name or password has to be percent-encoded (an @ is %40)")
    user, _, password = login.partition(":")
    authority, _, path = where.partition("/")
    options = _options(query)
    hosts = _hosts(authority)
    names, ports = options.pop("host", None), options.pop("port", None)
    numbers = options.pop("hostaddr", "")
    hosts = _merged(hosts, names, ports)
    listed = tuple(_number(one) for one in numbers.split(",")) if numbers else ()
    if listed and not hosts:
        hosts = tuple(Host(one) for one in listed)
    if listed and len(listed) != len(hosts):
        raise _refused("it names more hosts than values of hostaddr, or fewer")
    if len(hosts) > _MOST_HOSTS:
        raise _refused(f"it names more than {_MOST_HOSTS} hosts")
    return Asked(
        scheme,
        hosts,
        listed,
        _once(_decoded(user), options.pop("user", ""), "user"),
        _once(_decoded(password), options.pop("password", ""), "password"),
        _once(_decoded(path.strip("/")), options.pop("dbname", ""), "database"),
        options,
    )


def host_list(text: str) -> tuple[Host, ...]:
    """Read hosts as ``host``, ``host:port`` or ``[IPv6]:port``, separated by commas.

    Raises
    ------
    InputError
        When one is no host.
    """
    return _hosts(text)


def _refused(what: str) -> InputError:
    return InputError(
        f"the PostgreSQL address cannot be read: {what}; write postgres://user@host:5432/database"
    )


def _cut(url: str) -> tuple[str, str, str, str]:
    """Return scheme, login, host with path, and query, all as they are written."""
    scheme, found, rest = url.partition("://")
    if not found or scheme.lower() not in SCHEMES:
        raise _refused("it does not begin with postgres://")
    head, _, query = rest.partition("?")
    authority, slash, path = head.partition("/")
    login, _, host = authority.rpartition("@")
    return scheme.lower(), login, host + slash + path, query


def _decoded(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise _refused("a % has to be followed by two hexadecimal digits (a % itself is %25)")
    try:
        found = unquote_to_bytes(text).decode()
    except UnicodeError:
        raise _refused("what is percent-encoded has to be UTF-8") from None
    if re.search(r"[\x00-\x1f\x7f]", found):
        raise _refused("it holds control characters")
    return found


def _options(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in filter(None, query.split("&")):
        key, is_there, value = one.partition("=")
        key, value = _decoded(key), _decoded(value)
        if (key, value) == ("ssl", "true"):
            key, value = "sslmode", "require"  # as JDBC writes it; libpq takes it too
        if key not in OPTIONS or not is_there:
            raise _refused("its query holds something that is no option=value of a PostgreSQL connection")
        if key in found:
            raise _refused(f"it names {key} twice")
        found[key] = value
    return found


def _hosts(text: str) -> tuple[Host, ...]:
    if not text:
        return ()
    return tuple(_host(one) for one in text.split(","))


def _host(text: str) -> Host:
    found = re.fullmatch(r"(?:\[([^\[\]]*)\]|([^:\[\]]*))(?::([0-9]{0,5}))?", text)
    if not found:
        raise _refused(
            "what stands for its host is no host name (an IPv6 address stands in brackets, and a port is a"
            " number)"
        )
    six, name, port = found.groups()
    return Host(
        _name(_decoded(six), bracketed=True) if six is not None else _name(_decoded(name)), _port(port)
    )


def _name(text: str, bracketed: bool = False) -> str:
    # libpq cuts hosts at commas only after it has decoded them.
    if text.startswith(("/", "@")) and not bracketed and "," not in text:
        return text
    if bracketed or ":" in text:
        return _number(text)
    if text and not re.fullmatch(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?", text):
        raise _refused(
            "what stands for its host is no host name (letters of other alphabets are written in the xn--"
            " form)"
        )
    return text.lower().rstrip(".")


def _number(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise _refused("it holds something that is no IP address") from None


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise _refused("a port is a number from 1 to 65535")
    return int(text)


def _merged(hosts: tuple[Host, ...], names: str | None, ports: str | None) -> tuple[Host, ...]:
    """Put together what stands before the path and what stands in the query."""
    if names:
        if hosts:
            raise _refused("it names host twice")
        hosts = tuple(Host(_name(one)) for one in names.split(","))
    if ports:
        listed = [_port(one) for one in ports.split(",")]
        hosts = hosts or (Host(""),)
        if any(host.port for host in hosts) or len(listed) not in (1, len(hosts)):
            raise _refused("it names ports twice, or more of them than hosts")
        listed = listed * len(hosts) if len(listed) == 1 else listed
        hosts = tuple(Host(host.name, port) for host, port in zip(hosts, listed, strict=True))
    return hosts


def _once(before: str, after: str, what: str) -> str | None:
    if before and after:
        raise _refused(f"it names {what} twice")
    return before or after or None
