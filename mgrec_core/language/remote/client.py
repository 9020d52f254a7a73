"""Asks an OpenAI-compatible server, and turns whatever it does into one sentence.

What is read of an answer is bounded in size and time, redirections are not followed, and the key stands in
the environment, in the header of a request and nowhere else.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
import ssl
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import httpx2

from mgrec_core.foundation import log
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten
from mgrec_core.language.remote.address import Address

SECONDS: Final = "MGREC_ADDRESS_SECONDS"
"""Variable of the seconds that a server may take to answer."""
_USUAL_SECONDS = 120.0
_CONNECT_SECONDS = 10.0
MOST = 64 * 2**20
"""Bytes of an answer."""
ATTEMPTS = 5
"""Times that one request is sent, where the server is busy or breaks off."""
_LONGEST_WAIT = 60.0
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_TOO_MUCH = frozenset({400, 413, 422})
# what some servers call a fault of their own (500)
_TOO_LARGE = re.compile(r"too (?:large|long)|exceeds?\b|context (?:length|size)", re.IGNORECASE)
_LOG = log.get("address")


class TooMuchError(InputError):
    """The server does not take so much at once, or not this."""

    def __init__(self, status: int, said: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.said = status, said


class Client:
    """A server that is asked for one model.

    Parameters
    ----------
    address
        The model.
    variable
        Variable of the environment that holds the key; a server without keys needs none.
    sleep, draw
        How to wait, and a number in [0, 1) that spreads out those who wait; for tests.

    Raises
    ------
    InputError
        The key cannot be one, or would go over the network unencrypted.
    """

    def __init__(
        self,
        address: Address,
        variable: str,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.address, self._variable = address, variable
        self._who = f"the model {shorten(address.model, 80)} at {address.host}"
        self._sleep, self._draw = sleep, draw
        self._key = os.environ.get(variable, "").strip()
        if not re.fullmatch(r"[!-~]*", self._key):
            raise InputError(f"{variable} holds characters that no key has: set it anew")
        if self._key and not address.secure and not address.loopback:
            raise InputError(
                f"the key in {variable} would go to {address.host} unencrypted: write https:// in the"
                f" address, or unset {variable} where the server asks for no key"
            )
        self._seconds = _seconds()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        self._http = httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(self._seconds, connect=min(_CONNECT_SECONDS, self._seconds)),
            follow_redirects=False,
            # a proxy of the environment stands between here and other hosts, never between here and here
            trust_env=not address.loopback,
        )

    def post(self, endpoint: str, document: dict[str, Any]) -> dict[str, Any]:
        """Send a document and return the one that is answered.

        Parameters
        ----------
        endpoint
            What is asked of the model, such as ``embeddings``.

        Raises
        ------
        TooMuchError
            The server refuses what was sent, maybe because there was too much of it.
        InputError
            Anything else that keeps it from answering, in one sentence.
        """
        late = 0
        for attempt in range(1, ATTEMPTS + 1):
            wait: float | None = None
            try:
                status, headers, body = self._send(endpoint, document)
            except httpx2.ConnectError as error:
                raise self._unreachable(error) from None
            except httpx2.ConnectTimeout:
                raise self.problem(
                    "cannot be reached (nothing answers there)", "check the host and the network"
                ) from None
            except httpx2.TimeoutException:
                late += 1
                problem = self.problem(
                    f"did not answer within {self._seconds:g} s",
                    f"try again, or give it longer with {SECONDS}={2 * self._seconds:g}",
                )
            except httpx2.HTTPError as error:
                why = shorten(self._without_key(str(error)) or type(error).__name__, 100)
                problem = self.problem(f"broke off ({why})", "look at its log and try again")
            else:
                too_large = status == 500 and _TOO_LARGE.search(self._said(body)) is not None
                if status not in _BUSY or too_large:
                    return self._answer(status, body)
                problem = self._busy(status, body)
                wait = _asked_to_wait(headers.get("retry-after"))
                if wait is not None and wait > _LONGEST_WAIT:
                    raise self.problem(f"asks to come back in {wait:,.0f} s ({status})", "try again then")
            if late > 1:
                break
            if attempt < ATTEMPTS:
                usual = 2.0 ** (attempt - 1) * (0.5 + self._draw())
                log.event(_LOG, logging.INFO, "asking again", host=self.address.host, attempt=attempt)
                self._sleep(usual if wait is None else wait + self._draw())
        raise problem

    def _send(self, endpoint: str, document: dict[str, Any]) -> tuple[int, httpx2.Headers, bytes]:
        started = time.monotonic()
        found = bytearray()
        url = f"{self.address.base}/{endpoint}"
        with self._http.stream("POST", url, json={"model": self.address.model, **document}) as response:
            # raw: what is compressed although nobody asked for it may be any size
            for piece in response.iter_raw():
                found += piece
                if len(found) > MOST:
                    raise self.problem(
                        f"answers with more than {MOST // 2**20} MB", "check that this is a model's address"
                    )
                if time.monotonic() - started > self._seconds:
                    raise httpx2.ReadTimeout("")
            return response.status_code, response.headers, bytes(found)

    def _answer(self, status: int, body: bytes) -> dict[str, Any]:
        if 300 <= status < 400:
            raise self.problem(
                f"sends on to another address ({status}), which is not followed",
                "name the address that answers itself",
            )
        said = self._said(body)
        if status in (401, 403):
            if self._key:
                raise self.problem(
                    f"refuses the key in {self._variable} ({status})", "set one that may use it"
                )
            raise self.problem(f"asks for a key ({status})", f"set it in {self._variable}")
        if status == 404:
            raise self.problem(
                f"is not there ({_with(status, said)})", "check the model's name and the path of the address"
            )
        if status in _TOO_MUCH or status in _BUSY:  # of the busy ones only what is too large comes here
            raise TooMuchError(
                status,
                said,
                f"{self._who} refuses what it was asked ({_with(status, said)}): check that it is a model for"
                " this",
            )
        if status != 200:
            raise self.problem(f"answers strangely ({_with(status, said)})", "check the address")
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise self.problem(
                "answers with something that is no JSON object",
                "check the path of the address, which is /v1 for most servers",
            )
        if document.get("error"):
            raise self.problem(f"answers with an error ({said or 'it says nothing of it'})", "mend it there")
        return document

    def _busy(self, status: int, body: bytes) -> InputError:
        said = _with(status, self._said(body))
        if status == 429:
            return self.problem(f"takes no more for now ({said})", "wait and try again")
        return self.problem(f"fails ({said})", "look at its log, or try again later")

    def _unreachable(self, error: httpx2.ConnectError) -> InputError:
        reasons: list[BaseException] = [error]
        while (before := reasons[-1].__cause__ or reasons[-1].__context__) and before not in reasons:
            reasons.append(before)
        said = " ".join(str(one) for one in reasons)
        if any(isinstance(one, ssl.SSLError) for one in reasons) or "SSL" in said or "certificate" in said:
            why = re.search(r"certificate verify failed[^(\]]*", said) or re.search(r"SSL[^(\]]*", said)
            return self.problem(
                f"cannot be called safely ({shorten(why[0].strip(' :'), 120) if why else 'TLS failed'})",
                "mend its certificate, or name the file of its authority in SSL_CERT_FILE",
            )
        if "refused" in said:
            return self.problem(
                "cannot be reached (connection refused)", "start its server or check the port"
            )
        if re.search(r"name|getaddrinfo|nodename|resolution", said, re.IGNORECASE):
            return self.problem("cannot be reached (no such host)", "check the host and the network")
        return self.problem(
            f"cannot be reached ({shorten(str(error), 100)})", "check the host and the network"
        )

    def _said(self, body: bytes) -> str:
        """Return the server's own words for an error, without the key, which it may quote."""
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return ""
        found = document.get("error", document) if isinstance(document, dict) else ""
        if isinstance(found, dict):
            found = next((found[name] for name in ("message", "detail", "error") if found.get(name)), "")
        text = str(found) if isinstance(found, str) else ""
        return shorten(self._without_key(text), 120)

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "…") if self._key else text

    def problem(self, what: str, way_out: str) -> InputError:
        """One sentence that names host and model: what is wrong, and the way out."""
        return InputError(f"{self._who} {what}: {way_out}")


def _seconds() -> float:
    given = os.environ.get(SECONDS, "").strip()
    if not given:
        return _USUAL_SECONDS
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", given) or not float(given):
        raise InputError(f"{SECONDS} is no number of seconds above 0: set it anew")
    return float(given)


def _asked_to_wait(text: str | None) -> float | None:
    """Read ``Retry-After``: seconds, or a date (RFC 9110, 10.2.3)."""
    if text is None:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text.strip()):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _with(status: int, said: str) -> str:
    name = said or (HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "")
    return f"{status}: {name}" if name else str(status)
