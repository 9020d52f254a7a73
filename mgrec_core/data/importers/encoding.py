"""Makes sure that a text file can be read as UTF-8: compression, encoding, line ends.

A file that cannot is converted into a copy, and what was changed is told as a cleaning rule.
"""

from __future__ import annotations

import codecs
import gzip
import itertools
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mgrec_core.data.importers import code_pages
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.text import shorten

_CHUNK = 1 << 20
_REPLACED = r"\x{FFFD}"
_SAMPLE = 1 << 16
_WIDE = ("utf-16", "utf-32")
_NOT_TEXT = {
    b"\x1f\x8b": "a gzip file",
    b"PK\x03\x04": "a zip or Excel file",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"SQLite format 3\0": "an SQLite database",
    b"%PDF-": "a PDF",
    b"\x7fELF": "a program",
}
_serial = itertools.count()

SIGNS = ('"', "'", " ", "\u00a0", "\u202f")
"""What cells of a spreadsheet may have in them that other files do not."""


@dataclass(frozen=True)
class Text:
    """A text file that can be read as UTF-8.

    Attributes
    ----------
    path
        The file itself, or its converted copy.
    header
        The first megabyte, from its first line that is not blank.
    blank
        Blank lines before the header.
    compressed
        Whether ``path`` is a gzip file.
    conversions
        Repairing rule → regular expression of the cells it changed.
    signs
        Those of :data:`SIGNS` that are somewhere in it.
    notes
        What was found about the encoding, one sentence each.
    """

    path: Path
    header: str
    blank: int
    compressed: bool
    conversions: Mapping[str, str]
    signs: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def _chunks(path: Path) -> Iterator[bytes]:
    opener = gzip.open if path.name.endswith(".gz") else open
    try:
        with opener(path, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{path.name} is not a whole gzip file (truncated or damaged); compress or copy it again"
        ) from error


@dataclass
class _Survey:
    """What one pass over the bytes of a file tells."""

    head: bytes = b""
    utf8: bool = True
    pairs: int = 0
    returns: int = 0
    feeds: int = 0
    nulls: int = 0
    signs: set[str] = field(default_factory=set)


def _survey(path: Path) -> _Survey:
    found = _Survey()
    decoder = codecs.getincrementaldecoder("utf-8")()
    last = b""
    for chunk in itertools.chain(_chunks(path), [b""]):
        found.head += chunk[: max(0, _CHUNK - len(found.head))]
        found.pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
        found.returns += chunk.count(b"\r")
        found.feeds += chunk.count(b"\n")
        found.nulls += chunk.count(b"\0")
        found.signs.update(sign for sign in SIGNS if sign not in found.signs and sign.encode() in chunk)
        last = chunk[-1:]
        if found.utf8:
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                found.utf8 = False
    return found


def _mostly_utf8(path: Path) -> bool:
    """Return whether a file that is not UTF-8 is a damaged UTF-8 file rather than a Latin-1 one."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    damaged = beyond = 0
    for chunk in _chunks(path):
        text = decoder.decode(chunk)
        damaged += text.count("\ufffd")
        beyond += sum(len(one.encode()) for one in re.findall(r"[^\x00-\x7F\uFFFD]+", text))
    # In other encodings bytes make such a sequence by chance only, of Chinese characters one in five.
    return beyond > 5 * damaged


def _returns_end_lines(head: bytes, encoding: str) -> bool:
    """Return whether lone carriage returns mostly stand between lines of as many fields as the first."""
    text = re.sub(r'"[^"]*"', '""', head.decode(encoding, errors="replace").replace("\r\n", "\n"))
    lines = text.lstrip("\r\n").split("\n")
    first = lines[0].split("\r")[0]
    sign = max(",;\t|:", key=first.count)
    pieces = [piece for line in lines if "\r" in line for piece in line.split("\r") if piece.strip()]
    alike = sum(piece.count(sign) == first.count(sign) for piece in pieces)
    return sign in first and alike > len(pieces) / 2


def inspect(path: Path, scratch: Path, given: str | None = None) -> Text:
    """Check the compression, the encoding and the line ends of a file; convert a copy if need be.

    Parameters
    ----------
    path
        Text file, gzip-compressed if its name ends with ``.gz``.
    scratch
        Existing folder for a copy.
    given
        The encoding, if it is known; None finds it.

    Raises
    ------
    InputError
        When the file is truncated, is no text, holds nothing, or is not in the encoding given.
    """
    name = path.name
    found = _survey(path)
    for magic, kind in _NOT_TEXT.items():
        if found.head.startswith(magic):
            raise InputError(f"{path.name} is {kind}, not text; export it as CSV or give it its own ending")
    conversions: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    encoding = "utf-8-sig"
    wide = given if given and given.startswith(_WIDE) else _wide(found.head)
    if given and not wide:
        encoding = given if given not in ("utf-8", "ascii") else "utf-8-sig"
        if encoding != "utf-8-sig":
            conversions["not_utf8"] = r"[^\x00-\x7F]"
        if encoding != "utf-8-sig" or not found.utf8:
            _must_decode(path, encoding)
    elif wide:
        encoding, conversions["utf16"] = wide, ""
        notes = () if wide in _WIDE or given else (f"the encoding is {wide.upper()}, without a mark",)
    elif not found.utf8 and _mostly_utf8(path):
        conversions["damaged_utf8"] = _REPLACED
    elif not found.utf8:
        encoding, notes = _old(path)
        conversions["not_utf8"] = r"[^\x00-\x7F]"
    if found.nulls and not wide:
        conversions["null_character"] = _REPLACED
    mixed = found.returns > 0 and not found.pairs == found.returns == found.feeds
    compressed = path.name.endswith(".gz")
    if conversions or mixed:
        # Old Macintosh files end lines with a lone carriage return; elsewhere it is mostly a stray.
        lone = "\n" if found.feeds == 0 or _returns_end_lines(found.head, encoding) else " "
        copy, compressed = scratch / f"text{next(_serial)}.csv", False
        _convert(path, copy, encoding, lone)
        with copy.open(encoding="utf-8", newline="") as stream:
            header = stream.read(_CHUNK)
        path = copy
    else:
        header = found.head.decode(encoding, errors="ignore")
    whole, header = header, header.lstrip("\r\n")
    if not header.strip():
        if found.feeds + found.returns >= _CHUNK:
            raise InputError(f"{name} begins with over a megabyte of blank lines; remove them")
        raise InputError(f"{name} is empty; export it again with a header line and rows")
    blank = whole[: len(whole) - len(header)].count("\n")
    signs = frozenset(SIGNS) if conversions else frozenset(found.signs)
    return Text(path, header, blank, compressed, conversions, signs, notes)


def _wide(head: bytes) -> str:
    """Return the encoding of text with two or four bytes a character.

    Without a mark it is told from ASCII, of which every second byte is NUL then.
    """
    # UTF-32's mark begins with that of UTF-16.
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = head[:_SAMPLE]
    if len(start) < 8 or len(start) % 2:
        start = start[: len(start) // 2 * 2]
    even, odd = start[::2].count(0), start[1::2].count(0)
    most = 0.4 * (len(start) // 2)
    if len(start) >= 8 and odd > most and even < 0.1 * odd + 1:
        return "utf-16-le"
    return "utf-16-be" if len(start) >= 8 and even > most and odd < 0.1 * even + 1 else ""


def _old(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the encoding of a file that is not UTF-8, and what is to be said about it."""
    sample, part = b"", b""
    for chunk in _chunks(path):
        *lines, part = re.split(rb"[\r\n]+", part + chunk)
        sample += b"\n".join(line for line in lines if not line.isascii()) + b"\n"
        if len(sample) > _SAMPLE:
            break
    found = code_pages.find((sample[:_SAMPLE] if len(sample) > _SAMPLE else sample + part).strip(b"\n"))
    way = "a mapping's dialect can say another encoding"
    if found.doubt == "none":
        told = "the encoding could not be told; letters that are not English are likely wrong"
        return "cp1252", (f"{told}: name it in a mapping's dialect (encoding: …), or save the file as UTF-8",)
    told = f"the text was read as {found.shown}"
    return found.codec, (f"{told}{f', {found.doubt} is nearly as likely' if found.doubt else ''}; {way}",)


def _must_decode(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in itertools.chain(_chunks(path), [b""]):
            decoder.decode(chunk, final=not chunk)
    except (UnicodeDecodeError, UnicodeError):
        raise InputError(
            f"{shorten(path.name)} is not in the encoding {encoding} that the mapping says; name another or"
            " leave it out"
        ) from None


def _convert(path: Path, copy: Path, encoding: str, lone: str) -> None:
    """Write a UTF-8 copy with line feeds as line ends, carriage returns alone as ``lone``, and no NUL."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    carry = ""
    with copy.open("w", encoding="utf-8", newline="") as out:
        for chunk in itertools.chain(_chunks(path), [b""]):
            part = carry + decoder.decode(chunk, final=not chunk)
            carry = "\r" if chunk and part.endswith("\r") else ""
            part = part.removesuffix(carry).replace("\r\n", "\n").replace("\r", lone)
            out.write(part.replace("\0", "\ufffd"))
