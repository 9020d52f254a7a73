"""A model that writes, behind ``/v1/chat/completions``."""

from __future__ import annotations

import re
from typing import Any, Final

from mgrec_core.language.generation.generator import MOST_TOKENS
from mgrec_core.language.remote.address import Address
from mgrec_core.language.remote.client import Client, TooMuchError

KEY: Final = "MGREC_CHAT_KEY"
"""Variable of the environment that holds the key."""
_LIMITS = re.compile(r"max_tokens|temperature", re.IGNORECASE)


class Chat:
    """Asks one question at a time; nothing is remembered between them."""

    def __init__(self, address: Address, client: Client | None = None) -> None:
        self.name = str(address)
        self.address: Address | None = address
        self._client = client or Client(address, KEY)
        self._limits: dict[str, Any] = {"max_tokens": MOST_TOKENS, "temperature": 0}

    def write(self, task: str, material: str) -> str:
        """Return the answer's text, see :class:`~mgrec_core.language.generation.generator.Generator`."""
        asked = [{"role": "system", "content": task}, {"role": "user", "content": material}]
        try:
            document = self._client.post("chat/completions", {"messages": asked, **self._limits})
        except TooMuchError as error:
            if not self._limits or not _LIMITS.search(error.said):
                raise
            self._limits = {}  # some models take their own only
            document = self._client.post("chat/completions", {"messages": asked})
        choices = document.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        message = first.get("message") if isinstance(first, dict) else None
        text = message.get("content") if isinstance(message, dict) else None
        if not isinstance(text, str):
            raise self._client.problem(
                "answers without a text", "check that it is a model that writes, or name another"
            )
        return text
