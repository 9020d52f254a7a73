"""Texts from data in messages."""

from __future__ import annotations


def shorten(text: str, length: int = 300) -> str:
    """Return a text on one line, without control characters, cut to ``length``."""
    line = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(line.split())
    return line if len(line) <= length else line[: length - 1] + "…"
