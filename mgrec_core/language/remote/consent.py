"""Texts leave the machine only where somebody said so, knowing how many they are and where they go."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from mgrec_core.foundation import log
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import count
from mgrec_core.language.remote.address import Address

_LOG = log.get("address")


def tokens_of(texts: Sequence[str], prompt: str = "") -> int:
    """Estimate the tokens of some texts: one for every four bytes, to two digits.

    English has one for four letters, Chinese one for one or two characters of three bytes each; every model
    counts in its own way, and a hosted one bills what it counts.

    Examples
    --------
    >>> tokens_of(["a quiet film about a loud piano"] * 100)
    780
    """
    found = sum(len(text.encode("utf-8", "replace")) + len(prompt.encode()) for text in texts) / 4
    return int(float(f"{found:.2g}")) if found >= 1 else 1


def unencrypted(address: Address) -> str:
    """Say so where what is sent can be read on its way."""
    return "" if address.secure else ", unencrypted"


def check_consent(address: Address, texts: Sequence[str], allowed: str | None, prompt: str = "") -> None:
    """Log what is about to be sent, or refuse to send it.

    Parameters
    ----------
    texts
        The different texts that would be sent.
    allowed
        The address that texts may be sent to, see :attr:`Address.base`; on this machine's own nothing has
        to be allowed, since nothing leaves it.

    Raises
    ------
    InputError
        Nobody has allowed it; the sentence states what it would cost.
    """
    if not texts:
        return
    tokens = tokens_of(texts, prompt)
    if not address.loopback and allowed != address.base:
        raise InputError(
            f"{count(len(texts), 'text')} (about {count(tokens, 'token')}) that"
            f" {'is' if len(texts) == 1 else 'are'} not in the cache would leave this machine to"
            f" {address.host}{unencrypted(address)}: add --send-texts to `build` to send them"
        )
    log.event(_LOG, logging.INFO, "sending texts", host=address.host, texts=len(texts), tokens=tokens)
