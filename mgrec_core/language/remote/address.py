"""Addresses of models, read strictly: ``https://HOST[:PORT]/v1#MODEL``.

No message quotes an address before it was understood: it may hold a key, in a place where none belongs.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from mgrec_core.foundation.errors import InputError
from mgrec_core.language.digests import text_digest

_LONGEST = 2048
_PORTS = {"http": 80, "https": 443}
_ENDPOINTS = ("/embeddings", "/chat/completions")
_HOST = re.compile(
    r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?)\.?)(?::([0-9]{1,5}))?"
)
_PATH = re.compile(r"(?:/[A-Za-z0-9_.~-]+)+")


@dataclass(frozen=True)
class Address:
    """A model behind an OpenAI-compatible address.

    Attributes
    ----------
    base
        Scheme, host, port where it is not the scheme's own, and path, without what is asked of the model.
    model
        What the server calls the model.
    revision
        Any word after a second ``#``, which the server is not told. Nobody can see which weights stand
        behind an address: where they have changed under the same name, another word here gives the
        model another fingerprint, so that every text is sent anew and no two models' vectors are mixed.
    """

    base: str
    model: str
    revision: str = ""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address.

        Raises
        ------
        InputError
            It cannot be read, or holds a user, a password or a query; the sentence quotes nothing of it.

        Examples
        --------
        >>> Address.parse("http://LocalHost:11434/v1/embeddings#bge-m3")
        Address(base='http://localhost:11434/v1', model='bge-m3', revision='')
        >>> str(Address.parse("https://models.example:443/v1/#BAAI/bge-m3#2"))
        'https://models.example/v1#BAAI/bge-m3#2'
        """
        text = text.strip()
        if len(text) > _LONGEST:
            raise _refused(f"it is longer than {_LONGEST} characters")
        scheme, found, rest = text.partition("://")
        scheme = scheme.lower()
        where, _, named = rest.partition("#")
        if not found or scheme not in _PORTS or any(c.isspace() or not c.isprintable() for c in where):
            raise _refused("it does not begin with http:// or https:// and a host")
        authority, slash, path = where.partition("/")
        if "@" in where:
            raise _refused("a user or a password has no place in it, a key goes into the environment")
        if "?" in where:
            raise _refused("a query has no place in it, a key goes into the environment")
        base = f"{scheme}://{_host(authority, _PORTS[scheme])}{_path(slash + path)}"
        model, _, revision = named.partition("#")
        model, revision = model.strip(), revision.strip()
        if not model:
            raise _refused("it names no model after a #")
        if not (model + revision).isprintable():
            raise _refused("the model's name holds control characters")
        return cls(base, model, revision)

    @property
    def host(self) -> str:
        """The host, with its port where it is not the scheme's own."""
        return self.base.split("/")[2]

    @property
    def name_and_port(self) -> tuple[str, int]:
        """The host without brackets, and the port that is called."""
        scheme = self.base.partition("://")[0]
        name, _, port = self.host.rpartition(":") if re.search(r":\d+$", self.host) else (self.host, "", "")
        return name.strip("[]"), int(port or _PORTS[scheme])

    @property
    def secure(self) -> bool:
        """Whether what is sent is encrypted."""
        return self.base.startswith("https://")

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine by its name, so that nothing leaves it."""
        name = self.name_and_port[0]
        try:
            return name == "localhost" or ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    def fingerprint(self, prompt: str) -> str:
        """Hexadecimal sha256 over address, model, revision and prompt: all that is known of the model."""
        return text_digest(f"address={self.base}\n{self.model}\n{self.revision}\nprompt={prompt}")

    def __str__(self) -> str:
        return f"{self.base}#{self.model}{'#' if self.revision else ''}{self.revision}"


def is_address(name: str | None) -> bool:
    """Tell whether this is meant as an address rather than a folder or a name.

    Examples
    --------
    >>> is_address("http://localhost:8000/v1#e5"), is_address("BAAI/bge-m3"), is_address(None)
    (True, False, False)
    """
    return name is not None and re.match(r"\s*https?:", name, re.IGNORECASE) is not None


def _refused(what: str) -> InputError:
    return InputError(f"the address of the model cannot be read: {what}; write https://HOST/v1#MODEL")


def _host(text: str, usual: int) -> str:
    found = _HOST.fullmatch(text)
    if not found:
        raise _refused(
            "what stands for its host is no host name (letters of other alphabets are written in the xn--"
            " form, an IPv6 address stands in brackets, and a port is a number)"
        )
    six, name, port = found.groups()
    if six is not None:
        try:
            name = f"[{ipaddress.IPv6Address(six)}]"
        except ValueError:
            raise _refused("it holds something that is no IP address") from None
    if port and not 0 < int(port) < 65536:
        raise _refused("a port is a number from 1 to 65535")
    return name.lower() + ("" if not port or int(port) == usual else f":{int(port)}")


def _path(text: str) -> str:
    path = text.rstrip("/")
    for endpoint in _ENDPOINTS:
        path = path.removesuffix(endpoint)
    if not _PATH.fullmatch(path) or any(set(part) == {"."} for part in path.split("/")):
        raise _refused("it has no path, which is /v1 for most servers")
    return path
