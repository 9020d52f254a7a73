"""A command under a cap on memory: whatever becomes of it, it ends with a sentence and when it is asked to.

Where memory is short, native libraries abort the process, or wait for ever for a lock that nobody holds any
more, with Python's own lock held, so that no signal reaches Python. Nothing inside such a process can say
so: a parent, which holds next to nothing, does. What a process leaves that ends so is whole, as with a kill.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable

LEAST = 512 << 20
"""Address space that the libraries take before a command does anything: with less, some wait for ever."""

GRACE = 5
"""Seconds that a command has for an orderly end after it was asked to."""

_ASKING = (signal.SIGINT, signal.SIGTERM)
_PR_SET_PDEATHSIG = 1
_OF_THE_LOADER = 127
"""How the C library ends a process that has no memory for the variables of a thread; no command ends so."""


def run(command: Callable[[], int]) -> int:
    """Run a command in a child process and return its exit code.

    Parameters
    ----------
    command
        What to run; it has loaded no large library yet, since a process with threads must not fork.
    """
    if resource.getrlimit(resource.RLIMIT_AS)[0] < LEAST:
        return _short(f"raise the limit on memory (`ulimit -v`) to {LEAST >> 10} or more and try again")
    # A signal that comes while there is no child to pass it on to waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ASKING)
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKING)
        os.setpgid(0, 0)  # the terminal and the caller signal the parent, which passes one signal on
        with contextlib.suppress(OSError, AttributeError):  # Linux alone knows it
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.environ["RUST_BACKTRACE"] = "0"  # writing one takes memory, and hangs without
        sys.exit(command())
    asked = False

    def pass_on(number: int, frame: object) -> None:
        nonlocal asked
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL if number == signal.SIGALRM else number)
        if number != signal.SIGALRM and not asked:
            asked = True
            signal.alarm(GRACE)

    for number in (*_ASKING, signal.SIGALRM):
        signal.signal(number, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKING)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.alarm(0)
    if code >= 0 and code != _OF_THE_LOADER:
        return code
    if not asked:
        return _short("raise the limit on memory (`ulimit -v`) and try again")
    print("mgrec: cancelled; the workspace is as it was", file=sys.stderr)
    return 1


def _short(way_out: str) -> int:
    print(
        f"mgrec: not enough memory for this: {way_out}; what was there before is as it was", file=sys.stderr
    )
    return 1
