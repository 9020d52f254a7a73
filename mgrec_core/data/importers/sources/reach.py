"""What a visitor of the pages may name as a source: folders, databases and options of addresses, in one file.

Without a file a server that only its own machine can reach is open, as a command line is; one that others
can reach takes nothing but uploads. A refusal is the same sentence whether there is something or not, so
that nobody learns by trying what the machine holds. The command line is not a visitor and asks nobody.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError, field_validator

from mgrec_core.data.importers.sources.address import (
    HARMLESS,
    OPTIONS,
    PARTS,
    SCHEMES,
    Host,
    PostgresAddress,
    host_list,
)
from mgrec_core.data.importers.sources.libpq import resolved
from mgrec_core.foundation.documents import NotYamlError, read_yaml
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten
from mgrec_core.language.remote.address import Address, is_address

FILE = "reach.yaml"
VARIABLE = "MGREC_REACH"
_SETTING = r"(?:-c ?|--)?(?:search_path|statement_timeout|lock_timeout|endpoint)=[\w.,$\"-]*"
_SETTINGS = re.compile(rf"{_SETTING}(?: +{_SETTING})*|")
_UPLOADED = re.compile(r"[0-9a-f]{32}")


class Reach(BaseModel):
    """What may be named as a source.

    Attributes
    ----------
    folders
        Absolute paths; they and what is inside may be named.
    databases
        ``host``, ``host:port``, ``*.example.com`` for what is below a name, the folder of a Unix socket, or
        ``*``.
    schemes
        How addresses may begin.
    options
        What may stand in the query of an address.
    models
        Hosts of language models behind an address, written as ``databases`` are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    folders: tuple[Path, ...] = ()
    databases: tuple[str, ...] = ()
    schemes: tuple[str, ...] = SCHEMES
    options: tuple[str, ...] = HARMLESS
    models: tuple[str, ...] = ()
    _open: bool = PrivateAttr(default=False)
    _problem: str = PrivateAttr(default="")

    @field_validator("folders")
    @classmethod
    def _absolute(cls, folders: tuple[Path, ...]) -> tuple[Path, ...]:
        if bad := next((one for one in folders if not one.is_absolute() or "\0" in str(one)), None):
            raise ValueError(f"'{shorten(str(bad), 80)}' is no absolute path")
        return folders

    @field_validator("databases", "models")
    @classmethod
    def _patterns(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for one in hosts:
            _pattern(one)
        return hosts

    @field_validator("schemes", "options")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if bad := next((one for one in names if one not in (*SCHEMES, *OPTIONS)), None):
            raise ValueError(f"'{shorten(bad, 80)}' is not known")
        return names

    @classmethod
    def open(cls) -> Self:
        """Return the reach of a server for its own machine: everything, with harmless options."""
        found = cls(folders=(Path("/"),), databases=("*",), models=("*",))
        found._open = True
        return found

    @classmethod
    def closed(cls, problem: str = "") -> Self:
        """Return the reach of which nothing is part but uploads; with a problem, not even these."""
        found = cls(schemes=(), options=())
        found._problem = problem
        return found

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file; one that cannot be read closes everything, and :meth:`check` says why."""
        try:
            content = read_yaml(path.read_text(encoding="utf-8"))
            return cls.model_validate({} if content is None else content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"][:1])) or "the whole"
            why = f"{shorten(where, 40)}: {first['msg'].removeprefix('Value error, ')}"
        except OSError as error:
            why = error.strerror or "it cannot be read"
        except UnicodeError:
            why = "it is no UTF-8"
        except NotYamlError as error:
            why = f"it is no YAML that can be read: {error}"
        return cls.closed(
            f"{shorten(path.name, 80)}, which says what may be imported, cannot be used ({why})"
        )

    @classmethod
    def of(cls, root: Path, beyond_loopback: bool) -> Self:
        """Return the reach that holds for a folder of workspaces.

        Parameters
        ----------
        root
            Folder of workspaces; its ``reach.yaml`` holds unless MGREC_REACH names another file.
        beyond_loopback
            Whether other machines can reach the server.
        """
        if named := os.environ.get(VARIABLE):
            return cls.load(Path(named))
        path = root / FILE
        # A link to nothing, or a folder in its place, is a file that somebody meant to be there.
        if os.path.lexists(path):
            return cls.load(path)
        return cls.closed() if beyond_loopback else cls.open()

    def check(self, place: Path | PostgresAddress, uploads: Path) -> Path | PostgresAddress:
        """Return the place with links resolved, where it may be named as a source.

        Parameters
        ----------
        place
            What was named.
        uploads
            The folder of uploads within the folder of workspaces.

        Raises
        ------
        InputError
            Where it may not; the sentence does not depend on what is there.
        """
        if self._problem:
            raise InputError(
                f"{self._problem}, so nothing can be imported; whoever runs the server can correct it"
            )
        if isinstance(place, PostgresAddress):
            self._check_address(place)
            return place
        return self._check_path(place, uploads)

    def check_model(self, name: str) -> None:
        """Refuse a language model that this server neither calls nor reads for visitors.

        Raises
        ------
        InputError
            The address cannot be read, its host is not among ``models``, or the folder is not in ``folders``.
        """
        if not is_address(name):
            self._check_folder(name)
            return
        host = Host(*Address.parse(name).name_and_port)
        if self._problem or not any(_fits(host, *_pattern(one)) for one in self.models):
            raise InputError(
                "this server calls no such models for visitors; name another model, or ask whoever runs it to"
                f" list the model's host under models in {FILE}"
            )

    def _check_folder(self, name: str) -> None:
        """Names of models that are not folders stay: an embedded one, the workspace's, ``owner/model``."""
        if self._open or not name.strip():
            return
        try:
            place = Path(name).expanduser()
            looks_so = place.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1
            if not looks_so and not place.exists():
                return
            found = Path(os.path.realpath(place))
            held = all(self._in_folders(one) for one in (found, *_linked(found)))
        except (OSError, ValueError, RuntimeError):
            held = False
        if not held:
            raise InputError(
                "this server reads no such models for visitors; name another model, or ask whoever runs it to"
                f" list the model's folder under folders in {FILE}"
            )

    def _in_folders(self, found: Path) -> bool:
        return any(found.is_relative_to(os.path.realpath(one)) for one in self.folders)

    def _check_path(self, place: Path, uploads: Path) -> Path:
        try:
            found = Path(os.path.realpath(place.expanduser()))
        except (OSError, ValueError, RuntimeError):
            raise self._outside() from None
        if self._open:
            return found
        own = Path(os.path.realpath(uploads))
        if found.is_relative_to(own):
            inside = found.relative_to(own).parts
            if len(inside) > 1 and _UPLOADED.fullmatch(inside[0]):
                return found
            raise self._outside()
        if not self._holds(found, own.parent) or not all(
            self._holds(one, own.parent) for one in _linked(found)
        ):
            raise self._outside()
        return found

    def _holds(self, found: Path, workspaces: Path) -> bool:
        return not found.is_relative_to(workspaces) and self._in_folders(found)

    def _outside(self) -> InputError:
        if not self.folders:
            return InputError(
                "this server reads no files of its own machine for visitors; upload the files instead"
            )
        listed = ", ".join(shorten(str(one), 60) for one in self.folders[:5])
        return InputError(
            f"this server lets visitors name only what is in {listed}, and no workspaces; name something"
            " there, or upload the files"
        )

    def _check_address(self, address: PostgresAddress) -> None:
        if not self.databases or address.asked.scheme not in self.schemes:
            raise InputError(
                "this server calls no such databases for visitors; upload the data, or ask whoever runs it to"
                f" list the database in {FILE}"
            )
        for option, value in address.asked.options.items():
            if option not in (*self.options, *PARTS) or (
                option == "options" and not _SETTINGS.fullmatch(value)
            ):
                raise InputError(
                    f"the address names {option} in a way that this server does not take from visitors;"
                    " leave it out"
                )
        if address.asked.numbers and "hostaddr" not in self.options:
            raise InputError(
                "the address names hostaddr, which this server does not take from visitors;"
                " write it as the host"
            )
        try:
            asked = resolved(address)
            ports = [host.port for host in asked.hosts]
            called = [*asked.hosts, *map(Host, asked.numbers, ports)]
        except InputError:
            called = []
        patterns = [_pattern(one) for one in self.databases]
        if not called or not all(any(_fits(host, *one) for one in patterns) for host in called):
            raise InputError(
                "this server does not call the address's database for visitors; check the host, upload the"
                f" data, or ask whoever runs it to list the host in {FILE}"
            )


def _pattern(text: str) -> tuple[str, Host]:
    """Return the ending of names that fit (``*`` for every name), or nothing, and the host."""
    if text == "*":
        return "*", Host("")
    below = text.startswith("*.")
    rest = text[2:] if below else text
    try:
        # IPv6 stands in brackets where a port follows, and may stand without where none does.
        bare = f"[{rest}]" if rest.count(":") > 1 and not rest.startswith("[") else rest
        (host,) = host_list(bare)
    except (InputError, ValueError):
        raise ValueError(f"'{shorten(text, 80)}' is no host, host:port or *.name") from None
    if not host.name or (below and not re.search("[a-z]", host.name)):
        raise ValueError(f"'{shorten(text, 80)}' is no host, host:port or *.name")
    return (f".{host.name}" if below else ""), host


def _fits(host: Host, ending: str, listed: Host) -> bool:
    if ending == "*":
        return True
    if listed.port and str(Host("", host.port)) != str(Host("", listed.port)):
        return False
    if ending:
        return not host.socket and host.name.endswith(ending)
    if host.socket or listed.socket:
        return host.name == listed.name  # letter by letter: libpq follows links
    return (host.name or "localhost") == listed.name


def _linked(folder: Path) -> list[Path]:
    """Return where the links directly in a folder lead to: they are read as its files."""
    try:
        with os.scandir(folder) as found:
            return [Path(os.path.realpath(one.path)) for one in found if one.is_symlink()]
    except OSError:
        return []
