"""Direct identifiers in source files: how they are recognised, and masked in messages.

A column is taken to hold identifiers when its name says so and its values do not speak against
it, or when its values alone leave no doubt. Thresholds are shares of the distinct values looked at.
Names are known in English and German, the languages in which mappings are guessed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

_LOCAL, _DOMAIN = r"[A-Za-z0-9._%+'-]", r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
EMAIL = rf"{_LOCAL}+@{_DOMAIN}"
INTERNATIONAL = r"\+\d[\d ().-]{7,17}\d"
PHONE = rf"{INTERNATIONAL}|\(?\d{{3}}\)?[ .-]\d{{3}}[ .-]\d{{4}}"
IPV4 = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
CARD = r"[3-6]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}|3\d{3}[ -]?\d{6}[ -]?\d{5}"

KINDS = {
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "name": "names of people",
    "address": "postal addresses",
    "ip": "IP addresses",
    "card": "card or identity numbers",
}
"""Kind of identifier → what a receipt calls it."""

_WHOSE = (
    r"(?:user|customer|client|member|contact|account|person|billing|shipping|delivery|home|work|primary"
    r"|personal|reviewer|seller|buyer|owner|guest|subscriber|patient|employee|recipient|your)_"
)
_NAMES = {
    "email": r"e?_?mail(?:_?addr(?:ess)?)?(?:_[12])?|e?_?mail_?adresse",
    "phone": r"(?:tele|cell|mobile)?_?phone(?:_?(?:number|no|nr))?(?:_[12])?|tel|mobile(?:_(?:number|no))?"
    r"|msisdn|fax(?:_number)?|(?:telefon|mobil|handy|ruf)(?:_?(?:nummer|nr))?",
    "name": r"(?:first|last|full|given|family|middle|maiden|real|sur)_?name|surname|forename"
    r"|cardholder(?:_name)?|(?:vor|nach|familien|zu)_?name",
    "address": r"(?:street|postal|mailing)?_?address(?:_?line)?(?:_?[12])?|street(?:_?(?:name|number))?|addr"
    r"|(?:post|liefer|rechnungs)?_?(?:anschrift|adresse)|stra(?:ss|_)e",
    "ip": r"ip(?:_?v[46])?(?:_?addr(?:ess)?)?|(?:remote|last|login|last_login)_(?:ip|addr)",
    "card": r"(?:credit|debit|bank|payment)?_?card_?(?:number|no|nr)|credit_card|cc_?(?:number|num|no)|iban"
    r"|ssn|social_security(?:_(?:number|no))?|passport(?:_(?:number|no))?|national_id(?:_number)?|tax_id",
}
_PERSON = (
    r"(?:user|customer|client|member|contact|account|person|reviewer|buyer|guest|subscriber|patient)_?name"
)
_IDS = re.compile(
    r"(?:.*_)?ids?|.*[a-z]id|user|uid|customer|household|member|friend|item|iid|session|head|tail|h|t|"
    r"source|target|subject|object|asin|invoice(?:_?no)?|stock_?code"
)
_USERS = re.compile(
    r"(?:.*_)?(?:user|customer|client|household|member|friend|reviewer|source|target)(?:_?ids?)?|uid"
)
_ITEMS = re.compile(
    r"(?:.*_)?(?:item|product|movie|article|artist|news|track|song|video|book|game|ad)(?:_?ids?)?"
)
_VERSION = re.compile(r"version|firmware|build|release|(?:^|_)os(?:_|$)")


def plain_name(column: str) -> str:
    """Return a column's name in lower case with underscores, without a type after a colon.

    >>> plain_name("CustomerID"), plain_name("user_id:token"), plain_name("E-Mail Address")
    ('customer_id', 'user_id', 'e_mail_address')
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.rsplit(":", 1)[0].strip())
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def is_id(column: str) -> bool:
    """Return whether a column's name says that it holds ids, of whatever kind."""
    return _IDS.fullmatch(plain_name(column)) is not None


def is_user_id(column: str) -> bool:
    """Return whether a column's name says that it holds ids of users."""
    return _USERS.fullmatch(plain_name(column)) is not None


def describes_people(columns: Sequence[str]) -> bool:
    """Return whether a file with these columns is about people: it has ids of users and none of items."""
    names = [plain_name(column) for column in columns]
    return any(map(_USERS.fullmatch, names)) and not any(map(_ITEMS.fullmatch, names))


def recognise(column: str, values: Sequence[str], *, people: bool = False) -> str | None:
    """Return the kind of identifier that a column holds, or None.

    Parameters
    ----------
    column
        Its name in the file.
    values
        Distinct values of it, or a fair share of them.
    people
        Whether the file is about people, so that a plain ``name`` is one of a person.
    """
    values = [value for value in values if value]
    if not values:
        return None
    name = plain_name(column)
    for kind, pattern in _NAMES.items():
        if re.fullmatch(f"(?:{_WHOSE})?(?:{pattern})", name) and _plausible(kind, values):
            return kind
    if (re.fullmatch(_PERSON, name) or (people and name in ("name", "nickname"))) and _plausible(
        "name", values
    ):
        return "name"
    if _share(EMAIL, values) >= 0.5:
        return "email"
    if _share(PHONE, values) >= 0.8 and not is_id(column):
        return "phone"
    if not _VERSION.search(name) and sum(map(_is_ip, values)) >= 0.8 * len(values):
        return "ip"
    if len(values) >= 10 and sum(map(_is_card, values)) >= 0.95 * len(values):
        return "card"
    return None


def mask(text: str) -> str:
    """Return a text without the e-mail addresses and phone numbers in it, for messages and examples."""
    # Where it is looked for from every place on, the 64 characters that a local part may have are a
    # limit: without one, the time is quadratic in the length of a text.
    email = rf"{_LOCAL}{{1,64}}@{_DOMAIN}"
    return re.sub(INTERNATIONAL, "[phone]", re.sub(email, "[e-mail]", text) if "@" in text else text)


def _share(pattern: str, values: Sequence[str]) -> float:
    whole = re.compile(pattern)
    return sum(whole.fullmatch(value) is not None for value in values) / len(values)


def _plausible(kind: str, values: Sequence[str]) -> bool:
    """Return whether values may be what the column's name says: flags, counts and kinds are not."""
    if kind == "email":
        return len(values) > 2 or _share(EMAIL, values) > 0
    if kind in ("phone", "card"):
        return sum(sum(c.isdigit() for c in value) >= 6 for value in values) >= 0.8 * len(values)
    if kind == "ip":
        return sum(map(_is_ip, values)) >= 0.5 * len(values)
    words = sum(any(c.isalpha() for c in value) for value in values) >= 0.8 * len(values)
    return words and not any("://" in value for value in values[:20])


def _is_ip(value: str) -> bool:
    """Return whether a value is an IP address; 1.2.3.4 is rather a version."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return address.version == 6 or max(address.packed) > 31


def _is_card(value: str) -> bool:
    """Return whether a value looks like a card number and its check digit (Luhn) is right."""
    if not re.fullmatch(CARD, value):
        return False
    digits = [int(c) for c in reversed(value) if c.isdigit()]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0
