"""Finds how a text file is written from its first lines; reading it all says whether that was right."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mgrec_core.data.importers.dialect import Dialect

USUAL = ",\t;|"
_OTHERS = ("::", "\x01", "~", "^", ":", " ")
_LOOKED_AT = 300
_LONGEST_PREAMBLE = 50
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?$")
_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?$")
_NAME = re.compile(
    r"(?i)^\W*(user|item|product|customer|movie|book|song|track|title|rating|time|\w{0,20}id\W*$|\w{0,20}name\W*$)"
)
_SECTION = re.compile(r"\d+:$")
_SHOWN = {"\t": "a tab", " ": "a space", "\x01": "the control character 1", "": "nothing"}


@dataclass(frozen=True)
class Form:
    r"""How a file is read.

    Attributes
    ----------
    delimiter, quote, escape
        See :class:`~mgrec_core.data.importers.dialect.Dialect`; never None.
    skip
        Lines before the header, blank ones at the beginning of the file not counted.
    header
        Whether the first line after them names the columns.
    pad
        Whether lines may be short.
    names
        The columns, as the header has them or c1, c2 …
    doubled
        Whether ``\\"`` is read as ``""``: there are files that have backslashes as text and before quotes.
    """

    delimiter: str
    quote: str = '"'
    escape: str = '"'
    skip: int = 0
    header: bool = True
    pad: bool = False
    names: tuple[str, ...] = ()
    doubled: bool = False

    def notes(self) -> Iterator[str]:
        """Say in sentences what is not as in any other file."""
        if self.delimiter not in USUAL:
            yield f"the fields are separated by {shown(self.delimiter)}"
        if self.quote != '"':
            yield (
                f"the fields are quoted by {self.quote}"
                if self.quote
                else "no field is quoted; quotes are part of the text"
            )
        elif self.escape == "\\" or self.doubled:
            yield "quotes inside fields have a backslash before them"
        if self.skip:
            yield f"{self.skip} {'line' if self.skip == 1 else 'lines'} before the header were left out"
        if not self.header:
            yield f"there is no header line; the columns are called {self.names[0]} to {self.names[-1]}"


def shown(sign: str) -> str:
    """Return what messages call a sign."""
    return _SHOWN.get(sign, sign)


def settle(head: str, given: Dialect, *, headerless: bool = False) -> Form:
    """Return how a file is likely to be read.

    Parameters
    ----------
    head
        Its beginning, from the first line that is not blank.
    given
        What is known about it.
    headerless
        Whether a first line of data is told from a header.
    """
    quote = '"' if given.quote is None else given.quote
    lines = head.split("\n")[: 2 * _LOOKED_AT]
    first = lines[0].rstrip("\r")
    skip, delimiter = given.skip, given.delimiter
    told = re.fullmatch(r"\ufeff?\"?sep=(.{1,2}?)\"?[,;\t]*", first, re.IGNORECASE)
    if told and skip is None:
        skip, delimiter = 1, delimiter or told[1]
    start = skip or 0
    if delimiter is None:
        delimiter = sniff(lines[start].rstrip("\r") if start < len(lines) else "")
        counts = [line.count("::") for line in lines[start : start + _LOOKED_AT] if line.strip()]
        if counts and counts[0] and counts.count(counts[0]) >= 0.9 * len(counts):
            delimiter = "::"
        if _fields(lines[start : start + 1], delimiter, quote) < 2:
            delimiter = _consistent(lines[start:], quote) or delimiter
    pad = bool(given.pad)
    header = given.header
    if skip is None:
        if _SECTION.fullmatch(first) and header is not True:
            pad, header = True, False
        else:
            start = _preamble(lines, delimiter, quote)
    form = Form(delimiter, quote, given.escape if given.escape is not None else quote, start, pad=pad)
    if given.quote is None and _single_quoted(lines[start:], delimiter):
        form = replace(form, quote="'", escape=given.escape or "'")
    rows = list(_rows(lines[start:], form.delimiter, form.quote))
    if header is None:
        header = not (headerless and len(rows) > 2 and _is_data(rows))
    names = _header(head, form)
    if not header:
        width = max((len(row) for row in rows), default=len(names))
        names = tuple(f"c{number + 1}" for number in range(width))
    return replace(form, header=header, names=names)


def fixed(head: str, given: Dialect, names: Sequence[str] = ()) -> Form:
    """Return how a file of a known format is read: as the format says, and nothing else is found.

    Parameters
    ----------
    head, given
        See :func:`settle`.
    names
        The columns of a file without a header line.
    """
    delimiter = given.delimiter or sniff(head)
    quote = '"' if given.quote is None else given.quote
    form = Form(delimiter, quote, quote, header=not names, names=tuple(names))
    return form if names else replace(form, names=_header(head, form))


def alternatives(form: Form, given: Dialect, head: str) -> Iterator[Form]:
    """Yield other ways to read a file of which lines were lost."""
    free = given.quote is None
    if given.escape is None and form.quote and '\\"' in head:
        yield _renamed(replace(form, escape="\\"), head)
        yield replace(_renamed(form, head.replace('\\"', '""')), doubled=True)
    if free and form.quote == '"':
        if re.search(f"(^|[\n{re.escape(form.delimiter)}])'", head):
            yield _renamed(replace(form, quote="'", escape="'"), head)
        if not _whole_quoted(head, form.delimiter) and _half_quoted(head, form.delimiter):
            yield _renamed(replace(form, quote="", escape=""), head)


def sniff(header: str) -> str:
    """Return the delimiter that splits the header most; a comma for a single column."""
    line = header.split("\n")[0].rstrip("\r")
    return max(USUAL, key=lambda sign: _fields([line], sign, '"'))


def is_table(head: str) -> bool:
    """Tell whether a text of a file's beginning is rows: its lines have as many fields each, two or more."""
    lines = [line for line in re.split(r"\r\n|\r|\n", head) if line.strip()][:-1][:_LOOKED_AT]
    return len(lines) > 1 and _consistent(lines, '"') != ""


def _fields(lines: Sequence[str], delimiter: str, quote: str) -> int:
    return max((len(row) for row in _rows(lines, delimiter, quote)), default=0)


def _rows(lines: Sequence[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    """Yield the fields of lines that are not blank, as far as they can be told apart."""
    if len(delimiter) > 1 or not quote:
        yield from (line.rstrip("\r").split(delimiter) for line in lines if line.strip())
        return
    try:
        for row in csv.reader(lines, delimiter=delimiter, quotechar=quote):
            if row:
                yield row
    except csv.Error:  # a field that is too long for the reader
        return


def _consistent(lines: Sequence[str], quote: str) -> str:
    """Return the delimiter that splits nearly every line into as many fields; empty where none does."""
    found = []
    for place, sign in enumerate((*USUAL, *_OTHERS)):
        counts = Counter(len(row) for row in _rows(lines[:_LOOKED_AT], sign, quote))
        if not counts:
            continue
        width, often = max(counts.items(), key=lambda one: (one[0] > 1, one[1]))
        share = often / counts.total()
        least = 0.98 if sign in (" ", ":") else 0.7
        if width > (2 if sign in (" ", ":") else 1) and share >= least:
            found.append((round(share, 1), -place, sign))
    return max(found)[2] if found else ""


def _preamble(lines: Sequence[str], delimiter: str, quote: str) -> int:
    """Return how many lines stand before the header: comments, or far fewer fields than the rest has."""
    widths = [len(next(_rows([line], delimiter, quote), [])) for line in lines[:_LOOKED_AT]]
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 0
    usual, often = counts.most_common(1)[0]
    first = next((place for place, width in enumerate(widths) if width == usual), 0)
    before = [width for width in widths[:first] if width]
    after = [width for width in widths[first:] if width]
    if not before or first > _LONGEST_PREAMBLE or often < 2:
        return 0
    alike = sum(width == usual for width in after) >= 0.8 * len(after)
    comments = all(not line.strip() or line.startswith("#") for line in lines[:first])
    return first if alike and (comments or max(before) <= usual / 2) else 0


def _single_quoted(lines: Sequence[str], delimiter: str) -> bool:
    """Tell whether rows, the header apart, begin and end with a single quote and have it at delimiters."""
    rows = [line.rstrip("\r") for line in lines[1:101] if line.strip()]
    both = [row for row in rows if row.startswith("'") and row.endswith("'") and f"'{delimiter}'" in row]
    return len(rows) > 0 and len(both) >= 0.9 * len(rows)


def _whole_quoted(head: str, delimiter: str) -> bool:
    """Tell whether any field is quoted from end to end, so that quotes are meant as quotes."""
    sign = re.escape(delimiter)
    return re.search(rf'(?:^|\n|{sign})"[^"\n]*"\r?(?={sign}|\n|$)', head) is not None


def _half_quoted(head: str, delimiter: str) -> bool:
    """Tell whether a field begins with a quoted word, as names do where nothing is quoted."""
    sign = re.escape(delimiter)
    return delimiter == "\t" or re.search(rf'(?:^|\n|{sign})"[^"\n]*"(?!{sign})[^"\r\n]', head) is not None


def _header(head: str, form: Form) -> tuple[str, ...]:
    rest = head
    for _ in range(form.skip):
        rest = rest.partition("\n")[2]
    rest = rest.lstrip("\r\n") if form.skip else rest
    if len(form.delimiter) > 1 or not form.quote:
        return tuple(rest.split("\n")[0].rstrip("\r").split(form.delimiter))
    if form.escape == form.quote:
        rows = csv.reader(io.StringIO(rest), delimiter=form.delimiter, quotechar=form.quote)
    else:
        rows = csv.reader(
            io.StringIO(rest),
            delimiter=form.delimiter,
            quotechar=form.quote,
            escapechar=form.escape or None,
            doublequote=False,
        )
    return tuple(next(rows, []))


def _renamed(form: Form, head: str) -> Form:
    try:
        return replace(form, names=_header(head, form)) if form.header else form
    except csv.Error:
        return form


def _kind(value: str) -> str:
    text = value.strip()
    return "" if not text else "number" if _NUMBER.match(text) else "time" if _TIME.match(text) else "text"


def _is_data(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row is like the others: numbers and times where they have some."""
    if not rows[0] or not rows[0][0].strip() or any(_NAME.search(cell) for cell in rows[0]):
        return False
    alike = 0
    for place, cell in enumerate(rows[0]):
        kinds = {_kind(row[place]) for row in rows[1:] if place < len(row)} - {""}
        if len(kinds) == 1 and kinds <= {"number", "time"}:
            if _kind(cell) not in (kinds | {""}):
                return False
            alike += _kind(cell) in kinds
    return alike > 0
