"""What libpq is told: everything it would else look for, so that no secret goes where it was not set for.

libpq reads passwords, hosts, services and client certificates from the environment and from files of
the home folder, for whatever host an address names. What stands in its connection string comes before all
of these; hence each of them is written there, empty where it is not for the host that is called. Nothing of
the process's environment is changed, which no thread could do safely while another one reads it.
"""

from __future__ import annotations

import getpass
import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from mgrec_core.data.importers.sources.address import PORT, Asked, Host, PostgresAddress, host_list
from mgrec_core.foundation.errors import InputError

PASSWORD = "MGREC_DATABASE_PASSWORD"
"""A password for the hosts of :data:`PASSWORD_FOR` and no others."""
PASSWORD_FOR = "MGREC_DATABASE_HOST"
_NOWHERE = "/dev/null/none"  # a path that cannot exist: empty would mean the usual file
_PATIENCE, _LONGEST_PATIENCE = 10, 60  # seconds to wait for a server
_OF_THE_SERVER = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "channel_binding": "PGCHANNELBINDING",
    "require_auth": "PGREQUIREAUTH",
    "requirepeer": "PGREQUIREPEER",
    "gssencmode": "PGGSSENCMODE",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
}
"""How carefully the environment wants its own password to be sent: no address can ask for less."""


def connection_string(
    address: PostgresAddress, environment: Mapping[str, str] | None = None, home: Path | None = None
) -> str:
    """Return the connection string that has libpq call the address's hosts and look for nothing itself.

    Parameters
    ----------
    address
        Where to connect to.
    environment, home
        Where secrets may stand; by default the process's and the user's.

    Raises
    ------
    InputError
        When a service or host of the environment cannot be read.
    """
    environment = os.environ if environment is None else environment
    home = Path.home() if home is None else home
    asked = resolved(address, environment, home)
    own = _is_own(asked, environment)
    user = asked.user or (environment.get("PGUSER") if own else None) or _login()
    database = asked.database or (environment.get("PGDATABASE") if own else None) or user
    password, is_ours = _password(asked, user, database, environment, home)
    told = {"application_name": "mgrec", **asked.options}
    told["connect_timeout"] = _patience(asked.options.get("connect_timeout"))
    if is_ours:
        for option, variable in _OF_THE_SERVER.items():
            if environment.get(variable):
                told[option] = environment[variable]
    if not own:
        told = {"sslcert": _NOWHERE, "sslkey": "", "sslpassword": "", "options": "", **told}
        told |= {} if "sslcert" in asked.options else {"sslcertmode": "disable"}
        told = {"gssencmode": "disable", "gssdelegation": "0", **told}
    told |= {
        "host": ",".join(host.name for host in asked.hosts),
        "hostaddr": ",".join(asked.numbers) or _own_numbers(asked, environment),
        "port": ",".join(str(host.port or PORT) for host in asked.hosts),
        "user": user,
        "dbname": database,
        "password": password,
        "passfile": _NOWHERE,
    }
    return "postgresql://?" + "&".join(f"{key}={quote(value, safe='')}" for key, value in told.items())


def resolved(
    address: PostgresAddress, environment: Mapping[str, str] | None = None, home: Path | None = None
) -> Asked:
    """Return what an address says with every host that libpq would call: those of its service, of PGHOST.

    Raises
    ------
    InputError
        When the service is not defined, or PGHOST or PGPORT cannot be read.
    """
    environment = os.environ if environment is None else environment
    home = Path.home() if home is None else home
    asked = address.asked
    if name := asked.options.get("service"):
        asked = _of_service(asked, name, environment, home)
    try:
        hosts = asked.hosts or _own_hosts(environment) or (Host(""),)
        if all(host.port is None for host in hosts) and _is_own(replace(asked, hosts=hosts), environment):
            port = environment.get("PGPORT") or str(PORT)
            hosts = tuple(
                Host(host.name, int(one)) for host, one in zip(hosts, _spread(port, len(hosts)), strict=True)
            )
    except (InputError, ValueError):
        raise InputError(
            "PGHOST or PGPORT of the environment cannot be read; correct it, or name host and port in the"
            " address"
        ) from None
    return replace(asked, hosts=hosts)


def handed_on(address: PostgresAddress, password: str) -> dict[str, str]:
    """Return the variables that hand a password on to another process, with the hosts it is for."""
    return {PASSWORD: password, PASSWORD_FOR: _shown(resolved(address))} if password else {}


def _shown(asked: Asked) -> str:
    return ",".join([*map(str, asked.hosts), *asked.numbers])


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        return "postgres"


def _patience(asked: str | None) -> str:
    try:
        seconds = int(asked or _PATIENCE)
    except ValueError:
        seconds = _PATIENCE
    return str(min(seconds, _LONGEST_PATIENCE) if seconds > 0 else _PATIENCE)  # 0 would be for ever


def _spread(ports: str, count: int) -> list[str]:
    found = ports.split(",")
    return found * count if len(found) == 1 else found


def _own_hosts(environment: Mapping[str, str]) -> tuple[Host, ...]:
    given = environment.get("PGHOST", "")
    # PGHOST holds no ports and, as everywhere outside addresses, IPv6 without brackets.
    names = (f"[{one}]" if ":" in one else quote(one, safe="@/") for one in given.split(","))
    return host_list(",".join(names)) if given else ()


def _own_numbers(asked: Asked, environment: Mapping[str, str]) -> str:
    """Return PGHOSTADDR where it belongs to these hosts, one by one."""
    whole = asked.hosts and _own_hosts(environment)
    same = whole and [host.name for host in whole] == [host.name for host in asked.hosts]
    return environment.get("PGHOSTADDR", "") if same else ""


def _is_own(asked: Asked, environment: Mapping[str, str]) -> bool:
    """Tell whether only the server is called that the environment's settings are for.

    That is PGHOST's, at PGPORT where that is set, and a server on this machine where PGHOST is not set.
    """
    try:
        own = {host.name for host in _own_hosts(environment)}
    except InputError:
        return False
    ports = set(filter(None, environment.get("PGPORT", "").split(",")))
    if ports and not all(host.port is None or str(host.port) in ports for host in asked.hosts):
        return False
    if not own:
        return all(host.local for host in (*asked.hosts, *map(Host, asked.numbers)))
    numbers = set(environment.get("PGHOSTADDR", "").split(","))
    return {host.name for host in asked.hosts} <= own and set(asked.numbers) <= numbers


def _password(
    asked: Asked, user: str, database: str, environment: Mapping[str, str], home: Path
) -> tuple[str, bool]:
    """Return the password for these hosts, or nothing; and whether it is the environment's own."""
    if asked.password:
        return asked.password, False
    if environment.get(PASSWORD) and environment.get(PASSWORD_FOR) == _shown(asked):
        return environment[PASSWORD], False
    if environment.get("PGPASSWORD") and _is_own(asked, environment):
        return environment["PGPASSWORD"], True
    path = Path(asked.options.get("passfile") or environment.get("PGPASSFILE") or home / ".pgpass")
    called = [
        *asked.hosts,
        *(Host(one, host.port) for one, host in zip(asked.numbers, asked.hosts, strict=False)),
    ]
    lines = [_fields(line) for line in _lines(path)]
    found = {_kept(lines, host, user, database) for host in called}
    secret = found.pop() if len(found) == 1 else None
    return secret or "", bool(secret)


def _lines(path: Path) -> list[str]:
    """Return a password file's lines; one that others may read counts for nothing, as with libpq."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) or about.st_mode & 0o077:
            return []
        with path.open("rb") as stream:
            return stream.read(1 << 20).decode("utf-8", "surrogateescape").splitlines()
    except (OSError, ValueError):
        return []


def _fields(line: str) -> list[str]:
    r"""Cut a line at colons; a colon or backslash within has a backslash before it."""
    found = re.findall(r"((?:\\.|[^:\\])*)(?::|$)", line)
    fields = [re.sub(r"\\(.)", r"\1", one) for one in found[:5]]
    return [] if line.startswith("#") or len(fields) < 5 else fields


def _kept(lines: Iterable[list[str]], host: Host, user: str, database: str) -> str | None:
    wanted = (host.name or "localhost", str(host.port or PORT), database, user)
    for fields in filter(None, lines):
        # An entry for every host is for none: whoever names an address would choose who gets it.
        if fields[0].lower() == wanted[0].lower() and all(
            one in ("*", want) for one, want in zip(fields[1:4], wanted[1:], strict=True)
        ):
            return fields[4]
    return None


def _of_service(asked: Asked, name: str, environment: Mapping[str, str], home: Path) -> Asked:
    """Fill in what a service file says; the address may not send its password to another host."""
    places = [Path(environment.get("PGSERVICEFILE") or home / ".pg_service.conf")]
    if environment.get("PGSYSCONFDIR"):
        places.append(Path(environment["PGSYSCONFDIR"]) / "pg_service.conf")
    found = next(filter(None, (_service(path, name) for path in places)), None)
    if not found:
        raise InputError(
            "the service that the PostgreSQL address names is not defined; name host, port and database"
            " instead"
        )
    if asked.hosts or asked.numbers:
        raise InputError(
            "the PostgreSQL address names a service and a host besides; name one of them, a service has its"
            " own host"
        )
    options = {key: value for key, value in asked.options.items() if key != "service"}
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in found.items() if key not in options)
    inside = PostgresAddress(f"{asked.scheme}://?{query}").asked
    return replace(
        inside,
        user=asked.user or inside.user,
        password=asked.password or inside.password,
        database=asked.database or inside.database,
        options=inside.options | options,
    )


def _service(path: Path, name: str) -> dict[str, str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError):
        return {}
    found: dict[str, str] = {}
    within = False
    for line in lines:
        if line.startswith("["):
            within = line == f"[{name}]"
        elif within and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key.strip()] = value.strip()
    return found
