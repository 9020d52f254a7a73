"""How a quantity is spread: activity of users, popularity of items, ratings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import plotly.graph_objects as go

from mgrec_core.figures.frame import dress, empty
from mgrec_core.figures.palette import BACKGROUND, TEXT, colour
from mgrec_core.figures.text import clean, escape
from mgrec_core.metrics.histogram import classes, is_heavy, plain


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
    log = is_heavy(numbers) if log is None else log
    counts, names, doubled = classes(numbers, log)
    median = float(np.median(numbers))
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
        f"median {plain(median)}, mean {plain(numbers.mean())}, largest {plain(numbers.max())}"
        f" {clean(quantity)}"
    )
    scale = "; each class is twice as wide as the one before" if doubled else ""
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
