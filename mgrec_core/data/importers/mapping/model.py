r"""A mapping: which column of which file becomes which column of the canonical tables, as a YAML file.

.. code-block:: yaml

    name: my-shop
    tables:
      - table: interactions          # interactions, items, users, kg, social, feedback or tags
        file: orders.csv             # a file of the folder; "book.xlsx [Sheet1]", "shop.db [orders]"
        columns: {user_id: customer, item_id: sku, timestamp: ordered, weight: pieces}
        constants: {event: purchase}
        timestamp: "%d.%m.%Y %H:%M"  # or auto, seconds, milliseconds, microseconds, nanoseconds, days
      - table: items
        file: articles.csv
        columns: {item_id: sku, title: name}
        attributes: {category: group, colour: col}   # omitted: every other column, under its own name
        list_separator: ";"
        separator: {genres: ", ", cast: json, tags: braces}   # where columns differ
    strengths: {purchase: 1, view: 0.1}

How a text file is written is found, told in the receipt, and can be said; any of it may be left out:

.. code-block:: yaml

    dialect: {delimiter: tab, quote: "", escape: '\', encoding: cp1251, skip: 5, header: false,
              thousands: ".", decimal: ","}     # without a header the columns are c1, c2 …

What an entry may ask of a file before its columns are taken, in the order in which it is done:

.. code-block:: yaml

    carry: {column: c1, ending: ":", name: movie}        # a line "7:" heads those below it
    missing: {"joke_*": [99]}                            # or a list, for every column
    explode: products                                    # a JSON list in a cell; then products.sku …
    join: [{file: orders.csv, keys: {order_id: id}}]     # then orders.customer, orders.status
    split: [{column: label, by: " - ", into: [brand, model]}]
    values: {recommended: {"true": recommend, "false": not_recommend}}
    coalesce: {who: [Email, Phone]}
    unpivot: {columns: "joke_*", name: item_id, value: rating}
    pivot: {rows: [itemid], name: property, value: value}
    where: [{column: orders.status, not_in: [cancelled, refunded]}, {column: pieces, above: 0}]
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mgrec_core.data.importers.dialect import Dialect
from mgrec_core.data.importers.mapping.verbs import Verbs
from mgrec_core.data.times import UNITS
from mgrec_core.foundation.documents import NotYamlError, read_yaml
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.text import shorten

Target = Literal["interactions", "items", "users", "kg", "social", "feedback", "tags"]
TARGETS: tuple[Target, ...] = get_args(Target)

REQUIRED: dict[Target, tuple[str, ...]] = {
    "interactions": ("user_id", "item_id"),
    "items": ("item_id",),
    "users": ("user_id",),
    "kg": ("head_id", "relation", "tail_id"),
    "social": ("user_id", "friend_id"),
    "feedback": ("user_id", "item_id", "kind"),
    "tags": ("user_id", "item_id", "tag"),
}
"""Columns without which a row of the table says nothing."""

OPTIONAL: dict[Target, tuple[str, ...]] = {
    "interactions": ("timestamp", "event", "weight", "rating", "session_id"),
    "items": ("title", "description"),
    "users": (),
    "kg": ("tail_label", "source"),
    "social": ("weight",),
    "feedback": ("timestamp",),
    "tags": ("timestamp",),
}

REPEATABLE: frozenset[Target] = frozenset({"interactions", "items", "users"})
"""Tables that several files may fill."""

Text = Annotated[str, Field(min_length=1, max_length=300)]
Sign = Annotated[str, Field(min_length=1, max_length=10)]


class TableMapping(Verbs):
    """How one file becomes rows of one table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: Target
    """The canonical table that is filled."""
    file: Text
    """File, sheet or database table, as the source lists it."""
    columns: dict[str, Text]
    """Canonical column → column of the file."""
    constants: dict[str, Text] = Field(default_factory=dict)
    """Canonical column → value that all rows have, such as the kind of event."""
    attributes: dict[Text, Text] | None = None
    """Attribute name → column (items and users); None takes every other column under its own name."""
    list_separator: Annotated[str, Field(min_length=1, max_length=5)] = "|"
    """What separates the values of an attribute."""
    separator: dict[Text, Sign] = Field(default_factory=dict, max_length=500)
    """Attribute or column → what separates its values, if not that; or ``json``, ``python``, ``braces``."""
    dialect: Dialect | None = None
    """What is known about how a text file is written; the rest is found."""
    timestamp: Annotated[str, Field(min_length=1, max_length=60)] = "auto"
    """``auto`` (the column decides), a unit of :data:`UNITS`, or a format such as ``%d.%m.%Y``."""

    @field_validator("columns", "constants", "attributes", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        """YAML reads a column called 1 or a constant ``yes`` as something else than text."""
        if isinstance(value, dict):
            return {str(k): v if v is None or isinstance(v, str) else str(v) for k, v in value.items()}
        return value

    @model_validator(mode="after")
    def _complete(self) -> TableMapping:
        known = (*REQUIRED[self.table], *OPTIONAL[self.table])
        for name in (*self.columns, *self.constants):
            if name not in known:
                raise ValueError(f"{self.table} has no column '{name}' (it has: {', '.join(known)})")
        twice = set(self.columns) & set(self.constants)
        if twice:
            raise ValueError(f"'{min(twice)}' is both a column and a constant; keep one of them")
        missing = [n for n in REQUIRED[self.table] if n not in self.columns and n not in self.constants]
        if missing:
            raise ValueError(f"{self.table} needs '{missing[0]}': say which column of {self.file} holds it")
        if self.attributes is not None and self.table not in ("items", "users"):
            raise ValueError(f"{self.table} has no attributes; only items and users have")
        if self.timestamp != "auto" and self.timestamp not in UNITS and "%" not in self.timestamp:
            raise ValueError(
                f"'{self.timestamp}' is no form of time: use auto, {', '.join(UNITS)} or a format"
                " like %d.%m.%Y"
            )
        return self

    @property
    def wanted(self) -> frozenset[str]:
        """Columns of the file that the mapping names, in lower case."""
        named = (*self.columns.values(), *(self.attributes or {}).values())
        return frozenset(name.lower() for name in named if not self.makes(name))

    @property
    def unfolded(self) -> str:
        """What stands before the columns that a list in a cell becomes, in lower case; empty without one."""
        return f"{self.explode.column}.".lower() if self.explode else ""


class Mapping(BaseModel):
    """How the files of a source become the canonical tables."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = "mapping"
    """What it is saved as: up to 64 letters, digits, dots, hyphens and underscores."""
    tables: Annotated[tuple[TableMapping, ...], Field(min_length=1, max_length=1_000)]
    """One entry for each file and table that it fills."""
    strengths: dict[str, Annotated[float, Field(ge=-1, le=1)]] = {}
    """Kind of event → how much it says, −1 against an interest to 1 for it; others as usual."""
    fingerprint: str = ""
    """Of the columns it was made for, see :func:`fingerprint`; filled in when it is saved."""

    @field_validator("strengths", mode="before")
    @classmethod
    def _kinds(cls, value: object) -> object:
        if isinstance(value, dict):
            return {str(kind).strip().lower(): strength for kind, strength in value.items()}
        return value

    @model_validator(mode="after")
    def _useful(self) -> Mapping:
        targets = [one.table for one in self.tables]
        for table in TARGETS:
            if targets.count(table) > 1 and table not in REPEATABLE:
                raise ValueError(f"{table} is filled from several files; put them together in one")
        pairs = [(one.table, one.file, one.explode) for one in self.tables]
        if len(set(pairs)) < len(pairs):
            raise ValueError("one file fills the same table twice; keep one of the entries")
        return self

    def to_yaml(self) -> str:
        """Return the mapping as its YAML file."""
        plain = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        first = ("table", "file")
        plain["tables"] = [
            {key: one[key] for key in (*first, *(name for name in one if name not in first))}
            for one in plain["tables"]
        ]
        return yaml.safe_dump({"name": self.name, **plain}, sort_keys=False, allow_unicode=True, width=100)


def parse(text: str, where: str = "the mapping") -> Mapping:
    """Read a mapping from YAML.

    Parameters
    ----------
    text
        The YAML document.
    where
        What messages call it.

    Raises
    ------
    InputError
        When it is no YAML or no mapping; the sentence says at which place.
    """
    try:
        found = read_yaml(text)
    except NotYamlError as error:
        raise InputError(
            f"{where} is no valid YAML ({shorten(str(error), 120)}); check indentation and quotes"
        ) from None
    if not isinstance(found, dict):
        raise InputError(f"{where} holds no mapping; it begins with 'tables:', see the README")
    try:
        return Mapping.model_validate(found)
    except ValidationError as error:
        raise InputError(f"{where}: {_sentence(error)}") from None


def load(path: Path) -> Mapping:
    """Read a mapping's YAML file.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InputError
        When it is no mapping.
    """
    if not path.is_file():
        raise NotFoundError(f"the mapping {shorten(str(path))} does not exist; check the path")
    try:
        if path.stat().st_size > 1 << 20:
            raise InputError(
                f"{shorten(path.name)} is larger than 1 MiB, so it is no mapping; check the path"
            )
        return parse(path.read_text(encoding="utf-8-sig"), shorten(path.name))
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{shorten(path.name)} cannot be read as UTF-8 text; save it again") from None


def fingerprint(columns: Iterable[Iterable[str]]) -> str:
    """Return a digest of the columns of files, whatever the files are called and in whatever order.

    Parameters
    ----------
    columns
        The column names of each file.
    """
    tables = sorted({"\x1f".join(sorted(name.strip().lower() for name in names)) for names in columns})
    return hashlib.sha256("\x1e".join(tables).encode()).hexdigest()[:16]


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = " › ".join(str(part + 1) if isinstance(part, int) else str(part) for part in first["loc"])
    what = re.sub(r"^Value error, ", "", first["msg"])
    return f"{f'at {shorten(place, 80)}: ' if place else ''}{shorten(what, 300)}"
