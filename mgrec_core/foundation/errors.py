"""Errors a person can cause, each one readable sentence with the way out."""

from __future__ import annotations


class MgrecError(Exception):
    """Base of everything this package raises on purpose.

    The message is one line a person can act on; the command line prints it as it
    is and exits with :attr:`exit_code`.
    """

    exit_code = 1


class InputError(MgrecError):
    """The caller's data, option or path is wrong; the message names it and the fix."""

    exit_code = 2


class NotFoundError(InputError):
    """An unknown user, item, preset, granularity, workspace or file."""


class WorkspaceLockedError(InputError):
    """Another process is writing to the workspace."""


class WorkspaceBrokenError(InputError):
    """A file of the workspace is missing, truncated or not what the manifest says."""


class Cancelled(MgrecError):
    """A long job was asked to stop; the workspace is as it was before."""


def readable(error: BaseException) -> MgrecError | None:
    """What a person is told of an error, in the command line as on a page.

    Returns
    -------
    MgrecError or None
        The error itself, or the sentence for one of another kind that a person can cause; ``None`` for
        a fault of the program.
    """
    if isinstance(error, MgrecError):
        return error
    if isinstance(error, SystemExit):  # how the help ends: it loads no arrays
        return None
    import duckdb

    match error:
        case KeyboardInterrupt():
            return Cancelled("cancelled; the workspace is as it was")
        case MemoryError() | duckdb.OutOfMemoryException():
            return MgrecError("not enough memory for this: use a machine with more, or a smaller source")
        case OSError():
            return MgrecError(f"{error.filename or 'file'}: {error.strerror or error}")
        case UnicodeError():
            return InputError("a path or name among the options is no UTF-8: rename the file or folder")
        case duckdb.Error():
            return InputError(f"the workspace's database cannot be read: import the source again ({error})")
    return None
