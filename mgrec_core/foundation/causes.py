"""Why something failed: one reading of an error, and one sentence with the way out for each cause.

A full disk, a memory cap and a damaged file arrive as errors of a dozen libraries, several of which use one
class for all three. Whoever turns an error into a sentence asks here, so that nobody is told to move a
whole file away, or to import again, where space is what is missing.
"""

from __future__ import annotations

import errno
import re
import resource
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Literal

from mgrec_core.foundation.errors import (
    Cancelled,
    InputError,
    MgrecError,
    NoMemoryError,
    NoRoomError,
    NotFoundError,
    NotHereError,
    WorkspaceBrokenError,
    WorkspaceLockedError,
)
from mgrec_core.foundation.text import shorten


class Cause(StrEnum):
    """What stands behind an error."""

    DAMAGED = "damaged"
    FULL = "full"
    LOCKED = "locked"
    NO_MEMORY = "no memory"
    FORBIDDEN = "no permission"
    READ_ONLY = "read-only"
    NEWER = "newer version"
    ABSENT = "not there"


_BY_NUMBER = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), Cause.FULL),
    **dict.fromkeys((errno.EBUSY, errno.ETXTBSY), Cause.LOCKED),
    **dict.fromkeys((errno.EACCES, errno.EPERM), Cause.FORBIDDEN),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), Cause.ABSENT),
    errno.ENOMEM: Cause.NO_MEMORY,
    errno.EROFS: Cause.READ_ONLY,
}

# What libraries write where they keep no number: DuckDB and safetensors quote the system's words, SQLite and
# NumPy have their own. The order counts: DuckDB quotes the first failure in all that follow from it, and
# "no space left" within "cannot be opened" is what a person can mend.
_BY_TEXT = (
    (
        Cause.FULL,
        r"no space left on device|disk quota exceeded|file too large|database or disk is full"
        r"|\(os error (?:28|122|27)\)|\d+ requested and \d+ written|max_temp_directory_size",
    ),
    (
        Cause.NO_MEMORY,
        r"cannot allocate memory|can't allocate memory|unable to allocate|failed to allocate|out of memory"
        r"|bad[ _]alloc|memory allocation .*failed|malloc of size|can't start new thread"
        r"|failed to map segment|not enough memory|memory exhausted|can't alloc\b",
    ),
    (Cause.READ_ONLY, r"read-only file system|readonly database|\(os error 30\)"),
    (Cause.FORBIDDEN, r"permission denied|operation not permitted"),
    (
        Cause.LOCKED,
        r"could not set lock|conflicting lock|is already attached|file handle conflict"
        r"|different configuration than existing|database(?: table)? is locked",
    ),
    (Cause.NEWER, r"newer version of duckdb|unsupported file format version"),
    (Cause.ABSENT, r"no such file or directory|database does not exist|no files found that match"),
    (
        Cause.DAMAGED,
        r"corrupt|not a valid duckdb|could not read enough bytes|checksum|deseriali|malformed|truncated"
        r"|file is not a database|magic bytes|no magic|invalid block|encrypted database|wal file",
    ),
)
_TEXTS = [(cause, re.compile(pattern, re.IGNORECASE)) for cause, pattern in _BY_TEXT]

# DuckDB's classes that say nothing of the disk: with a query of our own they mean that the file is not what
# such a query was written for.
_UNFIT = {"CatalogException", "BinderException", "SerializationException", "InternalException"} | {
    "FatalException",
    "ConversionException",
    "InvalidInputException",
}
_AS_IT_WAS = "what was there before is as it was"
_ANY_ERROR_SAYS = (Cause.FULL, Cause.NO_MEMORY)


def cause_of(error: BaseException) -> Cause | None:
    """What stands behind an error of the system, DuckDB, SQLite, Arrow, NumPy, PyTorch or safetensors.

    Missing room and missing memory are found also where a library raised an error of its own because of
    them; an error of the kinds above that fits no cause, and any other error, gives ``None``.
    """
    found = _own_cause(error)
    if found is not None:
        return found
    for before in _reasons(error):
        if (found := _own_cause(before)) in _ANY_ERROR_SAYS:
            return found
    return None


def refusal(
    error: BaseException,
    what: object,
    doing: Literal["read", "written"] = "read",
    *,
    damaged: MgrecError | None = None,
    other: MgrecError | None = None,
    choose: str = "",
) -> MgrecError:
    """The sentence for an error that kept something from being read or written.

    Parameters
    ----------
    error
        What was raised.
    what
        The file, folder or table as the person knows it.
    doing
        What was to be done with it.
    damaged
        What to say where its content is the cause: what mends it depends on what it is.
    other
        What to say where no cause is known; otherwise the library's first line is quoted.
    choose
        Another way out where it may not be written, such as ``choose another --out``.
    """
    cause = cause_of(error)
    if cause is Cause.DAMAGED and damaged is not None:
        return damaged
    if cause is None and other is not None:
        return other
    mine = f" or {choose}" if choose else ""
    match cause:
        case Cause.FULL:
            return NoRoomError(f"{what} cannot be {doing}: {_no_room(error, mine)}; {_AS_IT_WAS}")
        case Cause.NO_MEMORY:
            return NoMemoryError(
                f"not enough memory for {what}: close other programs, raise the limit on memory or use a "
                f"machine with more, and try again; {_AS_IT_WAS}"
            )
        case Cause.LOCKED:
            return WorkspaceLockedError(
                f"{what} is open for writing in another program: close it there and try again"
            )
        case Cause.FORBIDDEN:
            return NotHereError(f"{what} cannot be {doing} (permission denied): check its permissions{mine}")
        case Cause.READ_ONLY:
            return NotHereError(
                f"{what} cannot be written (read-only file system): make it writable there{mine}"
            )
        case Cause.NEWER:
            return NotHereError(
                f"{what} is of a newer version of DuckDB than this one reads: update mgrec and DuckDB, "
                "the file is whole"
            )
        case Cause.ABSENT:
            return NotFoundError(f"{what} cannot be {doing} (no such file or folder): check its path{mine}")
        case Cause.DAMAGED:
            return WorkspaceBrokenError(
                f"{what} is damaged ({line_of(error)}): put a whole copy in its place"
            )
    # An error of the system without a cause above is about the path: a file where a folder should be.
    return (InputError if isinstance(error, OSError) else MgrecError)(
        f"{what} cannot be {doing} ({line_of(error)}): "
        + (f"{choose}, or try again" if choose else f"try again; {_AS_IT_WAS}")
    )


def readable(error: BaseException, where: object = None) -> MgrecError | None:
    """What a person is told of an error, in the command line as on a page.

    Parameters
    ----------
    error
        What was raised.
    where
        What was worked on, such as the workspace's folder, for errors that name no file.

    Returns
    -------
    MgrecError or None
        The error itself, or the sentence for one of another kind that a person can cause; ``None`` for
        a fault of the program.
    """
    if isinstance(error, MgrecError):
        return error
    if isinstance(error, SystemExit):  # how the help ends
        return None
    if isinstance(error, KeyboardInterrupt):
        return Cancelled("cancelled; the workspace is as it was")
    if isinstance(error, UnicodeError):
        return InputError("a path or name among the options is no UTF-8: rename the file or folder")
    cause, what = cause_of(error), place_of(error) or where
    if cause is Cause.NO_MEMORY:
        return refusal(error, "this")
    if cause is Cause.FULL:
        return refusal(error, what or "the result", "written")
    if isinstance(error, OSError):
        said = MgrecError(f"{what or 'file'}: {line_of(error)}")
        known = what and cause is not Cause.ABSENT
        return refusal(error, what, damaged=said, other=said) if known else said
    import duckdb

    if isinstance(error, duckdb.Error):
        base = what or "the workspace's database"
        broken = InputError(f"{base} cannot be read: import the source again ({line_of(error)})")
        return refusal(error, base, damaged=broken)
    return None


def line_of(error: BaseException, most: int = 120) -> str:
    """An error's own words in one line: the system's for its number, else the first line, else the class."""
    said = getattr(error, "strerror", None) if isinstance(error, OSError) else None
    text = str(said or error).strip()
    return shorten(text.splitlines()[0], most) if text else type(error).__name__


def place_of(error: BaseException) -> str | None:
    """The file that the error names, without what is put behind a name while it is written aside."""
    name = getattr(error, "filename", None)
    if name is None and (found := re.search(r'\bfile \\?"([^"\\]+)', str(error))):
        name = found[1]
    if not isinstance(name, str | bytes | Path):
        return None
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    return re.sub(r"\.\d+-\d+\.part$|\.wal$", "", text) or None


def _own_cause(error: BaseException) -> Cause | None:
    if isinstance(error, MemoryError):
        return Cause.NO_MEMORY
    if isinstance(error, OSError):
        found = _BY_NUMBER.get(error.errno or 0)
        if found is not None or error.errno is not None:
            return found
        # Without a number it is no word of the system: a reader's, of what the file holds.
        return _by_text(error) or Cause.DAMAGED
    kinds = {one.__name__ for one in type(error).__mro__}
    if _of(error, "duckdb") or _of(error, "_duckdb"):
        found = _by_text(error)
        if found is Cause.FULL or not kinds & {"OutOfMemoryException", *_UNFIT}:
            return found
        if "OutOfMemoryException" in kinds:
            return Cause.NO_MEMORY
        return found or Cause.DAMAGED
    if _of(error, "sqlite3"):
        return _by_text(error) or _by_sqlite(getattr(error, "sqlite_errorname", ""))
    found = _by_text(error)
    if _of(error, "pyarrow") or _of(error, "safetensors"):
        return found or Cause.DAMAGED
    if isinstance(error, EOFError):
        return Cause.DAMAGED
    if type(error).__name__ == "PanicException":  # of Rust, which ends so where an allocation failed
        return Cause.NO_MEMORY if memory_is_capped() else None
    # Any other class may say anything in its text; only what no program says of itself is believed.
    bare = isinstance(error, RuntimeError | ImportError) or type(error) is Exception
    return found if found in _ANY_ERROR_SAYS and bare else None


def memory_is_capped() -> bool:
    """Whether this process may have only so much address space (``ulimit -v``)."""
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def files_are_capped() -> bool:
    """Whether this process may write files of some size only (``ulimit -f``)."""
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY


def _by_text(error: BaseException) -> Cause | None:
    text = str(error)
    return next((cause for cause, pattern in _TEXTS if pattern.search(text)), None)


def _by_sqlite(name: str) -> Cause | None:
    by_name = {
        "FULL": Cause.FULL,
        "NOMEM": Cause.NO_MEMORY,
        "IOERR_NOMEM": Cause.NO_MEMORY,
        "BUSY": Cause.LOCKED,
        "LOCKED": Cause.LOCKED,
        "PERM": Cause.FORBIDDEN,
        "AUTH": Cause.FORBIDDEN,
        "READONLY": Cause.READ_ONLY,
        "CORRUPT": Cause.DAMAGED,
        "NOTADB": Cause.DAMAGED,
    }
    short = name.removeprefix("SQLITE_")
    return by_name.get(short) or by_name.get(short.split("_")[0])


def _of(error: BaseException, library: str) -> bool:
    return any(one.__module__.split(".")[0] == library for one in type(error).__mro__)


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """The errors that led to this one, nearest first."""
    seen = {id(error)}
    following: BaseException | None = error
    while following is not None:
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
        if following is None or id(following) in seen:
            return
        seen.add(id(following))
        yield following


def _no_room(error: BaseException, mine: str) -> str:
    numbers = {getattr(one, "errno", None) for one in (error, *_reasons(error))}
    text = str(error).lower()
    said = errno.ENOSPC in numbers or "no space left" in text or "os error 28" in text
    # Some libraries say no more than that fewer bytes were written than asked for.
    capped = files_are_capped() and not said and errno.EDQUOT not in numbers
    if errno.EFBIG in numbers or "file too large" in text or "os error 27" in text or capped:
        return f"files may not grow that large here (`ulimit -f`): raise that limit{mine} and try again"
    if errno.EDQUOT in numbers or "quota exceeded" in text:
        return f"the quota of its disk is used up: free space there{mine} and try again"
    return f"its disk is full: free space there{mine} and try again"
