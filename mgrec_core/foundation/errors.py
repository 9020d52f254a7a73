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


class NotHereError(InputError):
    """A file is whole, and cannot be used here: no permission, a read-only disk, a newer version."""


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
