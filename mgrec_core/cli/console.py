"""What a terminal shows: progress on stderr, results on stdout."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from mgrec_core.foundation.progress import Progress, silent


def console_progress(*, quiet: bool) -> Progress:
    """Progress bars on stderr: live ones in a terminal, a line a stage elsewhere."""
    if quiet:
        return silent
    if not sys.stderr.isatty():
        return _Lines()
    return _Live()


def print_result(result: dict[str, Any] | list[dict[str, Any]], *, as_json: bool) -> None:
    """Print what a command found: one JSON document, or tables for a reader."""
    if as_json or isinstance(result, list):
        print(json.dumps(result, ensure_ascii=False, allow_nan=False, default=str))
    else:
        show(result)


class _Lines:
    """Prints each stage once; logs stay readable."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int, detail: str = "") -> None:
        if stage != self._stage:
            self._stage = stage
            print(stage, file=sys.stderr, flush=True)


class _Live:
    """One bar a stage."""

    def __init__(self) -> None:
        self._bars: Bars | None = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int, detail: str = "") -> None:
        if stage != self._stage or self._bars is None:
            self._end()
            self._stage = stage
            self._bars = Bars(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[detail]}", markup=False),
                TimeElapsedColumn(),
                console=Console(stderr=True),
            )
            self._bars.add_task(stage, total=max(total, 1), detail=detail)
            self._bars.start()
        self._bars.update(self._bars.task_ids[0], completed=done, total=max(total, 1), detail=detail)
        if done >= total:
            self._end()

    def _end(self) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars = None
            self._stage = ""


def show(result: dict[str, Any]) -> None:
    """Print a result for people: scalars as lines, lists of rows as tables."""
    console = Console() if sys.stdout.isatty() else Console(width=160)
    for key, value in result.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            console.print(_table(key, value))
        elif key == "notes" and isinstance(value, list):
            for sentence in value:
                console.print(Text(f"note: {_cell(sentence)}"))
        elif isinstance(value, dict) and value and all(_has_rows(v) for v in value.values()):
            for name, found in value.items():
                console.print(_table(f"{key}: {name}", found["groups"]))
                console.print(Text(f"gap {_cell(found.get('gap'))}"))
        elif isinstance(value, dict) and value and all(isinstance(v, dict) for v in value.values()):
            console.print(_table(key, [{"": name, **row} for name, row in value.items()]))
        elif isinstance(value, dict):
            console.print(
                Text(
                    f"{key}: "
                    + ", ".join(f"{k} {_cell(v)}" for k, v in value.items() if not isinstance(v, list))
                )
            )
            for name, rows in value.items():
                if isinstance(rows, list) and rows and isinstance(rows[0], dict):
                    console.print(_table(f"{key}: {name}", rows[:10]))
        else:
            console.print(Text(f"{key}: {_cell(value)}"))


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    flat: list[dict[str, Any]] = []
    for row in rows:
        flat.append({})
        for key, cell in row.items():
            parts = cell.items() if isinstance(cell, dict) and not _is_difference(cell) else ((key, cell),)
            for name, value in parts:  # of several figures of one name the first has the column
                flat[-1].setdefault(name, value)
    table = Table(title=Text(title), title_justify="left")
    names = list(dict.fromkeys(name for row in flat for name in row))
    for name in names:
        table.add_column(Text(str(name)))
    for row in flat:
        table.add_row(*(Text(_cell(row.get(name))) for name in names))
    return table


def _has_rows(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("groups"), list)


def _is_difference(value: Any) -> bool:
    return isinstance(value, dict) and {"mean", "low", "high"} <= set(value)


def _cell(value: Any) -> str:
    if _is_difference(value):
        return f"{value['mean']:+.4f} [{value['low']:+.4f}, {value['high']:+.4f}]"
    text = f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value)
    # Titles come from anywhere: none may steer the terminal.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
