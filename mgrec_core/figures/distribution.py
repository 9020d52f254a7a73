"""How a quantity is spread: activity of users, popularity of items, ratings."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from .frame import dress, empty
from .palette import BACKGROUND, TEXT, colour
from .text import clean, escape


def distribution(
    values: Iterable[float],
    *,
    title: str,
    quantity: str,
    counted: str,
    log: bool | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw a histogram, with classes that double in width where the tail is heavy.

    Parameters
    ----------
    values
        One number for each counted thing, e.g. items per user; not finite ones are left out and said.
    title
        What is shown, e.g. ``"Activity of users"``.
    quantity
        What a value is, with its unit, e.g. ``"items per user"``.
    counted
        What is counted, plural, e.g. ``"users"``.
    log
        Doubling classes (a logarithmic axis whose bars still start at zero); ``None`` decides: whole
        numbers ≥ 0 whose largest is over 20 times the median.
    """
    given = np.asarray(list(values), dtype=float)
    numbers = given[np.isfinite(given)]
    if not len(numbers):
        return empty(f"There are no {clean(counted)} to count yet.", title=title, dark=dark)
    whole = bool(np.all(numbers == np.round(numbers)) and numbers.min() >= 0)
    median = float(np.median(numbers))
    if log is None:
        log = whole and numbers.max() > 20 * max(median, 1.0)
    counts, names = _doubling(numbers) if log and whole else _even(numbers, whole)
    share = 100 * counts / counts.sum()
    figure = go.Figure(
        go.Bar(
            x=list(range(len(counts))),
            y=counts,
            marker={"color": colour("behaviour", dark), "line": {"color": BACKGROUND[dark], "width": 1}},
            text=[f"{c:,}" if c and len(counts) <= 16 else "" for c in counts],
            textposition="outside",
            textfont={"color": TEXT[dark], "size": 12},
            cliponaxis=False,
            hovertext=[
                f"{n} {escape(quantity)}<br><b>{c:,} {escape(counted)}</b> ({s:.1f} %)"
                for n, c, s in zip(names, counts, share, strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    dropped = len(given) - len(numbers)
    left_out = f"; {dropped:,} without a number left out" if dropped else ""
    summary = (
        f"median {_plain(median)}, mean {_plain(numbers.mean())}, largest {_plain(numbers.max())}"
        f" {clean(quantity)}"
    )
    scale = "; each class is twice as wide as the one before" if log and whole else ""
    dress(
        figure,
        title=f"{title}: {len(numbers):,} {counted}",
        subtitle=f"{summary[0].upper()}{summary[1:]}{scale}{left_out}",
        alt=(
            f"Histogram of {clean(quantity)} over {len(numbers):,} {clean(counted)}:"
            f" {summary}{scale}{left_out}."
        ),
        height=220,
        dark=dark,
    )
    # About 100 characters fit under the bars.
    step = -(-len(names) * (max(map(len, names)) + 3) // 100)
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(0, len(names), step)), ticktext=names[::step],
        title={"text": escape(quantity)}, showgrid=False, zeroline=False, tickangle=0,
    )  # fmt: skip
    figure.update_yaxes(
        title={"text": escape(counted)},
        range=[0, 1.14 * counts.max()],
        zeroline=True,
        nticks=5,
        tickformat=",",
    )
    figure.update_layout(bargap=0.06, hovermode="closest", dragmode=False)
    return figure


def _doubling(numbers: NDArray[np.float64]) -> tuple[NDArray[np.int64], list[str]]:
    """Count whole numbers ≥ 0 in the classes 0, 1, 2–3, 4–7, …; empty first classes are left out."""
    classes = np.where(numbers < 1, 0, np.floor(np.log2(np.maximum(numbers, 1))) + 1).astype(int)
    first = int(classes.min())
    counts = np.bincount(classes)[first:]
    names = ["0", "1", *(f"{_short(2**k)}–{_short(2 ** (k + 1) - 1)}" for k in range(1, int(classes.max())))]
    return counts, names[first : first + len(counts)]


def _even(numbers: NDArray[np.float64], whole: bool) -> tuple[NDArray[np.int64], list[str]]:
    """Count in a bar per value where they are few, else in at most 24 classes of equal width."""
    distinct, per_value = np.unique(numbers, return_counts=True)
    if len(distinct) <= 12:
        return per_value, [f"{v:,.4g}" for v in distinct]
    low, high = float(distinct[0]), float(distinct[-1])
    if whole:
        width = max(1.0, np.ceil((high - low + 1) / 24))
        edges = np.arange(low, high + width + 1e-9, width)
        if edges[-1] <= high:
            edges = np.append(edges, edges[-1] + width)
        counts, _ = np.histogram(numbers, edges)
        names = [
            _short(int(a)) if width == 1 else f"{_short(int(a))}–{_short(int(b) - 1)}"
            for a, b in pairwise(edges)
        ]
        return counts, names
    try:
        counts, edges = np.histogram(numbers, 24)
    except ValueError:  # the values differ by less than floating point can divide: one class
        return np.array([len(numbers)]), [f"{_plain(low)} to {_plain(high)}"]
    return counts, [f"{_plain(a)} to {_plain(b)}" for a, b in pairwise(edges)]


def _plain(number: float) -> str:
    """Return a number with at most three significant decimals and never in exponents a reader must decode."""
    text = f"{number:,.0f}" if abs(number) >= 1000 or number == round(number) else f"{number:,.3g}"
    return text.replace("-", "−")


def _short(number: int) -> str:
    """Return 8191 as ``8,191`` and 131072 as ``131k``: classes must fit under their bars."""
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1000:,.0f}k" if number < 1_000_000 else f"{number / 1_000_000:,.1f}M"
