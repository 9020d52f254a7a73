"""An independent reader of source files: Python's csv and json, and plain rules for what a cell may mean.

It shares nothing with the importers. Bytes that are damaged can be read in several ways: :func:`readings`
gives the records of each, and each rule the set of what a cell may have become.
"""

from __future__ import annotations

import csv
import datetime
import functools
import gzip
import io
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence

csv.field_size_limit(1 << 30)

Record = dict[str, str]

NOTHING = frozenset(
    "null nan none n/a #n/a #na \\n undefined <na> nat (not set) (none) (null) <null> [null] -nan #null!"
    " #value! #ref! (blank)".split()
) | {"(not set)"}
_SPACES = " \t\r\n\f\v\u00a0\u2007\u202f\ufeff\u200b"
_LEGACY = (
    "cp1252", "latin-1", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "koi8-r",
    "gb18030", "big5", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949", "cp437", "cp850", "cp852", "cp866",
    "mac_roman", "iso8859-2", "iso8859-15", "iso8859-5", "iso8859-7",
)  # fmt: skip
_SIGNS = (",", ";", "\t", "|", "::", " ")
_EPOCH = datetime.datetime(1970, 1, 1)


def bare(text: str) -> str:
    """Return a cell without what a careless hand puts around it."""
    return text.strip(_SPACES)


def said(text: str) -> bool:
    """Return whether a cell says anything at all."""
    return bool(bare(text)) and bare(text).lower() not in NOTHING


def texts(cell: str) -> set[str | None]:
    """What a cell may be as a text: itself, without a spreadsheet's formula, or nothing."""
    text = bare(cell)
    formula = re.fullmatch(r'="([^"]*)"', text)
    inner = formula[1] if formula else text
    return {same(inner) or None, None} if not said(inner) or inner == "NA" else {same(inner)}


def ids(cell: str) -> set[str | None]:
    """What a cell may be as an id: a text that may lose the decimals of a whole number, never nothing."""
    found = {one for one in texts(cell) if one is not None and said(one)}
    for one in [*found]:
        if re.fullmatch(r"[-+]?\d+\.0*|\d+(\.\d+)?[eE][-+]?\d+", one) and float(one).is_integer():
            found.add(str(int(float(one))))
    return found | {None}


def lower(cell: str) -> set[str | None]:
    """What a cell may be as a name of a kind."""
    return {one and one.lower() for one in texts(cell)}


def numbers(cell: str) -> set[float | None]:
    """What a cell may be as a number; nothing where it is empty, and none at all where it is no number."""
    text = bare(cell)
    if not said(text):
        return {None}
    found: set[float | None] = set()
    for one in (text, text.replace(",", "."), text.replace(",", ""), text.replace(".", "").replace(",", ".")):
        if re.fullmatch(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?", one) and not math.isinf(float(one)):
            found.add(float(one))
    return found


def times(cell: str) -> set[datetime.datetime | None]:
    """What a cell may be as a time; only where the text leaves no choice is an undated row wrong."""
    text = bare(cell)
    if not said(text):
        return {None}
    exact = _exact(text)
    if exact is not None:
        tomorrow = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(days=1)
        return {exact} if datetime.datetime(1980, 1, 1) <= exact <= tomorrow else {None}
    return {None, *_forms(text)}


def _exact(text: str) -> datetime.datetime | None:
    """Return the moment of a plain number that counts from 1970, or of ISO 8601."""
    if re.fullmatch(r"\d{9,19}(\.0*)?", text) and not re.fullmatch(r"(19[89]|20|21)\d{7}(\d\d){0,2}", text):
        number = int(text.partition(".")[0])
        power = 0 if number < 1e11 else 3 if number < 1e14 else 6 if number < 1e17 else 9
        try:
            return _EPOCH + datetime.timedelta(microseconds=number * 10**6 // 10**power)
        except OverflowError:
            return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", text):
        try:
            found = datetime.datetime.fromisoformat(text)
        except ValueError:
            return None
        return found.astimezone(datetime.UTC).replace(tzinfo=None) if found.tzinfo else found
    return None


def _forms(text: str) -> Iterator[datetime.datetime]:
    clocks = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
    days = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y%m%d", "%Y/%m/%d", "%d/%m/%y")
    for form in (
        *(day + clock for day in (*days, "%m/%d/%y", "%d-%b-%Y") for clock in clocks),
        "%Y",
        "%Y-%m",
    ):
        try:
            yield datetime.datetime.strptime(text, form)
        except ValueError:
            continue
    for length, form in ((10, "%Y%m%d%H"), (12, "%Y%m%d%H%M"), (14, "%Y%m%d%H%M%S")):
        if len(text) == length and text.isdigit():
            try:
                yield datetime.datetime.strptime(text, form)
            except ValueError:
                continue
    try:
        number = float(text)
    except ValueError:
        return
    for unit in (1e6, 1e3, 1, 1e-3, 86_400e6):
        for origin in (_EPOCH, datetime.datetime(1899, 12, 30)):
            try:
                yield origin + datetime.timedelta(microseconds=round(number * unit))
            except (OverflowError, ValueError):
                continue


def same(text: str) -> str:
    """Return a text in which characters that could not be read are as good as one."""
    return re.sub("\ufffd+", "\ufffd", text.replace("\0", "\ufffd"))


def unpacked(data: bytes) -> bytes:
    """Return what a compressed file holds; as far as it goes, where it is cut off."""
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return zlib.decompressobj(31).decompress(data)


@functools.lru_cache(maxsize=8)
def decoded(data: bytes) -> tuple[str, ...]:
    """Return the texts that bytes may be."""
    for mark, codec in ((b"\xff\xfe\0\0", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return (data.decode(codec, "replace"),)
    try:
        whole = data.decode("utf-8-sig")
        if "\0" not in whole:
            return (whole,)
    except UnicodeDecodeError:
        whole = data.decode("utf-8-sig", "replace")
    found = [whole]
    if data.count(b"\0") * 4 >= len(data):
        found += [data.decode(codec, "replace") for codec in ("utf-16-le", "utf-16-be", "utf-32-le")]
    for codec in _LEGACY:
        try:
            found.append(data.decode(codec))
        except (UnicodeDecodeError, LookupError):
            found.append(data.decode(codec, "replace"))
    # Single lines may be read otherwise than the rest.
    mixed = []
    for line in data.split(b"\n"):
        try:
            mixed.append(line.decode())
        except UnicodeDecodeError:
            mixed.append(line.decode("cp1252", "replace"))
    return tuple(dict.fromkeys([*found, "\n".join(mixed)]))


def rows(text: str) -> Iterator[list[list[str]]]:
    """Yield the rows of a text as each dialect cuts them."""
    text = text.replace("\r\n", "\n").replace("\n\r", "\n")
    lines = [line for line in re.split("[\r\n]", text) if line]
    for sign in _SIGNS:
        if sign not in text:
            continue
        yield [[_unquoted(cell) for cell in line.split(sign)] for line in lines]
        yield [line.split(sign) for line in lines]
        if len(sign) == 1:
            for quote, escape in (('"', None), ("'", None), ('"', "\\")):
                options = {"delimiter": sign, "quotechar": quote, "escapechar": escape}
                for given in (io.StringIO(text, newline=""), lines):
                    try:
                        yield [row for row in csv.reader(given, **options) if row]  # type: ignore[arg-type]
                    except csv.Error:
                        continue
    yield [[line] for line in lines]


def _unquoted(cell: str) -> str:
    text = bare(cell)
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else cell


def readings(data: bytes, needed: Sequence[str], headless: bool = False) -> Iterator[list[Record]]:
    """Yield the records of a file in each way of reading it that has the needed columns.

    Parameters
    ----------
    data
        The file.
    needed
        Names of columns; of a file without a header line what they are, in their order.
    headless
        Whether it has none.
    """
    for text in decoded(unpacked(data)):
        for found in rows(text):
            if headless:
                yield [
                    dict(zip(needed, row, strict=False)) for row in found if len(row) > 1 or len(needed) == 1
                ]
                continue
            for place, head in enumerate(found[:30]):
                names = [bare(name).strip('"').lower().partition(":")[0] for name in head]
                if all(name.lower() in names for name in needed):
                    # Of two columns of one name each may be the one.
                    yield [dict(zip(names, row, strict=False)) for row in found[place + 1 :]]
                    yield [
                        dict(zip(names[::-1], row[: len(names)][::-1], strict=False))
                        for row in found[place + 1 :]
                        if len(row) >= len(names)
                    ]
                    break


def records(data: bytes) -> list[Record]:
    """Return the objects of a file of JSON lines, nested keys joined by dots; what is no JSON is left out."""
    found = []
    for text in decoded(unpacked(data)):
        for line in text.replace("\0", "\ufffd").splitlines():
            try:
                one = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(one, dict):
                found.append({name: _flat(value) for name, value in one.items()})
    return found


def _flat(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return json.dumps(value)
    return str(value)


def parts(cell: str) -> set[str | None]:
    """Values that a cell of an attribute may hold, however it is split, and as a number."""
    found: set[str | None] = set()
    for sign in (None, "|", ";", ",", ", ", "/", " / ", " "):
        for one in [cell] if sign is None else cell.split(sign):
            found |= {bare(same(one)), *texts(one)}
    for one in re.findall(r"\"([^\"]*)\"|'([^']*)'", cell):
        found |= {*map(bare, one)}
    return found | {f"{one:.10g}" for one in numbers(cell) if one is not None}


def pairs(one: Iterable[str | None]) -> tuple[str | None, ...]:
    """Two ids in the order in which a friendship is kept."""
    return tuple(sorted(one, key=lambda value: (value or "").encode()))
