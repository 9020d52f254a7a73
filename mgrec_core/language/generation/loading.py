"""Finds the model that was named to write."""

from __future__ import annotations

from pathlib import Path

from mgrec_core.foundation.errors import NotFoundError
from mgrec_core.foundation.text import shorten
from mgrec_core.language.generation.chat import Chat
from mgrec_core.language.generation.generator import Generator
from mgrec_core.language.generation.local import LocalModel
from mgrec_core.language.remote.address import Address, is_address


def load_generator(name: str) -> Generator:
    """Return the model of a folder, or of an OpenAI-compatible address.

    Nothing is fetched and no code of a folder is run; an address is not called yet.

    Raises
    ------
    InputError
        There is no such folder, it holds no causal language model, or the address cannot be read.
    """
    if is_address(name):
        return Chat(Address.parse(name))
    if not name.strip() or not Path(name).expanduser().is_dir():
        raise NotFoundError(
            f"there is no folder {shorten(name, 120)!r} of a language model that writes: give its path, or an"
            " address as https://HOST/v1#MODEL"
        )
    return LocalModel(name)
