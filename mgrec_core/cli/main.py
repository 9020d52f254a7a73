"""The command line: one line of error, JSON on stdout, progress on stderr, exit 0, 1 or 2."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from mgrec_core import __version__
from mgrec_core.cli.console import console_progress, print_result
from mgrec_core.foundation import log
from mgrec_core.foundation.causes import readable
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import FileProgress, Progress


class _Parser(argparse.ArgumentParser):
    """Reports bad usage in one line with exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}: see `{self.prog} --help`")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0 done, 1 failed, 2 bad usage or bad input.
    """
    _utf8(sys.stdout)
    _utf8(sys.stderr)
    log.configure()
    where = None
    with _Stop() as stop:
        try:
            options = _parser().parse_args(arguments)
            where = getattr(options, "workspace", None)
            if options.quiet:
                log.hush()
            with contextlib.redirect_stdout(sys.stderr):  # whatever a library says is no part of the answer
                result = options.run(options, _progress(options))
            if result is not None:
                print_result(result, as_json=options.json)
            return int(options.outcome)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except BaseException as error:
            # Libraries turn an interrupt into errors of their own kinds.
            told = readable(KeyboardInterrupt() if stop.asked else error, where)
            if told is None:
                raise
            print(f"mgrec: {' '.join(str(told).split())}", file=sys.stderr)
            return told.exit_code


class _Stop:
    """Makes a request to end (SIGTERM, as a cancelled job gets) the same as Ctrl-C."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _Stop:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: object) -> None:
        self.asked = True
        raise KeyboardInterrupt


def _utf8(stream: Any) -> None:
    """Write any title whatever the locale; half a character becomes an escape."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _progress(options: argparse.Namespace) -> Progress:
    shown = console_progress(quiet=options.quiet)
    path = os.environ.get("MGREC_PROGRESS_FILE")
    return FileProgress(Path(path), shown) if path else shown


def _parser() -> argparse.ArgumentParser:
    from mgrec_core.cli import commands

    called = "mgrec" if Path(sys.argv[0]).stem == "mgrec" else "python -m mgrec_core"
    parser = _Parser(prog=called, description="Explainable recommendation, many granularities.")
    parser.add_argument("--version", action="version", version=f"mgrec {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    groups: dict[str, Any] = {}

    def command(name: str, run: Any, help: str, *, workspace: bool = True) -> argparse.ArgumentParser:
        group, _, own = name.rpartition(" ")  # "feedback list" is the command `list` of a group
        if group and group not in groups:
            holder = subparsers.add_parser(group, help=f"{group}: its own commands, see `{group} --help`")
            groups[group] = holder.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
        sub = (groups[group] if group else subparsers).add_parser(own, help=help, description=help)
        if workspace:
            sub.add_argument("--workspace", required=True, metavar="DIR", help="folder of the workspace")
        sub.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
        sub.add_argument("--quiet", action="store_true", help="no progress on stderr")
        sub.set_defaults(run=run, outcome=0)  # a command that answers and has yet found a fault sets 1
        return sub

    for module in commands.MODULES:
        module.register(command)
    return parser
