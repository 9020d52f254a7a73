"""Damaged and hostile source folders, made from the small folders of every format by a seed.

A correct import is also compared with what is known of it: of a damaged folder the rows read, and every value
with an independent reader of the files (:mod:`fuzz_values`); of folders made from what they mean every row
(:mod:`fuzz_known`, :mod:`fuzz_meant`), of typed Parquet what the ordinary way leaves (:mod:`fuzz_parquet`).

``python -m tests.data.importers.fuzz 1000 [FIRST]`` imports that many, from the seed FIRST on, and prints
what became of them (about 0.4 s of one core each).
"""

from __future__ import annotations

import collections
import functools
import gzip
import io
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from mgrec_core.data.importers import import_source
from mgrec_core.data.receipt import ImportReport
from mgrec_core.foundation.errors import InputError
from mgrec_core.workspace.key import WorkspaceKey
from tests.data.importers import fuzz_known, fuzz_meant, fuzz_parquet, fuzz_values
from tests.data.importers.fuzz_claims import CLAIMS
from tests.data.importers.sources import SOURCES, Source

Found = ImportReport | InputError
Check = Callable[[Found, Path], int | None]
Damage = Callable[[random.Random, bytes], bytes]


def _truncated(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _binary(chance: random.Random, data: bytes) -> bytes:
    return chance.randbytes(chance.randrange(1, 5000))


def _flipped(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 20)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _separators(chance: random.Random, data: bytes) -> bytes:
    for sign in (b",", b"\t", b"|", b"::"):
        data = data.replace(sign, chance.choice((b",", b";", b"\t", b"|", b" ", b"::")))
    return data


def _giant_field(chance: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    giant = chance.choice((b"x", b'"', b"\xc3\xa9", b"9")) * chance.choice((70_000, 2_100_000))
    return b"".join([*lines[:place], giant, *lines[place:]])


def _line_ends(chance: random.Random, data: bytes) -> bytes:
    return b"".join(line + chance.choice((b"\n", b"\r\n", b"\r", b"\n\r", b"")) for line in data.splitlines())


def _cells(*values: bytes) -> Damage:
    def put(chance: random.Random, data: bytes) -> bytes:
        lines = data.splitlines()
        sign = max((b",", b"\t", b"|", b"::"), key=lines[0].count)
        for place in range(1 if chance.random() < 0.9 else 0, len(lines)):
            cells = lines[place].split(sign)
            cells[chance.randrange(len(cells))] = chance.choice(values)
            lines[place] = sign.join(cells)
        return b"\n".join(lines) + b"\n"

    return put


def _empty_zip(chance: random.Random, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if chance.random() < 0.5:
            archive.writestr("a.csv", data)
    return buffer.getvalue()


def _nul(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + b"\0" * chance.randrange(1, 50) + data[place:]


def _broken_utf8(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return (
        data[:place]
        + chance.choice((b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f", b"\xc0\x80"))
        + data[place:]
    )


def _wide(chance: random.Random, data: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode(
        chance.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig"))
    )


def _deep_json(chance: random.Random, data: bytes) -> bytes:
    deep = chance.choice((b"[", b'{"a":')) * chance.choice((500, 20_000))
    return data + b"\t".join([deep] * 8) + b"\n" if chance.random() < 0.7 else deep


def _headers(chance: random.Random, data: bytes) -> bytes:
    head, _, rest = data.partition(b"\n")
    return chance.choice(
        (head + b"," + head, head.upper(), b"", head * 300, b"\xef\xbb\xbf" + head, b'"' + head)
    ) + (b"\n" + rest)


def _quotes(chance: random.Random, data: bytes) -> bytes:
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(data) + 1)
        data = data[:place] + b'"' + data[place:]
    return data


def _empty(chance: random.Random, data: bytes) -> bytes:
    return chance.choice((b"", b"\n", b"\n\n\n", b" ", b"\xef\xbb\xbf", data.partition(b"\n")[0], b","))


def _repeated(chance: random.Random, data: bytes) -> bytes:
    return data * chance.randrange(2, 40)


DAMAGES: dict[str, Damage] = {
    "truncated": _truncated,
    "binary": _binary,
    "flipped": _flipped,
    "separators": _separators,
    "giant_field": _giant_field,
    "line_ends": _line_ends,
    "formulas": _cells(b"=HYPERLINK(1)", b"+1+1", b"@SUM(A1)", b"-2+3", b"=cmd|' /C calc'!A0"),
    "hostile_sql": _cells(
        b"'); DROP TABLE events; --", b"$1", b"{x}", b"%s", b"'", b"\\", b"a@b.example", b"c0"
    ),
    "numbers": _cells(
        b"nan", b"-inf", b"1e999", b"9" * 400, b"-1", b"0x10", b"1_000", "\u0663".encode(), b"1e-400"
    ),
    "dates": _cells(
        b"0000-00-00", b"9999999999999999999", b"2024-02-30", b"infinity", b"-1", b"31/12/2011 8:26"
    ),
    "empty_zip": _empty_zip,
    "nul": _nul,
    "broken_utf8": _broken_utf8,
    "wide": _wide,
    "deep_json": _deep_json,
    "headers": _headers,
    "quotes": _quotes,
    "empty": _empty,
    "repeated": _repeated,
}
PACKED = ("bomb", "half", "plain", "bytes")
COMPARED: list[int] = []
"""How many values of each import were compared with what its files hold."""
LINEWISE = ("truncated", "formulas", "hostile_sql", "numbers", "dates", "repeated")
"""Damages that leave as many lines as one can count."""
OTHERS = ("known", "known", "known", "typed", "typed", *["meant"] * 8)
"""What is made beside the damaged folders, see :mod:`fuzz_known`, :mod:`fuzz_parquet` and :mod:`fuzz_meant`."""


def case(seed: int, folder: Path) -> tuple[str, str, Check]:
    """Write a folder by a seed; return what was done, the format, and what becomes of it as a check."""
    chance = random.Random(seed)
    place = seed % (len(SOURCES) + len(OTHERS))
    if place >= len(SOURCES) and OTHERS[place - len(SOURCES)] == "typed":
        what = fuzz_parquet.write(chance, write(folder, {}) / "interactions.parquet")
        return what, "canonical", lambda found, database: fuzz_parquet.check(what, folder, database, found)
    if place >= len(SOURCES) and OTHERS[place - len(SOURCES)] == "meant":
        meant = fuzz_meant.meant(chance)
        write(folder, meant.files)
        named = "mapping" if "mapping.yaml" in meant.files else "canonical"
        return f"meant: {meant.what}", named, lambda found, database: fuzz_meant.check(meant, found, database)
    if place >= len(SOURCES):
        one = fuzz_known.known(chance)
        write(folder, one.files)
        return (
            f"known: {one.what}",
            "canonical",
            lambda found, database: fuzz_known.check(one, found, database),
        )
    kind = list(SOURCES)[place]
    files, name, damage = _damaged(chance, SOURCES[kind])
    write(folder, files)
    what = f"{kind}: {name}, {damage}"
    reads = _lines(files[name]) if damage in LINEWISE and SOURCES[kind].text and name in files else None

    def check(found: Found, database: Path) -> int:
        check_reads(what, kind, name, reads, found)
        if isinstance(found, InputError) or found.format != SOURCES[kind].format:
            return 0
        if reads is not None:
            fuzz_values.check_kept(
                what, [one for one in CLAIMS[kind] if one.file in name], files, found, database
            )
        return fuzz_values.check(what, CLAIMS[kind], files, found, database)

    return what, SOURCES[kind].format, check


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write a new folder of files."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        (folder / file).write_bytes(data)
    return folder


def _damaged(chance: random.Random, source: Source) -> tuple[dict[str, bytes], str, str]:
    """Return the files, one of them damaged, which, and how."""
    name = chance.choice(sorted(set(source.data) - source.unread))
    files = dict(source.data)
    damage = chance.choice([*DAMAGES, "packed", "parquet"])
    if damage == "packed":
        how, data = chance.choice(PACKED), files.pop(name)
        line = data.splitlines()[-1][:500] + b"\n"  # of a database a line may be very long
        packed = gzip.compress(data + line * 20_000 if how == "bomb" else data)
        changed = {"half": packed[: len(packed) // 2], "plain": data, "bytes": chance.randbytes(99)}
        files[name + ".gz"] = changed.get(how, packed)
    elif damage == "parquet":
        stem = name.rpartition(".")[0]
        del files[name]
        files[stem + ".parquet"] = b"PAR1" + chance.randbytes(chance.randrange(300)) + b"PAR1"
    else:
        for _ in range(chance.choice((1, 1, 2))):
            files[name] = DAMAGES[damage](chance, files[name] or b"x\n")
    return files, name, damage


def _lines(data: bytes) -> int:
    """Return the lines of a text file that are not blank."""
    return sum(bool(line.strip(b"\r\n")) for line in data.split(b"\n"))


@functools.cache
def _whole(kind: str) -> dict[str, int]:
    """Return the rows that are read of each file of an undamaged folder."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "source"
        write(folder, SOURCES[kind].data)
        report = import_source(folder, Path(place) / "x.duckdb", SOURCES[kind].format)
    return {one.file: one.read for one in report.files}


def check_reads(what: str, kind: str, name: str, lines: int | None, found: Found) -> None:
    """No row is lost unseen: neither of the damaged file nor of the others."""
    if isinstance(found, InputError) or found.format != SOURCES[kind].format:
        return
    whole, damaged = _whole(kind), SOURCES[kind].data[name]
    for one in found.files:
        if one.file in whole and not one.file.startswith(name):
            assert one.read == whole[one.file], (what, one, whole[one.file])
        if one.file == name and lines is not None:
            head = _lines(damaged) - whole[name]  # of a file with a header line 1
            assert one.read == max(0, lines - head), (what, one, lines, head)


def outcome(seed: int, folder: Path) -> str:
    """Import one case: ``imported`` or ``refused``; anything else raises with the case's name."""
    what, format, check = case(seed, folder / "source")
    database = folder / "x.duckdb"
    try:
        key = WorkspaceKey(folder)
        report = import_source(folder / "source", database, format if seed % 3 else None, key=key)
    except InputError as error:
        message = str(error)
        assert "\n" not in message and "\0" not in message and len(message) < 700, (seed, what, message)
        assert "failed (" not in message, (seed, what, message)  # the reason was foreseen
        assert not database.exists(), (seed, what)
        _checked(seed, check, error, database)
        return "refused"
    except Exception as error:
        raise AssertionError(f"seed {seed}, {what}: {type(error).__name__}: {error}") from error
    for one in report.files:
        assert one.accepted + one.repaired + one.rejected == one.read, (seed, what, one)
        rejected = sum(r.count for r in report.reasons if r.file == one.file and r.action == "rejected")
        assert rejected == one.rejected, (seed, what, one)
    _checked(seed, check, report, database)
    return "imported"


def _checked(seed: int, check: Check, found: Found, database: Path) -> None:
    try:
        COMPARED.append(check(found, database) or 0)
    except Exception as error:
        raise AssertionError(f"seed {seed}: {error}") from error


def main() -> None:
    """Run many and print what became of them."""
    counts: collections.Counter[str] = collections.Counter()
    slowest = (0.0, 0)
    many, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for seed in range(first, first + many):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            try:
                counts[outcome(seed, Path(folder))] += 1
            except AssertionError as error:
                counts["failed"] += 1
                print("FAILED", str(error)[:600], flush=True)
            if seed % 100 == 99:
                print(seed + 1, dict(counts), flush=True)
            slowest = max(slowest, (time.perf_counter() - start, seed))
    print(dict(counts), f"{sum(COMPARED):,} values compared, slowest: {slowest[0]:.1f} s (seed {slowest[1]})")


if __name__ == "__main__":
    main()
