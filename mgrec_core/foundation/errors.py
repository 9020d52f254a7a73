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


class StateBrokenError(WorkspaceBrokenError):
    """What people left behind is damaged or gone: neither an import nor a build brings it back."""


class NoRoomError(MgrecError):
    """A disk, a quota or a limit on files has no room for what was to be written."""


class NoMemoryError(MgrecError):
    """There is not enough memory, or a limit on it is too low."""


class Cancelled(MgrecError):
    """A long job was asked to stop; the workspace is as it was before."""


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
    from mgrec_core.foundation.causes import Cause, cause_of, line_of, place_of, refusal  # they stand on this

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
