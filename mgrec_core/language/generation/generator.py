"""What writes: a causal language model in a folder, or one behind an address."""

from __future__ import annotations

from typing import Protocol

from mgrec_core.language.remote.address import Address

MOST_TOKENS = 200
"""Tokens of an answer."""


class Generator(Protocol):
    """Writes a text."""

    name: str
    """What it was called."""
    address: Address | None
    """Where it is, where what it reads goes over a network."""

    def write(self, task: str, material: str) -> str:
        """Return what it writes.

        Parameters
        ----------
        task
            What it is asked to do.
        material
            What it is to do it with.

        Raises
        ------
        InputError
            It cannot.
        """
