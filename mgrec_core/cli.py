"""The command line: one line of error, JSON on stdout, progress on stderr, exit 0, 1 or 2."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from mgrec_core.console import console_progress
from mgrec_core.errors import Cancelled, InputError, MgrecError
from mgrec_core.progress import FileProgress, Progress


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
    with _Stop() as stop:
        try:
            options = _parser().parse_args(arguments)
            result = options.run(options, _progress(options))
            if result is not None:
                _print(result, as_json=options.json)
            return 0
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except BaseException as error:
            # Libraries turn an interrupt into errors of their own kinds.
            answer = _answer(KeyboardInterrupt() if stop.asked else error)
            if answer is None:
                raise
            message, code = answer
            print(f"mgrec: {' '.join(message.split())}", file=sys.stderr)
            return code


def _answer(error: BaseException) -> tuple[str, int] | None:
    """The sentence and exit code for what a user can cause; ``None`` for a fault of the program."""
    import duckdb

    match error:
        case MgrecError():
            return str(error), error.exit_code
        case KeyboardInterrupt():
            cancelled = Cancelled("cancelled; the workspace is as it was")
            return str(cancelled), cancelled.exit_code
        case MemoryError() | duckdb.OutOfMemoryException():
            return "not enough memory for this: use a machine with more, or a smaller source", 1
        case OSError():
            return f"{error.filename or 'file'}: {error.strerror or error}", 1
        case UnicodeError():
            return "a path or name among the options is no UTF-8: rename the file or folder", 2
        case duckdb.Error():
            return f"the workspace's database cannot be read: import the source again ({error})", 2
    return None


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


def _fail(message: str, code: int) -> int:
    print(f"mgrec: {' '.join(message.split())}", file=sys.stderr)
    return code


def _progress(options: argparse.Namespace) -> Progress:
    shown = console_progress(quiet=options.quiet)
    path = os.environ.get("MGREC_PROGRESS_FILE")
    return FileProgress(Path(path), shown) if path else shown


def _print(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result, ensure_ascii=False, allow_nan=False, default=str))
        return
    from mgrec_core.console import show

    show(result)


def _parser() -> argparse.ArgumentParser:
    from mgrec_core import commands

    parser = _Parser(
        prog="python -m mgrec_core", description="Explainable recommendation, many granularities."
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(name, help=help, description=help)
        sub.add_argument("--workspace", required=True, metavar="DIR", help="folder of the workspace")
        sub.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
        sub.add_argument("--quiet", action="store_true", help="no progress on stderr")
        sub.set_defaults(run=run)
        return sub

    sub = command("import", commands.run_import, "read a source folder into a workspace")
    sub.add_argument("source", metavar="SOURCE", help="folder with the source files")
    sub.add_argument("--format", help="format of the source; found from its files by default")

    sub = command("build", commands.run_build, "encode texts and build every granularity")
    sub.add_argument("--model", metavar="NAME_OR_PATH", help="language model; default the embedded MiniLM")
    sub.add_argument("--config", metavar="FILE", help="YAML file with build options")
    sub.add_argument("--no-map", action="store_true", help="leave the interest maps for later")

    command("info", commands.run_info, "what the workspace holds")

    sub = command("rank", commands.run_rank, "the best unseen items of a user, with contributions")
    _user_options(sub)
    sub.add_argument("--k", type=int, default=10, help="how many items (default 10)")
    _fusion_options(sub)

    sub = command("recommend", commands.run_recommend, "ranked lists of many users into a Parquet file")
    sub.add_argument("--k", type=int, default=20, help="how many items a user (default 20)")
    sub.add_argument("--out", required=True, metavar="FILE", help="Parquet file to write")
    sub.add_argument("--users", metavar="FILE", help="one user id a line; default every user with history")
    _weight_options(sub)

    sub = command("explain", commands.run_explain, "why an item has its score for a user")
    _user_options(sub)
    sub.add_argument("--item", required=True, metavar="ID")
    _fusion_options(sub)

    sub = command("evaluate", commands.run_evaluate, "accuracy on held-out events, full ranking")
    _split_options(sub, "last")
    sub.add_argument("--k", type=int, default=10, help="length of the lists (default 10)")
    _weight_options(sub)
    sub.add_argument("--baselines", action="store_true", help="compare with item-kNN, ALS and EASE, tuned")
    sub.add_argument(
        "--segments", metavar="NAME,…", help="activity, taste, cold-users, items, or a user attribute"
    )
    sub.add_argument("--certify", action="store_true", help="drop each granularity, and try placebos")

    sub = command("experiments", commands.run_experiments, "the evaluations made so far")
    sub.add_argument("--id", type=int, metavar="N", help="one of them with all its figures")

    sub = command("tune", commands.run_tune, "learn the weights from held-out events")
    sub.add_argument("--objective", default="ndcg@10", help="metric to learn for (default ndcg@10)")
    sub.add_argument("--save-preset", metavar="NAME", help="name of the preset (default learned)")
    _split_options(sub, None)

    sub = command("export", commands.run_export, "a user's ranked list and explanations as files")
    _user_options(sub)
    sub.add_argument("--out", required=True, metavar="DIR", help="folder to write into")
    sub.add_argument("--format", default="json,csv", help="any of json, csv, html, md (default json,csv)")
    sub.add_argument("--k", type=int, default=10, help="how many items (default 10)")
    _fusion_options(sub)

    sub = command("project", commands.run_project, "compute one interest map (UMAP)")
    sub.add_argument("--of", choices=("users", "items"), default="users")
    sub.add_argument("--granularity", default="fused", help="a granularity, or fused (default)")
    _weight_options(sub)
    sub.add_argument("--neighbours", type=int, default=15)
    sub.add_argument("--min-dist", type=float, default=0.1)
    sub.add_argument("--metric", default="cosine")
    sub.add_argument("--seed", type=int, default=0)
    return parser


def _split_options(sub: argparse.ArgumentParser, split: str | None) -> None:
    known = "last (default), random or time" if split else "last where events are dated, else random"
    sub.add_argument("--split", default=split, help=known)
    sub.add_argument("--test-ratio", type=float, default=0.2, help="share held out (default 0.2)")
    sub.add_argument("--seed", type=int, default=0, help="seed of the random split (default 0)")


def _user_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--user", required=True, metavar="ID")


def _weight_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--weights", metavar="g=λ,…", help="weights, such as recent=0.3,social=0")
    sub.add_argument("--preset", metavar="NAME", help="preset that the other weights come from")
    sub.add_argument("--base", metavar="GRANULARITY", help="granularity whose weight is 1")


def _fusion_options(sub: argparse.ArgumentParser) -> None:
    _weight_options(sub)
    sub.add_argument("--fusion", default="score", help="score (default), vector or concat")
    sub.add_argument("--alpha", metavar="g=α,…", help="shares for vector and concat; default λ normalised")
