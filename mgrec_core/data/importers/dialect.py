"""How a text file is written: what separates and quotes its fields, its encoding, lines before its header."""

from __future__ import annotations

import codecs
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "none": ""}

Sign = Annotated[str, Field(max_length=1)]


class Dialect(BaseModel):
    """What a person says about a text file; what is left out is found from the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delimiter: Annotated[str, Field(min_length=1, max_length=4)] | None = None
    """What separates the fields; ``tab`` may be written out."""
    quote: Sign | None = None
    """What stands around a field that holds the delimiter; empty where nothing does."""
    escape: Sign | None = None
    """What stands before a quote inside such a field; usually the quote itself or a backslash."""
    encoding: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    """Such as ``utf-8``, ``cp1251``, ``gbk``, ``shift_jis``."""
    skip: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Lines before the header."""
    header: bool | None = None
    """Whether the first line names the columns; otherwise they are called c1, c2 …"""
    thousands: Sign | None = None
    """What stands between thousands in numbers."""
    decimal: Sign | None = None
    """What stands before the fraction in numbers."""
    pad: bool | None = None
    """Whether lines may be shorter than others; the fields that they lack are empty."""

    @field_validator("delimiter", "quote", "escape", "thousands", "decimal", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        return _NAMES.get(value.lower(), value) if isinstance(value, str) else value

    @field_validator("delimiter", "quote", "escape")
    @classmethod
    def _no_line_end(cls, value: str | None) -> str | None:
        if value and ("\n" in value or "\r" in value or "\0" in value):
            raise ValueError("a line end separates rows; it cannot separate or quote fields")
        return value

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            found = codecs.lookup(value)
            text = found._is_text_encoding
        except (LookupError, ValueError):
            text = False
        if not text:
            raise ValueError(
                f"'{value}' is no encoding; take one such as utf-8, cp1252, cp1251, gbk or shift_jis"
            )
        return found.name

    @model_validator(mode="after")
    def _apart(self) -> Dialect:
        if self.thousands and self.thousands == (self.decimal or "."):
            raise ValueError("thousands and decimal are the same sign; say both")
        if self.quote and self.quote == self.delimiter:
            raise ValueError("quote and delimiter are the same sign; they must differ")
        return self
